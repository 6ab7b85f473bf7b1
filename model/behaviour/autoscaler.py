"""Cloud Run's autoscaler: from a request rate to instances wanted, busy and idle, within bursty minutes of an hour.

One-minute rates within an hour are Gamma with mean λ and CV² ``burstiness`` (0: always λ). Each minute wants
n = max(1, ⌈max(λκ ÷ 0.6 v, λS ÷ 0.6 c)⌉) instances, clamped to min and max (facts §6.1). Max never takes away what
the work needs at full use: rejected work is not a saving.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr, gammainc, gammaincinv, gammaln

Floats = NDArray[np.float64]

TARGET_UTILISATION: Final = 0.6
"""Share of CPU, and of concurrency, that the autoscaler aims at (facts §6.1)."""

DEMAND_POINTS: Final = 24
_STEADY: Final = 1e-4
_ROUNDING: Final = 1e-9
_POISSON_FROM: Final = 30


@dataclass(frozen=True)
class Capacity:
    """What one instance carries and how many there may be; latency is never below the CPU time at full speed."""

    vcpu: float
    concurrency: int
    latency_s: float
    cpu_seconds_per_request: float
    minimum: int
    maximum: int

    @property
    def service_time_s(self) -> float:
        """Time that a request holds its slot: latency, at least κ ÷ v."""
        return max(self.latency_s, self.cpu_seconds_per_request / self.vcpu)

    @property
    def requests_per_s(self) -> float:
        """Rate at which one instance is full: min(v ÷ κ, c ÷ S)."""
        return 1.0 / max(self.cpu_seconds_per_request / self.vcpu, self.service_time_s / self.concurrency)

    @property
    def slots(self) -> int:
        """Requests that can be served at once at max: ⌊max · min(c, S v ÷ κ)⌋, at least 1."""
        return max(1, int(self.maximum * self.requests_per_s * self.service_time_s + _ROUNDING))


@lru_cache(maxsize=512)
def demand_points(burstiness: float, count: int = DEMAND_POINTS) -> Floats:
    """Equal-probability points of a Gamma with mean 1 and CV² ``burstiness`` (count,): conditional means, so Σ = count.

    >>> demand_points(0.0)
    array([1.])
    >>> round(float(demand_points(0.5).mean()), 12)
    1.0
    """
    if burstiness < _STEADY:
        return np.ones(1)
    shape = 1.0 / burstiness
    edges = gammaincinv(shape, np.arange(1, count) / count)
    below = np.concatenate([[0.0], gammainc(shape + 1.0, edges), [1.0]])
    points: Floats = np.diff(below) * count
    return points


def instances(capacity: Capacity, rate: Floats) -> Floats:
    """Instances up at a one-minute request rate (…): wanted, clamped, at least what the work needs; min where idle."""
    full = capacity.requests_per_s
    wanted = np.maximum(1.0, np.ceil(rate / (TARGET_UTILISATION * full) - _ROUNDING))
    needed = np.ceil(rate / full - _ROUNDING)
    up = np.maximum(np.maximum(np.minimum(wanted, capacity.maximum), needed), capacity.minimum)
    return np.where(rate > 0.0, up, float(capacity.minimum))


def busy_share(held: Floats, concurrency: int) -> Floats:
    """Share of time that an instance serves anything, when it holds ``held`` requests on average and at most c.

    Held requests are Poisson truncated at the concurrency: 1 − e^(−held) for large c (the union of independent
    requests), and ``held`` itself at c = 1, where requests cannot overlap.

    >>> float(busy_share(np.array([0.6]), 1)[0]), round(float(busy_share(np.array([0.6]), 80)[0]), 6)
    (0.6, 0.451188)
    """
    if concurrency <= 1:
        return np.minimum(held, 1.0)
    if concurrency > _POISSON_FROM:
        return -np.expm1(-held)
    means, shares = _busy_table(concurrency)
    return np.interp(held, means, shares)


@lru_cache(maxsize=64)
def _busy_table(concurrency: int) -> tuple[Floats, Floats]:
    """Mean held and busy share over offered load a: P(j) ∝ a^j ÷ j!, j ≤ c."""
    offered = np.concatenate([np.geomspace(1e-6, 1e-2, 60), np.geomspace(1e-2, 1e4 * concurrency, 3000)[1:]])
    held = np.arange(concurrency + 1)
    weight = held * np.log(offered)[:, None] - gammaln(held + 1.0)
    probability = np.exp(weight - weight.max(axis=1, keepdims=True))
    probability /= probability.sum(axis=1, keepdims=True)
    means = np.concatenate([[0.0], probability @ held])
    return means, np.concatenate([[0.0], 1.0 - probability[:, 0]])


def busy_instances(capacity: Capacity, rate: Floats, burstiness: float) -> Floats:
    """Mean instances that serve at least one request (G,) at mean rates (G,): E[n · busy share(λS ÷ n)]."""
    up, share = _by_point(capacity, rate, burstiness)
    mean: Floats = (up * share).mean(axis=1)
    return mean


def idle_instances(capacity: Capacity, rate: Floats, burstiness: float) -> Floats:
    """Mean min instances that serve nothing (G,), which are billed as idle: E[(min − N)⁺].

    Of n instances up each is busy by itself, so N is Binomial(n, busy share) at a demand point; over the points this is
    the over-dispersed count of the model. With n = min it is min − busy, exactly.
    """
    up, share = _by_point(capacity, rate, burstiness)
    minimum, busy = capacity.minimum, up * share
    idle = np.maximum(minimum - busy, 0.0)
    reach = 6.0 * np.sqrt(busy * (1.0 - share)) + 1.0
    above = (up > minimum) & (busy - reach < minimum) if minimum else np.zeros(up.shape, dtype=bool)
    idle[above] = _binomial_below(minimum, up[above], share[above])
    mean: Floats = idle.mean(axis=1)
    return mean


def _by_point(capacity: Capacity, rate: Floats, burstiness: float) -> tuple[Floats, Floats]:
    minute_rate = rate[:, None] * demand_points(burstiness)
    up = instances(capacity, minute_rate)
    held = minute_rate * capacity.service_time_s / np.maximum(up, 1.0)
    return up, busy_share(held, capacity.concurrency)


def _binomial_below(minimum: int, count: Floats, share: Floats) -> Floats:
    """E[(m − N)⁺] for N ~ Binomial(n, p): m·P(N < m) − n p·P(N′ < m − 1), N′ ~ Binomial(n − 1, p)."""
    whole = count.astype(np.int64)
    below = minimum * bdtr(minimum - 1.0, whole, share)
    if minimum > 1:
        below = below - count * share * bdtr(minimum - 2.0, whole - 1, share)
    return np.maximum(below, 0.0)
