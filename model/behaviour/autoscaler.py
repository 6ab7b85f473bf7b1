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
from scipy.special import bdtr, gammainc, gammaincinv

from model.behaviour.occupancy import most_held, occupancy_table
from model.behaviour.overflow import overflow_busy, overflow_share

Floats = NDArray[np.float64]

TARGET_UTILISATION: Final = 0.6
"""Share of CPU, and of concurrency, that the autoscaler aims at (facts §6.1)."""

BILLING_STEP_S: Final = 0.1
"""Active time of an instance is billed in steps of 100 ms (facts §3.1)."""

MANY_REQUESTS: Final = 30
"""An instance that holds more than these is hardly ever full by chance: what it holds is Poisson."""

DEMAND_POINTS: Final = 24
_STEADY: Final = 1e-4
_ROUNDING: Final = 1e-9
_MINUTE_S: Final = 60.0
_TINY: Final = 1e-300
_LONG_S: Final = 1e6
_LONG_MINUTES: Final = 1e3


@dataclass(frozen=True)
class Capacity:
    """What one instance carries and how many there may be; latency is never below the CPU time at full speed.

    With ``shares_cpu`` latency is that of a request alone, and requests that together need more than the vCPU slow
    each other down; without, the latency is taken as it is.
    """

    vcpu: float
    concurrency: int
    latency_s: float
    cpu_seconds_per_request: float
    minimum: int
    maximum: int
    shares_cpu: bool = False

    @property
    def cpu_share(self) -> float:
        """Share of the vCPU that a request alone computes on: κ ÷ (S v), in steps of a thousandth; 0: never crowded."""
        share = round(self.cpu_seconds_per_request / self.vcpu / self.service_time_s, 3) if self.shares_cpu else 0.0
        return share if share * self.concurrency > 1.0 else 0.0

    @property
    def holds(self) -> int:
        """Requests that an instance takes at once: its concurrency, or as many as fill its vCPU."""
        return most_held(self.concurrency, self.cpu_share)

    def serving(self, work: Floats) -> tuple[Floats, Floats]:
        """Share of time that an instance serves anything, and that it serves a single request, at work λS ÷ n."""
        if self.concurrency <= 1:
            held = np.minimum(work, 1.0)
            return held, held
        if self.cpu_share == 0.0 and self.concurrency > MANY_REQUESTS:
            return -np.expm1(-work), work * np.exp(-work)
        table = occupancy_table(self.concurrency, self.cpu_share)
        return np.interp(work, table.work, table.busy), np.interp(work, table.work, table.single)

    def held(self, work: Floats) -> Floats:
        """Requests that an instance holds at work λS ÷ n: the work itself unless they crowd on its vCPU."""
        if self.cpu_share == 0.0:
            return work
        table = occupancy_table(self.concurrency, self.cpu_share)
        return np.maximum(np.interp(work, table.work, table.held), work)

    @property
    def service_time_s(self) -> float:
        """Time that a request holds its slot: latency, at least κ ÷ v."""
        return max(self.latency_s, self.cpu_seconds_per_request / self.vcpu)

    @property
    def requests_per_s(self) -> float:
        """Rate at which one instance is full: min(v ÷ κ, c ÷ S)."""
        return 1.0 / max(self.cpu_seconds_per_request / self.vcpu, self.service_time_s / self.concurrency)

    @property
    def most_requests_per_s(self) -> float:
        """Rate at which max instances are full."""
        return self.maximum * self.requests_per_s

    @property
    def slots(self) -> int:
        """Requests that can be served at once at max: ⌊max · min(c, S v ÷ κ)⌋, at least 1."""
        return max(1, int(self.most_requests_per_s * self.service_time_s + _ROUNDING))

    @property
    def slot_time_s(self) -> float:
        """Time that a request holds a slot of max full instances: the slots together serve what these can, no less."""
        return self.slots / self.most_requests_per_s


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


def burstiness_over(burstiness: float, window_s: float) -> float:
    """CV² of the rate averaged over a window of any start, when the rates of minutes are independent.

    y(1 − a/3) for a = window ÷ 60 s up to 1, y(1 − 1/(3a)) ÷ a beyond. Steps are whole percents, for memory.

    >>> burstiness_over(0.3, 0.0), round(burstiness_over(0.3, 60.0), 3), round(burstiness_over(0.3, 600.0), 3)
    (0.3, 0.201, 0.03)
    """
    minutes = window_s / _MINUTE_S
    share = 1.0 - minutes / 3.0 if minutes <= 1.0 else (1.0 - 1.0 / (3.0 * minutes)) / minutes
    return burstiness * max(0.01, round(share, 2))


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
    if concurrency > MANY_REQUESTS:
        return -np.expm1(-held)
    table = occupancy_table(concurrency)
    return np.interp(held, table.work, table.busy)


