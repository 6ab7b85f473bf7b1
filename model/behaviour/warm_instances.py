"""Instances that stay warm: what instance-based billing bills, and where a cold start is needed.

An instance is kept for up to 15 minutes after it was last wanted (facts §6.1), so those alive in a minute are the
largest number wanted in the trailing 15, at least min. Minutes of an hour are independent draws of its rate, which
counts more starts than minutes that resemble their neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.special import gammainc, gammaincinv

from model.behaviour.autoscaler import TARGET_UTILISATION, instances, minute_noise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from model.behaviour.autoscaler import Capacity, Floats

KEPT_MINUTES: Final = 15
_MINUTES: Final = 60
_STEADY: Final = 1e-4
_LEAST_IN_FLIGHT: Final = 1e-3
_FINE_STEPS: Final = 64
_COARSE_STEPS: Final = 96


@dataclass(frozen=True, eq=False)
class WantedTable:
    """P(wanted in a minute ≤ x) at mean rates: ``below`` (G, X); ``width`` (X,) is how many x it is for."""

    below: Floats
    width: Floats

    def at(self, rows: NDArray[np.intp]) -> WantedTable:
        """The same table for chosen mean rates."""
        return WantedTable(self.below[rows], self.width)


def wanted_table(capacity: Capacity, rate: Floats, burstiness: float, *, up_to_max: bool = False) -> WantedTable:
    """Distribution of the instances wanted, from min upwards, at mean rates (G,); no request in a minute wants none.

    Beyond max it counts what the work needs, whoever serves it. With ``up_to_max`` it counts what is started: for what
    the autoscaler sees, chance included, and no more than max.
    """
    seen = _seen_burstiness(capacity, rate, burstiness) if up_to_max else np.full(len(rate), burstiness)
    top = int(instances(capacity, np.array([float((rate * _largest_multiple(seen)).max(initial=0.0))]))[0])
    if up_to_max:
        top = min(top, capacity.maximum)
    counts, width = _counts(capacity.minimum, max(top, capacity.minimum))
    full = capacity.requests_per_s
    limit = np.where(counts < capacity.maximum, TARGET_UTILISATION * full, full) * counts
    empty = _empty_minute(rate, burstiness)[:, None]
    below = np.maximum(_rate_below(limit[None, :], rate[:, None], seen[:, None]), empty)
    below = np.where(counts[None, :] < 1.0, empty, below)
    if up_to_max:
        below = np.where(counts[None, :] < capacity.maximum, below, 1.0)
    return WantedTable(below, width)


def cold_starts(table: WantedTable, before: WantedTable) -> Floats:
    """Mean starts in an hour (G,): Σ over minutes of E[(wanted − largest wanted in the 15 minutes before)⁺].

    ``before`` is the table of the hour before, whose minutes the first 15 still look back on.
    """
    now, past = table.below, before.below
    mixed = past * _mixed_powers(now, past, KEPT_MINUTES - 1)
    kept = mixed + (_MINUTES - KEPT_MINUTES) * now**KEPT_MINUTES
    starts: Floats = ((1.0 - now) * kept) @ table.width
    return starts


def steady_starts(table: WantedTable) -> Floats:
    """``cold_starts`` in an hour like the one before (G,): 60 Σ_x (1 − F) F^15."""
    starts: Floats = ((1.0 - table.below) * table.below**KEPT_MINUTES) @ table.width
    return _MINUTES * starts


def steady_alive(table: WantedTable, minimum: int) -> Floats:
    """``alive_instances`` in an hour like the one before (G,): min + Σ_x (1 − F^15)."""
    alive: Floats = minimum + (1.0 - table.below**KEPT_MINUTES) @ table.width
    return alive


def alive_instances(table: WantedTable, before: WantedTable, minimum: int) -> Floats:
    """Mean instances alive in an hour (G,): E[largest wanted in 15 minutes], at least ``minimum``."""
    now, past = table.below, before.below
    mixed = now * past * _mixed_powers(now, past, KEPT_MINUTES - 2)
    within = (mixed + (_MINUTES - KEPT_MINUTES + 1) * now**KEPT_MINUTES) / _MINUTES
    alive: Floats = minimum + (1.0 - within) @ table.width
    return alive


def _mixed_powers(now: Floats, past: Floats, degree: int) -> Floats:
    """Σ_j now^j · past^(degree − j) for j = 0 … degree."""
    total, power = np.ones_like(past), np.ones_like(past)
    for _ in range(degree):
        power = power * past
        total = total * now + power
    return total


def _counts(low: int, high: int) -> tuple[Floats, Floats]:
    """Whole counts from ``low`` to ``high`` and how many each is for: beyond 64, the middle of growing blocks."""
    edges = np.arange(min(high - low, _FINE_STEPS) + 2, dtype=np.float64)
    if high - low > _FINE_STEPS:
        edges = np.unique(np.concatenate([edges, np.rint(np.geomspace(_FINE_STEPS, high - low + 1, _COARSE_STEPS))]))
    width = np.diff(edges)
    return low + edges[:-1] + np.floor((width - 1.0) / 2.0), width


def _seen_burstiness(capacity: Capacity, rate: Floats, burstiness: float) -> Floats:
    """CV² (G,) of what the autoscaler sees in a minute: that of its rate, and chance: g ÷ λS of requests in flight."""
    in_flight = np.maximum(rate * capacity.service_time_s, _LEAST_IN_FLIGHT)
    return burstiness + minute_noise(capacity.service_time_s) / in_flight


def _largest_multiple(burstiness: Floats) -> Floats:
    """The multiple of the mean that one minute in a million exceeds."""
    wide = np.maximum(burstiness, _STEADY)
    multiple: Floats = np.where(burstiness < _STEADY, 1.0, gammaincinv(1.0 / wide, 1.0 - 1e-6) * wide)
    return multiple


def _rate_below(limit: Floats, rate: Floats, burstiness: Floats) -> Floats:
    """P(mean of a minute ≤ limit), Gamma."""
    multiple = np.minimum(limit / np.maximum(rate, 1e-300), 1e12)
    wide = np.maximum(burstiness, _STEADY)
    below: Floats = np.where(burstiness < _STEADY, multiple >= 1.0 - 1e-9, gammainc(1.0 / wide, multiple / wide))
    return below


def _empty_minute(rate: Floats, burstiness: float) -> Floats:
    """P(no request in a minute): e^(−60 λ), over Gamma rates (1 + 60 λ y)^(−1/y)."""
    empty: Floats
    if burstiness < _STEADY:
        empty = np.exp(-_MINUTES * rate)
    else:
        empty = np.exp(-np.log1p(_MINUTES * rate * burstiness) / burstiness)
    return empty
