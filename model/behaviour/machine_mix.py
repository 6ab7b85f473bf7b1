"""Whole vCPU and GiB of resource commitments beside a flexible commitment that covers what they leave.

In hour h a machine part i runs u_ih units, each worth w_ih at on-demand; n_i units are bought at p_i per unit and hour.
They apply first, so a flexible commitment of C discounted units per hour finds s_kh − Σ_{i of k} min(n_i, u_ih)·w_ih of
each rate class k::

    cost(n, C) = H·Σ n_i p_i + Σ_h Σ_k left_kh + C·H − V_left(C)

For a given C the slope in n_i is H·p_i − Σ w_ih over the hours in which n_i < u_ih and the flexible one is used up, so
the best whole n_i is found by halving; for given n the best C is exact. Both take turns from several starts, then
single units are tried; the cheapest plan is kept, which is never dearer than either kind of commitment alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from model.behaviour.commitment_curve import covered_by_class, optimal_level, paid_ratio

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from model.behaviour.commitment_curve import FillOrder

    Floats = NDArray[np.float64]

TURNS: Final = 6
MOST_STEPS: Final = 8
STARTS: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Shares of the amounts that are best without a flexible commitment, from which the search starts."""


@dataclass(frozen=True, eq=False)
class MachineHours:
    """One part of one series: units and on-demand amount by hour (C,) each, price of a committed unit per hour.

    ``rate_class`` is the row of the pool that holds the amounts.
    """

    units: Floats
    amounts: Floats
    price_per_hour: float
    rate_class: int

    @cached_property
    def worth(self) -> Floats:
        """On-demand price of a unit in each hour (C,); 0 where none runs."""
        return np.divide(self.amounts, self.units, out=np.zeros_like(self.units), where=self.units > 0.0)

    def covered(self, count: int) -> Floats:
        """On-demand amounts that so many units cover in each hour (C,)."""
        return np.asarray(np.minimum(count, self.units) * self.worth, dtype=np.float64)

    def best_count(self, counted: NDArray[np.bool_] | None = None) -> int:
        """The whole number of units of least cost, in the hours (C,) in which covering them saves anything."""
        worth = self.worth if counted is None else np.where(counted, self.worth, 0.0)
        fee = self.price_per_hour * len(self.units)
        order = np.argsort(self.units)[::-1]
        units, gained = self.units[order], np.cumsum(worth[order])
        pays = np.flatnonzero(gained > fee)
        if not len(pays):
            return 0
        below = int(np.floor(units[pays[0]]))
        return max((below, below + 1), key=lambda count: self._gain(count, worth, fee))

    def _gain(self, count: int, worth: Floats, fee: float) -> float:
        return float((np.minimum(count, self.units) * worth).sum()) - count * fee


@dataclass(frozen=True, eq=False)
class MachineMix:
    """Units of each part, what a flexible commitment on what they leave is bought for, and what all hours cost."""

    counts: tuple[int, ...]
    flexible_level: float
    cost: float


@dataclass(frozen=True, eq=False)
class FlexibleHours:
    """What the flexible commitment may cover: amounts (K, C) and discounts of its classes, None without a rate."""

    hours: Floats
    discounts: tuple[float | None, ...]
    fill_order: FillOrder = "pro_rata"

    def after(self, parts: Sequence[MachineHours], counts: Sequence[int]) -> Floats:
        """What so many units of each part leave of every class (K, C)."""
        left = self.hours.copy()
        for part, count in zip(parts, counts, strict=True):
            left[part.rate_class] -= part.covered(count)
        return np.maximum(left, 0.0)

    def best_level(self, left: Floats) -> float:
        """The flexible commitment of least cost on what is left."""
        rows, rates = self._known
        return optimal_level(left[rows], rates, self.fill_order) if rows else 0.0

    def cost(self, left: Floats, level: float) -> float:
        """What is left at on-demand with a flexible commitment and its fee."""
        rows, rates = self._known
        uncovered = float(left.sum())
        if rows and level > 0.0:
            uncovered -= float(covered_by_class(left[rows], rates, level, self.fill_order).sum())
        return uncovered + level * float(left.shape[1])

    def asked(self, left: Floats) -> Floats:
        """What all that is left would use of a commitment in each hour (C,)."""
        rows, rates = self._known
        total = np.array([paid_ratio(d) for d in rates]) @ left[rows] if rows else np.zeros(left.shape[1])
        return np.asarray(total, dtype=np.float64)

    @property
    def _known(self) -> tuple[list[int], list[float]]:
        rows = [k for k, discount in enumerate(self.discounts) if discount is not None]
        return rows, [discount for discount in self.discounts if discount is not None]


