from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from model.behaviour.commitment_curve import optimum_at_one_rate, paid_ratio
from model.commitment_load import Future, Load, TermLoad, best_level, saved_by_month, searched

AMOUNTS = st.integers(0, 20).map(float)
SERIES = arrays(np.float64, 12, elements=AMOUNTS)
MONTHS = 36
FLAT = Future("flat", np.ones(MONTHS), np.ones(MONTHS))


def term_load(series, discount, demand=(0.5, 1.0, 2.0), covered=0.0, standing=None, months=1, used=None):
    """One class whose usage follows demand (or is ``used`` times the series), with a constant existing commitment."""
    hours = np.stack([np.atleast_2d(series) * node for node in (demand if used is None else used)])
    share = np.ones(MONTHS) if standing is None else np.asarray(standing, float)
    load = Load("pool", ("half",), "pro_rata", np.array(demand), hours, np.minimum(hours, covered), share, 0.0, months)
    shares = np.unique(share)
    states = tuple((float(each), None) for each in shares)
    state = np.searchsorted(shares, share)
    return TermLoad(load, "3y", {"half": discount}, (0,), paid_ratio(discount), states, state, state)


def saving_by_hand(series, level, discount, scale):
    """A month at a time: usage scaled, a fee as signed."""
    covered = np.minimum(series * scale, level / (1 - discount)).sum()
    return covered - level * len(series)


@settings(max_examples=60)
@given(SERIES, st.floats(0.0, 15.0), st.floats(0.5, 2.0), st.floats(0.5, 1.5))
def test_usage_that_follows_demand_is_exact_between_the_nodes(series, level, demand, scale):
    term = term_load(series, 0.4)
    future = Future("", np.full(MONTHS, demand), np.full(MONTHS, scale))
    found = saved_by_month(term, np.array([level]), future, MONTHS)[:, 0]
    assert found == pytest.approx([saving_by_hand(series, level, 0.4, demand * scale)] * MONTHS, abs=1e-8)


@settings(max_examples=40)
@given(SERIES, st.floats(0.0, 15.0), st.floats(0.5, 2.0))
def test_usage_that_demand_does_not_move_is_not_scaled_by_it(series, level, demand):
    """A database of one size serves every demand: a full commitment stays full between the nodes."""
    term = term_load(series, 0.4, used=(1.0, 1.0, 1.0))
    found = saved_by_month(term, np.array([level]), Future("", np.full(MONTHS, demand), np.ones(MONTHS)), MONTHS)[:, 0]
    assert found == pytest.approx([saving_by_hand(series, level, 0.4, 1.0)] * MONTHS, abs=1e-8)


@settings(max_examples=40)
@given(SERIES, st.floats(0.0, 15.0), st.floats(0.0, 1.0), st.floats(0.0, 2.0))
def test_a_fixed_part_and_a_share_of_demand_are_exact_between_the_nodes(series, level, fixed, slope):
    used = tuple(fixed + slope * node for node in (0.5, 1.0, 2.0))
    term = term_load(series, 0.4, used=used)
    found = saved_by_month(term, np.array([level]), Future("", np.full(1, 1.3), np.ones(1)), 1)[0, 0]
    assert found == pytest.approx(saving_by_hand(series, level, 0.4, fixed + slope * 1.3), abs=1e-8)


@given(SERIES)
def test_the_best_level_is_the_order_statistic_where_nothing_moves(series):
    term = term_load(series, 0.4)
    best = best_level(term, FLAT, MONTHS)
    exact = optimum_at_one_rate(series, 0.4) * 0.6
    saved = saved_by_month(term, np.array([best, exact]), FLAT, 1)[0]
    assert saved[0] == pytest.approx(saved[1], abs=1e-7)


@settings(max_examples=40)
@given(SERIES, arrays(np.float64, 4, elements=st.sampled_from([0.5, 0.75, 1.0, 1.5, 2.0])))
def test_the_best_level_of_moving_months_is_the_quantile_of_all_their_hours(series, demand):
    term = term_load(series, 0.4)
    future = Future("", demand, np.ones(4))
    best = best_level(term, future, 4)
    pooled = np.concatenate([series * each for each in demand])
    exact = optimum_at_one_rate(pooled, 0.4) * 0.6
    total = saved_by_month(term, np.array([best, exact]), future, 4).sum(axis=0)
    assert total[0] == pytest.approx(total[1], abs=1e-6)


def test_an_existing_commitment_leaves_the_rest_while_it_stands():
    """10 an hour, 4 of it covered for two months, then not: 6 can be covered, later 10."""
    standing = [1.0, 1.0] + [0.0] * (MONTHS - 2)
    term = term_load(np.full(12, 10.0), 0.4, covered=4.0, standing=standing)
    found = saved_by_month(term, np.array([6 * 0.6, 10 * 0.6]), FLAT, 3)
    assert found == pytest.approx(12 * np.array([[2.4, 0.0], [2.4, 0.0], [2.4, 4.0]]))


def test_what_was_bought_since_the_bill_leaves_the_rest_too():
    load = term_load(np.array([10.0, 2.0]), 0.4).load
    beside = Load(
        load.name, load.classes, load.fill_order, load.demand, load.hours, load.covered, load.standing, 3.0, 1
    )
    assert beside.left(1, 1.0).tolist() == [[7.0, 0.0]]
    assert beside.left_at(1.5, 1.0)[0] == pytest.approx([12.0, 0.0], abs=0.8)


def test_hours_between_nodes_join_both():
    load = term_load(np.array([10.0, 2.0]), 0.4).load
    assert load.left_at(1.3, 1.0).tolist() == [pytest.approx([13.0, 2.6])]


def test_a_search_takes_the_lowest_of_equal_levels():
    assert searched(lambda levels: np.minimum(levels, 3.0), 10.0) == pytest.approx(3.0, abs=1e-9)
    assert searched(lambda levels: -levels, 10.0) == 0.0
