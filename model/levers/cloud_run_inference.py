"""The workload that a bill implies: latency, CPU time, burstiness, solved so that the model meets the bill."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.optimize import brentq

from model.behaviour.autoscaler import busy_instances, idle_instances
from model.levers.cloud_run_billed import ACTIVE_CPU, IDLE_CPU, REQUESTS
from model.levers.cloud_run_demand import COARSE_POINTS, HOUR_S, demand_of, starts
from model.levers.cloud_run_rates import request_rates
from model.levers.cloud_run_settings import Told, instance, rounded

if TYPE_CHECKING:
    from collections.abc import Callable

    from model.behaviour.autoscaler import Capacity, Floats
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

LATENCY_BOUNDS_S: Final = (1e-3, 3600.0)
BURSTINESS_BOUNDS: Final = (1e-3, 30.0)
_AGREES: Final = 0.02
_SEES_BURSTS: Final = 0.01


@dataclass(frozen=True, eq=False)
class Inferred:
    """A complete workload and the demand that goes with it."""

    told: dict[str, Told]
    rates: Rates
    demand: Demand
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Target:
    """What the model must meet at current settings: instance-seconds billed as active and as idle."""

    settings: Settings
    demand: Demand
    active_s: float
    idle_s: float
    served: Floats  # 1 in hours that are billed by request, else 0

    def capacity(self, latency_s: float, cpu_seconds: float) -> Capacity:
        return instance(self.settings, latency_s, cpu_seconds)

    def busy(self, capacity: Capacity, burstiness: float) -> float:
        return HOUR_S * float(self.demand.spread(busy_instances(capacity, self.demand.grid, burstiness)) @ self.served)

    def idle(self, capacity: Capacity, burstiness: float) -> float:
        return HOUR_S * float(self.demand.spread(idle_instances(capacity, self.demand.grid, burstiness)) @ self.served)


def infer_workload(usage: Billed, settings: Settings, facts: dict[str, Told]) -> Inferred:
    """Complete the workload of a service from its bill.

    CPU time defaults to 30 % of the billed vCPU time. Latency solves Σ B·3600 + starts · start-up = billed active
    instance-seconds, given the concurrency; with a known latency and more billed than it explains, CPU time is solved
    instead. Burstiness solves Σ idle = billed idle instance-seconds where min keeps some.
    """
    told = dict(facts)
    told.setdefault("startup_s", Told(STARTUP_S, "modelled", "typed in; Google publishes no figure", 1.0, 20.0))
    told.setdefault("stress_multiplier", Told(STRESS, "modelled", "typed in: twice the billed demand", 1.0, 3.0))
    told.setdefault("database_time_share", Told(0.0, "modelled", "typed in: no share claimed", 0.0, 0.5))
    told.setdefault("burstiness", Told(BURSTINESS, "modelled", "typed in; no idle rows to tell it", 0.05, 1.0))
    notes = _solve(usage, settings, told, facts) if usage.has_requests else _assume(told)
    _cpu_boundness(told)
    rates = request_rates(usage, settings, told)
    told["requests_per_s"] = rates.told
    return Inferred(told, rates, demand_of(usage.clock, rates.rate), notes)


def _solve(usage: Billed, settings: Settings, told: dict[str, Told], facts: dict[str, Told]) -> tuple[str, ...]:
    rate = usage.by_hour[REQUESTS] / HOUR_S
    served = (np.abs(usage.by_hour[ACTIVE_CPU]) + usage.by_hour[IDLE_CPU] > 0.0).astype(np.float64)
    target = _Target(
        settings, demand_of(usage.clock, rate, COARSE_POINTS),
        usage.total(ACTIVE_CPU) / settings.vcpu, usage.total(IDLE_CPU) / settings.vcpu, served,
    )  # fmt: skip
    vcpu_s_per_request = max(usage.total(ACTIVE_CPU) / usage.total(REQUESTS), 1e-9)
    told.setdefault("cpu_seconds_per_request", _default_cpu(vcpu_s_per_request))
    if "latency_s" not in facts:
        told["latency_s"] = _latency(target, told)
    elif "cpu_seconds_per_request" not in facts:
        told["cpu_seconds_per_request"] = _cpu_seconds(target, told, vcpu_s_per_request)
    if "burstiness" not in facts and (found := _burstiness(target, told)) is not None:
        told["burstiness"] = found
        if "latency_s" not in facts:
            told["latency_s"] = _latency(target, told)
    return ()


def _default_cpu(vcpu_s_per_request: float) -> Told:
    value = rounded(CPU_UTILISATION * vcpu_s_per_request)
    source = f"typed in: {CPU_UTILISATION:.0%} of the billed vCPU time (no metrics)"
    return Told(value, "modelled", source, rounded(0.05 * vcpu_s_per_request), rounded(0.6 * vcpu_s_per_request))


def _latency(target: _Target, told: dict[str, Told]) -> Told:
    """Latency at which the modelled active time equals the billed; start-up time is taken off first."""
    cpu, burstiness = told["cpu_seconds_per_request"].number, told["burstiness"].number
    first = _solved_latency(target, cpu, burstiness, target.active_s)
    begun = float(starts(target.demand, target.capacity(first, cpu), burstiness) @ target.served)
    serving = max(target.active_s - begun * told["startup_s"].number, 0.5 * target.active_s)
    value = rounded(_solved_latency(target, cpu, burstiness, serving))
    source = "solved from the billed active time, as if concurrency drove the number of instances"
    if target.settings.concurrency_in_force == 1:
        source = "the billed active time per request (one request at a time)"
    return Told(value, "modelled", source, rounded(value / 2.0), rounded(value * 2.0))


def _solved_latency(target: _Target, cpu_seconds: float, burstiness: float, active_s: float) -> float:
    def excess(log_latency: float) -> float:
        return target.busy(target.capacity(float(np.exp(log_latency)), cpu_seconds), burstiness) - active_s

    return _root(excess, LATENCY_BOUNDS_S)


def _cpu_seconds(target: _Target, told: dict[str, Told], vcpu_s_per_request: float) -> Told:
    """CPU time per request that explains billed time beyond what the known latency does; else the default stays."""
    latency, burstiness, usual = told["latency_s"].number, told["burstiness"].number, told["cpu_seconds_per_request"]
    if target.busy(target.capacity(latency, usual.number), burstiness) >= target.active_s * (1.0 - _AGREES):
        return usual

    def excess(log_cpu: float) -> float:
        return target.busy(target.capacity(latency, float(np.exp(log_cpu))), burstiness) - target.active_s

    value = rounded(_root(excess, (usual.number, vcpu_s_per_request)))
    source = "solved from the billed active time beyond what the latency explains"
    return Told(value, "modelled", source, usual.low, rounded(vcpu_s_per_request))


def _burstiness(target: _Target, told: dict[str, Told]) -> Told | None:
    """CV² at which the modelled idle time equals the billed; None where idle time does not tell it, or none fits."""
    if target.settings.min_instances == 0 or target.idle_s <= 0.0:
        return None
    capacity = target.capacity(told["latency_s"].number, told["cpu_seconds_per_request"].number)

    def excess(log_burstiness: float) -> float:
        return target.idle(capacity, float(np.exp(log_burstiness))) - target.idle_s

    least, most = (target.idle(capacity, bound) for bound in BURSTINESS_BOUNDS)
    tells = most - least >= _SEES_BURSTS * target.idle_s
    if not tells or not least * (1.0 - _AGREES) <= target.idle_s < most:
        return None
    value = rounded(_root(excess, BURSTINESS_BOUNDS))
    return Told(
        value,
        "measured",
        "solved from the bill's idle rows of min instances",
        rounded(value / 2.0),
        rounded(value * 2),
    )


def _root(excess: Callable[[float], float], bounds: tuple[float, float]) -> float:
    """Where a rising function of the logarithm crosses zero; the nearer bound where it does not."""
    low, high = float(np.log(bounds[0])), float(np.log(bounds[1]))
    if excess(low) >= 0.0:
        return bounds[0]
    if excess(high) <= 0.0:
        return bounds[1]
    return float(np.exp(brentq(excess, low, high, xtol=1e-4)))


def _assume(told: dict[str, Told]) -> tuple[str, ...]:
    told.setdefault("latency_s", Told(LATENCY_S, "modelled", "typed in; this bill counts no requests", 0.05, 2.0))
    told.setdefault(
        "cpu_seconds_per_request",
        Told(CPU_SECONDS_PER_REQUEST, "modelled", "typed in; this bill counts no requests", 0.01, 0.5),
    )
    note = "the bill counts no requests, so demand is the most that its instances can have wanted"
    return (f"{note}; give requests_per_s where it is less",)


def _cpu_boundness(told: dict[str, Told]) -> None:
    """β defaults to κ ÷ S: the share of the latency in which the request computes."""
    if "cpu_boundness" in told:
        return
    cpu, latency = told["cpu_seconds_per_request"], told["latency_s"]
    value = round(min(1.0, cpu.number / max(latency.number, 1e-9)), 3)
    told["cpu_boundness"] = Told(value, "modelled", "CPU seconds per request ÷ latency", 0.0, 1.0)
