"""What must hold of the months ahead on arbitrary bills: no change saves nothing, no growth repeats the average."""

from dataclasses import replace

import numpy as np
import pytest
from arbitrary_bills import BillSpec, Thing, bills, make_bill
from hypothesis import example, given
from hypothesis import strategies as st
from test_laws_of_outcomes import LAWS, OVERLOADED, moved

from model import finance
from model.growth import follows_use, growth_deltas, paid_for_use
from model.money import NANOS
from model.outcome import evaluate, moved_levers, run
from model.projection import figures, months_after, pinned, project
from model.ramp import ramp_share
from model.scenario import Scenario

GROWTH, PRICE = "growth.usage_per_year", "prices.change_per_year"
SHOP = BillSpec(months=(202602, 202603), things=(Thing("run"), Thing("sql", name="db"), Thing("firestore")))


def assumed(scenario: Scenario, **values: float) -> Scenario:
    names = {"growth": GROWTH, "price": PRICE, "rate": "finance.discount_rate_per_year",
             "one_off": "finance.one_off_cost", "recurring": "finance.recurring_cost_per_month",
             "minimum": "finance.minimum_spend_per_year"}  # fmt: skip
    for name, value in values.items():
        scenario = scenario.with_assumption(names.get(name, name), value)
    return scenario


@LAWS
@given(moved())
def test_no_growth_repeats_the_average_month(case) -> None:
    spec, scenario = case
    bill = make_bill(spec)
    outcome = evaluate(bill, assumed(scenario, one_off=1000.0, rate=0.0))
    if any(not rung.is_renewed for pool in outcome.pools for rung in pool.rungs):
        return  # rungs start and end in their months
    projection, months = project(outcome), len(bill.months)
    size = abs(outcome.baseline.total.headline) / NANOS + 1.0
    assert projection.baseline == pytest.approx(outcome.baseline.total.headline / NANOS / months, abs=1e-9 * size)
    assert projection.after_commitments == pytest.approx(
        outcome.result.total.headline / NANOS / months, abs=1e-9 * size
    )
    saved = 36 * outcome.saving_nanos / NANOS / months
    assert figures(projection).npv == pytest.approx(saved - 1000.0, abs=1e-6 * size)


@LAWS
@given(bills, st.floats(-0.3, 0.6), st.floats(-0.05, 0.05))
@example(OVERLOADED, 0.3, 0.02)
def test_unchanged_settings_save_nothing_in_any_month_ahead(spec, growth, price) -> None:
    projection = project(evaluate(make_bill(spec), assumed(Scenario(), growth=growth, price=price)))
    size = np.abs(projection.baseline) + 1.0
    assert (np.abs(projection.saving) <= 1e-9 * size).all()
    assert figures(projection).npv == pytest.approx(0.0, abs=1e-6 * float(size.max()))


@LAWS
@given(moved(), st.floats(-0.3, 0.6))
def test_months_that_are_priced_are_what_a_run_at_that_demand_says(case, growth) -> None:
    """The first and the last month, with amounts to commit typed in as they were decided."""
    spec, scenario = case
    bill = make_bill(spec)
    outcome = evaluate(bill, assumed(scenario, growth=growth))
    if len({d for pool in outcome.pools if pool.is_planned for d in pool.rates.values()}) > 1:
        return  # one amount of several rates is fixed in discounted units, which a setting does not state
    if any(not rung.is_renewed for pool in outcome.pools for rung in pool.rungs):
        return  # rungs start and end in their months, which one run does not know
    projection = project(outcome)
    for month in (0, 35):
        demand = float(projection.demand[month])
        for active, told in ((frozenset[str](), projection.baseline), (None, projection.after_commitments)):
            exact = run(bill, pinned(outcome), active, demand)
            cost = (outcome.baseline.total.headline - exact.saving_nanos) / NANOS / len(bill.months)
            assert told[month] == pytest.approx(cost, rel=1e-6, abs=1e-5)


@LAWS
@given(moved())
def test_what_is_pinned_says_the_same_today(case) -> None:
    spec, scenario = case
    bill = make_bill(spec)
    outcome = evaluate(bill, scenario)
    again = evaluate(bill, pinned(outcome))
    assert again.saving_nanos == pytest.approx(outcome.saving_nanos, rel=1e-9, abs=1000)


@LAWS
@given(bills, st.floats(0.0, 3.0))
def test_growth_moves_use_and_nothing_else(spec, demand) -> None:
    bill = make_bill(spec)
    text = bill.lines.text
    products = set(text["product"][follows_use(bill)])
    assert {delta.product for delta in growth_deltas(bill, demand)} <= products
    assert not follows_use(bill)[np.isin(text["charge_class"], ("tax", "adjustment", "rounding"))].any()
    assert not follows_use(bill)[text["fee_of"] != ""].any()
    assert growth_deltas(bill, 1.0) == []


