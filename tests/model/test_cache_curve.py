"""The cache curve against exact simulations and its own limits."""

import heapq
from collections import OrderedDict
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.behaviour.cache_curve import BYTES_PER_GIB, CacheLoad, hit_ratio, popularity, size_for

ITEM = BYTES_PER_GIB / 1000.0
"""With this item a GiB holds exactly 1,000 keys."""


def load(keys=10_000, zipf=0.9, rate=1000.0, **more):
    return CacheLoad(keys, zipf, ITEM, rate, item_overhead_bytes=0.0, usable_share=1.0, **more)


def zipf_requests(keys, zipf, count, seed):
    weight = np.arange(1, keys + 1, dtype=float) ** -zipf
    cumulative = np.cumsum(weight / weight.sum())
    return np.searchsorted(cumulative, np.random.default_rng(seed).random(count)).clip(max=keys - 1)


def simulate(case, capacity, count=400_000, seed=1, warm=100_000):  # noqa: C901, PLR0912 - one plain event loop
    """Exact event simulation: one request after another, Poisson times; returns the measured hit ratio."""
    rng = np.random.default_rng(seed + 1000)
    total = case.requests_per_s + case.writes_per_s
    times = np.cumsum(rng.exponential(1.0 / total, count))
    is_write = rng.random(count) < case.writes_per_s / total
    keys = zipf_requests(case.keys, case.zipf_exponent, count, seed)
    held: OrderedDict[int, float] = OrderedDict()
    expiries: list[tuple[float, int]] = []
    order: list[int] = []
    hits = asked = 0
    ttl = case.ttl_s or np.inf
    for i, (now, key, write) in enumerate(zip(times.tolist(), keys.tolist(), is_write.tolist(), strict=True)):
        while expiries and expiries[0][0] <= now:
            _, old = heapq.heappop(expiries)
            if old in held and held[old] <= now:
                del held[old]
        if write:
            held.pop(key, None)
            continue
        asked += i >= warm
        if key in held:
            hits += i >= warm
            if case.eviction == "lru":
                held.move_to_end(key)
            if case.is_sliding and case.ttl_s:
                held[key] = now + ttl
                heapq.heappush(expiries, (now + ttl, key))
            continue
        if len(held) >= capacity:
            if case.eviction in ("lru", "fifo"):
                held.popitem(last=False)
            else:
                order = [k for k in order if k in held] if len(order) > 4 * capacity else order
                while True:
                    place = int(rng.integers(len(order)))
                    victim = order[place]
                    order[place] = order[-1]
                    order.pop()
                    if victim in held:
                        del held[victim]
                        break
        held[key] = now + ttl
        order.append(key)
        if case.ttl_s:
            heapq.heappush(expiries, (now + ttl, key))
    return hits / asked


@pytest.mark.parametrize(("zipf", "gib"), [(0.7, 1), (0.9, 1), (0.9, 3), (1.1, 0.5)])
def test_lru_is_within_a_fifth_of_a_point_of_exact_simulation(zipf, gib):
    case = load(zipf=zipf, rate=100.0)
    measured = np.mean([simulate(case, int(gib * 1000), seed=seed) for seed in (1, 2, 3)])
    point = hit_ratio(case, float(gib))
    assert point.characteristic_time_s > 1.0
    assert point.hit_ratio == pytest.approx(measured, abs=0.002)


@pytest.mark.parametrize(
    "case",
    [
        load(rate=100.0, ttl_s=20.0),
        load(rate=100.0, ttl_s=60.0),
        load(rate=100.0, ttl_s=1.5),
        load(rate=100.0, ttl_s=10.0, is_sliding=True),
        load(rate=100.0, writes_per_s=25.0),
        load(rate=100.0, writes_per_s=10.0, ttl_s=30.0),
        load(rate=100.0, eviction="random"),
        load(rate=100.0, eviction="random", ttl_s=20.0),
        load(rate=100.0, eviction="fifo"),
        load(rate=100.0, eviction="fifo", ttl_s=20.0),
        load(rate=100.0, eviction="fifo", writes_per_s=25.0),
    ],
    ids=[
        "ttl",
        "ttl-long",
        "ttl-short",
        "sliding",
        "writes",
        "writes+ttl",
        "random",
        "random+ttl",
        "fifo",
        "fifo+ttl",
        "fifo+writes",
    ],
)
def test_expiry_writes_and_random_eviction_agree_with_simulation(case):
    assert hit_ratio(case, 1.0).hit_ratio == pytest.approx(simulate(case, 1000), abs=0.005)


