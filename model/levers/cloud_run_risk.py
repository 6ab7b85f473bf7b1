"""What a service risks at its max and min: requests rejected and kept waiting at stressed demand, cold starts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from model.behaviour.autoscaler import burstiness_over, demand_points
from model.behaviour.queueing import patience_s, patient_queue, wait_quantile_s
from model.behaviour.queueing import rejected_share as mean_rejected_share
from model.lever import Risk
from model.levers.cloud_run_demand import HOUR_S, starts
from model.levers.cloud_run_levels import REJECTED_SHARE_LIMIT, level_guardrails, percent
from model.levers.cloud_run_settings import capacity

if TYPE_CHECKING:
    from model.behaviour.autoscaler import Capacity
    from model.lever import Guardrail
    from model.levers.cloud_run_demand import Demand
    from model.levers.cloud_run_levels import ServiceLevels
    from model.levers.cloud_run_reading import Reading
    from model.levers.cloud_run_usage import Move

_STRESS_POINTS: Final = 64
_SAME: Final = 1e-9
_SLOWEST_SHARE: Final = 0.05


@dataclass(frozen=True)
class ServiceRisk:
    """Risk of one capacity under one demand; shares and waits over requests, ``utilisation`` in the busiest hour."""

    shortfall_hours: float
    rejected_share: float
    p95_wait_s: float
    utilisation: float
    cold_starts_per_day: float


@lru_cache(maxsize=1024)
def service_risk(
    demand: Demand,
    one: Capacity,
    burstiness: float,
    stress: float,
    startup_s: float,
    rejected_share_limit: float = REJECTED_SHARE_LIMIT,
) -> ServiceRisk:
    """Risk over the calendar hours: each hour's rate is Gamma around stress × mean (64 equal-probability points).

    A queue follows the rate over the time that a request is in it and served, in which bursts of a minute even out.
    A shortfall hour is one that rejects more than the limit's share of its requests. Cold starts are at the billed
    demand; where at least 5 % of requests cause one, the slowest 5 % wait for the start-up.
    """
    inside = demand.clock.calendar_slot >= 0
    level_of_hour = demand.pair[demand.pair_of_hour, 1]
    hours = np.bincount(level_of_hour[inside], minlength=len(demand.level)).astype(np.float64)
    mean_rate = stress * demand.level
    patience = patience_s(startup_s)
    evened = burstiness_over(burstiness, one.slot_time_s + patience)
    rate = mean_rate[:, None] * demand_points(evened, _STRESS_POINTS)
    queue = patient_queue(rate, one.slot_time_s, one.slots, patience)
    weight = rate * hours[:, None]
    arriving = np.maximum(rate.sum(axis=1), _SAME)
    is_short = (queue.rejected * rate).sum(axis=1) / arriving > rejected_share_limit
    busiest = float(mean_rate[hours > 0.0].max(initial=0.0))
    days = max(float(inside.sum()) / 24.0, 1.0 / 24.0)
    cold = float(starts(demand, one, burstiness)[inside].sum())
    start_wait_s = startup_s if cold >= _SLOWEST_SHARE * HOUR_S * float(demand.rate[inside].sum()) > 0.0 else 0.0
    return ServiceRisk(
        shortfall_hours=float(hours[is_short].sum()),
        rejected_share=mean_rejected_share(queue, weight),
        p95_wait_s=max(start_wait_s, wait_quantile_s(queue, weight) if weight.any() else 0.0),
        utilisation=busiest / one.most_requests_per_s,
        cold_starts_per_day=cold / days,
    )


def risk_of(
    reading: Reading, move: Move, database_work: float, limits: ServiceLevels, peak_memory_utilisation: float | None
) -> tuple[Risk, tuple[Guardrail, ...]]:
    """Risk after a move with the worst database work at the grown demand, and the guardrails it must keep.

    A limit that today's settings break at today's demand is a warning; one that growth breaks is not.
    """
    work = move.workload
    shared = (work.stress_multiplier, work.startup_s, limits.rejected_share)
    today = service_risk(move.demand, move.before, work.burstiness, *shared)
    worst = capacity(move.new, move.current, work, database_work)
    after = service_risk(move.then.demand, worst, move.then.burstiness, *shared)
    name = reading.resource.name
    sentence = (
        f"{name}: at {work.stress_multiplier:g} times the billed demand {percent(after.rejected_share)} of requests "
        f"find no instance within {patience_s(work.startup_s):g} s, and {after.shortfall_hours:,.0f} hours reject more "
        f"than {limits.rejected_share:.1%}."
    )
    risk = Risk(
        "cloud_run", name, after.shortfall_hours, after.rejected_share, after.p95_wait_s, after.cold_starts_per_day,
        sentence,
    )  # fmt: skip
    return risk, level_guardrails(reading, move, limits, today, after, peak_memory_utilisation)
