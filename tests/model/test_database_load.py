"""How much longer queries take on a busy database, against closed forms of queues with one and two servers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.behaviour.autoscaler import demand_points
from model.behaviour.database_load import SATURATED, computing_share, queries_at_peak, slowness, stretch

BELOW = st.floats(0.0, 0.94)


@given(BELOW)
def test_one_and_two_vcpu_are_the_closed_forms(rho):
    """M/M/1 stays 1 ÷ (1 − ρ), M/M/2 1 ÷ (1 − ρ²)."""
    assert stretch(np.array([rho]), 1)[0] == pytest.approx(1 / (1 - rho))
    assert stretch(np.array([rho]), 2)[0] == pytest.approx(1 / (1 - rho**2))


@given(BELOW, BELOW, st.sampled_from([1, 2, 4, 8, 16, 96]))
def test_it_rises_with_use_and_falls_with_vcpu(one, other, vcpu):
    low, high = stretch(np.array(sorted((one, other))), vcpu)
    assert 1.0 <= low <= high + 1e-12
    assert stretch(np.array([one]), vcpu * 2)[0] <= stretch(np.array([one]), vcpu)[0] + 1e-12


def test_it_stops_where_a_database_is_saturated():
    full, beyond = stretch(np.array([SATURATED, 3.0]), 4)
    assert full == beyond < 10.0


def test_an_even_load_is_slow_as_its_one_utilisation_is():
    found = slowness(np.ones(24), 0.0, 0.1, 0.5, 2)
    assert found.stretch == pytest.approx(1 / (1 - 0.6**2))
    assert found.saturated_share == 0.0
    assert slowness(np.ones(24), 0.0, 0.1, 0.9, 2).saturated_share == 1.0


def test_busy_hours_count_by_their_queries():
    """Nine queries in ten come in the hours that are saturated."""
    load = np.array([1.8, 0.2])
    assert slowness(load, 0.0, 0.1, 0.5, 2).saturated_share == pytest.approx(0.9, abs=0.01)


@given(st.floats(0.1, 0.9), st.sampled_from([0.0, 0.3, 1.0]))
def test_minutes_reach_the_peak_that_was_measured(peak, burstiness):
    load = np.linspace(0.5, 1.5, 50)
    mean = queries_at_peak(load, burstiness, peak, 0.99)
    assert np.quantile(mean * load[:, None] * demand_points(burstiness), 0.99) == pytest.approx(peak)
    assert queries_at_peak(np.zeros(3), 0.3, peak, 0.99) == 0.0


@given(st.floats(0.05, 1.0), st.floats(1.0, 3.0), st.floats(0.1, 4.0))
def test_the_computing_part_is_found_again(share, stretched, alone):
    """Queries of ``alone`` under way if never waiting, that compute for ``share`` of it."""
    under_way = alone * (1 + share * (stretched - 1))
    assert computing_share(share * alone, 1.0, under_way, stretched) == pytest.approx(share)


def test_more_cpu_than_queries_explain_is_all_computing():
    assert computing_share(0.9, 8, 1.0, 1.2) == 1.0
    assert computing_share(0.9, 8, 0.0, 1.2) == 1.0
