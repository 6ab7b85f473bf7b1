"""The laws of commitments on arbitrary bills: what stands, what is planned, who bears it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from arbitrary_bills import BillSpec, Thing, bills, make_bill
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from model.commitment_advice import advise
from model.commitment_allocation import allocated
from model.commitment_holdings import holdings
from model.commitment_order import order_losses
from model.outcome import RATE_LEVER, evaluate, parameters
from model.projection import project
from model.scenario import Scenario

LAWS = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
TERMS = st.sampled_from(["none", "1y", "3y"])


def bought(bill, term, **usage):
    """Every pool bought for a term at the highest savings."""
    terms = {p.key: term for p in parameters(bill) if p.lever == RATE_LEVER and p.name == "term"}
    return evaluate(bill, Scenario(settings={**terms, **usage}))


@LAWS
@given(bills)
def test_what_stands_adds_up(spec):
    for found in holdings(make_bill(spec)):
        if found.unused_nanos is None:
            continue
        used = found.fee_nanos - found.unused_nanos
        assert used + found.unused_nanos == found.fee_nanos
        assert found.saving_nanos == found.covered_nanos - found.fee_nanos
        if found.utilisation and found.covered_nanos and found.coverage is not None:
            identity = found.coverage * (1.0 - used / found.covered_nanos / found.utilisation)
            assert found.effective_savings_rate == pytest.approx(identity, abs=1e-9)


@LAWS
@given(st.floats(0.1, 1.0), st.integers(1, 5), st.sampled_from(["sql", "firestore", "run_instances"]))
def test_both_billing_models_of_the_same_usage_cost_the_same(share, seed, what):
    def bill_with(model):
        thing = Thing(what, name="a", seed=seed, commitment=model, covered_share=share)
        return make_bill(BillSpec(things=(thing,)))

    legacy, new = (bill_with(model) for model in ("legacy", "new"))
    old, now = (holdings(bill)[0] for bill in (legacy, new))
    assert old.fee_nanos == now.fee_nanos
    assert old.covered_nanos == pytest.approx(now.covered_nanos, abs=10)
    assert evaluate(legacy, Scenario()).baseline.total.headline == pytest.approx(
        evaluate(new, Scenario()).baseline.total.headline, abs=10
    )


@LAWS
@given(bills, TERMS)
def test_a_purchase_is_shared_out_to_the_nano(spec, term):
    outcome = bought(make_bill(spec), term)
    total = 0
    for plan in outcome.pools:
        places = allocated(outcome, plan)
        months = len(plan.fee_by_month)
        assert sum(place.fee_nanos for place in places) == pytest.approx(plan.fee_by_month.sum() * 1e9, abs=months)
        assert sum(place.saving_nanos for place in places) == pytest.approx(plan.saving * 1e9, abs=1e3)
        assert all(place.fee_nanos >= 0 for place in places)
        total += sum(place.saving_nanos for place in places)
        for place in places:
            if place.product != "Commitments":
                assert place.saving_nanos >= 0
    spent = -sum(d.costs.headline for d in outcome.deltas if d.lever == RATE_LEVER and "stranded" not in d.formula)
    assert spent == total


@LAWS
@given(bills, TERMS)
def test_advice_agrees_with_itself_on_any_bill(spec, term):
    outcome = bought(make_bill(spec), term)
    advice = advise(outcome, draws=40)
    assert [pool.plan.name for pool in advice.pools] == [plan.name for plan in outcome.pools]
    for pool, plan in zip(advice.pools, outcome.pools, strict=True):
        if plan.is_planned:
            assert pool.plan is plan
        if pool.risk is None:
            continue
        drawn = pool.risk.drawn_npv
        assert drawn.p10 <= drawn.p50 <= drawn.p90
        assert pool.risk.lock_in == pytest.approx(
            pool.plan.commit_per_hour * pool.risk.months * outcome.bill.hours.is_calendar.sum() / len(spec.months)
        )
        assert pool.terms is not None
        assert pool.terms.choices[0].saving == 0.0
        months = pool.risk.saving_by_month
        assert np.mean(months) == pytest.approx(pool.plan.saving / len(spec.months), rel=1e-6, abs=1e-6)
        assert pool.regret is not None
        assert (pool.regret.regret >= 0.0).all()
    assert advice.together.lock_in == pytest.approx(sum(p.risk.lock_in for p in advice.pools if p.risk))


@LAWS
@given(bills, st.integers(0, 2))
def test_no_order_beats_right_sizing_first(spec, minimum):
    bill = make_bill(spec)
    keys = {p.key: minimum for p in parameters(bill) if p.lever == "cloud_run" and p.name == "min_instances"}
    for loss in order_losses(evaluate(bill, Scenario(settings=keys))):
        assert loss.loss >= -1e-6 * (1.0 + abs(loss.saving_last))


def test_committing_first_loses_on_a_bill_that_is_right_sized_after():
    """A service with three warm instances around the clock: without them, most of what was signed finds no usage."""
    bill = make_bill(BillSpec(things=(Thing("run", level=0.2),)))
    key = next(p.key for p in parameters(bill) if p.name == "min_instances")
    (one, three) = order_losses(evaluate(bill, Scenario(settings={key: 0})))
    assert (one.term, three.term) == ("1y", "3y")
    assert one.commit_first_per_hour > one.commit_last_per_hour
    assert one.loss > 0.0
    assert order_losses(evaluate(bill, Scenario())) == ()


def test_nothing_moves_an_unchanged_scenario():
    bill = make_bill(BillSpec(things=(Thing("sql", name="db", commitment="legacy", covered_share=0.6),)))
    outcome = evaluate(bill, Scenario())
    advice = advise(outcome, draws=20)
    assert not any(pool.is_in_scenario for pool in advice.pools)
    assert outcome.saving_nanos == 0
    assert advice.pools[0].holding == advice.holdings[0]
    assert "when the commitments" in advice.notes[0]


def test_a_typed_end_lets_more_be_bought_later():
    """Half of a database is covered: once it ends the ladder covers that half too."""
    bill = make_bill(BillSpec(things=(Thing("sql", name="db", commitment="new", covered_share=0.5),)))
    name = bill.pools[0].name
    scenario = Scenario().with_assumption(f"commitments.{name}.held_months_left", 12.0)
    advice = advise(evaluate(bill, scenario), draws=20)
    (pool,) = advice.pools
    starts = {rung.tranche.start for rung in pool.terms.ladder.rungs if rung.tranche.start < 36}
    assert starts == {0, 12}
    assert advice.notes == ()
    assert any("end after 12 months and are not renewed" in note for note in project(evaluate(bill, scenario)).notes)
    stays = advise(evaluate(bill, Scenario()), draws=20).pools[0]
    assert {r.tranche.start for r in stays.terms.ladder.rungs if r.tranche.start < 36} == {0}


def test_a_minimum_spend_is_a_floor_of_its_own():
    bill = make_bill(BillSpec(things=(Thing("sql", name="db"),)))
    monthly = evaluate(bill, Scenario()).baseline.total.headline / 1e9
    scenario = Scenario().with_assumption("finance.minimum_spend_per_year", round(12 * monthly))
    key = f"commitments.{bill.pools[0].name}.term"
    advice = advise(evaluate(bill, replace(scenario, settings={key: "3y"})), draws=20)
    assert len(advice.shortfall_by_year) == 3
    assert min(advice.shortfall_by_year) > 0.0
    assert "is not cash" in advice.notes[-1]
