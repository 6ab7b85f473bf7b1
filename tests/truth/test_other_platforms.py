"""The simulated cache, queue and database against what can be counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tests.truth.cache_platform import Keys, hits
from tests.truth.database_platform import busy_minutes
from tests.truth.queue_platform import Queue, dispatch

DAY_S = 86_400.0


def test_a_cache_that_holds_everything_misses_only_what_is_written_or_too_old() -> None:
    times = np.arange(1000) * 60.0
    assert hits(Keys(10, 0.0, 1000), times, DAY_S, 1).all()
    assert not hits(Keys(10, 0.0, 1000), times, DAY_S, 0).any()
    assert not hits(Keys(1, 0.0, 1000), times, DAY_S, 1, ttl_s=30.0).any()
    assert hits(Keys(1, 0.0, 1000), times, DAY_S, 1, ttl_s=119.0).mean() == pytest.approx(0.5, abs=0.01)


def test_even_popularity_hits_by_the_share_of_keys_that_fit() -> None:
    keys = Keys(4000, 0.0, 2**20 - 90)
    times = np.linspace(0, DAY_S, 60_000, endpoint=False)
    assert keys.capacity(1) == 819
    assert hits(keys, times, DAY_S, 1).mean() == pytest.approx(819 / 4000, rel=0.03)


def test_a_queue_keeps_its_rate_and_its_number_at_once() -> None:
    created = np.zeros(100)
    by_rate = dispatch(Queue(dispatches_per_s=2.0), created, 1.0, 0.0, 0.0, 1)
    assert by_rate.times.tolist() == [number / 2 for number in range(100)]
    by_number = dispatch(Queue(concurrent=4), created, 1.0, 0.0, 0.0, 1)
    assert by_number.longest_wait_s == pytest.approx(24.0, abs=0.2)


def test_failed_attempts_are_made_again_until_they_run_out() -> None:
    created = np.linspace(0, DAY_S, 20_000, endpoint=False)
    three = dispatch(Queue(attempts=3), created, 0.1, 0.2, 0.0, 1)
    assert len(three.times) / 20_000 == pytest.approx(1 + 0.2 + 0.04, rel=0.01)
    assert three.lost / 20_000 == pytest.approx(0.008, rel=0.3)


def test_a_database_is_as_busy_as_its_queries_and_slows_when_full() -> None:
    minutes = busy_minutes(np.array([60.0, 240.0]), background_vcpu=0.2, vcpu=2.0)
    assert minutes.utilisation.tolist() == pytest.approx([0.5, 1.0])
    assert minutes.stretch.tolist() == pytest.approx([1 / 0.75, 20.0])
