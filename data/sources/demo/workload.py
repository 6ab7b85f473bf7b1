"""The demo's Cloud Run services: a small physical simulation by the minute, from arrivals to billed instance time.

Arrivals: level × growth × daily and weekly rhythm × bursts (log-normal, correlated over minutes), then counted.
In flight L = λS (Little). Instances n = ⌈max(λκ/(0.6 v), L/(0.6 c))⌉, clamped to min and max (Google's targets).
Busy instances: each of the n holds a Poisson number of requests truncated at its concurrency, with mean L/n; it is
billed as active while it holds one or more. Idle minimum instances are what is left of min: max(0, min − busy).
Starting an instance that was not kept from the last 15 minutes is billed as active for its start-up time.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np

from data.sources.demo.calendar import MINUTES_PER_HOUR, Rhythm, calendar, rhythm
from data.sources.demo.skus import NANOS, RUN_CPU, RUN_IDLE_CPU, RUN_IDLE_MEMORY, RUN_MEMORY, RUN_REQUESTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

Number = TypeVar("Number", np.int64, np.float64)

SEED: Final = 33
TARGET_UTILISATION: Final = 0.6  # of CPU and of concurrency: Google's autoscaler
KEPT_MINUTES: Final = 15  # idle instances stay up to 15 minutes
BURST_CORRELATION: Final = 0.7  # from one minute to the next
REMEMBERED_MINUTES: Final = 30
GROWTH_PER_YEAR: Final = 0.34


@dataclass(frozen=True)
class Service:
    """A Cloud Run service as it is configured, and the work that it does."""

    name: str
    requests_per_s: float  # level on a working day, before the demand factor
    latency_s: float
    cpu_seconds_per_request: float
    concurrency: int
    burstiness: float  # CV² of the one-minute rate
    startup_s: float
    database_time_share: float
    rhythm: Rhythm
    vcpu: int = 2
    memory_gib: int = 4
    min_instances: int = 5
    max_instances: int = 50


SERVICES: Final = (
    Service("api", 84.0, 0.42, 0.145, 80, 0.10, 4.0, 0.45, Rhythm(14.0, 0.22, 0.62)),
    Service("worker", 2.35, 8.0, 1.9, 4, 0.30, 6.0, 0.20, Rhythm(15.0, 0.30, 0.70)),
    Service("renderer", 0.117, 48.0, 66.0, 1, 0.25, 11.0, 0.02, Rhythm(16.0, 0.25, 0.75)),
)


@dataclass(frozen=True)
class Simulated:
    """One service by the minute (``requests``, ``instances``, ``busy``) and by the hour (billed seconds)."""

    service: Service
    requests: NDArray[np.int64]  # per minute
    instances: NDArray[np.int64]  # up and billed or kept warm by min
    busy: NDArray[np.float64]  # mean over the minute
    requests_per_hour: NDArray[np.int64]
    active_s_per_hour: NDArray[np.float64]  # instance-seconds, in steps of 100 ms
    idle_s_per_hour: NDArray[np.float64]


@cache
def _shape(service: Service, index: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return demand relative to the service's level per minute, and the standard normal draws that count arrivals."""
    hours = calendar()
    draws = np.random.default_rng([SEED, index]).standard_normal((2, len(hours) * MINUTES_PER_HOUR))
    spread = np.sqrt(np.log1p(service.burstiness))
    memory = np.sqrt(1 - BURST_CORRELATION**2) * BURST_CORRELATION ** np.arange(REMEMBERED_MINUTES)
    walk = np.convolve(draws[0], memory)[: len(draws[0])]
    minute = np.tile(np.arange(MINUTES_PER_HOUR) / MINUTES_PER_HOUR, len(hours))
    per_minute = np.repeat(np.arange(len(hours)), MINUTES_PER_HOUR)
    people = rhythm(hours.pacific_hour[per_minute] + minute, hours.weekday[per_minute], service.rhythm)
    growth = (1 + GROWTH_PER_YEAR) ** hours.years[per_minute]
    return people * growth * np.exp(spread * walk - spread**2 / 2), draws[1]


