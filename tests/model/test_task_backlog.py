"""The fluid backlog against a simulation of single tasks, and against what can be worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.behaviour.task_backlog import (
    attempts_per_task,
    backlog,
    dispatches,
    dispatches_per_s,
    lost_share,
    minute_profile,
)

STEADY = np.ones(48, dtype=bool)


def longest_wait_of_single_tasks(rates, capacity, burstiness):
    """Every task of every minute, evenly within it, served first come first served at one rate; the longest wait."""
    per_minute = (np.asarray(rates)[:, None] * minute_profile(burstiness)).ravel() * 60.0
    free_at, longest, carried = 0.0, 0.0, 0.0
    for minute, count in enumerate(per_minute):
        carried += count
        whole = int(carried)
        carried -= whole
        for i in range(whole):
            arrived = 60.0 * (minute + (i + 1) / whole)
            start = max(arrived, free_at)
            longest = max(longest, start - arrived)
            free_at = start + 1.0 / capacity
    return longest


@pytest.mark.parametrize("burstiness", [0.0, 0.5, 2.0])
@pytest.mark.parametrize("capacity", [6.0, 9.0])
def test_the_longest_delay_is_that_of_single_tasks(burstiness, capacity):
    rates = np.array([1.0, 4.0, 11.0, 5.0, 2.0, 0.5, 8.0, 1.0])
    found = backlog(rates, np.ones(8, dtype=bool), capacity, burstiness)
    assert found.longest_delay_s == pytest.approx(longest_wait_of_single_tasks(rates, capacity, burstiness), abs=0.5)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.0, 20.0), st.booleans()), min_size=1, max_size=30), st.floats(0.5, 30.0),
    st.sampled_from([0.0, 0.3, 1.0, 4.0]),
)  # fmt: skip
def test_it_is_the_backlog_of_every_minute_in_turn(hours, capacity, burstiness):
    rates, follows = np.array([rate for rate, _ in hours]), np.array([follow for _, follow in hours])
    level, levels, waiting = 0.0, [], 0
    for rate, follow in zip(rates, follows, strict=True):
        level = level if follow else 0.0
        of_hour = []
        for share in minute_profile(burstiness):
            level = max(0.0, level + (rate * share - capacity) * 60.0)
            of_hour.append(level)
        levels += of_hour
        waiting += max(of_hour) > 1e-6
    found = backlog(rates, follows, capacity, burstiness)
    assert found.longest_delay_s == pytest.approx(max(levels) / capacity, rel=1e-6, abs=1e-6)
    assert abs(found.waiting_hours - waiting) <= 1


def test_a_steady_overload_of_an_hour_is_worked_out_by_hand():
    """10 a second for an hour against 8: 7,200 tasks wait at its end, 900 s for the last of them; then they drain."""
    rates = np.array([10.0, 4.0, 0.0])
    found = backlog(rates, np.ones(3, dtype=bool), 8.0, 0.0)
    assert found.longest_delay_s == pytest.approx(900.0)
    assert found.peak_dispatches_per_s == 8.0
    assert found.waiting_hours == 2.0
    assert found.busiest_week == pytest.approx(14.0 / 3.0 / 8.0)


def test_a_queue_that_never_fills_has_no_wait():
    found = backlog(np.full(48, 3.0), STEADY, 100.0, 1.0)
    assert (found.longest_delay_s, found.waiting_hours) == (0.0, 0.0)
    assert found.peak_dispatches_per_s == pytest.approx(3.0 * minute_profile(1.0).max())


def test_a_backlog_is_not_carried_over_hours_that_the_bill_does_not_hold():
    rates, follows = np.array([10.0, 10.0]), np.array([True, False])
    apart = backlog(rates, follows, 8.0, 0.0)
    together = backlog(rates, np.ones(2, dtype=bool), 8.0, 0.0)
    assert apart.longest_delay_s == pytest.approx(900.0)
    assert together.longest_delay_s == pytest.approx(1800.0)


def test_the_busiest_week_is_found_within_a_longer_window():
    rates = np.concatenate([np.full(200, 1.0), np.full(168, 5.0), np.full(200, 1.0)])
    assert backlog(rates, np.ones(len(rates), dtype=bool), 4.0, 0.0).busiest_week == pytest.approx(1.25)


def test_a_queue_without_capacity_keeps_its_tasks_for_ever():
    assert math.isinf(backlog(np.ones(3), np.ones(3, dtype=bool), 0.0, 0.0).longest_delay_s)
    assert backlog(np.zeros(3), np.ones(3, dtype=bool), 0.0, 0.0).longest_delay_s == 0.0


@given(st.floats(0.0, 8.0))
def test_the_minutes_of_an_hour_carry_its_mean_and_rise_once(burstiness):
    profile = minute_profile(burstiness)
    assert profile.shape == (60,)
    assert profile.sum() == pytest.approx(60.0)
    top = int(profile.argmax())
    assert (np.diff(profile[: top + 1]) >= -1e-12).all()
    assert (np.diff(profile[top:]) <= 1e-12).all()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.floats(0.0, 20.0), min_size=1, max_size=12), st.floats(0.5, 30.0), st.floats(1.0, 2.0),
    st.sampled_from([0.0, 0.5, 2.0]),
)  # fmt: skip
def test_more_capacity_never_waits_longer_and_more_tasks_never_shorter(rates, capacity, more, burstiness):
    follows = np.ones(len(rates), dtype=bool)
    base = backlog(np.array(rates), follows, capacity, burstiness)
    wider = backlog(np.array(rates), follows, capacity * more, burstiness)
    fuller = backlog(np.array(rates) * more, follows, capacity, burstiness)
    assert wider.longest_delay_s <= base.longest_delay_s + 1e-6
    assert fuller.longest_delay_s >= base.longest_delay_s - 1e-6


def test_attempts_are_the_mean_of_the_tries_of_single_tasks():
    random = np.random.default_rng(5)
    fails = random.random((200_000, 4)) < 0.3
    tries = 1 + np.cumprod(fails, axis=1)[:, :3].sum(axis=1)
    assert attempts_per_task(0.3, 4) == pytest.approx(tries.mean(), rel=2e-3)
    assert lost_share(0.3, 4) == pytest.approx(fails.all(axis=1).mean(), rel=0.1)
    assert attempts_per_task(0.3, -1) == pytest.approx(1 / 0.7)
    assert attempts_per_task(1.0, 7) == 7


@pytest.mark.parametrize(("rate", "concurrent", "time", "expected"), [(500, 100, 1, 100), (5, 100, 1, 5), (5, 9, 0, 5)])
def test_a_queue_dispatches_at_the_smaller_of_its_limits(rate, concurrent, time, expected):
    assert dispatches_per_s(rate, concurrent, time) == expected


def test_the_order_of_minutes_is_the_one_that_waits_longest_within_the_hour():
    profile, capacity = minute_profile(1.5) * 60.0 * 4.0, 60.0 * 6.0
    waits = []
    random = np.random.default_rng(11)
    for _ in range(200):
        level = longest = 0.0
        for arriving in random.permutation(profile):
            level = max(0.0, level + arriving - capacity)
            longest = max(longest, level)
        waits.append(longest / 6.0)
    assert backlog(np.array([4.0]), np.array([True]), 6.0, 1.5).longest_delay_s >= max(waits) - 1e-9


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.just(0.0) | st.floats(0.01, 20.0), st.booleans()), min_size=1, max_size=30),
    st.floats(0.5, 30.0),
    st.sampled_from([0.0, 0.3, 1.0]),
)  # fmt: skip
def test_tasks_leave_as_minute_after_minute_says_and_all_of_them_do(hours, capacity, burstiness):
    rates, follows = np.array([rate for rate, _ in hours]), np.array([follow for _, follow in hours])
    level, leaving = 0.0, np.zeros((len(rates), 60))
    for hour, (rate, follow) in enumerate(zip(rates, follows, strict=True)):
        level = level if follow else 0.0
        for minute, share in enumerate(np.resize(minute_profile(burstiness), 60)):
            waiting = level + rate * share * 60.0
            leaving[hour, minute] = min(waiting, capacity * 60.0) / 60.0
            level = max(0.0, waiting - capacity * 60.0)
    found = dispatches(rates, follows, capacity, burstiness)
    assert found.per_s.sum() == pytest.approx(rates.sum())
    per_hour = leaving.mean(axis=1)
    if per_hour.sum() > 0.0:
        assert found.per_s == pytest.approx(per_hour * rates.sum() / per_hour.sum(), rel=1e-6, abs=1e-6)
        varies = leaving.var(axis=1) / np.maximum(per_hour, 1e-12)
        assert found.burstiness == pytest.approx(varies.sum() / per_hour.sum(), rel=1e-4, abs=1e-4)


def test_tasks_that_never_wait_leave_as_they_come():
    rates = np.array([1.0, 5.0, 0.0])
    found = dispatches(rates, np.ones(3, dtype=bool), 100.0, 0.5)
    assert found.per_s.tolist() == rates.tolist()
    assert not found.is_held_back
    assert dispatches(rates, np.ones(3, dtype=bool), math.inf, 0.5).per_s.tolist() == rates.tolist()
