"""A later month held against a promise: what the plan really saved, with growth and price apart; exact to the nano.

Per kind of usage that the plan moves, q0, c0 of the mean approved month and q1, c1 of the later one, p = c ÷ q:

    q* = usage of the old settings at the later month's demand and days      realised = p1·(q* − q1)
    days = c0·(d − 1)   growth = p0·q* − c0·d   price = (p1 − p0)·q*          possible = p1·(q* − planned q)

So realised savings are the later month's own rows, repriced at the usage that the settings of before would have needed.
Commitments: realised = what they save in the plan's pools, fees taken off, less what they saved before. The whole adds
up: approved mean month + days + growth + price + new + gone + free tier + other commitments + agreed − realised = paid.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from model.ledger_demand import Demands
from model.ledger_period import Period
from model.ledger_untouched import Change, untouched_change
from model.ledger_usage import rows_of, touched, usage_at
from model.outcome import RATE_LEVER
from model.prices import NANOS, unit_price
from model.promise import place_of
from model.scenario import Scenario

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from model.bill import Bill
    from model.ledger_demand import Demand
    from model.ledger_usage import UsageKey
    from model.promise import Promise

StepKey = Literal[
    "corrected", "days", "growth", "price", "new", "gone", "free_tier", "other_commitments", "agreed"
]  # fmt: skip
STEPS: Final[tuple[StepKey, ...]] = (
    "corrected", "days", "growth", "price", "new", "gone", "free_tier", "other_commitments", "agreed",
)  # fmt: skip


@dataclass(frozen=True)
class MovedUsage:
    """One kind of usage that the plan moves, in a later month; usages in the kind's unit, money in nanos.

    ``without`` is what the settings of before would have used, ``planned`` those of the plan, ``actual`` what the rows
    say. ``swing`` is by how much this method missed the approved months themselves (None: one month only).
    """

    key: UsageKey
    before: float
    without: float
    planned: float
    actual: float
    demand: Demand
    price_nanos: float
    paid_nanos: float
    change: Change
    swing: float | None

    @property
    def realised_nanos(self) -> float:
        """p1·(q* − q1)."""
        return self.price_nanos * self.without - self.paid_nanos

    @property
    def possible_nanos(self) -> float:
        """What the plan in full would save of it at the month's demand and price."""
        return self.price_nanos * (self.without - self.planned)

    @property
    def swing_nanos(self) -> float:
        """By how much the realised saving may be off."""
        return abs(self.price_nanos * self.without) * (self.swing or 0.0)


@dataclass(frozen=True)
class LeverMonth:
    """One lever in one month, in nanos. ``possible`` is the promise at the month's own demand, days and prices.

    ``is_seen``: whether any of its usage can be told in the rows.
    """

    lever: str
    promised_nanos: int
    possible_nanos: int
    realised_nanos: int
    swing_nanos: int
    is_seen: bool


@dataclass(frozen=True)
class LedgerMonth:
    """A later month against a promise, in nanos: expected → actual by ``steps`` and by what levers miss.

    expected + Σ steps + growth, price expected already (``foreseen``, taken off) + Σ (promised − realised) = actual.
    """

    month: int
    expected_nanos: int
    expected_without_nanos: int
    foreseen_nanos: int
    foreseen_price_nanos: int
    actual_nanos: int
    steps: Mapping[StepKey, int]
    levers: tuple[LeverMonth, ...]
    usage: tuple[MovedUsage, ...]
    notes: tuple[str, ...]

    @property
    def promised_nanos(self) -> int:
        """What the plan was to save."""
        return sum(lever.promised_nanos for lever in self.levers)

    @property
    def realised_nanos(self) -> int:
        """What it saved."""
        return sum(lever.realised_nanos for lever in self.levers)

    @property
    def without_nanos(self) -> int:
        """What the month would have cost under the settings of before."""
        return self.actual_nanos + self.realised_nanos


def measure(promise: Promise, approved: Bill, later: Bill, month: int) -> LedgerMonth:
    """Hold a month of a later bill against a promise; ``approved`` is its bill with the facts of then.

    Raises LedgerRefused beyond the months that were promised.
    """
    place = place_of(promise, month)
    scenario = Scenario.from_toml(promise.scenario_toml, f"the approved scenario {promise.name}")
    base, now = Period(approved, promise.months), Period(later, (month,))
    keys = touched(approved, scenario)
    usage = _moved(keys, scenario, base, now)
    swings = _swings(keys, scenario, base)
    usage = tuple(replace(each, swing=swings.get(each.key)) for each in usage)
    beside = _untouched(keys, base, now)
    change = sum((each.change for each in usage), start=beside)
    levers = _levers(promise, place, usage, base, now)
    realised = sum(lever.realised_nanos for lever in levers)
    steps = _steps(promise, change, base, now)
    actual = round(now.headline)
    steps["price"] += actual + realised - promise.baseline_month_nanos - sum(steps.values())
    promised = sum(lever.promised_nanos for lever in levers)
    return LedgerMonth(
        month=month,
        expected_nanos=promise.expected_without[place] - promised,
        expected_without_nanos=promise.expected_without[place],
        foreseen_nanos=promise.expected_without[place] - promise.baseline_month_nanos,
        foreseen_price_nanos=promise.expected_price[place],
        actual_nanos=actual,
        steps=steps,
        levers=levers,
        usage=usage,
        notes=_notes(promise, base),
    )


