"""The workload that a bill implies: latency, CPU time, burstiness, solved so that the model meets the bill."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from model.levers.cloud_run_billed import ACTIVE_CPU, REQUESTS
from model.levers.cloud_run_demand import demand_of
from model.levers.cloud_run_rates import request_rates
from model.levers.cloud_run_settings import WORKLOAD_NAMES, Told, Workload, computing, rounded
from model.levers.cloud_run_solving import (
    AGREES,
    Target,
    solved_burstiness,
    solved_cpu_seconds,
    solved_latency_s,
    target_of,
)

if TYPE_CHECKING:
    from model.levers.cloud_run_billed import Billed
    from model.levers.cloud_run_demand import Demand
    from model.levers.cloud_run_rates import Rates
    from model.levers.cloud_run_settings import Settings

BURSTINESS: Final = 0.2
STARTUP_S: Final = 5.0
STRESS: Final = 2.0
LATENCY_S: Final = 0.2
CPU_SECONDS_PER_REQUEST: Final = 0.05
CPU_UTILISATION: Final = 0.3
"""Stated defaults where neither bill nor metrics tell. Google publishes no start-up time (facts §6.1)."""

FROM_ONE_AT_A_TIME: Final = "the billed active time per request (one request at a time)"
FROM_QUIET_HOURS: Final = "solved from the billed active time of hours that need no more instances than min"
FROM_ALL_HOURS: Final = "solved from the billed active time, as if concurrency drove the number of instances"
FROM_CPU_TIME: Final = "CPU time ÷ latency"
_ROUNDS: Final = 2


@dataclass(frozen=True, eq=False)
class Inferred:
    """A complete workload and the demand that goes with it."""

    told: dict[str, Told]
    rates: Rates
    demand: Demand
    notes: tuple[str, ...]


def infer_workload(usage: Billed, settings: Settings, facts: dict[str, Told]) -> Inferred:
    """Complete the workload of a service from its bill; facts stay as they are.

    Latency: in hours that need no more instances than min (or one), B = n(1 − e^(−λS/n)) holds with n known, so S
    follows; where there are none, S solves the whole bill as if concurrency drove n. CPU time: 30 % of the billed vCPU
    time, or more where more is billed than the latency explains. Burstiness: Σ idle = billed idle time. Solved in turn,
    twice.
    """
    told = dict(facts)
    told.setdefault("startup_s", Told(STARTUP_S, "modelled", "typed in; Google publishes no figure", 1.0, 20.0))
    told.setdefault("stress_multiplier", Told(STRESS, "modelled", "typed in: twice the billed demand", 1.0, 3.0))
    told.setdefault("database_time_share", Told(0.0, "modelled", "typed in: no share claimed", 0.0, 0.5))
    told.setdefault("burstiness", Told(BURSTINESS, "modelled", "typed in; no idle rows to tell it", 0.05, 1.0))
    notes = _solve(usage, settings, told, facts) if usage.has_requests else _assume(told)
    _cpu_boundness(told, settings.vcpu)
    rates = request_rates(usage, settings, told)
    told["requests_per_s"] = rates.told
    return Inferred(told, rates, demand_of(usage.clock, rates.rate), notes)


def _solve(usage: Billed, settings: Settings, told: dict[str, Told], facts: dict[str, Told]) -> tuple[str, ...]:
    target = target_of(usage, settings)
    vcpu_s_per_request = max(usage.total(ACTIVE_CPU) / usage.total(REQUESTS), 1e-9)
    usual_cpu = _usual_cpu(vcpu_s_per_request)
    told.setdefault("cpu_seconds_per_request", usual_cpu)
    for _ in range(_ROUNDS):
        if "latency_s" not in facts:
            told["latency_s"] = _latency(target, told, usual_cpu)
        if "cpu_seconds_per_request" not in facts:
            told["cpu_seconds_per_request"] = _cpu_seconds(target, told, usual_cpu, vcpu_s_per_request)
        if "burstiness" in facts or (found := _burstiness(target, told)) is None:
            break
        told["burstiness"] = found
    if told["latency_s"].source != FROM_ALL_HOURS:
        return ()
    return ("latency is solved as if concurrency drove its instances; if CPU does, give latency_s from the metrics",)


def _usual_cpu(vcpu_s_per_request: float) -> Told:
    value = rounded(CPU_UTILISATION * vcpu_s_per_request)
    source = f"typed in: {CPU_UTILISATION:.0%} of the billed vCPU time (no metrics)"
    return Told(value, "modelled", source, rounded(0.05 * vcpu_s_per_request), rounded(0.6 * vcpu_s_per_request))


def _latency(target: Target, told: dict[str, Told], usual_cpu: Told) -> Told:
    burstiness, startup_s = told["burstiness"].number, told["startup_s"].number
    quiet = None if target.settings.concurrency_in_force == 1 else target.quiet()
    if quiet is not None:
        value = solved_latency_s(quiet, 0.0, burstiness, startup_s)
        capacity = target.capacity(value, usual_cpu.number)
        if target.busy(capacity, burstiness) <= target.active_total_s * (1.0 + AGREES):
            return _told_latency(value, FROM_QUIET_HOURS)
    known = told["cpu_seconds_per_request"]
    cpu = known.number if known.evidence == "measured" else usual_cpu.number
    value = solved_latency_s(target, cpu, burstiness, startup_s)
    return _told_latency(value, FROM_ONE_AT_A_TIME if target.settings.concurrency_in_force == 1 else FROM_ALL_HOURS)


def _told_latency(value: float, source: str) -> Told:
    return Told(rounded(value), "modelled", source, rounded(value / 2.0), rounded(value * 2.0))


def _cpu_seconds(target: Target, told: dict[str, Told], usual: Told, vcpu_s_per_request: float) -> Told:
    latency, burstiness, startup = (told[name].number for name in ("latency_s", "burstiness", "startup_s"))
    value = solved_cpu_seconds(target, latency, burstiness, startup, (usual.number, vcpu_s_per_request))
    if value is None:
        return usual
    source = "solved from the billed active time beyond what the latency explains"
    return Told(rounded(value), "modelled", source, usual.low, rounded(vcpu_s_per_request))


def _burstiness(target: Target, told: dict[str, Told]) -> Told | None:
    capacity = target.capacity(told["latency_s"].number, told["cpu_seconds_per_request"].number)
    value = solved_burstiness(target, capacity)
    if value is None:
        return None
    source = "solved from the bill's idle rows of min instances"
    return Told(rounded(value), "measured", source, rounded(value / 2.0), rounded(value * 2.0))


def _assume(told: dict[str, Told]) -> tuple[str, ...]:
    told.setdefault("latency_s", Told(LATENCY_S, "modelled", "typed in; this bill counts no requests", 0.05, 2.0))
    told.setdefault(
        "cpu_seconds_per_request",
        Told(CPU_SECONDS_PER_REQUEST, "modelled", "typed in; this bill counts no requests", 0.01, 0.5),
    )
    note = "the bill counts no requests, so demand is the most that its instances can have wanted"
    return (f"{note}; give requests_per_s where it is less",)


def _cpu_boundness(told: dict[str, Told], vcpu: float) -> None:
    """Share of the latency in which a request computes; what it does on other vCPU follows from how many it uses."""
    if "cpu_boundness" in told:
        return
    known = Workload(*(told[name].number if name in told else 0.0 for name in WORKLOAD_NAMES))
    share, ratio = computing(replace(known, cpu_boundness=None), vcpu, 2.0 * vcpu)
    uses = "on every vCPU, as it takes more CPU time than it lasts" if ratio < 1.0 and vcpu >= 1.0 else "on one vCPU"
    told["cpu_boundness"] = Told(round(share, 3), "modelled", f"{FROM_CPU_TIME}; {uses} (not typed)")
