from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_commitment_load import FLAT, SERIES, term_load

from model import finance
from model.behaviour.commitment_curve import optimum_at_one_rate
from model.commitment_load import Future, saved_by_month
from model.commitment_regret import Amount, Shocks, assumed_future, futures, regret_table
from model.commitment_risk import Money, npv_by_draw, term_risk
from model.drawing import Range, drawn

STEADY = np.full(12, 10.0)
STILL = Money(Range("g", "", 0.0, 0.0, 0.0), Range("p", "", 0.0, 0.0, 0.0), 0.0, draws=50)


def money(low, value, high, rate=0.08, draws=400):
    return Money(Range("g", "", low, value, high), Range("p", "", -0.02, 0.0, 0.02), rate, draws=draws, seed=7)


def usage():
    return np.random.default_rng(5).gamma(2.0, 5.0, 240)


def test_a_steady_commitment_by_hand():
    """10 an hour at 40 % for 36 months of 12 hours: 4 saved of 10, safe once 40 % × 36 months are saved up."""
    risk = term_risk(term_load(STEADY, 0.4), 6.0, FLAT, STILL)
    assert risk.npv == pytest.approx(36 * 12 * 4.0)
    assert risk.lock_in == risk.owed[0] == pytest.approx(36 * 12 * 6.0)
    assert (risk.owed[12], risk.owed[36]) == (pytest.approx(24 * 12 * 6.0), 0.0)
    assert risk.probability_of_loss == 0.0
    assert risk.best_commit_per_hour == pytest.approx(6.0)
    assert risk.largest_fall == pytest.approx(0.4)
    assert risk.safe_from_month == 22  # ⌈0.6 × 36⌉
    assert risk.drawn_npv.p10 == pytest.approx(risk.drawn_npv.p90)


def test_too_much_loses_in_every_draw():
    risk = term_risk(term_load(STEADY, 0.4), 12.0, FLAT, STILL)
    assert risk.npv < 0.0
    assert risk.probability_of_loss == 1.0
    assert (risk.largest_fall, risk.safe_from_month) == (None, None)


def test_later_money_is_worth_less():
    risk = term_risk(term_load(STEADY, 0.4), 6.0, FLAT, money(0.0, 0.0, 0.0))
    flows = [0.0, *risk.saving_by_month]
    assert risk.npv == pytest.approx(finance.judge(flows, 0.08).npv)


def test_draws_are_priced_one_by_one():
    """The grid of demand and price against every draw and month priced by hand."""
    series, level, drawing = usage(), 8.0, money(-0.2, 0.05, 0.3, draws=60)
    term = term_load(series, 0.4)
    found = npv_by_draw(term, level, drawing)
    sample = drawn([drawing.growth, drawing.price], 60, 7)
    weights, size = drawing.weights(36), np.abs(found).mean()
    for draw, (growth, price) in enumerate(sample[:25]):
        factor = ((1 + growth) * (1 + price)) ** (np.arange(1, 37) / 12)
        covered = [np.minimum(series * each, level / 0.6).sum() for each in factor]
        assert found[draw] == pytest.approx(weights @ (np.array(covered) - level * 240), abs=2e-3 * size)


def test_the_best_amount_is_the_quantile_of_all_hours_of_all_draws():
    series, drawing = usage(), money(-0.2, 0.05, 0.3, rate=0.0, draws=80)
    term = term_load(series, 0.4)
    best = term_risk(term, 5.0, FLAT, drawing).best_commit_per_hour
    sample = drawn([drawing.growth, drawing.price], 80, 7)
    years = np.arange(1, 37) / 12
    factors = (((1 + sample[:, :1]) * (1 + sample[:, 1:])) ** years).ravel()
    pooled = (series[None, :] * factors[:, None]).ravel()
    assert best == pytest.approx(optimum_at_one_rate(pooled, 0.4) * 0.6, rel=5e-3)
    mean = [npv_by_draw(term, level, drawing).mean() for level in (best * 0.9, best, best * 1.1)]
    assert mean[1] >= max(mean) - 1e-6 * abs(mean[1])


def test_decline_makes_the_careful_amount_smaller():
    term = term_load(usage(), 0.4)
    falling, growing = (term_risk(term, 5.0, FLAT, money(*bounds)) for bounds in ((-0.3, -0.2, 0.0), (0.0, 0.2, 0.3)))
    assert falling.best_commit_per_hour < growing.best_commit_per_hour
    assert falling.probability_of_loss >= growing.probability_of_loss


def test_the_same_seed_gives_the_same_draws():
    term = term_load(usage(), 0.4)
    one, two = (npv_by_draw(term, 5.0, money(-0.2, 0.0, 0.3)) for _ in range(2))
    assert (one == two).all()


def test_futures_say_what_they_are():
    found = futures(money(-0.1, 0.0, 0.3), Shocks(fall=0.3, fall_from_month=6), None, 36)
    assert [each.title for each in found] == [
        "As assumed", "Growth at its low (-10% a year)", "Growth at its high (+30% a year)",
        "Usage 30% lower after month 6", "Prices cut by 15% after month 12",
    ]  # fmt: skip
    assert found[3].scale.tolist() == [1.0] * 6 + [0.7] * 30
    assert found[1].demand[11] == pytest.approx(0.9)
    assert assumed_future(money(0.0, 0.1, 0.2), 72).demand[71] == pytest.approx(1.1**3)


@settings(max_examples=25)
@given(SERIES.filter(lambda s: s.any()), st.floats(0.0, 0.9), st.integers(0, 36))
def test_regret_is_what_hindsight_would_have_saved(series, fall, month):
    """Against the best of all levels at which an hour of some month turns."""
    term = term_load(series, 0.4)
    lost = Future("", np.ones(36), np.where(np.arange(36) >= month, 1.0 - fall, 1.0))
    planned = Amount("the plan", optimum_at_one_rate(series, 0.4) * 0.6, 0.0)
    table = regret_table(term, planned, Amount("careful", 1.0, 0.0), (FLAT, lost))
    levels = np.unique(np.concatenate([[0.0], series * 0.6, series * 0.6 * (1 - fall)]))
    best = saved_by_month(term, levels, lost, 36).sum(axis=0).max()
    assert (table.regret >= 0.0).all()
    assert table.saving[:, 1] + table.regret[:, 1] == pytest.approx([best] * len(table.amounts), abs=1e-5)
    at = [amount.title for amount in table.amounts].index("the plan")
    assert table.regret[at, 0] == pytest.approx(0.0, abs=1e-5)
    assert table.worst[[a.title for a in table.amounts].index(table.least.title)] == table.worst.min()


def test_regret_when_all_usage_goes_by_hand():
    """6 $/h covers 10: gone after 6 of 36 months, 6 × 4 are saved and 30 × 6 lost, in 12 hours each."""
    term = term_load(STEADY, 0.4)
    gone = Future("gone", np.ones(36), np.where(np.arange(36) >= 6, 0.0, 1.0))
    table = regret_table(term, Amount("the plan", 6.0, 10.0), Amount("none", 0.0, 0.0), (gone,))
    at = [amount.title for amount in table.amounts].index("the plan")
    assert table.saving[at, 0] == pytest.approx(12 * (6 * 4 - 30 * 6))
    assert table.least.commit_per_hour == 0.0
    assert table.best[0] == 0.0
