"""Promises on the page: approve, see the months since, withdraw; the dashboard tells the same savings."""

import pytest

from data import ledger_records, records
from data.workspace import Workspace
from model.scenario import Scenario
from pages.parts import ledger_session, session
from tests.command_line import document, run
from tests.exports.published_schemas import problems
from tests.pages.test_analysis_page import on
from tests.pages.test_app_pages import app, demo, drawn, said  # noqa: F401 - fixtures

PLAN = Scenario("Half the database", {"cloud_sql.main-db.vcpu": 4, "cloud_sql.main-db.memory_gib": 16})


def test_a_plan_that_nobody_applied_is_not_seen_and_can_be_withdrawn(app, demo):  # noqa: F811
    workspace = Workspace(demo)
    bill = session.load_bill(workspace, [202508, 202509, 202510])
    ledger_session.approve(workspace, bill, PLAN, "Ann", "board")
    at = on(app, "promises")
    assert not at.exception
    assert any("not seen" in str(table.value) for table in at.dataframe)
    assert "promised is seen until Jan 2026" in said(at)
    (savings,) = [each for each in on(at, "metrics").metric if each.label == "Savings so far"]
    assert savings.delta == "▲ of $1.18k promised"
    told = document("ledger", "--workspace", demo)
    assert problems("ledger", told) == []
    assert [month["month"] for month in told["promises"][0]["months"]] == ["202511", "202512", "202601"]
    assert problems("ledger", {**told, "promises": [{**told["promises"][0], "promised": 1.0}]})
    at = on(at, "promises")
    at.button(key="promise_withdraw_1").click().run()
    assert "needs the name" in at.error[0].value
    at.text_input(key="promise_by_1").set_value("Bob")
    at.text_input(key="promise_why_1").set_value("Peak is too high")
    drawn(at.button(key="promise_withdraw_1").click().run())
    (kept,) = ledger_records.approvals(workspace)
    assert problems("ledger", document("ledger", "--workspace", demo)) == []
    assert (kept.withdrawal.by_whom, kept.withdrawal.reason) == ("Bob", "Peak is too high")


@pytest.fixture
def saved(demo):  # noqa: F811
    records.save_scenario(Workspace(demo), PLAN.name, PLAN.to_toml(), PLAN.fingerprint)
    return demo


def test_approving_on_the_page_and_the_command_line_tell_the_same(app, saved):  # noqa: F811
    at = on(app, "promises")
    at.selectbox(key="promise_scenario").set_value(PLAN.name)
    at.text_input(key="promise_approver").set_value("Ann")
    drawn(at.button(key="promise_approve").click().run())
    assert "Too early to tell: Feb 2026" in said(at)
    (promise,) = [each for each in document("ledger", "--workspace", saved)["promises"]
                  if each["approval"]["withdrawal"] is None]  # fmt: skip
    assert (promise["approval"]["approver"], promise["months"], promise["levers"][0]["status"]) == (
        "Ann", [], "too early",
    )  # fmt: skip
    again = run("scenarios", "approve", PLAN.name, "--approver", "Bob", "--workspace", saved, code=1)
    assert "was approved by Ann" in again.stderr
    run("scenarios", "withdraw", PLAN.name, "--approver", "Bob", "--reason", "later", "--workspace", saved)
    assert "Withdrawn by Bob" in run("ledger", PLAN.name, "--workspace", saved).stdout


def test_what_if_says_that_filters_of_analysis_do_not_narrow_it(app, demo):  # noqa: F811
    app.query_params["service"] = "Cloud Run"
    at = on(on(app, "analysis"), "what-if")
    assert "The whole bill is repriced; the filters of Analysis (service Cloud Run) do not narrow this page." in said(
        at
    )
