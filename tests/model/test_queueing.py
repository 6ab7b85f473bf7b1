"""Waiting with limited patience against Erlang's formulas, a direct sum over states, and a simulated queue."""

import heapq
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import gammaincc

from model.behaviour.queueing import (
    FLUID_SLOTS,
    log_reciprocal_erlang_b,
    patience_s,
    patient_queue,
    rejected_share,
    wait_quantile_s,
)


def erlang_b(servers: int, load: float) -> float:
    blocked = 1.0
    for k in range(1, servers + 1):
        blocked = load * blocked / (k + load * blocked)
    return blocked


def erlang_c(servers: int, load: float) -> float:
    b = erlang_b(servers, load)
    return servers * b / (servers - load * (1 - b))


def one(rate: float) -> np.ndarray:
    return np.array([rate])


@pytest.mark.parametrize("servers", [1, 2, 7, 40, 400, 3_000])
@pytest.mark.parametrize("relative_load", [0.2, 0.8, 1.0, 1.2, 3.0, 20.0])
def test_erlang_b_agrees_with_its_recursion(servers: int, relative_load: float) -> None:
    load = servers * relative_load
    expected = erlang_b(servers, load)
    if expected > 1e-280:
        found = math.exp(-float(log_reciprocal_erlang_b(servers, one(load))[0]))
        assert found == pytest.approx(expected, rel=2e-5)


@pytest.mark.parametrize(("servers", "load"), [(1, 0.5), (5, 4.0), (30, 33.0), (200, 190.0)])
def test_no_patience_is_erlang_b(servers: int, load: float) -> None:
    queue = patient_queue(one(load / 0.4), 0.4, servers, 0.0)
    assert float(queue.rejected[0]) == pytest.approx(erlang_b(servers, load), rel=1e-9)


@pytest.mark.parametrize(("servers", "load"), [(1, 0.5), (5, 4.0), (30, 27.0), (200, 190.0)])
def test_endless_patience_is_erlang_c(servers: int, load: float) -> None:
    queue = patient_queue(one(load / 0.4), 0.4, servers, 1e5)
    waits = float(queue.waits_longer(0.0)[0])
    assert waits == pytest.approx(erlang_c(servers, load), rel=1e-6)
    assert float(queue.rejected[0]) < 1e-12
    tail = float(queue.waits_longer(0.7)[0]) / waits
    assert tail == pytest.approx(math.exp(-(servers - load) / 0.4 * 0.7), rel=1e-6)


def simulate(rate: float, service_s: float, servers: int, patience: float, seed: int) -> tuple[float, float]:
    """First come, first served; a request whose wait would exceed its patience leaves."""
    random = np.random.default_rng(seed)
    count = 400_000
    arrivals = np.cumsum(random.exponential(1 / rate, count))
    services = random.exponential(service_s, count)
    free_at = [0.0] * servers
    rejected, waits = 0, []
    for arrival, service in zip(arrivals.tolist(), services.tolist(), strict=True):
        wait = max(0.0, free_at[0] - arrival)
        if wait > patience:
            rejected += 1
            continue
        waits.append(wait)
        heapq.heapreplace(free_at, arrival + wait + service)
    return rejected / count, float(np.quantile(waits, 0.95))


@pytest.mark.parametrize(
    ("rate", "service_s", "servers", "patience"),
    [(9.0, 0.5, 5, 0.6), (12.0, 0.5, 5, 1.0), (2.4, 8.0, 20, 10.0), (3.2, 8.0, 20, 10.0)],
)
def test_closed_form_agrees_with_a_simulated_queue(
    rate: float, service_s: float, servers: int, patience: float
) -> None:
    queue = patient_queue(one(rate), service_s, servers, patience)
    rejected, p95 = simulate(rate, service_s, servers, patience, seed=7)
    assert float(queue.rejected[0]) == pytest.approx(rejected, rel=0.06, abs=4e-4)
    assert wait_quantile_s(queue, one(1.0)) == pytest.approx(p95, rel=0.05, abs=0.01)


@given(
    slots=st.integers(1, 5_000),
    relative_load=st.floats(0.01, 5.0),
    service_s=st.floats(0.01, 60.0),
    patience=st.floats(0.0, 60.0),
)
def test_more_slots_never_reject_more(slots: int, relative_load: float, service_s: float, patience: float) -> None:
    rate = one(slots * relative_load / service_s)
    few = float(patient_queue(rate, service_s, slots, patience).rejected[0])
    more = float(patient_queue(rate, service_s, slots + 1, patience).rejected[0])
    assert 0.0 <= more <= few * (1 + 1e-6) + 1e-12
    assert few <= 1.0
    assert few >= max(0.0, 1.0 - 1.0 / relative_load) - 1e-6  # what exceeds the slots cannot be served


def test_crossing_into_the_fluid_shortcut_keeps_the_order() -> None:
    rate = one(FLUID_SLOTS * 1.02)
    exact = float(patient_queue(rate, 1.0, FLUID_SLOTS, 10.0).rejected[0])
    fluid = float(patient_queue(rate, 1.0, FLUID_SLOTS + 1, 10.0).rejected[0])
    assert fluid <= exact
    assert fluid == pytest.approx(exact, rel=0.01)


def test_large_gamma_demand_rejects_what_the_fluid_limit_says() -> None:
    """E[(A − s)⁺] ÷ E[A] for Gamma demand with mean 0.9 s and CV² 0.05."""
    slots, mean, cv2 = 5_000, 4_500.0, 0.05
    points = np.random.default_rng(3).gamma(1 / cv2, mean * cv2, 20_000)
    share = rejected_share(patient_queue(points, 1.0, slots, 10.0), points)
    k = 1 / cv2
    z = slots / (mean * cv2)
    fluid = gammaincc(k + 1, z) - slots / mean * gammaincc(k, z)
    assert share == pytest.approx(float(fluid), rel=0.03)


def test_states_are_weighted_and_nothing_waits_without_load() -> None:
    queue = patient_queue(np.array([0.0, 50.0]), 1.0, 10, 10.0)
    assert rejected_share(queue, np.array([1.0, 0.0])) == 0.0
    assert rejected_share(queue, np.array([0.0, 3.0])) == pytest.approx(0.8, rel=1e-3)
    assert rejected_share(queue, np.zeros(2)) == 0.0
    assert wait_quantile_s(queue, np.array([1.0, 0.0])) == 0.0
    assert 9.0 < wait_quantile_s(queue, np.array([0.0, 1.0])) <= 10.0
    assert patience_s(0.0) == 10.0


def test_huge_farms_stay_finite() -> None:
    loads = np.array([1.0, 9e5, 1e6, 1.1e6, 1e8])
    found = log_reciprocal_erlang_b(1_000_000, loads)
    assert np.isfinite(found).all()
    assert float(np.exp(-found[4])) == pytest.approx(0.99, rel=1e-6)
