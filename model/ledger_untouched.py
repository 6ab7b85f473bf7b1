"""What a plan leaves alone, month against month: days, growth, price, new and gone, adding up to the change.

Per key of rows with usage u and payment c, d the days of the month ÷ those of the mean approved month:

    days = c0·(d − 1)   growth = c0·(u1/u0 − d)   price = c1 − c0·u1/u0 = u1·(p1 − p0)

A key of one period only is new or gone; where quantities tell no price (none, or negative) all of it is growth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from model.ledger_period import Amounts, Period, RowKey


@dataclass(frozen=True)
class Change:
    """A change in nanos, by cause."""

    days: float = 0.0
    growth: float = 0.0
    price: float = 0.0
    new: float = 0.0
    gone: float = 0.0

    def __add__(self, other: Change) -> Change:
        return Change(
            self.days + other.days, self.growth + other.growth, self.price + other.price, self.new + other.new,
            self.gone + other.gone,
        )  # fmt: skip


def untouched_change(
    before: Mapping[RowKey, Amounts], after: Mapping[RowKey, Amounts], base: Period, now: Period
) -> Change:
    """The change of every key of either period, summed."""
    total = Change()
    for key in sorted({*before, *after}):
        old, new, unit = before.get(key), after.get(key), key[-1]
        if old is None or new is None:
            total += Change(new=new.paid if new else 0.0, gone=-old.paid if old else 0.0)
        else:
            total += change_of(old, new, now.length(unit) / base.length(unit))
    return total


def change_of(old: Amounts, new: Amounts, days: float) -> Change:
    """The change of one key that both periods have.

    >>> change_of(Amounts(10.0, 100.0), Amounts(12.0, 132.0), 1.0)
    Change(days=0.0, growth=20.0, price=12.0, new=0.0, gone=0.0)
    """
    if old.usage <= 0.0 or new.usage <= 0.0:
        return Change(growth=new.paid - old.paid)
    grown = old.paid * new.usage / old.usage
    return Change(days=old.paid * (days - 1.0), growth=grown - old.paid * days, price=new.paid - grown)


def whole_demand(
    before: Mapping[RowKey, Amounts], after: Mapping[RowKey, Amounts], base: Period, now: Period
) -> float | None:
    """Growth of all usage of both periods at the prices of before, days apart; None where nothing tells it."""
    grown = stayed = 0.0
    for key in before.keys() & after.keys():
        old, new = before[key], after[key]
        if old.usage > 0.0 and new.usage > 0.0 and old.paid > 0.0:
            grown += old.paid * new.usage / old.usage
            stayed += old.paid * now.length(key[-1]) / base.length(key[-1])
    return grown / stayed if stayed > 0.0 else None
