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

from model.behaviour.autoscaler import TARGET_UTILISATION, instances

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from model.behaviour.autoscaler import Capacity, Floats

KEPT_MINUTES: Final = 15
_MINUTES: Final = 60
_STEADY: Final = 1e-4
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


def wanted_table(capacity: Capacity, rate: Floats, burstiness: float) -> WantedTable:
    """Distribution of the instances wanted, from min upwards, at mean rates (G,); no request in a minute wants none."""
    top = int(instances(capacity, np.array([float(rate.max(initial=0.0)) * _largest_multiple(burstiness)]))[0])
    counts, width = _counts(capacity.minimum, max(top, capacity.minimum))
    full = capacity.requests_per_s
    limit = np.where(counts < capacity.maximum, TARGET_UTILISATION * full, full) * counts
    empty = _empty_minute(rate, burstiness)[:, None]
    below = np.maximum(_rate_below(limit[None, :], rate[:, None], burstiness), empty)
    below = np.where(counts[None, :] < 1.0, empty, below)
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


def _largest_multiple(burstiness: float) -> float:
    """The multiple of the mean rate that one minute in a million exceeds."""
    return 1.0 if burstiness < _STEADY else float(gammaincinv(1.0 / burstiness, 1.0 - 1e-6)) * burstiness


def _rate_below(limit: Floats, rate: Floats, burstiness: float) -> Floats:
    """P(one-minute rate ≤ limit)."""
    multiple = limit / np.maximum(rate, 1e-300)
    below: Floats
    if burstiness < _STEADY:
        below = (multiple >= 1.0 - 1e-9).astype(np.float64)
    else:
        below = np.asarray(gammainc(1.0 / burstiness, np.minimum(multiple, 1e12) / burstiness), dtype=np.float64)
    return below


def _empty_minute(rate: Floats, burstiness: float) -> Floats:
    """P(no request in a minute): e^(−60 λ), over Gamma rates (1 + 60 λ y)^(−1/y)."""
    empty: Floats
    if burstiness < _STEADY:
        empty = np.exp(-_MINUTES * rate)
    else:
        empty = np.exp(-np.log1p(_MINUTES * rate * burstiness) / burstiness)
    return empty
