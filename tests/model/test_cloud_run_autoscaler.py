"""The autoscaler's formulas by hand and against brute force."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.behaviour.autoscaler import (
    Capacity,
    billed_instances,
    burstiness_over,
    busy_instances,
    busy_share,
    demand_points,
    idle_instances,
    in_flight,
    instances,
    minute_noise,
)
from model.behaviour.occupancy import occupancy_table
from model.behaviour.warm_instances import alive_instances, cold_starts, steady_alive, steady_starts, wanted_table


def capacity(**changes: float) -> Capacity:
    usual = {
        "vcpu": 1.0, "concurrency": 80, "latency_s": 0.5, "cpu_seconds_per_request": 0.1, "minimum": 0, "maximum": 100,
    }  # fmt: skip
    return Capacity(**{**usual, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "rate", "expected"),
    [
        (capacity(), 0.0, 0),
        (capacity(minimum=3), 0.0, 3),
        (capacity(), 0.01, 1),
        (capacity(), 12.0, 2),  # 12 × 0.1 ÷ 0.6 = 2, exactly
        (capacity(), 12.1, 3),
        (capacity(vcpu=2.0), 12.1, 2),
        (capacity(concurrency=1), 6.0, 5),  # 6 × 0.5 ÷ 0.6 = 5
        (capacity(minimum=7), 12.1, 7),
        (capacity(maximum=2), 18.0, 2),  # wants 3, and 18 × 0.1 = 1.8 fit on 2
        (capacity(maximum=2), 35.0, 4),  # what the work needs is never taken away
    ],
)
def test_instances_by_hand(one: Capacity, rate: float, expected: int) -> None:
    assert instances(one, np.array([rate]))[0] == expected


def test_busy_time_of_one_instance_is_the_union_of_its_requests() -> None:
    rate = np.array([0.4, 1.0])
    busy = busy_instances(capacity(), rate, 0.0)
    np.testing.assert_allclose(busy, 1 - np.exp(-rate * 0.5))


def test_one_request_at_a_time_is_billed_as_long_as_it_takes() -> None:
    rate = np.array([0.1, 3.0, 40.0])
    np.testing.assert_allclose(busy_instances(capacity(concurrency=1), rate, 0.0), rate * 0.5)


def test_each_busy_period_is_billed_in_steps_of_100_ms() -> None:
    """One at a time and rarely: requests of 0.5 s cost half a step more, those of 1 ms a whole step."""
    rate = np.array([0.1, 3.0])
    billed = billed_instances(capacity(concurrency=1), rate, 0.0) / rate
    np.testing.assert_allclose(billed, 0.1 / (1 - np.exp(-0.2)), rtol=1e-4)
    short = capacity(concurrency=1, latency_s=1e-3, cpu_seconds_per_request=1e-4)
    np.testing.assert_allclose(billed_instances(short, rate, 0.0) / rate, 0.1, rtol=1e-4)
    busy = capacity(latency_s=5.0, cpu_seconds_per_request=0.001)
    np.testing.assert_allclose(billed_instances(busy, rate, 0.0)[1], busy_instances(busy, rate, 0.0)[1], rtol=1e-6)


@pytest.mark.parametrize("latency_s", [2.0, 40.0])
def test_a_minutes_mean_of_requests_in_flight_varies_as_told(latency_s: float) -> None:
    random = np.random.default_rng(11)
    begun = np.sort(random.uniform(0.0, 400_000.0, 200_000))
    ended = begun + random.exponential(latency_s, len(begun))
    minutes = np.arange(100, 6_600) * 60.0
    inside = np.zeros(len(minutes) + 1)
    edges = np.append(minutes, minutes[-1] + 60.0)
    for sign, times in ((1.0, begun), (-1.0, np.sort(ended))):
        before = np.searchsorted(times, edges)
        sums = np.concatenate([[0.0], np.cumsum(times)])
        inside += sign * (edges * before - sums[before])
    mean = np.diff(inside) / 60.0
    assert mean.var() / mean.mean() == pytest.approx(minute_noise(latency_s), rel=0.06)


def test_busy_share_lies_between_the_extremes_and_falls_with_concurrency() -> None:
    held = np.linspace(0.01, 0.9, 50)
    shares = [busy_share(held, c) for c in (1, 2, 3, 8, 30, 31, 80)]
    for fewer, more in pairwise(shares):
        assert (more <= fewer + 5e-6).all()
    np.testing.assert_allclose(shares[-2], 1 - np.exp(-held))
    np.testing.assert_allclose(shares[-3], shares[-2], atol=5e-6)


@given(cv2=st.floats(1e-3, 30.0), count=st.integers(2, 64))
def test_demand_points_keep_the_mean_and_do_not_fall(cv2: float, count: int) -> None:
    points = demand_points(cv2, count)
    assert points.mean() == pytest.approx(1.0, rel=1e-9)
    assert (np.diff(points) >= -1e-12).all()
    assert points[0] >= 0.0
    assert points.var() <= cv2 * (1 + 1e-6)


def test_idle_time_counts_instances_that_serve_nothing_against_draws() -> None:
    one = capacity(concurrency=3, latency_s=2.0, cpu_seconds_per_request=0.01, minimum=4)
    random = np.random.default_rng(5)
    rate = 2.5 * random.gamma(2.0, 0.5, 400_000)
    up = instances(one, rate)
    share = busy_share(rate * 2.0 / up, 3)
    drawn = np.maximum(4 - random.binomial(up.astype(int), share), 0).mean()
    found = idle_instances(one, np.array([2.5]), 0.5)[0]
    assert found == pytest.approx(drawn, rel=0.01)


def test_with_demand_below_min_idle_is_min_less_busy_exactly() -> None:
    one, rate = capacity(minimum=5), np.array([0.0, 0.3, 2.0])
    np.testing.assert_allclose(idle_instances(one, rate, 0.0), 5 - busy_instances(one, rate, 0.0))


@pytest.mark.parametrize(("cv2", "minimum"), [(0.0, 0), (0.3, 0), (0.3, 4), (1.5, 2)])
def test_warm_instances_against_minutes_drawn_at_random(cv2: float, minimum: int) -> None:
    one = capacity(concurrency=2, latency_s=4.0, cpu_seconds_per_request=0.01, minimum=minimum)
    before, now = 1.0, 2.0
    random = np.random.default_rng(8)
    mean = np.where(np.arange(75) < 15, before, now)
    spread = random.gamma(1 / cv2, cv2, (6_000, 75)) if cv2 else np.ones((6_000, 75))
    seen = cv2 + minute_noise(4.0) / (4.0 * mean)
    up = instances(one, mean * spread)
    up_by_chance = instances(one, mean * random.gamma(1 / seen, seen, (6_000, 75)))
    kept = np.stack([up_by_chance[:, m - 15 : m].max(axis=1) for m in range(15, 75)], axis=1)
    alive = np.stack([up[:, m - 14 : m + 1].max(axis=1) for m in range(15, 75)], axis=1)
    table = wanted_table(one, np.array([before, now]), cv2)
    begun = wanted_table(one, np.array([before, now]), cv2, up_to_max=True)
    starts = cold_starts(begun.at(np.array([1])), begun.at(np.array([0])))[0]
    up_on_average = alive_instances(table.at(np.array([1])), table.at(np.array([0])), minimum)[0]
    assert starts == pytest.approx(np.maximum(up_by_chance[:, 15:] - kept, 0).sum(axis=1).mean(), rel=0.03, abs=1e-6)
    assert up_on_average == pytest.approx(alive.mean(), rel=0.01)


def test_a_service_called_once_an_hour_starts_cold_each_time() -> None:
    """A minute is empty with e^(−60 λ); nothing is warm after 15 empty minutes: starts ≈ 60 (1 − p) p^15."""
    rate = np.array([1 / 3600])
    table = wanted_table(capacity(), rate, 0.0)
    empty = np.exp(-60 / 3600)
    assert cold_starts(table, table)[0] == pytest.approx(60 * (1 - empty) * empty**15)
    warm = wanted_table(capacity(minimum=1), rate, 0.0)
    assert cold_starts(warm, warm)[0] == 0.0


def test_thousands_of_instances_are_counted_in_growing_steps() -> None:
    one = capacity(concurrency=1, latency_s=60.0, cpu_seconds_per_request=0.01, maximum=100_000)
    rate = np.array([40.0])
    table = wanted_table(one, rate, 0.2)
    random = np.random.default_rng(2)
    up = instances(one, 40.0 * random.gamma(5.0, 0.2, (20_000, 15))).max(axis=1).mean()
    assert table.below.shape[1] < 200
    assert alive_instances(table, table, 0)[0] == pytest.approx(up, rel=0.01)


@pytest.mark.parametrize("burstiness", [0.0, 0.3, 2.0])
@pytest.mark.parametrize("minimum", [0, 3])
def test_the_short_form_of_steady_hours_is_the_long_one(burstiness: float, minimum: int) -> None:
    one = capacity(concurrency=4, minimum=minimum)
    table = wanted_table(one, np.linspace(0.0, 200.0, 9), burstiness)
    assert steady_starts(table) == pytest.approx(cold_starts(table, table))
    assert steady_alive(table, minimum) == pytest.approx(alive_instances(table, table, minimum))


@pytest.mark.parametrize("window_s", [20.0, 60.0, 210.0])
def test_bursts_even_out_over_a_window_as_drawn_minutes_do(window_s: float) -> None:
    random = np.random.default_rng(4)
    rate = random.gamma(1 / 0.4, 0.4, 200_000)
    total = np.concatenate([[0.0], np.cumsum(rate)])
    start = random.uniform(0, len(rate) - 5, 200_000)

    def until(minute: np.ndarray) -> np.ndarray:
        return np.interp(minute, np.arange(len(total)), total)

    mean = (until(start + window_s / 60) - until(start)) / (window_s / 60)
    assert burstiness_over(0.4, window_s) == pytest.approx(mean.var(), rel=0.04)


def test_max_limits_what_can_start() -> None:
    rate = np.array([4.0])
    one = capacity(concurrency=1, latency_s=2.0, maximum=4)
    capped = wanted_table(one, rate, 0.3, up_to_max=True)
    assert steady_starts(capped)[0] < 0.2 * steady_starts(wanted_table(one, rate, 0.3))[0]
    assert steady_alive(capped, 0)[0] <= 4.0
    free = capacity(concurrency=1, latency_s=2.0, maximum=1000)
    assert steady_starts(wanted_table(free, rate, 0.3, up_to_max=True)) > steady_starts(wanted_table(free, rate, 0.3))


@pytest.mark.parametrize(("cpu_share", "concurrency", "rate"), [(0.6, 80, 0.9), (0.4, 80, 1.8), (0.5, 3, 1.2)])
def test_requests_that_crowd_on_a_vcpu_take_longer_as_played(cpu_share: float, concurrency: int, rate: float) -> None:
    """One instance, requests of 1 s alone, turned away while it is full: played event by event."""
    random = np.random.default_rng(3)
    most = min(concurrency, math.ceil(1.0 / cpu_share))
    now, held, areas = 0.0, 0, np.zeros(most + 1)
    served = 0
    while served < 150_000:
        pace = held * min(1.0, 1.0 / (held * cpu_share)) if held else 0.0
        arriving = rate if held < most else 0.0
        step = random.exponential(1.0 / (pace + arriving))
        areas[held] += step
        now += step
        is_done = random.random() * (pace + arriving) < pace
        held += -1 if is_done else 1
        served += is_done
    table = occupancy_table(concurrency, cpu_share)
    work = served / now
    share = areas / now
    assert np.interp(work, table.work, table.held) == pytest.approx(share @ np.arange(most + 1), rel=0.02)
    assert np.interp(work, table.work, table.busy) == pytest.approx(1 - share[0], rel=0.02)
    assert np.interp(work, table.work, table.single) == pytest.approx(share[1], rel=0.02)


def test_a_request_that_needs_the_whole_vcpu_shares_it_with_nobody() -> None:
    one = capacity(latency_s=0.5, cpu_seconds_per_request=0.5, shares_cpu=True)
    rate = np.array([0.2, 5.0])
    np.testing.assert_allclose(busy_instances(one, rate, 0.0), rate * 0.5, rtol=1e-4)
    np.testing.assert_allclose(in_flight(one, rate, 0.0), rate * 0.5, rtol=1e-4)


def test_requests_that_do_not_compute_never_crowd() -> None:
    plain, sharing = (capacity(cpu_seconds_per_request=0.005, shares_cpu=flag) for flag in (False, True))
    rate = np.array([0.2, 5.0, 60.0])
    np.testing.assert_allclose(busy_instances(sharing, rate, 0.2), busy_instances(plain, rate, 0.2))
    np.testing.assert_allclose(in_flight(sharing, rate, 0.2), rate * 0.5)


@given(
    cpu_s=st.floats(0.01, 1.9),
    rate=st.floats(0.01, 50.0),
    concurrency=st.integers(1, 100),
    burstiness=st.floats(0.0, 2.0),
)
def test_a_busy_instance_computes_no_more_than_its_vcpu_can(
    cpu_s: float, rate: float, concurrency: int, burstiness: float
) -> None:
    one = capacity(latency_s=2.0, cpu_seconds_per_request=cpu_s, concurrency=concurrency, shares_cpu=True)
    busy = busy_instances(one, np.array([rate]), burstiness)[0]
    assert busy * one.vcpu >= rate * cpu_s * (1 - 5e-3)