def test_growth_by_hand_keeps_what_the_free_tier_gave() -> None:
    """100 of use of which 30 were free: twice the use costs 170; half of it 20; a fifth nothing."""
    bill = make_bill(BillSpec(things=(Thing("tasks", name=""),)))
    lines = bill.lines
    text = {name: np.array(column[:1], object) for name, column in lines.text.items()}
    text |= {"kind": np.array([""], object), "service": np.array(["Cloud Logging"], object)}
    amounts = dict.fromkeys(("list_nanos", "on_demand_nanos", "cost_nanos"), np.array([100 * NANOS]))
    one = replace(
        lines, text=text, month_index=lines.month_index[:1], usage=np.array([100.0]),
        effective_nanos=np.array([70 * NANOS]), credits={"credit_free_tier_nanos": np.array([-30 * NANOS])}, **amounts,
    )  # fmt: skip
    bill = replace(bill, lines=one, resources={}, pools=())
    paid = {d: 70 + sum(delta.costs.headline for delta in growth_deltas(bill, d)) / NANOS for d in (2.0, 0.5, 0.2)}
    assert paid == {2.0: 170.0, 0.5: 20.0, 0.2: 0.0}
    assert paid_for_use(bill) == 70 * NANOS
    one.text["service"][0] = "Cloud Support"
    agreed = replace(bill, lines=replace(one, text=dict(one.text)))
    assert growth_deltas(agreed, 2.0) == []


def test_prices_move_use_and_leave_what_is_signed() -> None:
    """With a commitment of a fixed fee: 10 % dearer units cost 10 % more of the use, and the fee stays."""
    bill = make_bill(SHOP)
    outcome = evaluate(bill, assumed(Scenario(), price=0.10))
    projection = project(outcome)
    assert projection.baseline[11] == pytest.approx(projection.baseline[0] * 1.1 ** (11 / 12), rel=1e-9)
    bought = Scenario(settings={"commitments.compute_flexible.term": "3y"})
    plain, dearer = (project(evaluate(bill, assumed(bought, price=price))) for price in (0.0, 0.10))
    assert plain.saving[11] > 0.0
    assert dearer.saving[11] >= plain.saving[11] - 1e-9  # as many dollars are covered, and fewer hours fall short
    assert dearer.after_commitments[11] - plain.after_commitments[11] <= 0.1 * plain.baseline[11] + 1e-9


def test_ramp_by_hand() -> None:
    """Starts after two months and takes four: a quarter of it each month, its mean over the month."""
    assert ramp_share(2.0, 4.0)[:7].tolist() == [0.0, 0.0, 0.125, 0.375, 0.625, 0.875, 1.0]
    assert ramp_share(0.0, 0.0).tolist() == [1.0] * 36
    assert ramp_share(36.0, 0.0).sum() == 0.0
    assert ramp_share(0.0, 36.0).sum() == pytest.approx(18.0)
    assert ramp_share(1.5, 0.0)[:3].tolist() == [0.0, 0.5, 1.0]


def test_a_ramp_takes_away_its_levers_saving_month_by_month() -> None:
    bill = make_bill(SHOP)
    plan = Scenario(settings={"cloud_run.api.min_instances": 0, "cloud_sql.db.vcpu": 4})
    outcome = evaluate(bill, plan)
    assert moved_levers(bill, plan) == ("cloud_sql", "cloud_run")
    saving = {lever.lever: lever.in_sequence_nanos / NANOS / len(bill.months) for lever in outcome.levers}
    late = project(evaluate(bill, assumed(plan, **{"ramp.cloud_run.start_month": 3.0, "ramp.cloud_sql.months": 2.0})))
    expected = saving["cloud_run"] * ramp_share(3.0, 0.0) + saving["cloud_sql"] * ramp_share(0.0, 2.0)
    assert late.saving == pytest.approx(expected)
    assert late.flows[1:] == pytest.approx(expected)


def test_money_beside_the_bill_by_hand() -> None:
    """One-off today, running cost a month, and a yearly floor that eats what is saved below it."""
    bill = make_bill(SHOP)
    plan = Scenario(settings={"cloud_run.api.min_instances": 0})
    plain = project(evaluate(bill, plan))
    yearly, saved = 12 * plain.baseline[0], 12 * plain.saving[0]
    assert saved > 0.0
    floor = yearly - saved / 4.0
    told = project(evaluate(bill, assumed(plan, one_off=50.0, recurring=1.5, minimum=floor, rate=0.0)))
    assert told.flows[0] == -50.0
    assert told.flows[1] == pytest.approx(plain.saving[0] - 1.5)
    assert told.shortfall[[11, 23, 35]] == pytest.approx(saved * 3 / 4)
    assert np.delete(told.shortfall, [11, 23, 35]).tolist() == [0.0] * 33
    assert figures(told).npv == pytest.approx(3 * saved - 50.0 - 36 * 1.5 - 3 * saved * 3 / 4)
    assert told.discounted.sum() == pytest.approx(told.cumulative[-1])
    assert figures(told) == finance.judge(told.flows.tolist(), 0.0)


def test_months_ahead_follow_the_window_and_the_run_rate_is_its_last_month() -> None:
    bill = make_bill(SHOP)
    outcome = evaluate(bill, Scenario())
    projection = project(outcome)
    assert projection.months == months_after(202603)
    assert (projection.months[0], projection.months[9], projection.months[-1]) == (202604, 202701, 202903)
    assert projection.run_rate == outcome.baseline.by_month[202603].headline / NANOS
    assert project(evaluate(bill, Scenario())) is projection


def test_one_year_is_said_to_be_renewed() -> None:
    bill = make_bill(SHOP)
    notes = project(evaluate(bill, Scenario(settings={"commitments.compute_flexible.term": "1y"}))).notes
    assert any("renewed" in note and "Compute flexible" in note for note in notes)
