from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from model.behaviour.commitment_curve import (
    FILL_ORDERS,
    commitment_curve,
    covered_by_class,
    level_in_steps,
    optimal_level,
    optimal_rank,
    optimum_at_one_rate,
    paid_ratio,
)

AMOUNTS = st.one_of(st.just(0.0), st.integers(1, 20).map(float), st.floats(0.001, 1000.0))
SERIES = st.integers(1, 40).flatmap(lambda n: arrays(np.float64, n, elements=AMOUNTS))
DISCOUNTS = st.sampled_from([0.17, 0.2, 0.25, 0.28, 0.4, 0.45, 0.46, 0.52, 0.55])


def pools(classes):
    return st.integers(1, 25).flatmap(lambda n: arrays(np.float64, (classes, n), elements=AMOUNTS))


def cost_one_rate(series, discount, c):
    return float((series + c * (1.0 - discount) - np.minimum(c, series)).sum())


def covered_by_hand(hourly, discounts, level, order):
    """An hour at a time, a class at a time, in plain Python."""
    total = 0.0
    for hour in hourly.T:
        if order == "pro_rata":
            demand = sum((1 - d) * s for d, s in zip(discounts, hour, strict=True))
            total += sum(hour) * (min(1.0, level / demand) if demand else 0.0)
            continue
        left = level
        for d, s in sorted(zip(discounts, hour, strict=True), reverse=order == "highest_first"):
            take = min(left, (1 - d) * s)
            total, left = total + take / (1 - d), left - take
    return total


@pytest.mark.parametrize(
    ("discount", "hours", "rank"),
    [(0.17, 8760, 1490), (0.45, 8760, 3942), (0.55, 100, 55), (0.28, 25, 7), (0.07, 100, 7), (0.0, 9, 0), (0.2, 1, 1)],
)
def test_rank_is_the_ceiling_of_the_decimal_product(discount, hours, rank):
    assert optimal_rank(discount, hours) == rank


def test_rank_where_floats_are_one_too_high():
    assert 0.07 * 100 > 7
    assert optimal_rank(0.07, 100) == 7


@given(SERIES, DISCOUNTS)
def test_one_rate_is_least_at_the_order_statistic(series, discount):
    best = optimum_at_one_rate(series, discount)
    assert best == np.sort(series)[optimal_rank(discount, len(series)) - 1]
    least = min(cost_one_rate(series, discount, c) for c in [0.0, *series])
    assert cost_one_rate(series, discount, best) == pytest.approx(least, rel=1e-9, abs=1e-9)


@given(SERIES, DISCOUNTS)
def test_one_rate_law_of_the_curve(series, discount):
    curve = commitment_curve(series[None, :], [discount])
    paid, total, count = paid_ratio(discount), series.sum(), len(series)
    grid = np.linspace(0.0, series.max() * 1.2 + 1.0, 50)
    costs = curve.cost(grid * paid)
    assert costs == pytest.approx([cost_one_rate(series, discount, c) for c in grid], rel=1e-9, abs=1e-9)
    assert (np.diff(costs, 2) >= -1e-9 * (total + 1)).all()
    assert curve.cost(0.0) == pytest.approx(total)
    assert (costs >= paid * total - 1e-9 * (total + 1)).all()
    best = curve.cost(optimum_at_one_rate(series, discount) * paid)
    assert best <= total - discount * count * series.min() + 1e-9 * (total + 1)


@given(SERIES, DISCOUNTS, st.sampled_from(FILL_ORDERS), st.booleans())
def test_one_rate_is_the_special_case_of_several(series, discount, order, split):
    hourly = np.stack([series * 0.25, series * 0.75]) if split else np.stack([series, 0.0 * series])
    curve = commitment_curve(hourly, [discount, discount if split else 0.9], order)
    general = curve.cost(curve.optimum())
    exact = curve.cost(optimum_at_one_rate(hourly.sum(axis=0), discount) * paid_ratio(discount))
    assert general == pytest.approx(exact, rel=1e-9, abs=1e-9)
    assert curve.optimum() <= optimum_at_one_rate(hourly.sum(axis=0), discount) * paid_ratio(discount) * (1 + 1e-9)


