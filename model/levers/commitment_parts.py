"""Commitments of one pool on its calendar hours: what a term offers, and what one after the other covers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from model.behaviour.commitment_curve import (
    FILL_ORDERS,
    CommitmentCurve,
    FillOrder,
    commitment_curve,
    covered_by_class,
    optimal_level,
    paid_ratio,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from model.levers.pool_hours import PoolUsage

CURVE_POINTS: Final = 81


@dataclass(frozen=True, eq=False)
class Offer:
    """The part of a pool that a term has a rate for: discounts (K,) and calendar hours (K, C) of its classes.

    ``mean_paid`` is 1 − d̄, weighted by usage; exact where one rate is in use.
    """

    rows: tuple[int, ...]
    discounts: tuple[float, ...]
    hours: NDArray[np.float64]
    fill_order: FillOrder
    mean_paid: float

    @cached_property
    def curve(self) -> CommitmentCurve:
        """The cost curve, made when it is asked for: its knots are sorted, which the optimum does not need."""
        return commitment_curve(self.hours, self.discounts, self.fill_order)


@dataclass(frozen=True, eq=False)
class Part:
    """One commitment on what those before it leave: what is bought of an offer, and what it covers (K, C).

    ``paid_in_units`` (K, C) is given where units are bought, whose prices at on-demand differ by hour.
    """

    term: str
    offer: Offer
    level: float
    covered: NDArray[np.float64]
    paid_in_units: NDArray[np.float64] | None = None

    @property
    def covered_per_hour(self) -> float:
        """On-demand units per hour that it is bought for."""
        return self.level / self.offer.mean_paid

    @cached_property
    def paid(self) -> NDArray[np.float64]:
        """What the covered units cost at committed prices (K, C)."""
        if self.paid_in_units is not None:
            return self.paid_in_units
        return np.asarray(np.array([[paid_ratio(d)] for d in self.offer.discounts]) * self.covered, dtype=np.float64)

    @property
    def used(self) -> NDArray[np.float64]:
        """Discounted units that find usage (C,)."""
        return np.asarray(self.paid.sum(axis=0), dtype=np.float64)


def offer_of(usage: PoolUsage, rates: Mapping[str, float], fill_order: FillOrder) -> Offer | None:
    """What of a pool has a rate; None where nothing has."""
    rows = tuple(k for k, key in enumerate(usage.classes) if key in rates)
    if not rows:
        return None
    discounts = tuple(rates[usage.classes[k]] for k in rows)
    hours = usage.hours if len(rows) == len(usage.classes) else usage.hours[list(rows)]
    return Offer(rows, discounts, hours, fill_order, _mean_paid(hours, discounts))


def _mean_paid(hours: NDArray[np.float64], discounts: tuple[float, ...]) -> float:
    on_demand = hours.sum(axis=1)
    used = {d for d, amount in zip(discounts, on_demand.tolist(), strict=True) if amount > 0.0}
    if len(used) > 1:
        return float(on_demand @ np.array([paid_ratio(d) for d in discounts])) / float(on_demand.sum())
    return paid_ratio(next(iter(used), min(discounts)))


def covered_of(usage: PoolUsage, parts: Sequence[Part]) -> NDArray[np.float64]:
    """On-demand units covered by all parts, per class of the pool and calendar hour (K, C)."""
    if len(parts) == 1 and len(parts[0].offer.rows) == len(usage.classes):
        return parts[0].covered
    total = np.zeros((len(usage.classes), parts[0].covered.shape[1]))
    for part in parts:
        total[list(part.offer.rows)] += part.covered
    return total


def paid_of(usage: PoolUsage, parts: Sequence[Part]) -> NDArray[np.float64]:
    """What the covered units cost at committed prices (K, C)."""
    if len(parts) == 1 and len(parts[0].offer.rows) == len(usage.classes):
        return parts[0].paid
    total = np.zeros((len(usage.classes), parts[0].covered.shape[1]))
    for part in parts:
        total[list(part.offer.rows)] += part.paid
    return total


def break_even_of(parts: Sequence[Part], covered: NDArray[np.float64], used: NDArray[np.float64]) -> float:
    """1 − d of what is covered; exact where one rate is in use."""
    rates = {d for part in parts for d in part.offer.discounts}
    if len(rates) > 1 and used.any():
        return float(used.sum()) / float(covered.sum())
    return parts[0].offer.mean_paid


def mean_rates_of(usage: PoolUsage, parts: Sequence[Part]) -> dict[str, float]:
    """Discounts by class, weighted by what each part is bought to cover."""
    if len({part.offer.discounts for part in parts}) == 1:
        return shown_rates(usage, parts[0].offer)
    found: dict[str, list[tuple[float, float]]] = {}
    for part in parts:
        for key, discount in shown_rates(usage, part.offer).items():
            found.setdefault(key, []).append((part.covered_per_hour, discount))
    return {key: sum(w * d for w, d in each) / sum(w for w, _ in each) for key, each in found.items()}


def saving_range_of(
    hours: NDArray[np.float64], parts: Sequence[Part], fee: float, saving: float
) -> tuple[float, float]:
    """The same purchase under every fill order."""
    if all(len(set(part.offer.discounts)) == 1 for part in parts):
        return saving, saving
    covered = []
    for order in FILL_ORDERS:
        left = hours.copy()
        for part in parts:
            rows = list(part.offer.rows)
            left[rows] -= covered_by_class(left[rows], part.offer.discounts, part.level, order)
        covered.append(float((hours - left).sum()))
    return min(*covered, saving + fee) - fee, max(*covered, saving + fee) - fee


def shown_rates(usage: PoolUsage, offer: Offer) -> dict[str, float]:
    """Discounts by rate class."""
    return {usage.classes[k]: d for k, d in zip(offer.rows, offer.discounts, strict=True)}


def committing_first_loss(usage: PoolUsage, offer: Offer) -> float:
    """Cost, on the usage after the levers, of the optimum before them less that of the optimum after them."""
    rows = list(offer.rows)
    if usage.hours_before is usage.hours or np.array_equal(usage.hours_before[rows], offer.hours):
        return 0.0
    before = optimal_level(usage.hours_before[rows], offer.discounts, offer.fill_order)
    best = optimal_level(offer.hours, offer.discounts, offer.fill_order)
    return float(offer.curve.cost(before) - offer.curve.cost(best))


def points_of(offer: Offer, level: float, beside: float) -> tuple[tuple[float, float], ...]:
    """Evenly spaced points of the curve to beyond its end and beyond what is bought, in on-demand units per hour.

    ``beside`` is what the pool's usage costs that the offer has no rate for, or that ran outside the window.
    """
    end = 1.1 * max(level, float(offer.curve.level[-1]))
    levels = np.linspace(0.0, end, CURVE_POINTS) if end > 0.0 else np.zeros(1)
    covered = levels / offer.mean_paid
    return tuple(zip(covered.tolist(), (beside + offer.curve.cost(levels)).tolist(), strict=True))
