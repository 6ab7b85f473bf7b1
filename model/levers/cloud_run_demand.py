"""Requests per hour of one Cloud Run service, and the curves of the autoscaler spread over those hours."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.optimize import brentq

from model.behaviour.autoscaler import billed_instances, idle_instances, in_flight
from model.behaviour.warm_instances import alive_instances, cold_starts, steady_alive, steady_starts, wanted_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from model.behaviour.autoscaler import Capacity, Floats
    from model.bill import HourAxis
    from model.lever import RequestShift

HOUR_S: Final = 3600.0
GRID_POINTS: Final = 128
COARSE_POINTS: Final = 48
_SMALLEST_RATE: Final = 1e-5


@dataclass(frozen=True, eq=False)
class Clock:
    """Slots of the bill as single hours: a late slot belongs to the hour that it bills (its usage is counted with it).

    ``hour_of_slot`` (H,) points into the U hours in order; ``calendar_slot`` (U,) is −1 for hours before the window;
    ``previous`` (U,) is the hour before, or the hour itself where the window has none.
    """

    hour_of_slot: NDArray[np.intp]
    calendar_slot: NDArray[np.intp]
    previous: NDArray[np.intp]

    def by_hour(self, usage: Floats) -> Floats:
        """Usage by slot (H,) → by hour (U,)."""
        return np.bincount(self.hour_of_slot, weights=usage, minlength=len(self.previous)).astype(np.float64)

    def on_calendar(self, by_hour: Floats) -> Floats:
        """Amounts by hour (U,) → by slot (H,), in the hour's own calendar slot; hours before the window get none."""
        placed = np.zeros(len(self.hour_of_slot))
        inside = self.calendar_slot >= 0
        placed[self.calendar_slot[inside]] = by_hour[inside]
        return placed


@lru_cache(maxsize=8)
def clock_of(hours: HourAxis) -> Clock:
    """The clock of a bill's slots."""
    unique, hour_of_slot = np.unique(hours.hour, return_inverse=True)
    calendar_slot = np.full(len(unique), -1, dtype=np.intp)
    slots = np.flatnonzero(hours.is_calendar)
    calendar_slot[hour_of_slot[slots]] = slots
    index = np.arange(len(unique))
    follows = np.concatenate([[False], np.diff(unique) == 1])
    return Clock(hour_of_slot, calendar_slot, np.where(follows, index - 1, index))


@dataclass(frozen=True, eq=False)
class Demand:
    """Mean request rate per hour (U,) with a grid of rates (G,) on which curves are evaluated and then interpolated.

    Up to 128 different rates the grid is the rates themselves (exact). ``level`` (L,) are coarser rates for what
    depends on an hour and the one before: ``pair`` (P, 2) of levels occur, ``pair_of_hour`` (U,) tells which.
    """

    clock: Clock
    rate: Floats
    grid: Floats
    level: Floats
    pair: NDArray[np.intp]
    pair_of_hour: NDArray[np.intp]

    def spread(self, curve: Floats) -> Floats:
        """A curve on the grid (G,) → its value in each hour (U,)."""
        return np.interp(self.rate, self.grid, curve)

    def grown(self, growth: float) -> Demand:
        """The same hours with ``growth`` times the requests; itself at 1."""
        return self if growth == 1.0 else _grown(self, growth)

    def shifted(self, shift: RequestShift) -> Demand:
        """The same hours with what queues change of the requests; no hour below none, and as many as the mean says."""
        return _shifted(self, shift)