@settings(max_examples=60)
@given(pools(3), st.permutations([0.17, 0.28, 0.46]), st.sampled_from(FILL_ORDERS))
def test_optimum_of_several_rates_beats_every_level(hourly, discounts, order):
    curve = commitment_curve(hourly, discounts, order)
    best = float(curve.cost(optimal_level(hourly, discounts, order)))
    top = float(curve.level[-1]) * 1.1
    levels = np.concatenate((np.linspace(0.0, top, 60), curve.level))
    by_hand = [
        hourly.sum() + level * hourly.shape[1] - covered_by_hand(hourly, discounts, level, order) for level in levels
    ]
    assert curve.cost(levels) == pytest.approx(by_hand, rel=1e-9, abs=1e-8)
    assert best <= min(by_hand) + 1e-9 * (hourly.sum() + 1)


@settings(max_examples=60)
@given(pools(2), st.sampled_from(FILL_ORDERS), st.floats(0.0, 2000.0))
def test_hours_add_up_to_the_curve(hourly, order, level):
    discounts = [0.17, 0.46]
    curve = commitment_curve(hourly, discounts, order)
    covered = covered_by_class(hourly, discounts, level, order)
    assert (covered <= hourly * (1 + 1e-12) + 1e-12).all()
    assert covered.sum() == pytest.approx(float(curve.covered_at(level)), rel=1e-9, abs=1e-9)
    used = (covered * np.array([[0.83], [0.54]])).sum(axis=0)
    assert used == pytest.approx(
        np.minimum(level, (hourly * np.array([[0.83], [0.54]])).sum(axis=0)), rel=1e-9, abs=1e-9
    )
    assert used.sum() == pytest.approx(float(curve.used_at(level)), rel=1e-9, abs=1e-9)


def test_one_quantile_per_class_is_not_the_optimum():
    """Two classes that take turns: each alone wants nothing, together they are steady."""
    hourly = np.array([[10.0, 0.0] * 12, [0.0, 10.0] * 12])
    curve = commitment_curve(hourly, [0.17, 0.28])
    assert [optimum_at_one_rate(series, d) for series, d in zip(hourly, [0.17, 0.28], strict=True)] == [0.0, 0.0]
    assert optimal_level(hourly, [0.17, 0.28]) == pytest.approx(7.2)
    assert float(curve.cost(7.2)) == pytest.approx(24 * 7.2 + 12 * 10 * (1 - 7.2 / 8.3))


@given(pools(2), st.sampled_from(FILL_ORDERS))
def test_above_the_zero_saving_level_every_level_loses(hourly, order):
    curve = commitment_curve(hourly, [0.2, 0.4], order)
    zero = curve.zero_saving_level()
    scale = hourly.sum() + 1.0
    assert float(curve.cost(zero)) <= hourly.sum() + 1e-8 * scale
    assert (curve.cost(zero + np.linspace(0.01, 50.0, 20)) > hourly.sum() - 1e-8 * scale).all()


@given(pools(2), st.sampled_from(FILL_ORDERS), st.floats(0.01, 1.0))
def test_level_covering_is_the_smallest_that_reaches(hourly, order, share):
    curve = commitment_curve(hourly, [0.2, 0.4], order)
    wanted = share * curve.on_demand
    level = curve.level_covering(wanted)
    assert float(curve.covered_at(level)) == pytest.approx(wanted, rel=1e-9)
    if wanted:
        assert float(curve.covered_at(level * (1 - 1e-6))) < wanted
    assert curve.level_covering(curve.on_demand * 1.01 + 1.0) is None


