"""Budgets: spent so far, the pace to the month's end, and a status that follows from both."""

import pytest
from cost_rows_made import rows_of

from model.analysis import CostView
from model.budgets import Budget, budget_states, month_and_day
from model.daily_costs import month_days

FIRST, LAST = month_days(202601)


def state(amount, *, until=FIRST + 9, scope="bill", name="", lines=((0, 202601, 1.0, 310),)):
    rows = rows_of(lines)
    return budget_states(rows, CostView(), [Budget(scope, name, amount)], 202601, until)[0]


@pytest.mark.parametrize(
    ("amount", "status"), [(300, "over"), (310, "at risk"), (960, "at risk"), (961, "within"), (5000, "within")]
)
def test_status_follows_pace(amount, status):
    found = state(amount)
    assert (found.spent_nanos, found.expected_nanos) == (310, 961)  # 310 in 10 of 31 days
    assert found.status == status


def test_a_month_that_ended_is_what_was_spent_and_an_early_one_is_not_foretold():
    assert state(400, until=LAST + 40).expected_nanos == 310
    early = state(400, until=FIRST + 1)
    assert (early.expected_nanos, early.status) == (None, "too early")


def test_a_scope_counts_its_own_rows_only():
    lines = ((0, 202601, 1.0, 310), (3, 202601, 1.0, 50), (3, 202512, 1.0, 9))
    assert state(400, scope="project", name="blog", lines=lines).spent_nanos == 50
    assert state(400, scope="service", name="Run", lines=lines).spent_nanos == 310
    assert state(400, lines=lines).spent_nanos == 360


def test_undated_cost_is_added_once():
    rows = rows_of([(0, 202601, 1.0, 310), (4, 202601, 0.0, 100)])
    rows.day[1] = -1
    found = budget_states(rows, CostView(), [Budget("bill", "", 1000)], 202601, FIRST + 9)[0]
    assert (found.spent_nanos, found.expected_nanos) == (410, 1061)


def test_the_month_that_is_known_ends_with_the_settled_day():
    rows = rows_of([(0, 202512, 1.0, 1), (0, 202601, 1.0, 1)], day_of_month=20)
    assert month_and_day(rows, None) == (202601, FIRST + 19)
    assert month_and_day(rows, FIRST - 3) == (202512, FIRST - 3)
