"""The months ahead as plain formulas can compute them: fixed amounts, amounts by demand, and curves of commitments.

A step of the plan (nothing, then one usage lever after the other) costs fixed + price × variable(demand) a month; a
commitment of C saves x·V(C ÷ x) − C·H over the window, x = demand × price. Where the app's own repricing agrees this is
exact; where it does not, the largest gap that was found is told, or the assumption stays frozen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from model.behaviour.commitment_curve import CommitmentCurve, commitment_curve
from model.commitment_future import ahead
from model.forward_costs import costs_at, decided
from model.levers.commitments import fill_order
from model.levers.pool_hours import calendar_hours
from model.outcome import parameters, title_of
from model.projection import project, ramp_share_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from model.forward_costs import Decided
    from model.levers.commitment_plan import PoolPlan
    from model.outcome import Outcome
    from model.projection import Projection

    Floats = NDArray[np.float64]

HALF_A_CENT: Final = 0.005
STRAIGHT: Final = (1.0, 2.0)
"""Demand levels that are enough where costs follow demand in a straight line."""
LEVELS: Final = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.35, 1.5, 1.75, 2.0, 2.5, 3.0, 4.0)
"""Demand levels that are repriced where they do not."""
_CHECKED_DEMAND: Final = (0.6, 1.25, 3.0)
_BETWEEN_LEVELS: Final = (0.75, 1.05, 1.425, 2.25)
_CHECKED_PRICES: Final = (0.8, 1.1)
_SLOPE_PRICE: Final = 1.25


@dataclass(frozen=True, eq=False)
class PoolFuture:
    """A planned commitment and what it covers by its size: the curve over the window's hours at today's usage.

    ``mean_paid`` turns on-demand units to cover into discounted units to commit.
    """

    plan: PoolPlan
    curve: CommitmentCurve
    mean_paid: float

    def saving(self, scale: Floats, months: int) -> Floats:
        """Saving a month (n,) while demand × price is ``scale`` (n,) times today's."""
        commit = self.plan.commit_per_hour
        covered = scale * self.curve.covered_at(commit / scale)
        return np.asarray((covered - commit * self.curve.hour_count) / months, dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Future:
    """All that the formulas need; S = 1 + usage levers: what today's settings cost, then what each lever saves.

    ``fixed`` (S,) and ``variable`` (J, S) at the ``demand`` levels (J,), in currency units a month. ``baseline_gap``,
    ``usage_gap``, ``commitment_gap`` (36,) are the app's figures less the formulas' while growth and prices are as
    exported: 0 but for rounding without growth. ``growth_gap`` is the largest difference that was found between the
    formulas and a repricing at other demand levels; None: they agree to half a cent. ``is_steady`` is False where
    commitments start or end on the way (mixes, ladders, known ends): no curve says that, so growth, prices, ramps and
    amounts then stay as exported, and the gaps hold what happens month by month.
    """

    projection: Projection
    levers: tuple[tuple[str, str], ...]
    shares: Floats
    fixed: Floats
    demand: Floats
    variable: Floats
    pools: tuple[PoolFuture, ...]
    month_count: int
    is_price_live: bool
    is_steady: bool
    growth_gap: float | None
    baseline_gap: Floats
    usage_gap: Floats
    commitment_gap: Floats

    def steps(self, demand: Floats, prices: Floats) -> Floats:
        """Cost today and savings of the levers in full (n, S) at demand and prices (n,), joined between levels."""
        at, weight = self.places(demand)
        low, high = self.variable[at], self.variable[at + 1]
        joined = low * (1.0 - weight[:, None]) + high * weight[:, None]
        return np.asarray(self.fixed + prices[:, None] * joined, dtype=np.float64)

    def places(self, demand: Floats) -> tuple[NDArray[np.int64], Floats]:
        """Level below each demand (n,), and the share of the way to the next; the ends are continued."""
        at = np.clip(np.searchsorted(self.demand, demand, side="right") - 1, 0, len(self.demand) - 2)
        return at, (demand - self.demand[at]) / (self.demand[at + 1] - self.demand[at])

    def commitments(self, demand: Floats, prices: Floats) -> Floats:
        """What the purchases save a month (n,) in full."""
        saved = [pool.saving(demand * prices, self.month_count) for pool in self.pools]
        return np.asarray(np.sum([np.zeros(len(demand)), *saved], axis=0), dtype=np.float64)


def future_of(outcome: Outcome) -> Future:
    """Reprice the plan at a few levels of demand and prices, and find what of it plain formulas say as well."""
    plan, projection = decided(outcome), project(outcome)
    values = outcome.scenario.values(parameters(outcome.bill))
    is_steady = ahead(outcome).is_as_billed
    pools = tuple(_pool(outcome, each) for each in outcome.pools if each.is_planned and is_steady)
    today, dearer = _parts(plan, 1.0, [1.0, _SLOPE_PRICE])
    variable = (dearer - today) / (_SLOPE_PRICE - 1.0)
    fixed = np.where(np.abs(today - variable) > HALF_A_CENT * 1e-4, today - variable, 0.0)[:-1]
    shares = np.stack([ramp_share_of(values, lever) for lever in (*plan.levers, "commitments")], axis=1)
    frame = Future(
        projection, tuple((lever, title_of(lever)) for lever in plan.levers), shares, fixed, np.array(STRAIGHT),
        np.zeros((2, len(fixed))), pools, len(outcome.bill.months), is_price_live=is_steady, is_steady=is_steady,
        growth_gap=None,
        baseline_gap=np.zeros(1), usage_gap=np.zeros(1), commitment_gap=np.zeros(1),
    )  # fmt: skip
    return _with_gaps(_with_levels(frame, plan), projection)


def _with_levels(frame: Future, plan: Decided) -> Future:
    """Straight lines where they hold to half a cent, else repriced levels with the largest gap between them."""
    straight = _at_levels(frame, plan, STRAIGHT)
    is_live = _gap(straight, plan, [1.0], _CHECKED_PRICES) <= HALF_A_CENT
    straight = replace(straight, is_price_live=frame.is_price_live and is_live)
    if _gap(straight, plan, _CHECKED_DEMAND, [1.0]) <= HALF_A_CENT:
        return straight
    levels = _at_levels(straight, plan, LEVELS)
    return replace(levels, growth_gap=_gap(levels, plan, _BETWEEN_LEVELS, [1.0]))


def _at_levels(frame: Future, plan: Decided, levels: Sequence[float]) -> Future:
    variable = np.stack([_parts(plan, level, [1.0])[0][:-1] for level in levels]) - frame.fixed
    return replace(frame, demand=np.array(levels), variable=variable)


def _gap(future: Future, plan: Decided, demand: Sequence[float], prices: Sequence[float]) -> float:
    """The largest difference of any part between formulas and repricing, in currency units a month."""
    gaps = []
    for level in demand:
        repriced = _parts(plan, level, list(prices))
        at, price = np.full(len(prices), level), np.array(prices)
        said = np.column_stack([future.steps(at, price), future.commitments(at, price)])
        gaps.append(float(np.abs(repriced - said).max()))
    return max(gaps)


def _with_gaps(future: Future, projection: Projection) -> Future:
    steps = future.steps(projection.demand, projection.prices)
    usage = (steps[:, 1:] * future.shares[:, :-1]).sum(axis=1)
    bought = future.commitments(projection.demand, projection.prices) * future.shares[:, -1]
    return replace(
        future,
        baseline_gap=projection.baseline - steps[:, 0],
        usage_gap=projection.baseline - projection.after_usage - usage,
        commitment_gap=projection.after_usage - projection.after_commitments - bought,
    )


def _parts(plan: Decided, demand: float, prices: list[float]) -> Floats:
    """Cost with today's settings, then what each lever saves after those before it, then commitments: (P, S+1)."""
    steps = costs_at(plan, plan.scenario, demand, prices, plan.each_lever)
    return np.column_stack([steps[:, 0], -np.diff(steps, axis=1)])


def _pool(outcome: Outcome, planned: PoolPlan) -> PoolFuture:
    bill, values = outcome.bill, outcome.scenario.values(parameters(outcome.bill))
    usage = planned.shape.usage
    rows = [k for k, key in enumerate(usage.classes) if key in planned.rates]
    hours = calendar_hours(bill.hours).fold(usage.left[rows])
    discounts = [planned.rates[usage.classes[k]] for k in rows]
    curve = commitment_curve(hours, discounts, fill_order(values, planned.name))
    return PoolFuture(planned, curve, planned.commit_per_hour / planned.covered_on_demand_per_hour)
