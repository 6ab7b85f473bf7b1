"""The cache curve: hit ratio ↔ size of a key cache, by the characteristic-time (Che) approximation.

Requests are independent, Zipf over N keys; popularity ranks are grouped in narrow geometric bins, so that 10⁹ keys cost
as much as 10⁴. In every variant below a key is in the cache for the share of time h_i (arrivals see time averages), so
the characteristic time T solves Σ h_i = capacity. λ_i and μ_i are a key's requests and writes per second; a write drops
the key. Sources: Che, Tung, Wang (2002); Fricker, Robert, Roberts (2012); Berger et al. (2014) for TTL caches.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from scipy.optimize import brentq

if TYPE_CHECKING:
    from numpy.typing import NDArray

BYTES_PER_GIB: Final = 2**30
MAX_SIZE_GIB: Final = 300
"""The largest Memorystore for Redis instance."""
REDIS_CLOCK_S: Final = 1.0
"""Redis' LRU clock counts seconds: keys that leave sooner than that leave in random order."""
_EXACT_RANKS: Final = 1024
_BIN_RATIO: Final = 1.02
_LARGEST_EXPONENT: Final = 500.0
_LOG_TIME_RANGE: Final = (-60.0, 60.0)

Eviction = Literal["lru", "random", "fifo"]
"""What goes when the cache is full: the key not asked for longest, any, or the one written first."""


@dataclass(frozen=True)
class CacheLoad:
    """What is asked of a cache; ``requests_per_s`` and ``writes_per_s`` are sums over ``keys`` of Zipf popularity.

    Declared assumptions: writes fall on keys as requests do; every item has ``item_bytes`` and ``item_overhead_bytes``
    (key, dictionary entry, expiry); ``usable_share`` of the provisioned memory may hold items. ``ttl_s`` 0 is none;
    ``is_sliding`` restarts it at each hit, else it runs from the write.
    """

    keys: int
    zipf_exponent: float
    item_bytes: float
    requests_per_s: float
    writes_per_s: float = 0.0
    ttl_s: float = 0.0
    is_sliding: bool = False
    item_overhead_bytes: float = 100.0
    usable_share: float = 0.8
    eviction: Eviction = "lru"

    def capacity_keys(self, size_gib: float) -> float:
        """Items that fit: size × usable share ÷ (item + overhead).

        >>> CacheLoad(10, 1.0, 924.0, 1.0, item_overhead_bytes=100.0, usable_share=0.5).capacity_keys(1.0)
        524288.0
        """
        return size_gib * BYTES_PER_GIB * self.usable_share / (self.item_bytes + self.item_overhead_bytes)


@dataclass(frozen=True)
class CachePoint:
    """One point of the curve; ``characteristic_time_s`` is T, infinite where everything that stays alive fits."""

    size_gib: float
    hit_ratio: float
    characteristic_time_s: float
    eviction: Eviction


@dataclass(frozen=True)
class CacheSize:
    """The whole GiB that reach a target; not reachable: ``is_reached`` False and the point that does best."""

    is_reached: bool
    point: CachePoint