def demand_of(clock: Clock, rate: Floats, points: int = GRID_POINTS) -> Demand:
    """Demand from request rates per second by hour (U,); negative rates (corrections) carry no demand."""
    rates = np.maximum(rate, 0.0)
    level = _grid(rates, COARSE_POINTS)
    middle = (level[1:] + level[:-1]) / 2.0
    nearest = np.searchsorted(middle, rates)
    code = nearest[clock.previous] * len(level) + nearest
    pairs, pair_of_hour = np.unique(code, return_inverse=True)
    pair = np.stack([pairs // len(level), pairs % len(level)], axis=1)
    return Demand(clock, rates, _grid(rates, points), level, pair, pair_of_hour)


@lru_cache(maxsize=64)
def _grown(demand: Demand, growth: float) -> Demand:
    rate, grid, level = (growth * rates for rates in (demand.rate, demand.grid, demand.level))
    return replace(demand, rate=rate, grid=grid, level=level)


@lru_cache(maxsize=64)
def _shifted(demand: Demand, shift: RequestShift) -> Demand:
    mean = float(demand.rate.mean())
    rate = np.maximum(demand.rate + mean * shift.of_mean, 0.0)
    wanted = mean * max(0.0, 1.0 + float(shift.of_mean.mean()))
    return demand_of(demand.clock, rate * (wanted / float(rate.mean()) if rate.any() else 1.0))


def _grid(rates: Floats, points: int) -> Floats:
    positive = np.unique(rates[rates > 0.0])
    if len(positive) >= points:
        top = float(positive[-1])
        positive = np.geomspace(max(float(positive[0]), top * _SMALLEST_RATE), top, points - 1)
    return np.concatenate([[0.0], positive])


@lru_cache(maxsize=512)
def busy_s(demand: Demand, capacity: Capacity, burstiness: float) -> Floats:
    """Instance-seconds per hour (U,) that serve requests, as billed."""
    return HOUR_S * demand.spread(billed_instances(capacity, demand.grid, burstiness))


@lru_cache(maxsize=512)
def idle_s(demand: Demand, capacity: Capacity, burstiness: float) -> Floats:
    """Instance-seconds per hour (U,) of min instances that serve nothing, also in hours without requests."""
    return HOUR_S * demand.spread(idle_instances(capacity, demand.grid, burstiness))


@lru_cache(maxsize=512)
def starts(demand: Demand, capacity: Capacity, burstiness: float) -> Floats:
    """Cold starts per hour (U,), above what the 15 minutes before or min keep warm, as far as max lets them."""
    steady = demand.spread(steady_starts(wanted_table(capacity, demand.grid, burstiness, up_to_max=True)))
    table = wanted_table(capacity, demand.level, burstiness, up_to_max=True)
    now, past = demand.pair[:, 1], demand.pair[:, 0]
    change = cold_starts(table.at(now), table.at(past)) - steady_starts(table)[now]
    return np.maximum(steady + change[demand.pair_of_hour], 0.0)


@lru_cache(maxsize=512)
def alive_s(demand: Demand, capacity: Capacity, burstiness: float) -> Floats:
    """Instance-seconds per hour (U,) that are up: wanted within the last 15 minutes, at least min."""
    low = capacity.minimum
    steady = demand.spread(steady_alive(wanted_table(capacity, demand.grid, burstiness), low))
    table = wanted_table(capacity, demand.level, burstiness)
    now, past = demand.pair[:, 1], demand.pair[:, 0]
    change = alive_instances(table.at(now), table.at(past), low) - steady_alive(table, low)[now]
    return HOUR_S * np.maximum(steady + change[demand.pair_of_hour], float(low))


def mean_latency_s(demand: Demand, one: Capacity, burstiness: float) -> float:
    """Time that a request takes, its wait for the vCPU included: mean of in flight ÷ rate over the hours with requests.

    That of a request alone where requests do not share the vCPU, or where there are none.
    """
    rate = demand.rate[demand.rate > 0.0]
    if one.cpu_share == 0.0 or not len(rate):
        return one.service_time_s
    held = np.interp(rate, demand.level, in_flight(one, demand.level, burstiness))
    return float((held / rate).mean())


@lru_cache(maxsize=256)
def alone_latency_s(demand: Demand, crowded: Capacity, burstiness: float) -> float:
    """Latency of a request alone, at which the hours' mean latency is that of ``crowded``, where requests share CPU.

    Never below the CPU time on the whole vCPU.
    """
    least = crowded.cpu_seconds_per_request / crowded.vcpu
    if crowded.cpu_share == 0.0 or not demand.rate.any() or least >= crowded.latency_s:
        return crowded.latency_s

    def longer(latency_s: float) -> float:
        return mean_latency_s(demand, replace(crowded, latency_s=latency_s), burstiness) - crowded.latency_s

    if longer(least) >= 0.0:
        return least
    if longer(crowded.latency_s) <= 0.0:
        return crowded.latency_s
    return float(brentq(longer, least, crowded.latency_s, xtol=1e-4 * crowded.latency_s))


def active_s(demand: Demand, capacity: Capacity, burstiness: float, startup_s: float) -> Floats:
    """Instance-seconds per hour (U,) billed as active: serving, and starting up."""
    return busy_s(demand, capacity, burstiness) + startup_s * starts(demand, capacity, burstiness)
