"""Service levels of one Cloud Run service after a move, as guardrails: judged against the limit and against today."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from model.lever import Guardrail
from model.levers.cloud_run_demand import mean_latency_s
from model.levers.cloud_run_settings import computing, shape_problem

if TYPE_CHECKING:
    from model.levers.cloud_run_reading import Reading
    from model.levers.cloud_run_risk import ServiceRisk
    from model.levers.cloud_run_usage import Move
    from model.parameter import Values

REJECTED_SHARE_LIMIT: Final = 0.001
P95_WAIT_LIMIT_S: Final = 1.0
UTILISATION_LIMIT: Final = 0.8
LATENCY_RATIO_LIMIT: Final = 1.25
MEMORY_LIMIT: Final = 0.9
"""Defaults, judged at the stressed demand; above 90 % of its memory an instance is near being killed."""

_SAME: Final = 1e-9


@dataclass(frozen=True)
class ServiceLevels:
    """Limits to keep, as stated in the scenario."""

    rejected_share: float = REJECTED_SHARE_LIMIT
    p95_wait_s: float = P95_WAIT_LIMIT_S
    utilisation: float = UTILISATION_LIMIT
    latency_ratio: float = LATENCY_RATIO_LIMIT


def service_levels(values: Values) -> ServiceLevels:
    """The limits in force."""
    return ServiceLevels(
        values.number("service_level.rejected_share", REJECTED_SHARE_LIMIT),
        values.number("service_level.p95_wait_s", P95_WAIT_LIMIT_S),
        values.number("service_level.instance_utilisation", UTILISATION_LIMIT),
        values.number("service_level.latency_ratio", LATENCY_RATIO_LIMIT),
    )


def level_guardrails(
    reading: Reading,
    move: Move,
    limits: ServiceLevels,
    today: ServiceRisk,
    after: ServiceRisk,
    peak_memory_utilisation: float | None,
) -> tuple[Guardrail, ...]:
    """Rejections, waits and use at max; then latency, memory and shape where the move touches them."""
    name = reading.resource.name
    at = f"{name} at max {move.new.max_instances}"
    return (
        _limit(
            name, "rejected_share", limits.rejected_share, after.rejected_share, today.rejected_share, "ratio",
            f"{at} rejects {percent(after.rejected_share)} of requests under stress "
            f"(limit {limits.rejected_share:.1%})",
        ),
        _limit(
            name, "p95_wait", limits.p95_wait_s, after.p95_wait_s, today.p95_wait_s, "s",
            f"{at} {_waiting(after.p95_wait_s)} (limit {limits.p95_wait_s:g} s)",
        ),
        _limit(
            name, "utilisation", limits.utilisation, after.utilisation, today.utilisation, "ratio",
            f"{at} fills {after.utilisation:.0%} in the busiest hour under stress (limit {limits.utilisation:.0%})",
        ),
        *_latency(name, move, limits.latency_ratio),
        *_parallel(name, move),
        *_memory(reading, move, peak_memory_utilisation),
        *_shape(name, move),
    )  # fmt: skip


def percent(share: float) -> str:
    """A share: from 1 % on one decimal, below it three, since the usual limit is 0.1 %."""
    return f"{share:.1%}" if share >= 0.01 else f"{share:.3%}"


def _waiting(p95_wait_s: float) -> str:
    if p95_wait_s < 0.005:
        return "lets 95% of requests start at once"
    return f"keeps 5% of requests waiting {p95_wait_s:.3g} s or longer"


def _limit(name: str, what: str, limit: float, value: float, today: float, unit: str, sentence: str) -> Guardrail:
    """Kept when within the limit, or no worse than today: a limit that today breaks is a warning, not a block."""
    passed = value <= max(limit, today * (1.0 + _SAME))
    cause = ""
    if value > limit and today > limit:
        cause = "; broken today, not made worse by this plan" if passed else "; broken today, made worse by this plan"
    elif not passed:
        cause = "; kept today"
    return Guardrail(what, "cloud_run", name, limit, value, unit, passed, f"{sentence}{cause}.")


def _latency(name: str, move: Move, limit: float) -> tuple[Guardrail, ...]:
    """Mean request time after ÷ today, where an instance becomes slower: the most where no CPU-bound share is told.

    A request that computes on all of its vCPU loses the most; one that uses a single vCPU loses nothing above that.
    Where requests share the vCPU, their wait for each other is part of the time.
    """
    after, before = (mean_latency_s(move.demand, one, move.workload.burstiness) for one in (move.after, move.before))
    likely = after / before
    ratio = likely * max(1.0, _slowest(move))
    if move.new == move.current or ratio <= 1.0 + _SAME:
        return ()
    up_to = "up to " if ratio > likely else ""
    slower = f"requests take {up_to}{ratio:.2f} times as long {_where(move)}"
    sentence = f"{name}: {slower} (limit {limit:g} times)"
    return (_limit(name, "latency", limit, ratio, 1.0, "× today", sentence),)


def _where(move: Move) -> str:
    if move.new.vcpu != move.current.vcpu or move.new.concurrency_in_force == move.current.concurrency_in_force:
        return f"on {move.new.vcpu:g} vCPU"
    return f"at concurrency {move.new.concurrency_in_force}"


def _slowest(move: Move) -> float:
    """Request time on new vCPU if a request computes on all of them, ÷ that of the model; 1 where its share is told."""
    work = move.workload
    if work.cpu_boundness is not None:
        return 1.0
    share, ratio = computing(work, move.current.vcpu, move.new.vcpu)
    all_share = min(1.0, work.cpu_seconds_per_request / move.current.vcpu / move.before.latency_s)
    return (1.0 + all_share * (move.current.vcpu / move.new.vcpu - 1.0)) / (1.0 + share * (ratio - 1.0))


def _parallel(name: str, move: Move) -> tuple[Guardrail, ...]:
    """Whether requests really get faster on more vCPU, where the model takes it that they do."""
    share, ratio = computing(move.workload, move.current.vcpu, move.new.vcpu)
    if share <= 0.0 or ratio >= 1.0:
        return ()
    sentence = (
        f"{name}: it is not known whether a request uses {move.new.vcpu:g} vCPU, so being faster on them is not "
        "judged; test it."
    )
    return (Guardrail("faster_on_more_vcpu", "cloud_run", name, move.new.vcpu, None, "vCPU", None, sentence),)


def _memory(reading: Reading, move: Move, today: float | None) -> tuple[Guardrail, ...]:
    """Peak memory in use, where there is less memory for as many requests; all of it counts as the requests' own."""
    more = max(1.0, move.new.concurrency_in_force / move.current.concurrency_in_force)
    if more <= move.memory_ratio * (1.0 + _SAME):
        return ()
    name, gib = reading.resource.name, move.new.memory_gib
    if today is None:
        sentence = (
            f"{name}: memory in use is not known, so {gib:g} GiB at concurrency {move.new.concurrency_in_force} are "
            f"not judged; import metrics or type {reading.key('peak_memory_utilisation')}."
        )
        return (Guardrail("memory", "cloud_run", name, MEMORY_LIMIT, None, "ratio", None, sentence),)
    after = today * more / move.memory_ratio
    sentence = f"{name}: up to {after:.0%} of {gib:g} GiB would be in use (limit {MEMORY_LIMIT:.0%})"
    return (_limit(name, "memory", MEMORY_LIMIT, after, today, "ratio", sentence),)


def _shape(name: str, move: Move) -> tuple[Guardrail, ...]:
    problem = shape_problem(move.new)
    if not problem or move.new == move.current:
        return ()
    return (Guardrail("shape", "cloud_run", name, 0.0, None, "", passed=False, sentence=f"{name}: {problem}"),)
