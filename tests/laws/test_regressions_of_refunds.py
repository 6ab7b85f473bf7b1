"""Bills that refunds make negative, in the months ahead: a refund grows once, and no spend is due without agreement."""

import numpy as np
import pytest
from arbitrary_bills import BillSpec, Thing, make_bill

from model.growth import growth_deltas
from model.outcome import evaluate
from model.projection import project, shortfalls
from model.scenario import Scenario


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
