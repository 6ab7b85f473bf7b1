"""The simulated platform against what can be counted by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.truth.cloud_run_platform import Config, Service, play
from tests.truth.traffic import Traffic, arrivals, hourly_shape

EVEN = Service(Traffic(0.01, rhythm="steady", burstiness=0.0, days=1), wait_s=2.0, cpu_s=0.0, spread=0.0, startup_s=4.0)


def at(*seconds: float) -> np.ndarray:
    return np.array(seconds)


def test_one_request_is_billed_for_its_time_and_the_start_of_its_instance() -> None:
    played = play(EVEN, Config(), times=at(100.0))
    assert played.active_s.sum() == pytest.approx(6.0)
    assert played.up_s.sum() == pytest.approx(6.0 + 900.0, abs=0.2)
    assert (played.cold_starts, played.served, played.waits_s.tolist()) == (1, 1, [4.0])


def test_requests_of_one_instance_are_billed_once() -> None:
    played = play(EVEN, Config(min_instances=1), times=at(100.0, 101.0, 200.0))
    assert played.active_s.sum() == pytest.approx(5.0)
    assert played.idle_s.sum() == pytest.approx(86_400.0 - 5.0)


def test_busy_time_is_billed_in_steps_of_100_ms() -> None:
    short = replace(EVEN, wait_s=0.01)
    assert play(short, Config(min_instances=1), times=at(10.0, 20.0)).active_s.sum() == pytest.approx(0.2)


def test_a_full_service_turns_away_what_waits_longer_than_its_patience() -> None:
    slow = replace(EVEN, wait_s=60.0)
    played = play(slow, Config(min_instances=1, max_instances=1, concurrency=1), times=at(10.0, 11.0, 65.0))
    assert (played.served, played.rejected) == (2, 1)
    assert played.waits_s.max() == pytest.approx(5.0)


def test_requests_that_share_a_vcpu_slow_each_other_down() -> None:
    busy = replace(EVEN, wait_s=0.0, cpu_s=10.0)
    shared = play(busy, Config(min_instances=1, max_instances=1, vcpu=2.0), times=at(0.0, 0.0))
    assert shared.active_s.sum() == pytest.approx(10.0)
    patient = replace(busy, wait_s=10.0, startup_s=10.0)  # each needs half the vCPU: two fill it, the third waits
    single = play(patient, Config(min_instances=1, max_instances=1), times=at(0.0, 0.0, 0.0))
    assert single.active_s.sum() == pytest.approx(40.0)
    assert single.waits_s.tolist() == [0.0, 0.0, 20.0]


def test_a_configuration_that_google_refuses_is_refused() -> None:
    with pytest.raises(ValueError, match="min 3 above max 2"):
        Config(min_instances=3, max_instances=2)


def test_the_autoscaler_aims_at_60_percent_of_concurrency() -> None:
    steady = Service(Traffic(2.0, rhythm="steady", burstiness=0.0, days=1), 12.0, 0.0, spread=0.0)  # 24 in flight
    played = play(steady, Config(concurrency=10))
    assert played.up_s[2:].mean() / 3600 == pytest.approx(24 / 6, rel=0.4)
    assert played.rejected == 0


def test_every_second_of_min_instances_is_either_busy_or_idle() -> None:
    played = play(replace(EVEN, traffic=Traffic(0.05, days=1)), Config(min_instances=3, concurrency=1))
    assert (played.idle_s <= 3 * 3600 + 1e-6).all()
    assert (played.idle_s + played.active_s >= 3 * 3600 - 1e-6).all()


def test_arrivals_keep_their_rate_rhythm_and_bursts() -> None:
    steady = arrivals(Traffic(1.0, rhythm="steady", burstiness=0.5))
    counts = np.bincount((steady // 60).astype(int), minlength=7 * 1440)
    assert counts.mean() == pytest.approx(60.0, rel=0.05)
    assert (counts.var() - counts.mean()) / counts.mean() ** 2 == pytest.approx(0.5, rel=0.2)
    assert hourly_shape("office", 7).sum() == 50
    assert hourly_shape("weekly", 7).mean() == pytest.approx(1.0)
