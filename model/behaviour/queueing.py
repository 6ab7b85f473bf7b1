"""Waiting for a slot with limited patience: M/M/s with deterministic patience (M/M/s+D), Erlang B and C as its limits.

A request that finds no free slot waits up to W and is then rejected (429). Its offered wait V has, with λ the rate,
μ = 1 ÷ S and π_(s−1) the probability of s − 1 busy slots, the density λπ_(s−1)e^(−(sμ−λ)x) below W and
λπ_(s−1)e^(λW−sμx) above it, beside the mass of fewer than s busy. Baccelli and Hebuterne (1981).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.special import gammaincc, gammaln

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FLUID_SLOTS: Final = 20_000
"""From here on randomness does not matter: what exceeds the slots is rejected."""

PATIENCE_MINIMUM_S: Final = 10.0
PATIENCE_STARTUPS: Final = 3.5
"""A request waits for the longer of 10 s and 3.5 start-up times (facts §6.1)."""


def patience_s(startup_s: float) -> float:
    """How long Cloud Run holds a request that finds no instance.

    >>> patience_s(1.0), patience_s(4.0)
    (10.0, 14.0)
    """
    return max(PATIENCE_STARTUPS * startup_s, PATIENCE_MINIMUM_S)


def log_reciprocal_erlang_b(servers: int, load: Floats) -> Floats:
    """ln(1 ÷ B(s, a)) for loads (…) in erlangs; stable for huge s and for overload.

    >>> round(float(np.exp(-log_reciprocal_erlang_b(2, np.array([1.0]))[0])), 12)
    0.2
    """
    a = np.maximum(load, 1e-12)
    tail = gammaincc(servers + 1.0, a)
    deep = tail < 1e-290
    exact = a - servers * np.log(a) + gammaln(servers + 1.0) + np.log(np.where(deep, 1.0, tail))
    excess = np.where(deep, a - servers, 1.0)
    overload = np.log(a / excess) + np.log1p(np.where(deep, -servers / excess**2, 0.0))
    return np.where(deep, overload, exact)


@dataclass(frozen=True, eq=False)
class PatientQueue:
    """Steady state at arrival rates (…): ``rejected`` is P(V > W), ``density`` the λπ_(s−1) of the wait below W."""

    rejected: Floats
    density: Floats
    drift: Floats
    patience_s: float

    def waits_longer(self, wait_s: float) -> Floats:
        """P(x < V ≤ W): served, but only after more than ``wait_s``."""
        return self.density * _integral(self.drift, wait_s, self.patience_s)


def patient_queue(rate: Floats, service_time_s: float, slots: int, patience: float) -> PatientQueue:
    """M/M/s+D at arrival rates (…) per second; patience 0 is Erlang B, infinite patience tends to Erlang C."""
    arrivals = np.asarray(rate, dtype=np.float64)
    if slots > FLUID_SLOTS:
        return _fluid(arrivals, service_time_s, slots, patience)
    served_rate = slots / service_time_s
    drift = arrivals - served_rate
    scale = np.maximum(drift * patience, 0.0)
    with np.errstate(over="ignore", under="ignore"):
        free = np.exp(log_reciprocal_erlang_b(slots - 1, arrivals * service_time_s) - scale)
        beyond = arrivals / served_rate * np.exp(drift * patience - scale)
        total = free + arrivals * _integral(drift, 0.0, patience) + beyond
        return PatientQueue(beyond / total, arrivals / total, drift, patience)


def _fluid(rate: Floats, service_time_s: float, slots: int, patience: float) -> PatientQueue:
    load = rate * service_time_s
    rejected = np.where(load > slots, 1.0 - slots / np.maximum(load, slots), 0.0)
    return PatientQueue(rejected, np.zeros_like(rate), rate - slots / service_time_s, patience)


def _integral(drift: Floats, low: float, high: float) -> Floats:
    """∫ e^(drift·t) dt from low to high, times e^(−drift·high) where the drift is upward."""
    if high <= low:
        return np.zeros_like(drift)
    steep = np.maximum(np.abs(drift), 1e-12)
    width = -np.expm1(-steep * (high - low)) / steep
    return np.where(drift > 0.0, width, np.exp(np.minimum(drift, 0.0) * low) * width)


def rejected_share(queue: PatientQueue, weight: Floats) -> float:
    """Requests rejected ÷ requests, over states weighted by the requests that arrive in them; 0 without requests."""
    total = float(weight.sum())
    return float((queue.rejected * weight).sum()) / total if total > 0.0 else 0.0


def wait_quantile_s(queue: PatientQueue, weight: Floats, share: float = 0.95) -> float:
    """The wait that ``share`` of the served requests do not exceed, over weighted states; 0 if that many never wait."""
    served = float(((1.0 - queue.rejected) * weight).sum())
    if served <= 0.0:
        return queue.patience_s
    allowed = (1.0 - share) * served
    if float((queue.waits_longer(0.0) * weight).sum()) <= allowed:
        return 0.0
    low, high = 0.0, queue.patience_s
    for _ in range(36):
        middle = (low + high) / 2.0
        longer = float((queue.waits_longer(middle) * weight).sum()) > allowed
        low, high = (middle, high) if longer else (low, middle)
    return (low + high) / 2.0
