from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from model.behaviour.commitment_ladder import Tranche, ladder, load_duration, mix

WHOLE = st.integers(0, 6).map(float)
YEARS = st.integers(1, 8).flatmap(lambda n: arrays(np.float64, (3, n), elements=WHOLE))
PAIRS = st.sampled_from([(0.28, 0.46), (0.25, 0.52), (0.2, 0.4), (0.17, 0.17), (0.1, 0.2)])


def cost_of_mix(years, three, tops, d1, d3):
    return sum(
        np.maximum(year - three - top, 0.0).sum() + len(year) * (three * (1 - d3) + top * (1 - d1))
        for year, top in zip(years, tops, strict=True)
    )


@settings(max_examples=80)
@given(YEARS, PAIRS)
def test_the_mix_beats_every_other_mix(years, discounts):
    found = mix(list(years), *discounts)
    levels = sorted({0.0, *years.ravel().tolist()})
    best = min(
        sum(min(cost_of_mix([year], three, [top], *discounts) for top in levels) for year in years)
        for three in levels
    )  # fmt: skip
    assert found.cost == pytest.approx(cost_of_mix(years, found.three_years, found.one_year, *discounts))
    assert found.cost <= best + 1e-9 * (years.sum() + 1)


@given(st.integers(1, 20).flatmap(lambda n: arrays(np.float64, n, elements=WHOLE)), PAIRS)
def test_on_a_stationary_series_three_years_stand_alone(year, discounts):
    found = mix([year] * 3, *discounts)
    assert found.cost == pytest.approx(found.three_years_alone[1])
    assert not any(found.one_year if discounts[1] > discounts[0] else [found.three_years])


def test_growth_puts_one_year_on_top():
    """Steady hours at 10, 10 and 20: 3 years at 10, and 1 year for the other 10 in the third year."""
    found = mix([np.full(4, 10.0), np.full(4, 10.0), np.full(4, 20.0)], 0.28, 0.46)
    assert (found.three_years, found.one_year) == (10.0, (0.0, 0.0, 10.0))
    assert found.cost == pytest.approx(12 * 10 * 0.54 + 4 * 10 * 0.72)


@settings(max_examples=25, deadline=None)
@given(arrays(np.float64, (4, 2), elements=st.integers(0, 3).map(float)))
def test_the_ladder_beats_every_whole_ladder(months):
    """Four months of two hours, terms of one and three months: all amounts of 0 to 3 for all starts."""
    tranches = [Tranche(0, 1, 0.2), Tranche(1, 1, 0.2), Tranche(2, 1, 0.2), Tranche(0, 3, 0.45), Tranche(1, 3, 0.45)]
    loads = [load_duration(hours, 2.0, 50) for hours in months]
    found = ladder(loads, tranches)
    live = np.array([[t.start <= m < t.start + t.months for t in tranches] for m in range(4)], dtype=float)
    paid = np.array([1 - t.discount for t in tranches])

    def cost(amounts):
        committed = live @ amounts
        return np.maximum(months - committed[:, None], 0.0).sum() + 2 * (live @ (amounts * paid)).sum()

    best = min(cost(np.array(amounts, float)) for amounts in product(range(4), repeat=5))
    assert found.cost.sum() == pytest.approx(best, abs=1e-6)
    amounts = np.zeros(5)
    for rung in found.rungs:
        amounts[tranches.index(rung.tranche)] = rung.covered_per_hour
    assert cost(amounts) == pytest.approx(found.cost.sum(), abs=1e-6)


def test_a_rung_waits_until_an_existing_commitment_ends():
    """Half of the usage is covered for 12 months: 3 years of half now, and 3 years of the rest then."""
    loads = [load_duration(np.full(8, 5.0 if m < 12 else 10.0), 730.0) for m in range(48)]
    tranches = [Tranche(start, 36, 0.46) for start in range(0, 13, 3)]
    found = ladder(loads, tranches)
    assert [(rung.tranche.start, round(rung.covered_per_hour, 6)) for rung in found.rungs] == [(0, 5.0), (12, 5.0)]
    assert found.cost[:12] == pytest.approx(730 * 5 * 0.54)


def test_load_duration_is_exact_with_a_knot_for_every_hour():
    hours = np.array([3.0, 0.0, 7.0, 7.0])
    load = load_duration(hours, 4.0, 50)
    for level in np.linspace(0.0, 9.0, 19):
        assert load.covered_at(level) == pytest.approx(np.minimum(hours, level).sum())
    assert load.on_demand == 17.0


@given(st.integers(2, 60).flatmap(lambda n: arrays(np.float64, n, elements=st.floats(0.0, 50.0))))
def test_fewer_knots_never_cover_more(hours):
    load = load_duration(hours, 730.0, 4)
    for level in np.linspace(0.0, 55.0, 12):
        exact = np.minimum(hours, level).sum() * 730.0 / len(hours)
        assert load.covered_at(level) <= exact + 1e-6
    assert load.covered_at(60.0) == pytest.approx(load.on_demand)
