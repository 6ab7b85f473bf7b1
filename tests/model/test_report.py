"""The report of a plan: its parts are those of the outcome, and they add up to it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from model.lever import Guardrail
from model.report import report_of
from model.report_success import MONEY, SuccessMeasure, closest
from model.report_tasks import month_mean, resource_title
from model.uncertainty import uncertain
from tests.exports.sample_outcomes import committed, laddered, shop, straight, unchanged
from tests.exports.sample_plans import change

if TYPE_CHECKING:
    from model.outcome import Outcome

OUTCOMES = {"shop": shop, "straight": straight, "committed": committed, "laddered": laddered, "unchanged": unchanged}


@pytest.fixture(params=OUTCOMES, name="outcome")
def _outcome(request: pytest.FixtureRequest) -> Outcome:
    return OUTCOMES[request.param]()


def test_tasks_add_up_to_the_plan_and_products_to_their_tasks(outcome: Outcome) -> None:
    report = report_of(outcome)
    assert [task.decision.lever for task in report.tasks] == [item.lever for item in outcome.levers]
    assert sum(task.in_sequence_nanos for task in report.tasks) == outcome.saving_nanos
    for task in report.tasks:
        assert sum(nanos for _, nanos in task.products) == task.in_sequence_nanos


def test_trend_and_services_are_the_outcome(outcome: Outcome) -> None:
    report = report_of(outcome)
    for rows in (report.trend, report.services):
        assert sum(each.before_nanos for each in rows) == outcome.baseline.total.headline
        assert sum(each.after_nanos for each in rows) == outcome.result.total.headline
    assert [each.month for each in report.trend] == list(outcome.bill.months)
    assert sum(each.before_share or 0.0 for each in report.services) == pytest.approx(1.0)
    assert report.trend[0].change is None


def test_a_plan_without_a_lever_has_no_task_measure_or_recommendation_in_it() -> None:
    report = report_of(unchanged())
    assert (report.tasks, report.success) == ((), ())
    assert not [each for each in report.recommendations if each.is_in_plan]


def test_years_follow_the_ramp_at_todays_usage() -> None:
    at_once, later = report_of(shop()).tasks[0], report_of(shop(**{"ramp.cloud_run.start_month": 6.0})).tasks
    month = at_once.in_sequence_nanos / 2
    assert at_once.by_year_nanos == (round(12 * month),) * 3
    delayed = next(task for task in later if task.decision.lever == "cloud_run")
    assert delayed.by_year_nanos[0] == round(6 * delayed.in_sequence_nanos / 2)
    assert delayed.by_year_nanos[1] == delayed.by_year_nanos[2] == round(12 * delayed.in_sequence_nanos / 2)
    assert delayed.full_from_month == delayed.decision.by_month != at_once.decision.by_month


def test_a_lever_that_never_works_in_full_says_so() -> None:
    tasks = report_of(shop(**{"ramp.cloud_run.months": 36.0, "ramp.cloud_run.start_month": 12.0})).tasks
    slow = next(task for task in tasks if task.decision.lever == "cloud_run")
    assert slow.full_from_month is None
    assert slow.by_year_nanos[0] == 0 < slow.by_year_nanos[1] < slow.by_year_nanos[2]


def test_measures_hold_the_bill_its_products_and_the_limits_of_what_changes() -> None:
    outcome = shop()
    report = report_of(outcome)
    bill = report.success[0]
    assert bill.unit == MONEY
    assert bill.today == report.answer.before_per_month_nanos
    assert bill.target == bill.expected == report.answer.after_per_month_nanos
    limits = [each for each in report.success if each.unit != MONEY]
    assert {each.lever for each in limits} <= {item.lever for item in outcome.levers}
    commitment = next(each for each in limits if each.lever == "commitments")
    assert commitment.direction == "at_least"
    assert not [each for each in limits if "cloud_sql-us-central1" in each.title], "pools stand by their titles"


def test_a_limit_of_what_does_not_change_is_no_measure() -> None:
    outcome = shop()
    other = Guardrail("peak CPU", "cloud_sql", "elsewhere", 0.7, 0.5, "ratio", passed=True, sentence="")
    titles = [each.title for each in report_of(replace(outcome, guardrails=(other,))).success]
    assert not [title for title in titles if title.startswith("elsewhere")]


def test_closest_keeps_money_and_the_nearest_of_each_lever() -> None:
    money = SuccessMeasure("", "bill", 2.0, 1.0, 1.0, "at_most", MONEY, "")
    far = SuccessMeasure("cloud_run", "far", None, 0.1, 1.0, "at_most", "ratio", "")
    near = replace(far, title="near", expected=0.9)
    floor = SuccessMeasure("commitments", "floor", None, 0.5, 0.4, "at_least", "ratio", "")
    assert floor.share_of_target == pytest.approx(0.8)
    assert [each.title for each in closest((far, money, near, floor), 1)] == ["bill", "near", "floor"]


def test_assumptions_name_what_moves_the_plan_first_and_what_every_plan_rests_on() -> None:
    outcome = straight(**{"growth.usage_per_year": 0.1})
    drawn = uncertain(outcome, draws=200)
    found = report_of(outcome, drawn).assumptions
    assert [each.key for each in found][: len(drawn.tornado)] == [bar.key for bar in drawn.tornado[:6]]
    assert found[0].npv_low == drawn.tornado[0].npv_low
    assert {"finance.discount_rate_per_year", "firestore.api.index_write_share"} <= {each.key for each in found}


def test_gaps_hold_what_no_limit_could_judge_and_no_empty_question() -> None:
    outcome = shop()
    unjudged = Guardrail("memory", "cloud_run", "api", 0.9, None, "ratio", passed=None, sentence="Memory is not known.")
    gaps = report_of(replace(outcome, guardrails=(unjudged,))).gaps
    assert gaps[0].sentences == ("Memory is not known.",)
    assert all(gap.sentences for gap in gaps)


def test_recommendations_stand_by_what_they_save() -> None:
    saved = [each.saving_per_month_nanos for each in report_of(shop()).recommendations if each.is_in_plan]
    assert saved == sorted(saved, key=lambda nanos: -(nanos or 0))


def test_resources_are_named_as_people_name_them() -> None:
    assert resource_title(change("commitments", "compute_flexible", "term", "none", "1y")) == "Compute flexible"
    assert resource_title(change("housekeeping", "log_exclusion", "applied", False, True)) == "Fewer logs"
    assert resource_title(change("cloud_run", "api", "vcpu", 2, 1)) == "api"


def test_a_month_is_the_nearest_nano() -> None:
    assert (month_mean(5, 2), month_mean(-5, 2), month_mean(9, 3)) == (3, -2, 3)
