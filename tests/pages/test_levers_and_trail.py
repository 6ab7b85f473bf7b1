"""Controls of all services at once, what is assumed of the future, lists to tick, and the trail down to the rows."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from data.workspace import Workspace
from model.parameter import Parameter
from model.scenario import Scenario
from pages.parts import scenario_state, session
from pages.parts.all_resources import shared, values_of_shared, without_own
from pages.parts.wording import money
from tests.workspace_copies import copy_of

ROOT = Path(__file__).resolve().parents[2]
ALL_MIN = "control_cloud_run.*.min_instances"
API_MIN = "cloud_run.api.min_instances"


@pytest.fixture
def at(tmp_path: Path, imported: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    copy_of(imported, tmp_path / "ws")
    monkeypatch.setenv(session.WORKSPACE_VARIABLE, str(tmp_path / "ws"))
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app._page_hash = calc_hash("what-if")
    return drawn(app.run())


def drawn(at: AppTest) -> AppTest:
    assert not at.exception, [each.value for each in at.exception]
    assert "could not be shown" not in said(at)
    return at


def said(at: AppTest) -> str:
    return " ".join(each.value for each in (*at.markdown, *at.caption, *at.error, *at.success, *at.warning))


def scenario(at: AppTest) -> Scenario:
    return at.session_state[scenario_state.HISTORY].now


def choose(at: AppTest, lever: str, resource: str = "") -> AppTest:
    at.session_state["what_if_lever"] = lever
    if resource:
        at.session_state[f"what_if_resource_{lever}"] = resource
    return drawn(at.run())


def parameter(resource: str, current: object, **more: object) -> Parameter:
    key = f"cloud_run.{resource}.vcpu"
    return Parameter(key, f"{resource}: vCPU", "vCPU", "setting", current, "inventory", "measured", "", **more)


def test_one_control_stands_for_what_all_take():
    own = (parameter("a", 2, minimum=1, maximum=8), parameter("b", 4, minimum=2, maximum=4))
    (joined,) = shared(own)
    assert (joined.key, joined.title, joined.minimum, joined.maximum) == ("cloud_run.*.vcpu", "vCPU", 2, 4)
    assert joined.current is None
    assert joined.default_from == "a 2 vCPU, b 4 vCPU"
    assert shared((own[0], parameter("b", 9, minimum=9, maximum=9))) == ()
    moved = Scenario(settings={"cloud_run.*.vcpu": 3})
    assert values_of_shared((joined,), own, moved.values(own)).get(joined.key) == 3
    assert values_of_shared((joined,), own, Scenario().values(own)).get(joined.key) is None


def test_a_value_for_all_takes_the_place_of_single_ones():
    before = Scenario(settings={"cloud_run.a.vcpu": 1, "cloud_run.a.min_instances": 1, "cloud_run.*.vcpu": 2})
    assert dict(without_own(before, "cloud_run.*.vcpu").settings) == {
        "cloud_run.a.min_instances": 1,
        "cloud_run.*.vcpu": 2,
    }


def test_all_services_move_at_once_and_back(at):
    at.session_state[scenario_state.HISTORY].put(Scenario("Own", {API_MIN: 2}))
    choose(at, "cloud_run", "*")
    assert at.number_input(key=ALL_MIN).placeholder == "They differ"
    drawn(at.number_input(key=ALL_MIN).set_value(1).run())
    assert dict(scenario(at).settings) == {"cloud_run.*.min_instances": 1}
    choose(at, "cloud_run", "worker")
    assert at.slider(key="control_cloud_run.worker.min_instances").value == 1
    choose(at, "cloud_run", "*")
    assert at.slider(key=ALL_MIN).value == 1
    drawn(at.button(key="back_cloud_run.*.min_instances").click().run())
    assert scenario(at).settings == {}


def test_what_is_assumed_of_the_future_is_one_segment_in_the_bill_s_currency(at):
    choose(at, "future")
    number = at.number_input(key="control_finance.one_off_cost")
    assert number.label.endswith("now 0 USD")
    drawn(number.set_value(5000.0).run())
    assert scenario(at).assumptions["finance.one_off_cost"].value == 5000
    drawn(at.number_input(key="control_growth.usage_per_year").set_value(20.0).run())
    assert scenario(at).assumptions["growth.usage_per_year"].value == 0.2
    at.session_state["future_service_level"] = True
    drawn(at.run())
    assert at.number_input(key="control_service_level.p95_wait_s").value == 1.0


def test_rules_and_queries_are_ticked_in_a_list(at):
    choose(at, "housekeeping")
    drawn(at.toggle(key="control_housekeeping.log_exclusion.applied").set_value(True).run())
    assert dict(scenario(at).settings) == {"housekeeping.log_exclusion.applied": True}
    drawn(at.toggle(key="control_housekeeping.log_exclusion.applied").set_value(False).run())
    assert scenario(at).settings == {}
    at.session_state["details_findings"] = True
    drawn(at.run())
    table = next(each.value for each in at.dataframe if "Rule" in each.value.columns)
    assert "Fewer logs" in table["Rule"].tolist()
    choose(at, "queries")
    assert [each.label for each in at.toggle if "tuned" in each.label]


def test_levers_alone_and_together_and_why_they_differ(at):
    moved = Scenario("Both", {API_MIN: 1, "commitments.compute_flexible.term": "1y"})
    at.session_state[scenario_state.HISTORY].put(moved)
    at.session_state["details_tables"] = True
    drawn(at.run())
    table = next(each.value for each in at.dataframe if "Lever" in each.value.columns)
    outcome = at.session_state[scenario_state.PRICED]
    assert table["Fair share (Shapley)"].sum() == pytest.approx(outcome.saving_nanos / 1e9, abs=0.006)
    assert table["Saves in sequence"].sum() == pytest.approx(outcome.saving_nanos / 1e9, abs=0.006)
    assert "Both add up to the saving" in said(at)


def opened_trail(at: AppTest, figure: str, tab: str) -> AppTest:
    at.session_state["details_trail"] = True
    at.session_state["trail_figure"] = figure
    at.session_state["trail_tabs"] = tab
    return drawn(at.run())


def test_the_trail_of_a_service_goes_down_to_its_rows_and_sql(at):
    drawn(at.slider(key=f"control_{API_MIN}").set_value(1).run())
    outcome = at.session_state[scenario_state.PRICED]
    before = outcome.baseline.by_product["Cloud Run"].headline
    opened_trail(at, "product:Cloud Run", "Changes")
    assert f"**Service: Cloud Run**: \\{money(before, 'USD')} now" in said(at)
    opened_trail(at, "product:Cloud Run", "Billing rows")
    assert "That is the figure, to the cent." in said(at)
    rows = next(each.value for each in at.dataframe if "File" in each.value.columns)
    assert len(rows) == 50
    opened_trail(at, "product:Cloud Run", "SQL")
    assert [code.value.count("gcp_billing_export_resource_v1_") for code in at.code if "SELECT" in code.value] == [1, 0]
    opened_trail(at, "lever:cloud_run", "Inputs")
    inputs = next(each.value for each in at.dataframe if "Key" in each.value.columns)
    assert inputs["Key"].tolist()[0] == API_MIN


def test_rows_that_are_gone_are_told_in_a_sentence(at, tmp_path):
    with Workspace(tmp_path / "ws").transaction() as database:
        database.execute("UPDATE load SET path = path || '.moved'")
    at.session_state["details_trail"] = True
    at.session_state["trail_tabs"] = "Billing rows"
    at.session_state["trail_figure"] = "product:Firestore"
    at.run()
    assert not at.exception
    assert any("put it back" in each.value for each in at.error)
