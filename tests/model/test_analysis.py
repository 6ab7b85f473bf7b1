"""Views of the bill: parts are the whole, bases differ by what they say, periods have no gaps."""

import numpy as np
import pytest
from cost_rows_made import LEAVES, rows_of
from hypothesis import given
from hypothesis import strategies as st

from model.analysis import (
    BASES,
    CostView,
    amounts,
    breakdown,
    credit_sums,
    filtered,
    month_before,
    month_pairs,
    months_of,
    total,
    trend,
    undated,
)
from model.money import apportion
from model.showback import RULES, shared_out, showback, unassigned_share, with_untagged
from model.unit_cost import Driver, unit_costs

lines = st.lists(
    st.tuples(st.integers(0, len(LEAVES) - 1), st.sampled_from((202511, 202512, 202601)), st.just(1.0),
              st.integers(-(2**60), 2**60)),
    min_size=1, max_size=12,
)  # fmt: skip


@given(lines, st.sampled_from(BASES), st.booleans())
def test_parts_and_periods_are_exactly_the_total(made, basis, with_tax):
    rows = rows_of(made)
    view = CostView(basis, frozenset({"credit_discount_nanos"}), with_tax)
    whole = total(rows, view)
    assert whole == sum(amounts(rows, view).tolist())
    for by in ("service", "sku", "project", "resource", "nature"):
        assert sum(part.nanos for part in breakdown(rows, view, by)) == whole
    for grain in ("day", "week", "month"):
        assert sum(trend(rows, view, grain).values()) == whole


@given(lines, st.sampled_from(list(RULES)))
def test_showback_adds_up_by_every_rule(made, rule):
    rows = rows_of(made)
    shares = showback(rows, CostView("effective"), "project", rule)
    assert sum(share.total_nanos for share in shares) == total(rows, CostView("effective"))


def test_billed_is_net_of_the_credits_that_are_chosen():
    rows = rows_of([(0, 202601, 1.0, 1000), (4, 202601, 0.0, 80)])
    assert total(rows, CostView("billed")) == 1080
    assert total(rows, CostView("billed", frozenset({"credit_discount_nanos"}))) == 1080 - 108
    assert total(rows, CostView("billed", with_tax=False)) == 1000
    assert credit_sums(rows) == {"credit_discount_nanos": -108}


def test_filters_take_what_is_chosen_within_each_name_and_all_names():
    rows = rows_of([(0, 202601, 1.0, 1), (2, 202601, 1.0, 10), (3, 202512, 1.0, 100), (4, 202601, 0.0, 1000)])
    assert total(filtered(rows, {"service": ["Run", "SQL"], "project": ["blog"]}), CostView()) == 110
    assert total(filtered(rows, {"service": ["Run", "SQL"]}, [202512]), CostView()) == 100
    assert total(filtered(rows, {"service": ["nothing"]}), CostView()) == 0
    assert breakdown(filtered(rows, {"service": ["nothing"]}), CostView(), "sku") == ()


def test_weeks_begin_on_mondays_and_have_no_gaps():
    rows = rows_of([(0, 202512, 1.0, 5), (0, 202601, 1.0, 7)])  # 1 December 2025 is a Monday, 1 January a Thursday
    found = trend(rows, CostView(), "week")
    assert len(found) == 5
    assert [*found.values()] == [5, 0, 0, 0, 7]
    assert all((day + 3) % 7 == 0 for day in found)


def test_undated_rows_stand_in_their_invoice_month_and_on_no_day():
    rows = rows_of([(0, 202512, 1.0, 5), (0, 202601, 1.0, 7)])
    rows.day[1] = -1
    assert trend(rows, CostView(), "month") == {202512: 5, 202601: 7}
    assert [*trend(rows, CostView(), "day").values()] == [5]
    assert undated(rows, CostView()) == 7
    assert months_of(rows) == (202512, 202601)


def test_cash_is_by_invoice_and_accrual_by_usage():
    rows = rows_of([(0, 202512, 1.0, 100)])
    rows.invoice_month[0] = 202601
    assert month_pairs(rows, rows.credit_columns) == {202512: (0, 90), 202601: (90, 0)}


def test_nobody_named_leaves_everything_apart():
    assert [(share.name, share.total_nanos) for share in shared_out({"": 7}, "evenly")] == [("", 7)]
    assert [share.shared_nanos for share in shared_out({"a": -5, "": 7}, "by direct cost")] == [0, 0]
    assert unassigned_share({"": -1}) is None
    assert with_untagged({"web": 60}, 50) == {"web": 60, "": -10}


def test_a_unit_costs_its_months_share_and_nothing_counted_is_not_a_price():
    found = unit_costs({202601: 3_000_000_000}, [Driver(202601, "users", 2.0), Driver(202601, "jobs", 0.0)])
    assert [(each.driver, each.cost_each) for each in found] == [("jobs", None), ("users", 1.5)]


@pytest.mark.parametrize(("month", "before"), [(202601, 202512), (202603, 202602)])
def test_the_month_before(month, before):
    assert month_before(month) == before


def test_amounts_do_not_touch_the_bill():
    rows = rows_of([(0, 202601, 1.0, 1000)])
    amounts(rows, CostView("billed", frozenset({"credit_discount_nanos"})))[0] = 5
    assert np.array_equal(rows.money["cost_nanos"], [1000])


def test_amounts_beyond_the_precision_of_weights_are_apportioned_whole():
    assert sum(apportion(34_444_342_334_181_677, [6003.0, 2787255.0])) == 34_444_342_334_181_677
    assert sum(apportion(10**30 + 7, [1.0, 2.0, 3.0])) == 10**30 + 7
