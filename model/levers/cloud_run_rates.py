"""Request rates by hour: as billed; where no requests are counted, what the billed instances can have wanted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from model.behaviour.autoscaler import billed_instances
from model.behaviour.warm_instances import alive_instances, wanted_table
from model.levers.cloud_run_billed import ACTIVE_CPU, INSTANCE_CPU, REQUESTS
from model.levers.cloud_run_demand import HOUR_S
from model.levers.cloud_run_settings import Told, instance

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from model.behaviour.autoscaler import Floats
    from model.levers.cloud_run_billed import Billed
    from model.levers.cloud_run_settings import Settings

_GRID_POINTS: Final = 512
_AT_MINIMUM: Final = 0.05


@dataclass(frozen=True, eq=False)
class Rates:
    """Mean request rates (U,) per second, where their mean comes from, and the hours that the bill leaves open (U,)."""

    rate: Floats
    told: Told
    is_open: NDArray[np.bool_]

    @property
    def mean(self) -> float:
        """Mean rate over all hours; corrections below zero carry no demand."""
        return float(np.maximum(self.rate, 0.0).mean())

    def at_mean(self, mean: float) -> Floats:
        """Rates with another mean: the open hours take the difference alike; below what they hold, all hours do."""
        if self.mean <= 0.0 or mean == self.mean:
            return self.rate
        settled = float(np.where(self.is_open, 0.0, np.maximum(self.rate, 0.0)).sum())
        left, held = mean * len(self.rate) - settled, self.mean * len(self.rate) - settled
        if left < 0.0 or held <= 0.0:
            return self.rate * (mean / self.mean)
        return np.where(self.is_open, self.rate * (left / held), self.rate)


def request_rates(usage: Billed, settings: Settings, told: dict[str, Told]) -> Rates:
    """Request rates by hour.

    Instance-based billing counts no requests: each hour gets the highest rate that its instances can have been wanted
    for, so that nothing is saved by assuming them idle. Hours at min are open: a typed ``requests_per_s`` moves them.
    """
    counted = usage.by_hour[REQUESTS] / HOUR_S
    uncounted = np.where(counted > 0.0, 0.0, usage.by_hour[INSTANCE_CPU])
    if usage.has_requests and not uncounted.any():
        mean = float(np.maximum(counted, 0.0).mean())
        return Rates(counted, Told(mean, "measured", "the bill's requests"), np.zeros(len(counted), dtype=bool))
    is_open = (uncounted > 0.0) & (uncounted <= (settings.min_instances + _AT_MINIMUM) * settings.vcpu * HOUR_S)
    rate = counted + _wanted_rates(usage, settings, told, uncounted)
    most = float(np.maximum(rate, 0.0).mean())
    source = "the most that the billed instances can have wanted"
    rates = Rates(rate, Told(most, "modelled", source, 0.0, most), is_open)
    fact = told.get("requests_per_s")
    return rates if fact is None else Rates(rates.at_mean(fact.number), fact, is_open)


def _wanted_rates(usage: Billed, settings: Settings, told: dict[str, Told], uncounted: Floats) -> Floats:
    latency, cpu = told["latency_s"].number, told["cpu_seconds_per_request"].number
    one = replace(instance(settings, latency, cpu), minimum=0)
    burstiness = told["burstiness"].number

    def alive(rates: Floats) -> Floats:
        table = wanted_table(one, rates, burstiness)
        return alive_instances(table, table, 0)

    def busy(rates: Floats) -> Floats:
        return billed_instances(one, rates, burstiness)

    up = uncounted / settings.vcpu / HOUR_S
    rate = _inverted(alive, up, one.requests_per_s)
    if usage.has_requests:
        return rate
    serving = np.where(up > 0.0, 0.0, usage.by_hour[ACTIVE_CPU] / settings.vcpu / HOUR_S)
    return rate + _inverted(busy, serving, one.requests_per_s)


def _inverted(curve: Callable[[Floats], Floats], wanted: Floats, scale: float) -> Floats:
    """Rates (U,) at which a rising curve gives the wanted values; 0 where none is wanted."""
    top = float(wanted.max(initial=0.0))
    if top <= 0.0:
        return np.zeros_like(wanted)
    high = scale
    while float(curve(np.array([high]))[0]) < top:
        high *= 2.0
    grid = np.concatenate([[0.0], np.geomspace(high * 1e-6, high, _GRID_POINTS)])
    return np.where(wanted > 0.0, np.interp(wanted, np.maximum.accumulate(curve(grid)), grid), 0.0)
