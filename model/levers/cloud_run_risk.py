"""What a service risks at its max and min: requests rejected and kept waiting at stressed demand, cold starts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from model.behaviour.autoscaler import demand_points
from model.behaviour.queueing import patience_s, patient_queue, wait_quantile_s
from model.behaviour.queueing import rejected_share as mean_rejected_share
from model.lever import Guardrail, Risk
from model.levers.cloud_run_demand import starts
from model.levers.cloud_run_settings import capacity, shape_problem

if TYPE_CHECKING:
    from model.behaviour.autoscaler import Capacity
    from model.levers.cloud_run_demand import Demand
    from model.levers.cloud_run_reading import Reading
    from model.levers.cloud_run_usage import Move

REJECTED_SHARE_LIMIT: Final = 0.001
P95_WAIT_LIMIT_S: Final = 1.0
UTILISATION_LIMIT: Final = 0.8
"""Default service levels, judged at the stressed demand."""

_STRESS_POINTS: Final = 64
_SAME: Final = 1e-9


@dataclass(frozen=True)
class ServiceRisk:
    """Risk of one capacity under one demand; shares and waits over requests, ``utilisation`` in the busiest hour."""

    shortfall_hours: float
    rejected_share: float
    p95_wait_s: float
    utilisation: float
    cold_starts_per_day: float


@lru_cache(maxsize=1024)
def service_risk(demand: Demand, one: Capacity, burstiness: float, stress: float, startup_s: float) -> ServiceRisk:
    """Risk over the calendar hours: each hour's rate is Gamma around stress × mean (64 equal-probability points).

    A shortfall hour is one that rejects more than 0.1 % of its requests. Cold starts are at the billed demand.
    """
    inside = demand.clock.calendar_slot >= 0
    level_of_hour = demand.pair[demand.pair_of_hour, 1]
    hours = np.bincount(level_of_hour[inside], minlength=len(demand.level)).astype(np.float64)
    mean_rate = stress * demand.level
    rate = mean_rate[:, None] * demand_points(burstiness, _STRESS_POINTS)
    queue = patient_queue(rate, one.service_time_s, one.slots, patience_s(startup_s))
    weight = rate * hours[:, None]
    arriving = np.maximum(rate.sum(axis=1), _SAME)
    is_short = (queue.rejected * rate).sum(axis=1) / arriving > REJECTED_SHARE_LIMIT
    busiest = float(mean_rate[hours > 0.0].max(initial=0.0))
    days = max(float(inside.sum()) / 24.0, 1.0 / 24.0)
    return ServiceRisk(
        shortfall_hours=float(hours[is_short].sum()),
        rejected_share=mean_rejected_share(queue, weight),
        p95_wait_s=wait_quantile_s(queue, weight) if weight.any() else 0.0,
        utilisation=busiest * one.service_time_s / one.slots,
        cold_starts_per_day=float(starts(demand, one, burstiness)[inside].sum()) / days,
    )


def risk_of(reading: Reading, move: Move, database_work: float) -> tuple[Risk, tuple[Guardrail, ...]]:
    """Risk after a move with the worst database work, and the guardrails it must keep, judged also against today."""
    work = move.workload
    shared = (work.burstiness, work.stress_multiplier, work.startup_s)
    today = service_risk(move.demand, move.before, *shared)
    after = service_risk(move.demand, capacity(move.new, move.current, work, database_work), *shared)
    name = reading.resource.name
    sentence = (
        f"{name}: at {work.stress_multiplier:g} times the billed demand {_percent(after.rejected_share)} of requests "
        f"find no instance within {patience_s(work.startup_s):g} s, and {after.shortfall_hours:,.0f} hours reject more "
        f"than {REJECTED_SHARE_LIMIT:.1%}."
    )
    risk = Risk(
        "cloud_run", name, after.shortfall_hours, after.rejected_share, after.p95_wait_s, after.cold_starts_per_day,
        sentence,
    )  # fmt: skip
    return risk, (*_levels(name, move.new.max_instances, today, after), *_shape(name, move))


def _levels(name: str, maximum: int, today: ServiceRisk, after: ServiceRisk) -> tuple[Guardrail, ...]:
    at = f"{name} at max {maximum}"
    return (
        _limit(
            name, "rejected_share", REJECTED_SHARE_LIMIT, after.rejected_share, today.rejected_share, "ratio",
            f"{at} rejects {_percent(after.rejected_share)} of requests under stress "
            f"(limit {REJECTED_SHARE_LIMIT:.1%})",
        ),
        _limit(
            name, "p95_wait", P95_WAIT_LIMIT_S, after.p95_wait_s, today.p95_wait_s, "s",
            f"{at} {_waiting(after.p95_wait_s)} (limit {P95_WAIT_LIMIT_S:g} s)",
        ),
        _limit(
            name, "utilisation", UTILISATION_LIMIT, after.utilisation, today.utilisation, "ratio",
            f"{at} fills {after.utilisation:.0%} in the busiest hour under stress (limit {UTILISATION_LIMIT:.0%})",
        ),
    )  # fmt: skip


def _percent(share: float) -> str:
    """From 1 % on one decimal, below it three: the limit is 0.1 %."""
    return f"{share:.1%}" if share >= 0.01 else f"{share:.3%}"


def _waiting(p95_wait_s: float) -> str:
    if p95_wait_s < 0.005:
        return "lets 95% of requests start at once"
    return f"keeps 5% of requests waiting {p95_wait_s:.3g} s or longer"


def _limit(name: str, what: str, limit: float, value: float, today: float, unit: str, sentence: str) -> Guardrail:
    """Kept when within the limit, or no worse than today: a limit that today breaks is a warning, not a block."""
    passed = value <= max(limit, today * (1.0 + _SAME))
    warning = "; today it is no better" if passed and value > limit else ""
    return Guardrail(what, "cloud_run", name, limit, value, unit, passed, f"{sentence}{warning}.")


def _shape(name: str, move: Move) -> tuple[Guardrail, ...]:
    problem = shape_problem(move.new)
    if not problem or move.new == move.current:
        return ()
    return (Guardrail("shape", "cloud_run", name, 0.0, None, "", passed=False, sentence=f"{name}: {problem}"),)
