"""The app through its router: empty, with the demo bill, and with a bill that lacks most products."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from cli import cli
from data import records
from data.importing import import_paths
from data.workspace import Workspace
from model.scenario import Scenario
from pages.parts import scenario_state, session
from pages.parts.wording import money
from tests.workspace_copies import copy_of

ROOT = Path(__file__).resolve().parents[2]
NISE = ROOT / ".." / "shared" / "data" / "nise_standard_usd_2026H1"
MIN_INSTANCES = "control_cloud_run.api.min_instances"
LONG = 60


@pytest.fixture
def demo(tmp_path: Path, imported: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy_of(imported, tmp_path / "ws")
    monkeypatch.setenv(session.WORKSPACE_VARIABLE, str(tmp_path / "ws"))
    return tmp_path / "ws"


@pytest.fixture
def app() -> AppTest:
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=LONG)


def drawn(at: AppTest) -> AppTest:
    assert not at.exception, [each.value for each in at.exception]
    return at


def said(at: AppTest) -> str:
    return " ".join(each.value for each in (*at.markdown, *at.caption, *at.error, *at.success, *at.warning))


def scenario(at: AppTest) -> Scenario:
    return at.session_state[scenario_state.HISTORY].now


def simulated(folder: Path, *arguments: str) -> dict:
    result = CliRunner().invoke(cli, ["simulate", "--workspace", str(folder), "--json", *arguments])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def nanos(text: str) -> int:
    return int(text.replace(".", ""))


@pytest.mark.parametrize("page", ["summary", "what-if", "export"])
def test_an_empty_workspace_offers_the_demo(app, page, tmp_path, monkeypatch):
    monkeypatch.setenv(session.WORKSPACE_VARIABLE, str(tmp_path / "ws"))
    at = drawn(_switched(app, page))
    assert "No bill is loaded yet" in said(at)
    assert at.button(key="empty_demo").label == "Load the demo bill"
    drawn(at.button(key="empty_data").click().run())
    assert at.title[0].value == "Which bill is this about?"


@pytest.mark.parametrize(
    ("page", "title"),
    [
        ("summary", "What can be saved?"),
        ("what-if", "What would change the bill?"),
        ("export", "What has to be done?"),
        ("data", "Which bill"),
    ],
)
def test_every_page_shows_the_demo_bill(app, demo, page, title):
    at = drawn(_switched(app, page))
    assert at.title[0].value.startswith(title)
    assert "Demo bill, generated" in said(at)
    assert not at.error


def test_demo_and_real_rows_together_are_flagged(app, demo, monkeypatch):
    demo_loads = Workspace(demo).loads()
    mixed = [*demo_loads, replace(demo_loads[0], path="june.csv", is_demo=False)]
    monkeypatch.setattr(Workspace, "loads", lambda _: mixed)
    assert "Demo and real rows together" in said(drawn(_switched(app, "what-if")))


def test_a_slider_gives_the_cents_that_the_command_line_gives(app, demo):
    at = drawn(_switched(app, "what-if"))
    drawn(at.slider(key=MIN_INSTANCES).set_value(1).run())
    document = simulated(demo, "--set", "cloud_run.api.min_instances=1")
    saved = next(metric for metric in at.metric if metric.label.startswith("Saved over"))
    assert saved.value == money(nanos(document["saving"]), "USD")
    assert saved.value != "$0.00"
    outcome = at.session_state[scenario_state.PRICED]
    assert outcome.result.total.headline == nanos(document["outcome"]["total"]["headline"])
    assert scenario(at).fingerprint == document["fingerprint"]


def test_undo_and_redo_move_the_control_too(app, demo):
    at = drawn(_switched(app, "what-if"))
    at.slider(key=MIN_INSTANCES).set_value(1).run()
    at.slider(key=MIN_INSTANCES).set_value(2).run()
    drawn(at.button(key="undo").click().run())
    assert at.slider(key=MIN_INSTANCES).value == 1
    drawn(at.button(key="undo").click().run())
    assert at.slider(key=MIN_INSTANCES).value == 5
    assert at.button(key="undo").disabled
    drawn(at.button(key="redo").click().run())
    assert at.slider(key=MIN_INSTANCES).value == 1


def test_back_leads_to_the_current_value(app, demo):
    at = drawn(_switched(app, "what-if"))
    at.slider(key=MIN_INSTANCES).set_value(1).run()
    drawn(at.button(key="back_cloud_run.api.min_instances").click().run())
    assert scenario(at).fingerprint == Scenario().fingerprint
    assert at.slider(key=MIN_INSTANCES).value == 5


def test_a_saved_scenario_opens_in_another_tab_and_on_the_command_line(app, demo):
    at = drawn(_switched(app, "what-if"))
    at.slider(key=MIN_INSTANCES).set_value(1).run()
    at.text_input(key="scenario_save_name").set_value("Scale down api")
    drawn(at.button(key="save").click().run())
    assert "Scale down api is saved" in said(at)
    assert records.scenario(Workspace(demo), "Scale down api").fingerprint == scenario(at).fingerprint
    other = drawn(AppTest.from_file(str(ROOT / "app.py"), default_timeout=LONG).run())
    other.selectbox(key="scenario_open_name").set_value("Scale down api")
    drawn(other.button(key="open").click().run())
    assert scenario(other) == scenario(at)
    assert simulated(demo, "--scenario", "Scale down api")["fingerprint"] == scenario(at).fingerprint


def test_saving_without_a_name_says_what_is_missing(app, demo):
    at = drawn(_switched(app, "what-if"))
    drawn(at.button(key="save").click().run())
    assert "no name yet" in at.error[0].value
    assert records.scenarios(Workspace(demo)) == []


def test_a_scenario_file_is_opened_or_refused_in_one_sentence(app, demo):
    at = drawn(_switched(app, "what-if"))
    at.file_uploader(key="scenario_open_file").set_value(("plan.toml", b"version = 9", "application/toml"))
    drawn(at.button(key="open_file").click().run())
    assert "plan.toml has version 9" in at.error[0].value
    assert scenario(at) == Scenario()
    text = (ROOT / "data" / "samples" / "phase4_scenario.toml").read_bytes()
    at.file_uploader(key="scenario_open_file").set_value(("plan.toml", text, "application/toml"))
    drawn(at.button(key="open_file").click().run())
    assert scenario(at) == Scenario.from_toml(text.decode())
    assert at.title[0].value == "What happens with “Phase 4”?"


def test_an_assumption_is_typed_in_percent_and_kept_as_a_ratio(app, demo):
    at = drawn(_switched(app, "what-if"))
    at.session_state["assumed_cloud_run_api"] = True
    at.run()
    drawn(at.slider(key="control_cloud_run.api.cpu_boundness").set_value(50.0).run())
    assert scenario(at).assumptions["cloud_run.api.cpu_boundness"].value == 0.5
    assert at.expander[0].label == "Assumptions (1 typed)"


def test_a_link_holds_the_scenario(app, demo):
    at = drawn(_switched(app, "what-if"))
    drawn(at.slider(key=MIN_INSTANCES).set_value(1).run())
    word = at.query_params[scenario_state.LINK]
    assert Scenario.from_link(word) == scenario(at)
    other = AppTest.from_file(str(ROOT / "app.py"), default_timeout=LONG)
    other.query_params[scenario_state.LINK] = word
    drawn(other.run())
    assert scenario(other) == scenario(at)
    drawn(at.button(key="clear").click().run())
    assert scenario_state.LINK not in at.query_params


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("damaged", "damaged"),
        (Scenario("Other", {"cloud_run.elsewhere.vcpu": 1}).to_link(), "names nothing in this bill"),
        (Scenario("Much", {"cloud_run.api.min_instances": 10_000}).to_link(), "is outside"),
    ],
)
def test_a_link_that_does_not_fit_is_one_sentence(app, demo, word, sentence):
    app.query_params[scenario_state.LINK] = word
    at = drawn(_switched(app, "what-if"))
    assert sentence in at.error[0].value
    assert scenario(at) == Scenario()
    assert at.slider(key=MIN_INSTANCES).value == 5


def test_the_export_page_shows_the_plan_and_what_it_breaks(app, demo):
    phase4 = Scenario.from_toml((ROOT / "data" / "samples" / "phase4_scenario.toml").read_text())
    app.query_params[scenario_state.LINK] = phase4.to_link()
    at = drawn(_switched(app, "export"))
    document = simulated(demo, "--scenario", str(ROOT / "data" / "samples" / "phase4_scenario.toml"))
    rows = at.dataframe[0].value
    assert len(rows) == len(document["changes"])
    assert document["fingerprint"] in said(at)
    assert f"{sum(g['passed'] is False for g in document['guardrails'])} limits break" in at.warning[0].value
    offered = {each.label for each in at.get("download_button")}
    assert offered >= {"Workbook (XLSX)", "Tables (CSV)", "Tables (Parquet)", "Repriced bill (FOCUS 1.2)"}


def test_the_export_page_says_when_nothing_is_changed(app, demo):
    at = drawn(_switched(app, "export"))
    assert "there is nothing to do" in said(at)
    assert not at.dataframe


def test_details_open_and_add_up(app, demo):
    at = drawn(_switched(app, "what-if"))
    for key in ("details_tables", "details_fit", "details_trail"):
        at.session_state[key] = True
    drawn(at.slider(key=MIN_INSTANCES).set_value(1).run())
    tables = {tuple(table.value.columns): table.value for table in at.dataframe}
    trail = next(table for columns, table in tables.items() if "Formula" in columns)
    services = next(table for columns, table in tables.items() if "Service" in columns)
    assert trail["Change"].sum() == pytest.approx(services["Change"].sum())
    saving = float(simulated(demo, "--set", "cloud_run.api.min_instances=1")["saving"])
    assert trail["Change"].sum() == pytest.approx(round(-saving, 2))


def test_choosing_one_month_reprices_that_month(app, demo):
    at = drawn(_switched(app, "what-if"))
    at.multiselect(key="bill_months_USD").set_value([202512]).run()
    drawn(at.slider(key=MIN_INSTANCES).set_value(1).run())
    document = simulated(demo, "--set", "cloud_run.api.min_instances=1", "--months", "202512")
    assert at.session_state[scenario_state.PRICED].saving_nanos == nanos(document["saving"])
    assert "Dec 2025" in said(at)


def test_a_failure_is_a_sentence_and_never_a_traceback(app, demo, monkeypatch, caplog):
    def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("pages.what_if.waterfall", broken)
    at = drawn(_switched(app, "what-if"))
    assert "could not be shown (RuntimeError)" in at.error[0].value
    assert "secret detail" not in at.error[0].value
    assert "secret detail" in caplog.text


@pytest.mark.skipif(not NISE.exists(), reason="the shared sample bills are not beside this checkout")
def test_levers_without_rows_say_so(app, tmp_path, monkeypatch):
    monkeypatch.setenv(session.WORKSPACE_VARIABLE, str(tmp_path / "ws"))
    import_paths(Workspace(tmp_path / "ws"), [NISE])
    at = drawn(_switched(app, "what-if"))
    assert "Demo bill" not in said(at)
    assert "not in this bill" in said(at).lower()
    assert not at.error


def _switched(at: AppTest, page: str) -> AppTest:
    """Go to a page by its address; ``AppTest.switch_page`` knows pages that are files only."""
    if page != "summary":
        at._page_hash = calc_hash(page)
    return at.run()