def machine_mix(parts: Sequence[MachineHours], flexible: FlexibleHours) -> MachineMix:
    """The cheapest plan that the search finds; amounts of nothing where neither kind saves."""
    alone = [part.best_count() for part in parts]
    found = [priced(parts, flexible, [0] * len(parts)), priced(parts, flexible, alone)]
    for share in STARTS if any(alone) else ():
        plan = priced(parts, flexible, [round(share * count) for count in alone])
        for _ in range(TURNS):
            plan, before = _improved(parts, flexible, plan), plan
            found.append(plan)
            if plan.counts == before.counts:
                break
    resource_only = flexible.after(parts, alone)
    fees = _fees(parts, alone) * resource_only.shape[1]
    found.append(MachineMix(tuple(alone), 0.0, fees + float(resource_only.sum())))
    return _tried_by_units(parts, flexible, min(found, key=lambda plan: (round(plan.cost, 9), sum(plan.counts))))


def _tried_by_units(parts: Sequence[MachineHours], flexible: FlexibleHours, plan: MachineMix) -> MachineMix:
    """One unit more or less of each part, as long as that is cheaper."""
    if plan.flexible_level == 0.0:
        return plan
    for _ in range(MOST_STEPS):
        near = (
            [*plan.counts[:i], count + step, *plan.counts[i + 1 :]]
            for i, count in enumerate(plan.counts)
            for step in (1, -1)
            if count + step >= 0
        )
        best = min((priced(parts, flexible, counts) for counts in near), key=lambda each: each.cost, default=plan)
        if best.cost >= plan.cost * (1.0 - 1e-12):
            break
        plan = best
    return plan


def priced(parts: Sequence[MachineHours], flexible: FlexibleHours, counts: Sequence[int]) -> MachineMix:
    """So many units of each part, with the flexible commitment that is best beside them."""
    left = flexible.after(parts, counts)
    level = flexible.best_level(left)
    return MachineMix(tuple(counts), level, _fees(parts, counts) * left.shape[1] + flexible.cost(left, level))


def _fees(parts: Sequence[MachineHours], counts: Sequence[int]) -> float:
    return sum(part.price_per_hour * count for part, count in zip(parts, counts, strict=True))


def _improved(parts: Sequence[MachineHours], flexible: FlexibleHours, plan: MachineMix) -> MachineMix:
    """Every part in turn at its best beside the flexible commitment as it is, which then follows."""
    counts, left = list(plan.counts), flexible.after(parts, plan.counts)
    for i, part in enumerate(parts):
        row = part.rate_class
        left[row] += part.covered(counts[i])
        counts[i] = _best_beside(part, flexible, left, plan.flexible_level)
        left[row] = np.maximum(left[row] - part.covered(counts[i]), 0.0)
    return priced(parts, flexible, counts)


def _best_beside(part: MachineHours, flexible: FlexibleHours, left: Floats, level: float) -> int:
    """The best count of a part, given what is left (K, C) without it: in hours that use the commitment up it pays.

    Without a rate or a commitment every hour pays on-demand for another unit.
    """
    discount = flexible.discounts[part.rate_class]
    paid = None if discount is None or level <= 0.0 else paid_ratio(discount)
    asked, fee = flexible.asked(left), part.price_per_hour * len(part.units)
    low, high = 0, int(np.ceil(part.units.max(initial=0.0)))
    while low < high:
        middle = (low + high) // 2
        counted = part.units > middle
        if paid is not None:
            counted &= asked - paid * part.covered(middle) > level
        if float(part.worth[counted].sum()) > fee:
            low = middle + 1
        else:
            high = middle
    return low
