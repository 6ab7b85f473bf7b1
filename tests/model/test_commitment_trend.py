"""Usage that falls within the bill: no commitment is advised that loses when the fall goes on, and it is said."""

from __future__ import annotations

import numpy as np
import pytest
from commitment_bill import axis, bill_of, pool
from hypothesis import given, settings
from hypothesis import strategies as st

from model.commitment_advice import advise
from model.commitment_regret import FALLING, PLANNED, saving_if
from model.levers.pool_hours import pool_usage
from model.outcome import evaluate
from model.scenario import Scenario

NAME = "memorystore"
MONTH = 240


def bill_at(*levels: float, seed: int | None = None):
    """One pool whose months run at these levels, around the clock or by the hour at random."""
    shape = np.ones(MONTH) if seed is None else np.random.default_rng(seed).uniform(0.2, 1.8, MONTH)
    series = np.concatenate([level * shape for level in levels])
    return bill_of(pool(NAME, {NAME: series}), hours=axis((MONTH,) * len(levels)))


def judged(bill, **wishes):
    (found,) = advise(evaluate(bill, Scenario(settings=wishes)), draws=40).pools
    return found


@pytest.mark.parametrize("levels", [(10.0, 10.0, 10.0), (8.0, 9.0, 10.0), (10.0, 10.5, 9.5)])
def test_steady_usage_has_no_trend(levels):
    found = judged(bill_at(*levels))
    assert found.trend is None
    assert found.plan.covered_on_demand_per_hour == pytest.approx(sorted(levels)[1], rel=0.2)


def test_a_fall_is_told_with_its_months_and_its_pace():
    found = judged(bill_at(10.0, 8.0, 6.4))
    assert found.trend is not None
    assert (found.trend.highest_month, found.trend.last_month) == (202601, 202603)
    assert found.trend.fall == pytest.approx(0.36)
    assert found.trend.per_month == pytest.approx(-0.2)
    assert found.trend.last_share == pytest.approx(6.4 / (24.4 / 3))
    assert "fell by 36% from 2026-01 to 2026-03" in found.notes[0]


@settings(max_examples=12, deadline=None)
@given(st.floats(0.1, 0.8), st.integers(0, 1000))
def test_what_is_advised_never_loses_if_the_fall_goes_on(left, seed):
    """10 an hour, then ever less; and at the last month's usage it saves too."""
    found = judged(bill_at(10.0, 10.0 * (1.0 + left) / 2.0, 10.0 * left, seed=seed))
    assert found.trend is not None
    if found.risk is None:
        return
    assert found.regret is not None
    assert saving_if(found.regret, FALLING) >= -1e-6
    assert found.risk.saving_by_month[0] >= 0.0
    assert found.risk.probability_of_loss == 0.0
    assert found.terms is not None
    assert found.terms.best.saving >= 0.0


def test_usage_that_vanished_is_not_committed_to():
    found = judged(bill_at(10.0, 10.0, 0.0))
    assert found.risk is None
    assert not found.plan.rungs


def test_a_purchase_of_the_scenario_stays_and_is_told_what_the_fall_does_to_it():
    """10, 7 and 4.9 an hour on average 7.3: the window's best is used in full no more."""
    key = f"commitments.{NAME}"
    found = judged(bill_at(10.0, 7.0, 4.9), **{f"{key}.term": "3y", f"{key}.covered_per_hour": 7.0})
    assert found.is_in_scenario
    assert found.plan.commit_per_hour == pytest.approx(7.0 * 0.6)
    assert found.risk is not None
    hours = MONTH
    assert found.risk.saving_by_month[0] == pytest.approx(hours * (4.9 - 7.0 * 0.6), rel=0.01)
    assert "it loses" in found.notes[0]
    assert found.regret is not None
    fallen = saving_if(found.regret, FALLING)
    by_hand = sum(hours * (min(7.0, 4.9 * 0.7 ** min(k, 12)) - 4.2) for k in range(1, 37))
    assert fallen == pytest.approx(by_hand, rel=1e-3)
    assert PLANNED in [amount.title for amount in found.regret.amounts]


def test_the_plan_of_the_last_month_is_sized_by_it():
    bill = bill_at(10.0, 10.0, 4.0)
    key = f"commitments.{NAME}"
    plan = evaluate(bill, Scenario(settings={f"{key}.term": "3y", f"{key}.plan": "last_month"})).pools[0]
    assert plan.covered_on_demand_per_hour == pytest.approx(4.0)
    assert pool_usage(bill, bill.pools[0], {}).last_month_share == pytest.approx(0.5)


@settings(max_examples=12, deadline=None)
@given(st.floats(-0.9, 0.6), st.floats(-0.3, 0.1), st.integers(0, 1000))
def test_nothing_that_loses_under_what_is_assumed_is_advised(growth, price, seed):
    """Where usage or prices are assumed to fall, the amount is the term's, and a year is renewed for what pays."""
    bill = bill_at(10.0, seed=seed)
    assumed = Scenario().with_assumption("growth.usage_per_year", growth)
    outcome = evaluate(bill, assumed.with_assumption("prices.change_per_year", price))
    (found,) = advise(outcome, draws=40).pools
    if found.risk is None:
        return
    assert found.risk.npv >= -1e-6
    assert sum(found.risk.saving_by_month) >= -1e-6
    assert found.terms is not None
    ways = {choice.key: choice.saving for choice in found.terms.choices}
    assert ways["1y"] >= -1e-6
    assert ways["3y"] >= -1e-6


def test_a_standing_commitment_that_ends_soon_is_told_beside_the_amount():
    series, nothing = np.full(MONTH, 10.0), np.zeros(MONTH)
    own = pool(NAME, {NAME: series - 6.0}, {NAME: series - 4.0}, fee=nothing + 6.0 * 0.8)
    bill = bill_of(own, hours=axis((MONTH,)))
    key = f"commitments.{NAME}.held_months_left"
    told, quiet = (
        advise(evaluate(bill, Scenario().with_assumption(key, left)), draws=40).pools[0].notes for left in (2.0, 40.0)
    )
    assert any("100% of what stands ends within 3 months" in note for note in told)
    assert not any("what stands ends" in note for note in quiet)


def test_a_commitment_that_loses_if_the_fall_goes_on_breaks_a_limit():
    """10, 7 and 4.9 an hour: 7 covered at 40 % off for 3 years, while usage falls by 30 % a month for a year."""
    bill, key = bill_at(10.0, 7.0, 4.9), f"commitments.{NAME}"
    plan = evaluate(bill, Scenario(settings={f"{key}.term": "3y", f"{key}.covered_per_hour": 7.0})).pools[0]
    (limit,) = [each for each in plan.guardrails if each.name == "commitment_if_falling"]
    factors = 4.9 / (21.9 / 3) * 0.7 ** np.minimum(np.arange(1, 37), 12)
    hours = np.repeat([10.0, 7.0, 4.9], MONTH)
    used = np.mean([np.minimum(7.0, factor * hours).mean() / 7.0 for factor in factors])
    assert limit.value == pytest.approx(used)
    assert limit.limit == pytest.approx(0.6)
    assert limit.passed is False
    assert "it loses money" in limit.sentence


def test_what_is_advised_keeps_that_limit_and_steady_usage_has_none():
    falling, steady = (judged(bill_at(*levels, seed=3)) for levels in ((10.0, 9.5, 7.5), (10.0, 10.0, 10.0)))
    assert falling.plan.is_planned
    assert [limit.passed for limit in falling.plan.guardrails] == [True, True]
    assert [limit.name for limit in steady.plan.guardrails] == ["commitment_utilisation"]