def test_ttl_from_the_write_is_its_formula_while_everything_fits():
    case = load(keys=500, rate=50.0, ttl_s=8.0)
    share, _ = popularity(500, 0.9)
    asked = 50.0 * share * 8.0
    point = hit_ratio(case, 1.0)
    assert point.characteristic_time_s == np.inf
    assert point.hit_ratio == pytest.approx(float((share * asked / (1.0 + asked)).sum()))


def test_ttl_below_the_characteristic_time_is_never_evicted_by_size():
    case = load(rate=100.0)
    alone = hit_ratio(case, 1.0).characteristic_time_s
    short = hit_ratio(replace(case, ttl_s=alone / 100.0), 1.0)
    assert short.hit_ratio < hit_ratio(case, 1.0).hit_ratio


def test_redis_lru_below_its_clock_is_random_with_its_own_time():
    fast = load(rate=1_000_000.0)
    point = hit_ratio(fast, 1.0)
    assert point.eviction == "random"
    assert point.hit_ratio == pytest.approx(hit_ratio(replace(fast, eviction="random"), 1.0).hit_ratio)
    assert point.hit_ratio < hit_ratio(load(rate=100.0), 1.0).hit_ratio


@pytest.mark.parametrize(("keys", "zipf"), [(200_000, 0.8), (200_000, 1.0), (50_000, 1.3)])
def test_grouped_ranks_equal_all_ranks(keys, zipf):
    share, count = popularity(keys, zipf)
    exact = np.arange(1, keys + 1, dtype=float) ** -zipf
    exact /= exact.sum()
    assert count.sum() == pytest.approx(keys)
    for time in (1e2, 1e4, 1e6):
        grouped = float((share * count) @ -np.expm1(-share * time))
        assert grouped == pytest.approx(float(exact @ -np.expm1(-exact * time)), abs=2e-5)


def test_everything_fits_and_nothing_given():
    assert hit_ratio(load(keys=900), 1.0).hit_ratio == pytest.approx(1.0)
    assert hit_ratio(load(), 0.0).hit_ratio == 0.0
    assert hit_ratio(load(rate=0.0), 1.0).hit_ratio == 0.0


def test_size_for_is_the_smallest_whole_gib_and_says_what_is_not_reachable():
    case = load(keys=100_000, rate=100.0)
    found = size_for(case, 0.6)
    assert found.is_reached
    assert found.point.size_gib == int(found.point.size_gib)
    assert found.point.hit_ratio >= 0.6 > hit_ratio(case, found.point.size_gib - 1).hit_ratio
    capped = size_for(replace(case, writes_per_s=100.0), 0.9)
    assert not capped.is_reached
    assert capped.point.hit_ratio == pytest.approx(0.5)
    assert capped.point.size_gib <= 100


@settings(max_examples=40, deadline=None)
@given(
    zipf=st.floats(0.3, 1.6), rate=st.floats(0.1, 1e6), writes=st.floats(0.0, 2.0),
    ttl=st.sampled_from([0.0, 1.0, 600.0]), sliding=st.booleans(),
    sizes=st.tuples(st.floats(0.01, 40.0), st.floats(0.01, 40.0)),
)  # fmt: skip
def test_more_memory_never_lowers_the_hit_ratio_and_writes_cap_it(zipf, rate, writes, ttl, sliding, sizes):
    case = load(keys=30_000, zipf=zipf, rate=rate, writes_per_s=rate * writes, ttl_s=ttl, is_sliding=sliding)
    low, high = (hit_ratio(case, size).hit_ratio for size in sorted(sizes))
    assert 0.0 <= low <= high + 1e-7
    assert high <= 1.0 / (1.0 + writes) + 1e-9