def _moved(keys: Iterable[UsageKey], scenario: Scenario, base: Period, now: Period) -> tuple[MovedUsage, ...]:
    keys = tuple(keys)
    demands = Demands(scenario, base, now, keys)
    rows_now = _rows(keys, base, now)
    return tuple(_of_key(key, scenario, base, now, rows_now[key], demands.of(key)) for key in keys)


def _of_key(
    key: UsageKey, scenario: Scenario, base: Period, now: Period, rows: NDArray[np.int64], demand: Demand
) -> MovedUsage:
    before, after = base.of(rows_of(base.bill, key)), now.of(rows)
    own, days = before.usage * base.count, now.length_of(key.kind) / base.length_of(key.kind)
    to_month = days / base.count
    without = usage_at(base.bill, Scenario(), key, own, demand.ratio) * to_month
    planned = usage_at(base.bill, scenario, key, own, demand.ratio) * to_month
    old = before.paid / before.usage if before.usage > 0.0 else None
    price = after.paid / after.usage if after.usage > 0.0 else old
    if price is None:
        found = unit_price(base.bill, key.kind, key.region)
        price = found.on_demand * NANOS if found else 0.0
    change = Change(
        days=before.paid * (days - 1.0),
        growth=(old or 0.0) * without - before.paid * days,
        price=(price - old) * without if old is not None else 0.0,
    )
    return MovedUsage(key, before.usage, without, planned, after.usage, demand, price, after.paid, change, None)


def _rows(keys: Iterable[UsageKey], base: Period, now: Period) -> dict[UsageKey, NDArray[np.int64]]:
    """The later month's lines of each key; a line of something new counts for one key only."""
    known = frozenset((each.name, each.project) for group in base.bill.resources.values() for each in group)
    taken: NDArray[np.int64] = np.empty(0, np.int64)
    found = {}
    for key in keys:
        found[key] = np.setdiff1d(rows_of(now.bill, key, known), taken)
        taken = np.concatenate([taken, found[key]])
    return found


def _untouched(keys: tuple[UsageKey, ...], base: Period, now: Period) -> Change:
    none = np.empty(0, np.int64)
    old = [rows_of(base.bill, key) for key in keys]
    new = [*_rows(keys, base, now).values()]
    before, after = (p.by_row_key(np.concatenate([none, *rows])) for p, rows in ((base, old), (now, new)))
    return untouched_change(before, after, base, now)


def _swings(keys: tuple[UsageKey, ...], scenario: Scenario, base: Period) -> dict[UsageKey, float]:
    """The largest share by which each kind's usage is missed in an approved month, where the old settings held."""
    found: dict[UsageKey, float] = {}
    for month in base.months if base.count > 1 else ():
        for each in _moved(keys, scenario, base, Period(base.bill, (month,))):
            if each.without > 0.0:
                found[each.key] = max(found.get(each.key, 0.0), abs(each.actual / each.without - 1.0))
    return found


def _levers(
    promise: Promise, place: int, usage: Iterable[MovedUsage], base: Period, now: Period
) -> tuple[LeverMonth, ...]:
    usage = tuple(usage)
    found = []
    for lever in dict.fromkeys((*promise.promised, *(each.key.lever for each in usage))):
        promised = promise.promised.get(lever, ())
        mine = [each for each in usage if each.key.lever == lever]
        of_month = promised[place] if promised else 0
        if lever == RATE_LEVER:
            found.append(_rates(promise, of_month, base, now))
            continue
        found.append(
            LeverMonth(
                lever, of_month, round(sum(each.possible_nanos for each in mine)),
                round(sum(each.realised_nanos for each in mine)), round(sum(each.swing_nanos for each in mine)),
                is_seen=bool(mine),
            )
        )  # fmt: skip
    return tuple(found)


def _rates(promise: Promise, promised: int, base: Period, now: Period) -> LeverMonth:
    pools = [name.partition(".")[2] for name in promise.pools]
    realised = sum(now.commitments.get(pool, 0.0) - base.commitments.get(pool, 0.0) for pool in pools)
    return LeverMonth(RATE_LEVER, promised, promised, round(realised), 0, is_seen=bool(pools))


def _steps(promise: Promise, change: Change, base: Period, now: Period) -> dict[StepKey, int]:
    planned = {name.partition(".")[2] for name in promise.pools}
    others = (base.commitments.keys() | now.commitments.keys()) - planned
    saved = sum(now.commitments.get(pool, 0.0) - base.commitments.get(pool, 0.0) for pool in sorted(others))
    return {
        "corrected": round(base.headline) - promise.baseline_month_nanos,
        "days": round(change.days),
        "growth": round(change.growth),
        "price": round(change.price),
        "new": round(change.new),
        "gone": round(change.gone),
        "free_tier": round(now.free - base.free),
        "other_commitments": -round(saved),
        "agreed": round(now.agreed - base.agreed),
    }


def _notes(promise: Promise, base: Period) -> tuple[str, ...]:
    held = [pool for pool in (name.partition(".")[2] for name in promise.pools) if base.commitments.get(pool)]
    if not held:
        return ()
    sentence = (
        f"{', '.join(held)} held commitments before the plan: what they save more or less than then counts as the "
        "plan's, since rows do not tell one commitment from another."
    )
    return (sentence,)
