"""Request rates by hour: as billed; where no requests are counted, what the billed instances can have wanted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from model.behaviour.autoscaler import busy_instances
from model.behaviour.warm_instances import alive_instances, wanted_table
from model.levers.cloud_run_billed import ACTIVE_CPU, INSTANCE_CPU, REQUESTS
from model.levers.cloud_run_demand import HOUR_S
from model.levers.cloud_run_settings import Told, instance

if TYPE_CHECKING:
    from collections.abc import Callable

    from model.behaviour.autoscaler import Floats
    from model.levers.cloud_run_billed import Billed
    from model.levers.cloud_run_settings import Settings

_GRID_POINTS: Final = 512


def request_rates(usage: Billed, settings: Settings, told: dict[str, Told]) -> tuple[Floats, Told]:
    """Mean request rates (U,) per second, and their mean with where it comes from.

    Instance-based billing counts no requests: each hour gets the highest rate that its instances can have been wanted
    for, so that nothing is saved by assuming them idle; a typed ``requests_per_s`` lowers all such hours alike.
    """
    counted = usage.by_hour[REQUESTS] / HOUR_S
    uncounted = np.where(counted > 0.0, 0.0, usage.by_hour[INSTANCE_CPU])
    if usage.has_requests and not uncounted.any():
        return counted, Told(float(np.maximum(counted, 0.0).mean()), "measured", "the bill's requests")
    rate = counted + _wanted_rates(usage, settings, told, uncounted)
    mean = float(np.maximum(rate, 0.0).mean())
    fact = told.get("requests_per_s")
    if fact is not None and mean > 0.0:
        return rate * (fact.number / mean), fact
    return rate, Told(mean, "modelled", "the most that the billed instances can have wanted", 0.0, mean)


def _wanted_rates(usage: Billed, settings: Settings, told: dict[str, Told], uncounted: Floats) -> Floats:
    latency, cpu = told["latency_s"].number, told["cpu_seconds_per_request"].number
    one = replace(instance(settings, latency, cpu), minimum=0)
    burstiness = told["burstiness"].number

    def alive(rates: Floats) -> Floats:
        table = wanted_table(one, rates, burstiness)
        return alive_instances(table, table, 0)

    def busy(rates: Floats) -> Floats:
        return busy_instances(one, rates, burstiness)

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
