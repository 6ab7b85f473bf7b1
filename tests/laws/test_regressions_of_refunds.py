"""Refunds in the months ahead: one grows once, one that comes once is not projected, no spend is due unagreed."""

from dataclasses import replace

import numpy as np
import pytest
from arbitrary_bills import BillSpec, Thing, make_bill

from model.bill import OneOff
from model.growth import growth_deltas
from model.outcome import evaluate
from model.projection import project, shortfalls
from model.scenario import Assumption, Scenario


def test_a_negative_line_of_use_follows_demand_once() -> None:
    bill = make_bill(BillSpec())
    bill.lines.text["charge_class"][0] = "usage"
    for amounts in (bill.lines.cost_nanos, bill.lines.effective_nanos):
        amounts[0] = -5_000_000_000
    for demand in (0.5, 1.001, 1.1, 2.0):
        grown = sum(delta.costs.headline for delta in growth_deltas(bill, demand))
        assert grown == pytest.approx((demand - 1.0) * -5_000_000_000, abs=1.0)


def test_no_minimum_is_agreed_where_none_is_typed() -> None:
    year = np.full(36, -100.0)
    assert shortfalls(year, np.array(0.0)).tolist() == [0.0] * 36
    assert shortfalls(year, np.array(50.0))[[11, 23, 35]].tolist() == [1250.0] * 3


def test_a_saving_on_a_negative_bill_is_kept() -> None:
    bill = make_bill(BillSpec(things=(Thing("run"),), refund=1_000_000.0))
    projection = project(evaluate(bill, Scenario(settings={"cloud_run.api.min_instances": 0})))
    assert projection.baseline[0] < 0.0
    assert projection.saving[0] > 0.0
    assert projection.flows[1:] == pytest.approx(projection.saving)


@pytest.mark.parametrize(("charge_class", "growth", "price"), [("usage", 0.0, 0.0), ("usage", 0.5, 0.03),
                                                               ("adjustment", 0.5, 0.03)])  # fmt: skip
def test_what_was_given_back_once_is_not_given_back_in_the_months_ahead(charge_class, growth, price) -> None:
    assumed = {"growth.usage_per_year": growth, "prices.change_per_year": price}
    scenario = Scenario(assumptions={key: Assumption(value) for key, value in assumed.items()})
    plain, refunded = make_bill(BillSpec()), make_bill(BillSpec())
    for bill, nanos in ((plain, 0), (refunded, -50_000_000_000)):
        bill.lines.text["charge_class"][0] = charge_class
        for amounts in (bill.lines.list_nanos, bill.lines.on_demand_nanos, bill.lines.cost_nanos,
                        bill.lines.effective_nanos):  # fmt: skip
            amounts[0] = nanos
    known = replace(refunded, one_offs=(OneOff("BigQuery", "Analysis", "", charge_class, -50_000_000_000),))
    expected, unknown, found = (project(evaluate(bill, scenario)) for bill in (plain, refunded, known))
    assert found.baseline == pytest.approx(expected.baseline, abs=1e-6)
    assert unknown.baseline[0] == pytest.approx(expected.baseline[0] - 50.0 / len(plain.months), rel=0.1)
    (note,) = found.notes
    assert note.startswith("Left out of the months ahead: -50.00 USD of refunds and corrections that come once")
    assert found.run_rate == unknown.run_rate
