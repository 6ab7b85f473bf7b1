"""Laws of resource commitments in a scenario: units by hour against brute force, order, law 1, months ahead."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from arbitrary_bills import UNIT_PRICES, BillSpec, Thing, Units, make_bill, units_of
from hypothesis import given, settings
from hypothesis import strategies as st

from model.commitment_advice import advise
from model.commitment_allocation import allocated
from model.commitment_resources import resource_pools
from model.hours import month_hours
from model.levers.commitment_plan import TERM_MONTHS
from model.money import NANOS
from model.outcome import evaluate, parameters
from model.projection import project
from model.scenario import Scenario, ScenarioError

VCPU, MEMORY = Units(), Units(part="memory", level=80.0, seed=2)
ELSEWHERE = Units(region="europe-west1", level=9.0, seed=3)
SLOTS = Units(series="", part="slot", region="us", level=130.0, seed=4, project="data")
HOURS = np.arange(*month_hours(202601))
N2, SLOT = "commitments.gce_resource-n2-us-central1", "commitments.bigquery_slots-us"
PAID = {"1y": 0.63, "3y": 0.45}


@lru_cache(maxsize=1)
def bill_of():
    things = (Thing("run_instances", name="api"),)
    return make_bill(BillSpec(things=things, units=(VCPU, MEMORY, ELSEWHERE, SLOTS)))


def outcome_of(**amounts):
    """The scenario of some settings; ``n2``/``slots``/``flex`` stand for their prefixes, __ for a dot."""
    prefixes = {"n2": N2, "slots": SLOT, "flex": "commitments.compute_flexible"}
    chosen = {f"{prefixes[key.partition('__')[0]]}.{key.partition('__')[2]}": v for key, v in amounts.items()}
    return evaluate(bill_of(), Scenario(settings=chosen))


def on_demand(each):
    return np.round(units_of(each, HOURS) * UNIT_PRICES[each.part] * NANOS) / NANOS


def saved(each, count, paid):
    """Σ min(n, u)·w − n·p·H, by hand."""
    units, price = units_of(each, HOURS), UNIT_PRICES[each.part]
    return float((np.minimum(count, units) * price).sum()) - count * price * paid * len(HOURS)


@settings(max_examples=15, deadline=None)
@given(vcpu=st.integers(0, 60), memory=st.integers(0, 200), slots=st.integers(0, 5), term=st.sampled_from(["1y", "3y"]))
def test_the_outcome_is_that_of_a_loop_over_hours(vcpu, memory, slots, term):
    found = outcome_of(**{f"n2__vcpu_{term}": vcpu, f"n2__memory_gib_{term}": memory, "slots__slots_1y": 50 * slots})
    wanted = saved(VCPU, vcpu, PAID[term]) + saved(MEMORY, memory, PAID[term]) + saved(SLOTS, 50 * slots, 0.8)
    assert found.saving_nanos / NANOS == pytest.approx(wanted, abs=1e-3)
    assert {plan.units for plan in found.pools if plan.units} == {vcpu, memory, 50 * slots} - {0}
    assert sum(delta.costs.headline for delta in found.deltas) == -found.saving_nanos


@settings(max_examples=8, deadline=None)
@given(vcpu=st.integers(1, 40), covered=st.floats(0.05, 2.0))
def test_a_flexible_commitment_finds_what_they_leave(vcpu, covered):
    """Resource commitments first: the flexible one covers at most what is left of the same hours."""
    both = outcome_of(n2__vcpu_1y=vcpu, flex__term="3y", flex__covered_per_hour=covered)
    (flexible,) = [plan for plan in both.pools if plan.name == "compute_flexible"]
    taken = np.minimum(vcpu, units_of(VCPU, HOURS)) * UNIT_PRICES["vcpu"]
    machines = on_demand(VCPU) + on_demand(MEMORY) + on_demand(ELSEWHERE)
    run = sum(series for key, series in bill_of().pools[1].eligible.items() if key.startswith("cloud_run"))
    left = run + machines - taken
    assert flexible.shape.usage.hours.sum(axis=0) == pytest.approx(left, abs=1e-6)
    alone = outcome_of(flex__term="3y", flex__covered_per_hour=covered)
    (before,) = [plan for plan in alone.pools if plan.name == "compute_flexible"]
    assert flexible.saving <= before.saving + 1e-9
    assert both.saving_nanos / NANOS == pytest.approx(saved(VCPU, vcpu, 0.63) + flexible.saving, abs=1e-3)


def test_one_and_three_years_of_a_kind_cover_it_once():
    found = outcome_of(n2__vcpu_1y=15, n2__vcpu_3y=15)
    units = units_of(VCPU, HOURS)
    long = float(np.minimum(15, units).sum())
    short = float(np.minimum(15, np.maximum(units - 15, 0)).sum())
    by_term = {plan.term: plan.saving for plan in found.pools if plan.units}
    price = UNIT_PRICES["vcpu"]
    assert by_term["3y"] == pytest.approx(price * (long - 15 * 0.45 * len(HOURS)), abs=1e-3)
    assert by_term["1y"] == pytest.approx(price * (short - 15 * 0.63 * len(HOURS)), abs=1e-3)


def test_none_changes_nothing_at_all():
    known = [p for p in parameters(bill_of()) if p.key.startswith((N2, SLOT))]
    assert {p.current for p in known} == {0}
    found = evaluate(bill_of(), Scenario(settings={p.key: p.current for p in known}))
    assert found.saving_nanos == 0
    assert found.deltas == ()


def test_more_than_runs_loses_money_and_the_limit_says_so():
    found = outcome_of(n2__vcpu_1y=200)
    assert found.saving_nanos < 0
    (limit,) = [each for each in found.guardrails if each.name == "commitment_utilisation"]
    assert limit.passed is False
    assert "loses money" in limit.sentence


def test_slots_are_sold_in_fifties():
    with pytest.raises(ScenarioError, match="steps of 50: choose 50 or 100"):
        outcome_of(slots__slots_1y=75)


def test_a_series_without_a_known_price_has_no_setting():
    spec = BillSpec(units=(Units(series="c2"),))
    assert not resource_pools(make_bill(spec))
    assert not any("c2" in parameter.key for parameter in parameters(make_bill(spec)))


def test_who_bears_them_is_who_runs_them():
    found = outcome_of(slots__slots_1y=100)
    (plan,) = [plan for plan in found.pools if plan.units]
    places = allocated(found, plan)
    assert {place.project for place in places if place.product != "Commitments"} == {"data"}
    assert sum(place.saving_nanos for place in places) == found.saving_nanos


def test_months_ahead_go_on_as_the_window():
    found = outcome_of(n2__vcpu_1y=12, slots__slots_3y=100, flex__term="1y")
    assert project(found).saving == pytest.approx(np.full(36, found.saving_nanos / NANOS), abs=1e-6)


@pytest.mark.parametrize("cut", [0.0, -0.5])
def test_units_cover_as_many_when_prices_fall(cut):
    """At half the price what 10 vCPU cover is worth half, and their fee is as it was signed."""
    scenario = replace(outcome_of(n2__vcpu_3y=8).scenario, assumptions={})
    ahead = project(evaluate(bill_of(), scenario.with_assumption("prices.change_per_year", cut)))
    used = float(np.minimum(8, units_of(VCPU, HOURS)).sum()) * UNIT_PRICES["vcpu"]
    fee = 8 * UNIT_PRICES["vcpu"] * 0.45 * len(HOURS)
    assert ahead.saving[11] == pytest.approx(used * (1.0 + cut) - fee, rel=1e-6)


def test_every_purchase_is_judged_over_its_own_term():
    advice = advise(outcome_of(n2__vcpu_1y=12, slots__slots_3y=100), draws=200)
    judged = {pool.plan.name: pool for pool in advice.pools if pool.plan.units}
    assert set(judged) == {"gce_resource-n2-us-central1-vcpu-1y", "bigquery_slots-us-3y"}
    for pool in judged.values():
        assert pool.is_in_scenario
        assert pool.risk.months == TERM_MONTHS[pool.plan.term]
        fee = pool.plan.commit_per_hour * len(HOURS) * TERM_MONTHS[pool.plan.term]
        assert pool.risk.lock_in == pytest.approx(fee)
        assert pool.regret is not None
    (flexible,) = [pool for pool in advice.pools if pool.plan.name == "compute_flexible"]
    assert flexible.machines == ()