def billed_instances(capacity: Capacity, rate: Floats, burstiness: float) -> Floats:
    """Mean instances billed for serving (G,): busy ones, each busy period rounded up to 100 ms, overflow included.

    Periods end at P(one held) ÷ S. Of exponential length with mean b, one is billed for Δ ÷ (1 − e^(−Δ/b)): half a step
    more where b is long, a whole step where it is short.
    """
    up, work = _by_point(capacity, rate, burstiness)
    kept, beyond = _overflow(capacity, up, work)
    share, single = capacity.serving(kept)
    ends = single / capacity.service_time_s
    length = np.minimum(share / np.maximum(ends, share / _LONG_S + _TINY), _LONG_S)
    longer = BILLING_STEP_S / -np.expm1(-BILLING_STEP_S / np.maximum(length, _TINY)) - length
    mean: Floats = (up * (share + ends * longer) + beyond).mean(axis=1)
    return mean


def _overflow(capacity: Capacity, up: Floats, work: Floats) -> tuple[Floats, Floats]:
    """Work that each wanted instance keeps, and the time billed of one beyond them that serves what finds them full.

    None overflow where max keeps the instances fuller than they should be: they wait. Few do where one holds many;
    where one holds a single request, each is billed for its time wherever it goes.
    """
    if capacity.concurrency == 1 or capacity.holds > MANY_REQUESTS:
        return work, np.zeros_like(work)
    offered, slots = up * work, up * capacity.holds
    is_strained = work > TARGET_UTILISATION * capacity.requests_per_s * capacity.service_time_s + _ROUNDING
    share = np.where(is_strained, 0.0, overflow_share(offered, slots))
    busy = overflow_busy(offered, slots, share)
    return work * (1.0 - share), busy * (1.0 + 0.5 * BILLING_STEP_S / capacity.service_time_s)


def minute_noise(service_time_s: float) -> float:
    """Variance of the in-flight requests averaged over a minute, of that at a moment: g = 2τ(1 − τ(1 − e^(−1/τ))).

    Requests come at random and last S on average, exponentially; τ = S ÷ 60 s. Long ones stay the same all minute.

    >>> round(minute_noise(0.1), 4), round(minute_noise(20.0), 3), round(minute_noise(6e5), 3)
    (0.0033, 0.456, 1.0)
    """
    tau = service_time_s / _MINUTE_S
    return 2.0 * tau * (1.0 - tau * -np.expm1(-1.0 / tau)) if tau < _LONG_MINUTES else 1.0


def busy_instances(capacity: Capacity, rate: Floats, burstiness: float) -> Floats:
    """Mean instances that serve at least one request (G,) at mean rates (G,): E[n · busy share(λS ÷ n)]."""
    up, work = _by_point(capacity, rate, burstiness)
    mean: Floats = (up * capacity.serving(work)[0]).mean(axis=1)
    return mean


def in_flight(capacity: Capacity, rate: Floats, burstiness: float) -> Floats:
    """Mean requests in flight (G,) at mean rates (G,): λS, and more where requests crowd on the vCPU."""
    up, work = _by_point(capacity, rate, burstiness)
    mean: Floats = (up * capacity.held(work)).mean(axis=1)
    return mean


def idle_instances(capacity: Capacity, rate: Floats, burstiness: float) -> Floats:
    """Mean min instances that serve nothing (G,), which are billed as idle: E[(min − N)⁺].

    Of n instances up each is busy by itself, so N is Binomial(n, busy share) at a demand point; over the points this is
    the over-dispersed count of the model. With n = min it is min − busy, exactly.
    """
    up, work = _by_point(capacity, rate, burstiness)
    share = capacity.serving(work)[0]
    minimum, busy = capacity.minimum, up * share
    idle = np.maximum(minimum - busy, 0.0)
    reach = 6.0 * np.sqrt(busy * (1.0 - share)) + 1.0
    above = (up > minimum) & (busy - reach < minimum) if minimum else np.zeros(up.shape, dtype=bool)
    idle[above] = _binomial_below(minimum, up[above], share[above])
    mean: Floats = idle.mean(axis=1)
    return mean


def _by_point(capacity: Capacity, rate: Floats, burstiness: float) -> tuple[Floats, Floats]:
    """Instances up, and the work on each: requests that it would hold, were none to wait for the vCPU (G, points)."""
    minute_rate = rate[:, None] * demand_points(burstiness)
    up = instances(capacity, minute_rate)
    return up, minute_rate * capacity.service_time_s / np.maximum(up, 1.0)


def _binomial_below(minimum: int, count: Floats, share: Floats) -> Floats:
    """E[(m − N)⁺] for N ~ Binomial(n, p): m·P(N < m) − n p·P(N′ < m − 1), N′ ~ Binomial(n − 1, p)."""
    whole = count.astype(np.int64)
    below = minimum * bdtr(minimum - 1.0, whole, share)
    if minimum > 1:
        below = below - count * share * bdtr(minimum - 2.0, whole - 1, share)
    return np.maximum(below, 0.0)
