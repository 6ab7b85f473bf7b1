"""What drove the change between two periods: quantity, price, mix, what is new and what is gone; to the nano.

Per leaf i (SKU × project × resource with one pricing unit) of a family (service × pricing unit), usage q and cost c:

    quantity = c0·(Q1/Q0 − 1)   mix = p0·(q1 − q0) − quantity   price = c1 − c0 − quantity − mix = (p1 − p0)·q1

with p0 = c0/q0 and Q the family's usage over the leaves of both periods. Mix adds up over a family to what its move to
dearer or cheaper leaves costs. A leaf of one period only is new or gone. Where quantities tell no price (no usage, or a
negative one: refunds, fees, tax) the change is ``other``. Source: price-volume-mix analysis of management accounting.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from model.analysis import amounts, sums_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from model.analysis import CostRows, CostView

    Floats = NDArray[np.float64]

CAUSES: Final = ("quantity", "price", "mix", "new", "gone", "other")
LARGEST_RATIO: Final = 1e12
"""Usages further apart than this tell no price."""
_FAMILY: Final = ("service", "unit")


@dataclass(frozen=True)
class Mover:
    """One key's change in nanos: after − before = quantity + price + mix + new + gone + other."""

    key: str
    before_nanos: int
    after_nanos: int
    quantity_nanos: int
    price_nanos: int
    mix_nanos: int
    new_nanos: int
    gone_nanos: int
    other_nanos: int

    @property
    def change_nanos(self) -> int:
        """After − before."""
        return self.after_nanos - self.before_nanos

    @property
    def usage_nanos(self) -> int:
        """What usage did: quantity, mix, new and gone; the rest of the change is price and other."""
        return self.quantity_nanos + self.mix_nanos + self.new_nanos + self.gone_nanos


@dataclass(frozen=True, eq=False)
class _Period:
    cost: list[int]
    usage: Floats
    is_there: NDArray[np.bool_]


def movers(before: CostRows, after: CostRows, view: CostView, by: str) -> tuple[Mover, ...]:
    """The change of every key of a text (both of the same leaves), the largest first.

    The changes add up to the change of the whole; keys of neither period are left out.
    """
    count = len(before.leaves["sku"])
    first, second = _period(before, view, count), _period(after, view, count)
    causes = _causes(before, first, second)
    names, place = np.unique(before.leaves[by], return_inverse=True)
    sums: dict[str, list[int]] = {str(name): [0] * (2 + len(CAUSES)) for name in names}
    present = first.is_there | second.is_there
    for leaf in np.flatnonzero(present).tolist():
        line = sums[str(names[place[leaf]])]
        for k, amount in enumerate((first.cost[leaf], second.cost[leaf], *causes[leaf])):
            line[k] += amount
    kept = {str(names[code]) for code in np.unique(place[present])}
    found = [Mover(key, *line) for key, line in sums.items() if key in kept]
    return tuple(sorted(found, key=lambda each: (-abs(each.change_nanos), -each.after_nanos, each.key)))


def summed(found: tuple[Mover, ...], key: str = "") -> Mover:
    """Movers added up to one."""
    names = ("before", "after", *CAUSES)
    return Mover(key, *(sum(getattr(each, f"{name}_nanos") for each in found) for name in names))


def _period(rows: CostRows, view: CostView, count: int) -> _Period:
    usage = np.bincount(rows.leaf, weights=rows.usage, minlength=count).astype(np.float64)
    usage[rows.leaves["unit"] == ""] = 0.0
    return _Period(sums_of(rows.leaf, amounts(rows, view), count), usage, np.bincount(rows.leaf, minlength=count) > 0)


def _causes(rows: CostRows, first: _Period, second: _Period) -> dict[int, tuple[int, ...]]:
    """Quantity, price, mix, new, gone and other of every leaf of either period."""
    both = first.is_there & second.is_there
    is_priced = both & _is_comparable(first.usage, second.usage)
    growth = _family_growth(rows, first.usage, second.usage, is_priced)
    found: dict[int, tuple[int, ...]] = {}
    for leaf in np.flatnonzero(first.is_there | second.is_there).tolist():
        old, new = first.cost[leaf], second.cost[leaf]
        if is_priced[leaf]:
            quantity = round(old * (float(growth[leaf]) - 1.0))
            mix = round(old * (float(second.usage[leaf] / first.usage[leaf]) - 1.0)) - quantity
            found[leaf] = (quantity, new - old - quantity - mix, mix, 0, 0, 0)
        elif both[leaf]:
            found[leaf] = (0, 0, 0, 0, 0, new - old)
        else:
            found[leaf] = (0, 0, 0, new, -old, 0)
    return found


def _is_comparable(first: Floats, second: Floats) -> NDArray[np.bool_]:
    """Where both usages are positive and neither is a remainder of sums that cancelled (L,)."""
    smaller, larger = np.minimum(first, second), np.maximum(first, second)
    return (smaller > 0) & (smaller >= larger / LARGEST_RATIO)


def _family_growth(rows: CostRows, first: Floats, second: Floats, is_priced: NDArray[np.bool_]) -> Floats:
    """Q1 ÷ Q0 of each leaf's family (L,); 1 where nothing is priced."""
    names = np.array(["\0".join(texts) for texts in zip(*(rows.leaves[each] for each in _FAMILY), strict=True)])
    _, family = np.unique(names, return_inverse=True)
    before = np.bincount(family, weights=np.where(is_priced, first, 0.0))
    after = np.bincount(family, weights=np.where(is_priced, second, 0.0))
    growth: Floats = np.divide(after, before, out=np.ones_like(before), where=before > 0)[family]
    return growth
