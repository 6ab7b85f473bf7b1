"""Overflow against Erlang's recursion and against requests played one by one."""

from __future__ import annotations

import heapq

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.behaviour.overflow import overflow_busy, overflow_share

HOURS = 60


def by_recursion(offered: float, slots: int) -> float:
    """B(a, N) = a B(a, N − 1) ÷ (N + a B(a, N − 1)), B(a, 0) = 1."""
    share = 1.0
    for number in range(1, slots + 1):
        share = offered * share / (number + offered * share)
    return share


@given(st.floats(0.001, 60.0), st.integers(1, 80))
def test_the_share_is_erlangs(offered: float, slots: int) -> None:
    found = float(overflow_share(np.array([offered]), np.array([float(slots)]))[0])
    assert found == pytest.approx(by_recursion(offered, slots), rel=1e-9, abs=1e-15)


@given(st.floats(0.0, 60.0), st.integers(1, 80))
def test_one_beyond_is_busy_no_longer_than_what_overflows(offered: float, slots: int) -> None:
    share = overflow_share(np.array([offered]), np.array([float(slots)]))
    busy = overflow_busy(np.array([offered]), np.array([float(slots)]), share)
    assert 0.0 <= float(busy[0]) <= min(1.0, float(offered * share[0])) + 1e-12


def played(rate: float, service_time_s: float, slots: int) -> tuple[float, float]:
    """Share of random requests that overflows, and of time in which one beyond holds any."""
    random = np.random.default_rng(3)
    seconds = HOURS * 3600.0
    times = np.sort(random.random(random.poisson(rate * seconds)) * seconds)
    lasts = random.exponential(service_time_s, len(times))
    held: list[float] = []
    busy, until, beyond = 0.0, 0.0, 0
    for now, last in zip(times.tolist(), lasts.tolist(), strict=True):
        while held and held[0] <= now:
            heapq.heappop(held)
        if len(held) < slots:
            heapq.heappush(held, now + last)
            continue
        beyond += 1
        busy += max(0.0, now + last - max(now, until))
        until = max(until, now + last)
    return beyond / len(times), busy / seconds


@pytest.mark.parametrize(
    ("rate", "service_time_s", "slots"), [(4.0, 0.4, 4), (0.5, 3.0, 4), (1.0, 4.0, 10), (2.0, 0.5, 2)]
)
def test_requests_played_one_by_one_overflow_as_often(rate: float, service_time_s: float, slots: int) -> None:
    offered, places = np.array([rate * service_time_s]), np.array([float(slots)])
    share = overflow_share(offered, places)
    true_share, true_busy = played(rate, service_time_s, slots)
    assert float(share[0]) == pytest.approx(true_share, rel=0.1, abs=0.001)
    assert float(overflow_busy(offered, places, share)[0]) == pytest.approx(true_busy, rel=0.1, abs=0.001)
