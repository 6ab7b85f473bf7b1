"""The work multiplier: formula, bounds, break-even."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.behaviour.query_work import QueryWork, break_even_hit_ratio, multiplier_of_queries, multiplier_of_totals

share = st.floats(0.0, 1.0)


@given(rows=st.lists(st.tuples(st.floats(0.01, 1.0), share, share), min_size=1, max_size=6), hit=share)
def test_the_bounds_of_totals_hold_every_split_into_queries(rows, hit):
    weight = np.array([row[0] for row in rows])
    weight /= weight.sum()
    queries = [QueryWork(float(w), r, k, hit) for w, (_, r, k) in zip(weight, rows, strict=True)]
    exact = multiplier_of_queries(queries, 0.0, 0.0)
    tuned = float(sum(q.work_share * q.time_ratio for q in queries))
    cacheable = float(sum(q.work_share * q.cacheable_share for q in queries))
    totals = multiplier_of_totals(tuned, cacheable, hit)
    assert totals.low - 1e-9 <= exact.value <= totals.high + 1e-9
    assert exact.cache_lost == pytest.approx(totals.cache_lost)


def test_the_bounds_are_reached():
    both = [QueryWork(0.5, 1.0, 0.0, 0.8), QueryWork(0.5, 0.0, 1.0, 0.8)]
    totals = multiplier_of_totals(0.5, 0.5, 0.8)
    assert multiplier_of_queries(both, 0.0, 0.0).value == pytest.approx(totals.high)
    opposite = [QueryWork(0.5, 1.0, 1.0, 0.8), QueryWork(0.5, 0.0, 0.0, 0.8)]
    assert multiplier_of_queries(opposite, 0.0, 0.0).value == pytest.approx(totals.low)


def test_no_cache_and_no_tuning_is_one():
    assert multiplier_of_queries([], 0.7, 0.0).value == 1.0
    assert multiplier_of_totals(1.0, 0.7, 0.0).high == 1.0


def test_work_shares_over_one_are_refused():
    with pytest.raises(ValueError, match="more than 1"):
        multiplier_of_queries([QueryWork(0.7, 1, 0, 0), QueryWork(0.7, 1, 0, 0)], 0.0, 0.0)


def test_break_even_is_the_first_hit_ratio_that_pays():
    assert break_even_hit_ratio(lambda h: 100.0 * h, lambda _: 25.0) == pytest.approx(0.25, abs=1e-6)
    assert break_even_hit_ratio(lambda h: 20.0 * h, lambda _: 25.0) is None
    steps = break_even_hit_ratio(lambda h: 40.0 if h >= 0.333 else 0.0, lambda h: 30.0 * h)
    assert steps == pytest.approx(0.333, abs=1e-6)