@given(SERIES, st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_regret_is_never_negative_and_none_without_a_fall(series, fall, share):
    curve = commitment_curve(series[None, :], [0.28])
    best = curve.optimum()
    assert curve.regret(best, 0.0, share) == pytest.approx(0.0, abs=1e-9 * (series.sum() + 1))
    assert curve.regret(best, fall, share) >= -1e-9 * (series.sum() + 1)


def test_regret_by_hand():
    """10 $/h at 50 %: commit 5; usage gone for good halfway: half of the fee is lost against no commitment at all."""
    curve = commitment_curve(np.full((1, 100), 10.0), [0.5])
    assert curve.regret(5.0, 1.0, 0.5) == pytest.approx(0.0)  # 50 h × 5 saved = 50 h × 5 lost
    assert curve.regret(5.0, 1.0, 0.75) == pytest.approx(250.0)


@given(SERIES, st.floats(0.0, 500.0))
def test_a_constant_existing_commitment_leaves_the_difference(series, existing):
    left = np.maximum(0.0, series - existing)
    assert optimum_at_one_rate(left, 0.28) == pytest.approx(max(0.0, optimum_at_one_rate(series, 0.28) - existing))


@given(SERIES.filter(lambda s: s.sum() > 0), DISCOUNTS, st.floats(0.01, 500.0))
def test_effective_savings_rate_identity(series, discount, commit):
    """ESR = coverage·(1 − (1−d)/utilisation)."""
    curve = commitment_curve(series[None, :], [discount])
    total, fee = series.sum(), commit * len(series)
    coverage = float(curve.covered_at(commit)) / total
    utilisation = float(curve.used_at(commit)) / fee
    esr = 1.0 - float(curve.cost(commit)) / total
    assert esr == pytest.approx(coverage * (1.0 - paid_ratio(discount) / utilisation), rel=1e-7, abs=1e-7)


@given(SERIES, DISCOUNTS, st.floats(0.0, 500.0))
def test_legacy_and_new_billing_model_cost_the_same(series, discount, covers):
    """Legacy: usage at on-demand + fee − credit. New: covered usage at its discounted price + rest + fee − offset."""
    paid = paid_ratio(discount)
    covered = np.minimum(series, covers)
    legacy = series + covers * paid - covered
    new = (covered * paid + (series - covered)) + covers * paid - covered * paid
    assert legacy.sum() == pytest.approx(new.sum(), rel=1e-12, abs=1e-9)
    curve = commitment_curve(series[None, :], [discount])
    assert float(curve.cost(covers * paid)) == pytest.approx(legacy.sum(), rel=1e-9, abs=1e-8)


def test_googles_own_example_of_both_models():
    """10 $/h of on-demand usage at 45 % off: 10 + 5.5 − 10 and 5.5 + 5.5 − 5.5."""
    curve = commitment_curve(np.array([[10.0]]), [0.45])
    assert 10 + 5.5 - 10 == 5.5 + 5.5 - 5.5 == pytest.approx(float(curve.cost(5.5)))


def test_an_empty_pool_buys_nothing():
    curve = commitment_curve(np.zeros((2, 5)), [0.2, 0.4])
    assert (curve.optimum(), curve.zero_saving_level(), float(curve.cost(1.0))) == (0.0, 0.0, 5.0)
    assert optimal_level(np.zeros((2, 5)), [0.2, 0.4]) == 0.0


@given(pools(3), st.sampled_from(FILL_ORDERS))
def test_the_optimum_is_the_lowest_of_the_best_knots(hourly, order):
    discounts = [0.17, 0.28, 0.46]
    curve = commitment_curve(hourly, discounts, order)
    found, best = optimal_level(hourly, discounts, order), curve.optimum()
    scale = hourly.sum() + 1.0
    assert float(curve.cost(found)) == pytest.approx(float(curve.cost(best)), abs=1e-9 * scale)
    assert float(curve.cost(found)) <= curve.cost(curve.level).min() + 1e-9 * scale
    lower = curve.level[curve.level < found * (1 - 1e-9)]
    assert not len(lower) or curve.cost(lower).min() >= float(curve.cost(found)) - 1e-9 * scale


@settings(max_examples=60)
@given(pools(2), st.sampled_from(["pro_rata", "highest_first"]), st.sampled_from([0.5, 3.0, 50.0]))
def test_whole_steps_beat_every_other_whole_step(hourly, order, step):
    curve = commitment_curve(hourly, [0.2, 0.4], order)
    found = level_in_steps(hourly, [0.2, 0.4], step, order)
    assert found / step == pytest.approx(round(found / step))
    steps = np.arange(0.0, float(curve.level[-1]) + 2 * step, max(step, float(curve.level[-1]) / 500 // step * step))
    assert float(curve.cost(found)) <= curve.cost(steps).min() + 1e-8 * (hourly.sum() + 1.0)


@given(pools(2), st.floats(0.05, 1.0))
def test_the_highest_level_that_is_used_so_far(hourly, utilisation):
    curve = commitment_curve(hourly, [0.2, 0.4])
    level = curve.level_used_at(utilisation)
    if level:
        used = float(curve.used_at(level)) / (level * curve.hour_count)
        assert used >= utilisation - 1e-9
    above = level * (1 + 1e-6) + 1e-6
    assert float(curve.used_at(above)) / (above * curve.hour_count) < utilisation + 1e-9


def test_steps_by_hand():
    """70 slots always, 140 in 60 of 100 hours, at 20 %: what runs above 70 would have to run in 80 hours."""
    hourly = np.array([[140.0] * 60 + [70.0] * 40])
    assert optimal_level(hourly, [0.2]) == pytest.approx(70 * 0.8)
    assert level_in_steps(hourly, [0.2], 50 * 0.8) == pytest.approx(50 * 0.8)
    assert level_in_steps(hourly * 1.4, [0.2], 50 * 0.8) == pytest.approx(100 * 0.8)
