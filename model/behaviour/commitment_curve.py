"""What a spend commitment costs as a function of its size: hourly on-demand series in, exact optimum out.

A commitment is bought as C discounted currency units per hour. In hour h the classes k hold s_kh on-demand units at
discount d_k; covering all of it would use D_h = Σ_k (1−d_k)·s_kh of the commitment. With V(C) = Σ_h what C covers in
on-demand units::

    cost(C) = Σ_h s_h + C·H − V(C)

V is piecewise linear, so cost is least at one of its knots; all knots are found by one sort and prefix sums. With one
rate C = c(1−d) and this is cost(c) = Σ_h [s + c(1−d) − min(c, s)], least at the ⌈dH⌉-th smallest s.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import ceil
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Levels = float | NDArray[np.float64]

FillOrder = Literal["pro_rata", "highest_first", "lowest_first"]
FILL_ORDERS: Final[tuple[FillOrder, ...]] = ("pro_rata", "highest_first", "lowest_first")
TIE: Final = 1e-12
"""Costs closer than this share of Σs are equal (double rounding over a year of hours); the lowest level is taken."""
BINS: Final = 1024
"""Bins in which knots are counted before some are sorted."""


@lru_cache(maxsize=256)
def paid_ratio(discount: float) -> float:
    """1 − d as written in decimals.

    >>> paid_ratio(0.9), 1 - 0.9
    (0.1, 0.09999999999999998)
    """
    return float(1 - Fraction(str(float(discount))))


@lru_cache(maxsize=256)
def optimal_rank(discount: float, hour_count: int) -> int:
    """⌈d·H⌉ with d as written in decimals: which smallest hour is the optimum of one rate; 0 buys nothing.

    >>> optimal_rank(0.17, 8760), optimal_rank(0.55, 100), optimal_rank(0.0, 8760)
    (1490, 55, 0)
    """
    return ceil(Fraction(str(float(discount))) * hour_count)


def optimum_at_one_rate(hourly: NDArray[np.float64], discount: float) -> float:
    """On-demand units per hour to cover at one rate: the ⌈dH⌉-th smallest of ``hourly`` (H,), empty hours included.

    >>> optimum_at_one_rate(np.array([0.0, 4.0, 6.0, 10.0]), 0.5)
    4.0
    """
    rank = optimal_rank(discount, len(hourly))
    return float(np.partition(hourly, rank - 1)[rank - 1]) if rank else 0.0


@dataclass(frozen=True, eq=False)
class CommitmentCurve:
    """V(C) at its knots: ``level`` (n,) discounted units/h from 0; ``covered`` and ``used`` (n,) over all hours.

    ``on_demand`` = Σs and ``discounted`` = ΣD of the series; ``hour_count`` = H. Beyond the last knot all is covered.
    """

    hour_count: int
    on_demand: float
    discounted: float
    level: NDArray[np.float64]
    covered: NDArray[np.float64]
    used: NDArray[np.float64]

    def covered_at(self, level: Levels) -> NDArray[np.float64]:
        """On-demand units covered over all hours at ``level`` discounted units per hour."""
        return np.asarray(np.interp(np.asarray(level), self.level, self.covered), dtype=np.float64)

    def used_at(self, level: Levels) -> NDArray[np.float64]:
        """Discounted units of the commitment that find usage, over all hours: Σ_h min(C, D_h)."""
        return np.asarray(np.interp(np.asarray(level), self.level, self.used), dtype=np.float64)

    def cost(self, level: Levels) -> NDArray[np.float64]:
        """What all hours cost with the commitment: Σs + C·H − V(C)."""
        return self.on_demand + self.hour_count * np.asarray(level, dtype=np.float64) - self.covered_at(level)

    def optimum(self) -> float:
        """The level of least cost, the lowest of several: every knot is looked at, so V need not be concave."""
        cost = self.on_demand + self.hour_count * self.level - self.covered
        return float(self.level[np.argmax(cost <= cost.min() + TIE * self.on_demand)])

    def zero_saving_level(self) -> float:
        """The highest level that costs no more than no commitment: above it every level loses; 0 where none saves."""
        saving = self.covered - self.hour_count * self.level
        if saving[-1] >= 0.0:
            return float(self.covered[-1]) / self.hour_count if self.hour_count else 0.0
        gaining = np.flatnonzero(saving > TIE * self.on_demand)
        if not len(gaining):
            return 0.0
        last = int(gaining[-1])
        share = saving[last] / (saving[last] - saving[last + 1])
        return float(self.level[last] + share * (self.level[last + 1] - self.level[last]))

    def level_used_at(self, utilisation: float) -> float:
        """The highest level of which at least a share ``utilisation`` (> 0) finds usage; 0 where none does.

        Σ_h min(C, D_h) ÷ (C·H) never rises with C, so it is where the two meet.
        """
        spare = self.used - utilisation * self.hour_count * self.level
        last = int(np.flatnonzero(spare >= -TIE * self.discounted)[-1])
        if last == 0:
            return 0.0
        if last == len(spare) - 1:
            return float(self.used[-1] / (utilisation * self.hour_count))
        share = max(0.0, spare[last] / (spare[last] - spare[last + 1]))
        return float(self.level[last] + share * (self.level[last + 1] - self.level[last]))

    def level_covering(self, amount: float) -> float | None:
        """The smallest level that covers ``amount`` on-demand units over all hours; None where no level does."""
        if amount <= 0.0:
            return 0.0
        if amount > self.covered[-1] * (1.0 + TIE):
            return None
        amount = min(amount, float(self.covered[-1]))
        at = int(np.searchsorted(self.covered, amount))
        step = self.covered[at] - self.covered[at - 1]
        share = min(1.0, (amount - self.covered[at - 1]) / step)
        return float(self.level[at - 1] + share * (self.level[at] - self.level[at - 1]))

    def regret(self, level: float, fall_ratio: float, share_after: float) -> float:
        """What ``level`` costs above the best level in hindsight when usage falls by ``fall_ratio`` for good.

        ``share_after`` is the share of the term after the fall. Same unit as ``cost``: the hours of the series.
        """
        left = 1.0 - fall_ratio

        def mixed(levels: NDArray[np.float64]) -> NDArray[np.float64]:
            fallen = left * self.cost(levels / left) if left else self.hour_count * levels
            return (1.0 - share_after) * self.cost(levels) + share_after * fallen

        knots = np.concatenate((self.level, left * self.level))
        return float(mixed(np.array([level]))[0] - mixed(knots).min())


def commitment_curve(
    hourly: NDArray[np.float64], discounts: Sequence[float], fill_order: FillOrder = "pro_rata"
) -> CommitmentCurve:
    """The curve of one pool: ``hourly`` (K, H) on-demand units ≥ 0 per rate class, ``discounts`` (K,) as ratios < 1.

    Pro rata covers the share min(1, C/D_h) of every class; highest or lowest first fills the classes by discount.
    O(KH log KH). The fill order is not documented by Google: the three give the range.
    """
    start, end, slope = _segments(hourly, discounts, fill_order)
    later = start > 0.0
    knot = np.concatenate((start[later], end))
    order = np.argsort(knot)
    level = np.concatenate(([0.0], knot[order]))
    paid = np.array([paid_ratio(d) for d in discounts])
    return CommitmentCurve(
        hour_count=hourly.shape[1],
        on_demand=float(hourly.sum()),
        discounted=float(paid @ hourly.sum(axis=1)),
        level=level,
        covered=_risen(slope, later, order, level),
        used=_risen(np.ones(len(slope)), later, order, level),
    )


def optimal_level(hourly: NDArray[np.float64], discounts: Sequence[float], fill_order: FillOrder = "pro_rata") -> float:
    """Discounted units per hour of least cost, the lowest of several; ``hourly`` (K, H) on-demand units ≥ 0. O(KH).

    One rate in use: the order statistic. Pro rata and highest first V is concave, so the optimum is where its slope
    falls to H, found among the knots without sorting them. Lowest first every knot is looked at.
    """
    rates = {float(d) for d, series in zip(discounts, hourly, strict=True) if series.any()}
    if not rates:
        return 0.0
    if len(rates) == 1:
        (discount,) = rates
        return optimum_at_one_rate(hourly.sum(axis=0), discount) * paid_ratio(discount)
    if fill_order == "lowest_first":
        return commitment_curve(hourly, discounts, fill_order).optimum()
    paid = np.array([[paid_ratio(d)] for d in discounts])
    if fill_order == "pro_rata":
        demand, on_demand = paid[:, 0] @ hourly, hourly.sum(axis=0)
        worth = np.divide(on_demand, demand, out=np.zeros_like(demand), where=demand > 0.0)
        return _slope_falls_to(demand, worth, hourly.shape[1])
    ranked = _ranked(discounts, fill_order)
    ends = (hourly * paid)[ranked].cumsum(axis=0)
    drops = 1.0 / paid[ranked, 0] - np.append(1.0 / paid[ranked[1:], 0], 0.0)
    return _slope_falls_to(ends.ravel(), np.repeat(drops, hourly.shape[1]), hourly.shape[1])


def level_in_steps(
    hourly: NDArray[np.float64], discounts: Sequence[float], step: float, fill_order: FillOrder = "pro_rata"
) -> float:
    """The best whole multiple of ``step`` (discounted units per hour): what is sold in slots or whole vCPU.

    V is concave but for lowest first, so it is a neighbour of the optimum; 0 where neither saves.
    """
    curve = commitment_curve(hourly, discounts, fill_order)
    below = np.floor(optimal_level(hourly, discounts, fill_order) / step * (1.0 + TIE)) * step
    candidates = np.array([0.0, below, below + step])
    return float(candidates[int(np.argmin(curve.cost(candidates)))])


def _slope_falls_to(knot: NDArray[np.float64], drop: NDArray[np.float64], slope: float) -> float:
    """The lowest of 0 and the knots (n,) above which the slope, the sum of ``drop`` of higher knots, is ≤ ``slope``.

    Knots are counted into bins, and only the bin in which the slope is reached is sorted.
    """
    top = float(knot.max())
    allowed = slope * (1.0 + TIE)
    if top <= 0.0 or float(drop[knot > 0.0].sum()) <= allowed:
        return 0.0
    place = (knot * (BINS / top)).astype(np.int64)
    above = np.cumsum(np.bincount(place, drop, BINS + 1)[::-1])[::-1]
    bin_ = int(np.flatnonzero(above > allowed)[-1])
    inside = np.flatnonzero(place == bin_)
    inside = inside[np.argsort(knot[inside])[::-1]]
    higher = float(above[bin_ + 1]) if bin_ < BINS else 0.0
    reached = higher + np.cumsum(drop[inside])
    return float(knot[inside[int(np.flatnonzero(reached > allowed)[0])]])


def covered_by_class(
    hourly: NDArray[np.float64], discounts: Sequence[float], level: float, fill_order: FillOrder = "pro_rata"
) -> NDArray[np.float64]:
    """On-demand units that ``level`` covers, per class and hour (K, H); summed over all it is V(level)."""
    if len(hourly) == 1:
        return np.asarray(np.minimum(hourly, level / paid_ratio(discounts[0])), dtype=np.float64)
    paid = np.array([[paid_ratio(d)] for d in discounts])
    discounted = hourly * paid
    if fill_order == "pro_rata":
        demand = discounted.sum(axis=0)
        share = np.divide(level, demand, out=np.ones_like(demand), where=demand > 0.0)
        return np.asarray(hourly * np.minimum(1.0, share), dtype=np.float64)
    covered = np.zeros_like(hourly)
    left = np.full(hourly.shape[1], float(level))
    for k in _ranked(discounts, fill_order):
        taken = np.minimum(discounted[k], left)
        covered[k], left = taken / paid[k], left - taken
    return covered


def _risen(
    slope: NDArray[np.float64], later: NDArray[np.bool_], order: NDArray[np.int64], level: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Height at every knot of a sum of pieces that each rise by ``slope`` from their start to their end."""
    first = float(slope[~later].sum())
    turns = np.concatenate((slope[later], -slope))[order]
    slopes = np.concatenate(([first], first + np.cumsum(turns)))[:-1]
    heights: NDArray[np.float64] = np.concatenate(([0.0], np.cumsum(slopes * np.diff(level))))
    return heights


def _ranked(discounts: Sequence[float], fill_order: FillOrder) -> list[int]:
    return sorted(range(len(discounts)), key=lambda k: discounts[k], reverse=fill_order == "highest_first")


def _segments(
    hourly: NDArray[np.float64], discounts: Sequence[float], fill_order: FillOrder
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Pieces of V: from level ``start`` to ``end`` it rises by ``slope`` on-demand units per discounted unit."""
    paid = np.array([[paid_ratio(d)] for d in discounts])
    if fill_order == "pro_rata":
        end = (hourly * paid).sum(axis=0)
        kept = end > 0.0
        return np.zeros(int(kept.sum())), end[kept], hourly.sum(axis=0)[kept] / end[kept]
    ranked = _ranked(discounts, fill_order)
    width = (hourly * paid)[ranked]
    ends = width.cumsum(axis=0)
    starts = np.concatenate((np.zeros((1, hourly.shape[1])), ends[:-1]))
    slopes = np.broadcast_to(1.0 / paid[ranked], width.shape)
    kept = width > 0.0
    return starts[kept], ends[kept], slopes[kept]