@lru_cache(maxsize=32)
def popularity(keys: int, zipf_exponent: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Zipf popularity by bins of ranks: mean share p of a key in the bin (B,), and keys in the bin (B,); Σ p·n = 1.

    The first 1,024 ranks are exact; bins beyond grow by 2 % and carry the midpoint integral of rank^−s.
    """
    exact = np.arange(1.0, min(keys, _EXACT_RANKS) + 1.0)
    steps = max(0, int(np.ceil(np.log(max(keys, 1) / _EXACT_RANKS) / np.log(_BIN_RATIO))))
    edges = (
        np.unique(np.minimum(np.rint(_EXACT_RANKS * _BIN_RATIO ** np.arange(steps + 1)), keys)) if steps else exact[:0]
    )
    low, high = edges[:-1] + 0.5, edges[1:] + 0.5
    s = zipf_exponent
    mass = np.log(high / low) if s == 1.0 else (high ** (1.0 - s) - low ** (1.0 - s)) / (1.0 - s)
    weight = np.concatenate([exact**-s, mass])
    count = np.concatenate([np.ones(len(exact)), high - low])
    return weight / weight.sum() / count, count


@lru_cache(maxsize=4096)
def hit_ratio(load: CacheLoad, size_gib: float) -> CachePoint:
    """Share of requests answered by a cache of a size: h = Σ p_i h_i, with T from Σ h_i = capacity.

    LRU whose T is under a second evicts in random order on Redis, and is computed so, with its own T. No size, no keys
    or no requests: 0.
    """
    capacity = load.capacity_keys(size_gib)
    if capacity <= 0.0 or load.keys < 1 or load.requests_per_s <= 0.0:
        return CachePoint(size_gib, 0.0, 0.0, load.eviction)
    share, count = popularity(load.keys, load.zipf_exponent)
    alive = _key_hit_ratios(load, share, np.inf, "random")
    if float(count @ alive) <= capacity:
        return CachePoint(size_gib, _weighted(share, count, alive), np.inf, load.eviction)
    time_s = _characteristic_time(load, share, count, capacity, load.eviction)
    eviction = load.eviction
    if eviction == "lru" and time_s < REDIS_CLOCK_S:
        eviction = "random"
        time_s = _characteristic_time(load, share, count, capacity, eviction)
    hits = _key_hit_ratios(load, share, time_s, eviction)
    return CachePoint(size_gib, _weighted(share, count, hits), time_s, eviction)


def size_for(load: CacheLoad, target: float, max_gib: int = MAX_SIZE_GIB) -> CacheSize:
    """The smallest whole GiB whose hit ratio reaches the target; else the smallest that reaches the best there is."""
    best = hit_ratio(load, float(max_gib))
    is_reached = best.hit_ratio >= target
    wanted = target if is_reached else best.hit_ratio - 1e-9
    low, high = 0, max_gib
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if hit_ratio(load, float(middle)).hit_ratio >= wanted else (middle, high)
    return CacheSize(is_reached, hit_ratio(load, float(high)))


def _weighted(share: NDArray[np.float64], count: NDArray[np.float64], hits: NDArray[np.float64]) -> float:
    return min(1.0, float((share * count) @ hits))


def _characteristic_time(
    load: CacheLoad, share: NDArray[np.float64], count: NDArray[np.float64], capacity: float, eviction: Eviction
) -> float:
    def excess(log_time: float) -> float:
        return float(count @ _key_hit_ratios(load, share, float(np.exp(log_time)), eviction)) - capacity

    return float(np.exp(brentq(excess, *_LOG_TIME_RANGE, xtol=1e-10)))


def _key_hit_ratios(
    load: CacheLoad, share: NDArray[np.float64], time_s: float, eviction: Eviction
) -> NDArray[np.float64]:
    """h_i (B,) at a characteristic time; random eviction at T = ∞ is a cache that never evicts."""
    requests, writes = load.requests_per_s * share, load.writes_per_s * share
    ttl_s = load.ttl_s or np.inf
    if eviction == "fifo":
        stay_s = _mean_of_first(writes, min(time_s, ttl_s))
        return requests * stay_s / (1.0 + requests * stay_s)
    if load.ttl_s and not load.is_sliding:
        stay_s = (
            _lru_stay_s(requests, writes, time_s, ttl_s)
            if eviction == "lru"
            else (_mean_of_first(writes + 1.0 / time_s, ttl_s))
        )
        return requests * stay_s / (1.0 + requests * stay_s)
    if eviction == "lru":
        leaving, gap_s = requests + writes, min(time_s, ttl_s)
    else:
        leaving, gap_s = requests + writes + 1.0 / time_s, ttl_s
    return requests / leaving * -np.expm1(-leaving * gap_s)


def _mean_of_first(rate: NDArray[np.float64], limit_s: float) -> NDArray[np.float64]:
    """E[min(X, limit)] of X exponential with a rate, seconds; the limit itself where the rate is 0."""
    safe = np.maximum(rate, 1e-300)
    return np.where(rate > 0.0, -np.expm1(-safe * limit_s) / safe, limit_s)


def _lru_stay_s(
    requests: NDArray[np.float64], writes: NDArray[np.float64], time_s: float, ttl_s: float
) -> NDArray[np.float64]:
    """Mean time that a key stays once it is written: min(LRU, TTL, next write).

    Without TTL and writes LRU keeps it ℓ = (e^(λT) − 1)/λ; that is at least T, and beyond T nearly exponential.
    """
    first_s = _mean_of_first(writes, min(ttl_s, time_s))
    if ttl_s <= time_s:
        return first_s
    beyond_s = np.expm1(np.minimum(requests * time_s, _LARGEST_EXPONENT)) / requests - time_s
    rate = writes + 1.0 / np.maximum(beyond_s, 1e-300)
    return first_s + np.exp(-writes * time_s) * _mean_of_first(rate, ttl_s - time_s)
