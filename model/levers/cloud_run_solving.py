"""Latency, CPU time and burstiness at which the autoscaler's model meets what a service is billed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.optimize import brentq

from model.behaviour.autoscaler import billed_instances, idle_instances
from model.levers.cloud_run_billed import ACTIVE_CPU, IDLE_CPU, REQUESTS
from model.levers.cloud_run_demand import COARSE_POINTS, HOUR_S, demand_of, starts
from model.levers.cloud_run_settings import instance

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from model.behaviour.autoscaler import Capacity, Floats
    from model.levers.cloud_run_billed import Billed
    from model.levers.cloud_run_demand import Demand
    from model.levers.cloud_run_settings import Settings

LATENCY_BOUNDS_S: Final = (1e-3, 3600.0)
BURSTINESS_BOUNDS: Final = (1e-3, 30.0)
AGREES: Final = 0.02
_SEES_BURSTS: Final = 0.01
_QUIET_SHARE: Final = 0.9
_QUIET_HOURS: Final = 2
_TOLERANCES: Final = (0.01, 0.05, 0.15)


@dataclass(frozen=True, eq=False)
class Target:
    """Instance-seconds billed by hour (U,) as active and idle at current settings, in the hours (U,) that count."""

    settings: Settings
    demand: Demand
    active_s: Floats
    idle_s: Floats
    counts: NDArray[np.bool_]

    @property
    def active_total_s(self) -> float:
        """Active instance-seconds to be met."""
        return float(self.active_s[self.counts].sum())

    @property
    def idle_total_s(self) -> float:
        """Idle instance-seconds to be met."""
        return float(self.idle_s[self.counts].sum())

    def capacity(self, latency_s: float, cpu_seconds: float) -> Capacity:
        """One instance at current settings."""
        return instance(self.settings, latency_s, cpu_seconds)

    def busy(self, capacity: Capacity, burstiness: float) -> float:
        """Modelled serving instance-seconds, as billed, in the hours that count."""
        busy = self.demand.spread(billed_instances(capacity, self.demand.grid, burstiness))
        return HOUR_S * float(busy[self.counts].sum())

    def idle(self, capacity: Capacity, burstiness: float) -> float:
        """Modelled idle instance-seconds in the hours that count."""
        idle = self.demand.spread(idle_instances(capacity, self.demand.grid, burstiness))
        return HOUR_S * float(idle[self.counts].sum())

    def serving(self, capacity: Capacity, burstiness: float, startup_s: float) -> float:
        """Billed active time less modelled start-up time; at least half of it."""
        begun = float(starts(self.demand, capacity, burstiness)[self.counts].sum())
        return max(self.active_total_s - begun * startup_s, 0.5 * self.active_total_s)

    def quiet(self) -> Target | None:
        """The hours that need no more instances than min (or one): there busy time depends on latency alone.

        Active time below 0.9 of them, and with a min active + idle time equal to it (within 1 %, else 5 %, else 15 %);
        None where there are not two such hours.
        """
        warm = max(self.settings.min_instances, 1) * HOUR_S
        below = self.counts & (self.demand.rate > 0.0) & (self.active_s > 0.0) & (self.active_s < _QUIET_SHARE * warm)
        above = np.abs(self.active_s + self.idle_s - warm) if self.settings.min_instances else np.zeros(len(below))
        for tolerance in _TOLERANCES:
            is_quiet = below & (above <= tolerance * warm)
            if int(is_quiet.sum()) >= _QUIET_HOURS:
                return replace(self, counts=is_quiet)
        return None


def target_of(usage: Billed, settings: Settings) -> Target:
    """What the model must meet: the hours that are billed by request."""
    active, idle = (usage.by_hour[kind] / settings.vcpu for kind in (ACTIVE_CPU, IDLE_CPU))
    demand = demand_of(usage.clock, usage.by_hour[REQUESTS] / HOUR_S, COARSE_POINTS)
    return Target(settings, demand, active, idle, np.abs(active) + idle > 0.0)


def solved_latency_s(target: Target, cpu_seconds: float, burstiness: float, startup_s: float) -> float:
    """Latency at which modelled and billed active time agree; start-up time is taken off at a first estimate."""

    def at(active_s: float) -> float:
        def excess(log_latency: float) -> float:
            return target.busy(target.capacity(float(np.exp(log_latency)), cpu_seconds), burstiness) - active_s

        return _root(excess, LATENCY_BOUNDS_S)

    first = at(target.active_total_s)
    return at(target.serving(target.capacity(first, cpu_seconds), burstiness, startup_s))


def solved_cpu_seconds(
    target: Target, latency_s: float, burstiness: float, startup_s: float, bounds: tuple[float, float]
) -> float | None:
    """CPU time per request that explains billed time beyond what the latency does; None where latency explains it."""
    usual = target.capacity(latency_s, bounds[0])
    serving = target.serving(usual, burstiness, startup_s)
    if target.busy(usual, burstiness) >= serving * (1.0 - AGREES):
        return None

    def excess(log_cpu: float) -> float:
        return target.busy(target.capacity(latency_s, float(np.exp(log_cpu))), burstiness) - serving

    return _root(excess, bounds)


def solved_burstiness(target: Target, capacity: Capacity) -> float | None:
    """CV² at which the modelled idle time equals the billed; None where idle time does not tell it, or none fits."""
    if capacity.minimum == 0 or target.idle_total_s <= 0.0:
        return None

    def excess(log_burstiness: float) -> float:
        return target.idle(capacity, float(np.exp(log_burstiness))) - target.idle_total_s

    least, most = (target.idle(capacity, bound) for bound in BURSTINESS_BOUNDS)
    tells = most - least >= _SEES_BURSTS * target.idle_total_s
    if not tells or not least * (1.0 - AGREES) <= target.idle_total_s < most:
        return None
    return _root(excess, BURSTINESS_BOUNDS)


def _root(excess: Callable[[float], float], bounds: tuple[float, float]) -> float:
    """Where a rising function of the logarithm crosses zero; the nearer bound where it does not."""
    low, high = float(np.log(bounds[0])), float(np.log(bounds[1]))
    if excess(low) >= 0.0:
        return bounds[0]
    if excess(high) <= 0.0:
        return bounds[1]
    return float(np.exp(brentq(excess, low, high, xtol=1e-4)))