@cache
def _busy_share_table(concurrency: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the mean number held and the probability of holding any: a truncated Poisson, over rising offered load."""
    offered = np.concatenate([[0.0], np.geomspace(1e-4, 60.0 * concurrency, 600)])
    held = np.arange(concurrency + 1)
    log_weight = _log_weights(offered, held)
    weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
    probability = weight / weight.sum(axis=1, keepdims=True)
    return probability @ held, 1 - probability[:, 0]


def _log_weights(offered: NDArray[np.float64], held: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return ln(a^k / k!) with 0^0 = 1; rows: offered load a, columns: k held."""
    log_factorial = np.concatenate([[0.0], np.cumsum(np.log(held[1:]))])
    powers = np.where(held == 0, 0.0, held * np.log(np.maximum(offered, 1e-300))[:, None])
    log_weights: NDArray[np.float64] = powers - log_factorial
    return log_weights


def simulate(service: Service, index: int, demand: float) -> Simulated:
    """Simulate one service with ``demand`` times its level of requests; same arguments, same result."""
    shape, noise = _shape(service, index)
    expected = service.requests_per_s * demand * shape * 60
    requests = np.maximum(0, np.rint(expected + np.sqrt(expected) * noise)).astype(np.int64)
    in_flight = requests / 60 * service.latency_s
    instances = _wanted(service, requests / 60, in_flight)
    means, shares = _busy_share_table(service.concurrency)
    busy = instances * np.interp(in_flight / instances, means, shares)
    active_s = 60 * busy + _starts(instances, service.min_instances) * service.startup_s
    idle_s = 60 * np.maximum(0, service.min_instances - busy)
    return Simulated(
        service, requests, instances, busy,
        requests_per_hour=_by_hour(requests),
        active_s_per_hour=np.round(_by_hour(active_s), 1),
        idle_s_per_hour=np.round(_by_hour(idle_s), 1),
    )  # fmt: skip


def _wanted(service: Service, rate: NDArray[np.float64], in_flight: NDArray[np.float64]) -> NDArray[np.int64]:
    by_cpu = rate * service.cpu_seconds_per_request / (TARGET_UTILISATION * service.vcpu)
    by_concurrency = in_flight / (TARGET_UTILISATION * service.concurrency)
    wanted = np.ceil(np.maximum(by_cpu, by_concurrency)).astype(np.int64)
    return np.clip(wanted, service.min_instances, service.max_instances)


def _starts(instances: NDArray[np.int64], minimum: int) -> NDArray[np.int64]:
    """Return the instances started per minute: above those that the last 15 minutes, or min, keep warm."""
    before = np.concatenate([np.full(KEPT_MINUTES, minimum), instances[:-1]])
    kept = np.lib.stride_tricks.sliding_window_view(before, KEPT_MINUTES).max(axis=1)
    started: NDArray[np.int64] = np.maximum(0, instances - kept)
    return started


def _by_hour(per_minute: NDArray[Number]) -> NDArray[Number]:
    total: NDArray[Number] = per_minute.reshape(-1, MINUTES_PER_HOUR).sum(axis=1)
    return total


def cost_nanos(simulated: Simulated) -> int:
    """Return what the service costs over all months, at list price before credits."""
    service = simulated.service
    active, idle = simulated.active_s_per_hour.sum(), simulated.idle_s_per_hour.sum()
    nanos = (
        active * (service.vcpu * RUN_CPU.price_nanos + service.memory_gib * RUN_MEMORY.price_nanos)
        + idle * (service.vcpu * RUN_IDLE_CPU.price_nanos + service.memory_gib * RUN_IDLE_MEMORY.price_nanos)
        + simulated.requests_per_hour.sum() * RUN_REQUESTS.price_nanos / RUN_REQUESTS.per
    )
    return round(float(nanos))


@cache
def workload(target_nanos: int) -> tuple[Simulated, ...]:
    """Simulate all services at the demand that costs ``target_nanos``, to five cents (secant; cost rises in demand)."""
    demand, previous, previous_cost = 1.0, 0.9, _cost_at(0.9)
    for _ in range(12):
        cost = _cost_at(demand)
        if abs(cost - target_nanos) < NANOS // 20:
            break
        slope = (cost - previous_cost) / (demand - previous)
        previous, previous_cost = demand, cost
        demand += (target_nanos - cost) / slope
    return tuple(simulate(service, i, demand) for i, service in enumerate(SERVICES))


def _cost_at(demand: float) -> int:
    return sum(cost_nanos(simulate(service, i, demand)) for i, service in enumerate(SERVICES))
