"""The Scenarios page: compare, open, duplicate, rename and annotate, delete and bring back."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from data import records
from data.workspace import Workspace
from model.answer import answer
from model.finance import judge
from model.outcome import evaluate
from model.recommend import Binding, Cancelled, FrontierPoint, Recommendation
from model.scenario import Scenario
from model.uncertainty import Quantiles
from pages.parts import draws_panel, recommend_panel, scenario_state, session
from pages.parts.comparison_words import comparison_rows
from pages.parts.wording import money
from tests.workspace_copies import copy_of

ROOT = Path(__file__).resolve().parents[2]
DOWN = Scenario("Scale down api", {"cloud_run.api.min_instances": 1}, {}, "finance", "idle at night")
TIGHT = Scenario("Tight", {"cloud_run.*.max_instances": 2, "cloud_run.api.min_instances": 0})
COMPARED = "scenarios_compared"


@pytest.fixture
def demo(tmp_path: Path, imported: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    copy_of(imported, tmp_path / "ws")
    monkeypatch.setenv(session.WORKSPACE_VARIABLE, str(tmp_path / "ws"))
    workspace = Workspace(tmp_path / "ws")
    for scenario in (DOWN, TIGHT):
        records.save_scenario(workspace, scenario.name, scenario.to_toml(), scenario.fingerprint)
    return workspace


@pytest.fixture
def at(demo: Workspace) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app._page_hash = calc_hash("scenarios")
    return drawn(app.run())


def drawn(at: AppTest) -> AppTest:
    assert not at.exception, [each.value for each in at.exception]
    assert "could not be shown" not in said(at)
    return at


def said(at: AppTest) -> str:
    return " ".join(each.value for each in (*at.markdown, *at.caption, *at.error, *at.success, *at.warning))


def names(demo: Workspace) -> list[str]:
    return [record.name for record in records.scenarios(demo)]


def test_saved_scenarios_are_compared_at_once(at, demo):
    assert at.title[0].value == "Which scenario is best?"
    assert at.multiselect(key=COMPARED).value[:2] == ["saved:Scale down api", "saved:Tight"]
    assert "**Scale down api** saves" in said(at)
    assert "breaks no limit" in said(at)
    assert "**Phase 4** saves" in said(at)
    assert "finance" in said(at)
    assert "idle at night" in said(at)


def test_what_is_at_hand_is_not_compared_with_itself(demo):
    records.save_scenario(demo, "Again", DOWN.to_toml(), DOWN.fingerprint)
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app._page_hash = calc_hash("scenarios")
    app.query_params[scenario_state.LINK] = DOWN.to_link()
    compared = drawn(app.run()).multiselect(key=COMPARED).value
    assert compared[0] == "hand"
    assert not {"saved:Scale down api", "saved:Again"} & {*compared}


def test_the_plan_of_phase_4_is_offered_as_far_as_it_fits(at):
    assert "**Phase 4** · Scale Cloud Run, Cloud SQL and Cloud Tasks" in said(at)
    at.multiselect(key=COMPARED).set_value(["preset:phase4", "preset:current"])
    drawn(at.run())
    assert list(at.table[0].value.columns)[1:] == ["Phase 4", "Current settings"]
    drawn(at.button(key="shelf_open_preset:phase4").click().run())
    assert at.session_state[scenario_state.HISTORY].now.name == "Phase 4"


def test_the_table_says_what_the_model_says(at, demo):
    bill = session.load_bill(demo)
    outcomes = [evaluate(bill, DOWN), evaluate(bill, TIGHT)]
    rows = {row[""]: row for row in comparison_rows(["A", "B"], outcomes)}
    for name, outcome in zip("AB", outcomes, strict=True):
        saving = money(answer(outcome).saving_per_month_nanos, "USD")
        assert saving.replace("$", r"\$") in rows["**Saves a month**"][name]
    assert "none broken" in rows["**Limits**"]["A"]
    assert "broken" in rows["**Limits**"]["B"]
    assert rows["`api` · Min instances"] == {"": "`api` · Min instances", "A": "**1 instance**", "B": "**0 instances**"}
    assert "`api` · Concurrency" not in rows
    table = at.table[0].value
    assert rows["**Saves a month**"]["A"] in table.iloc[:, 1].tolist()


def test_four_at_most_and_any_choice_is_shown(at):
    at.multiselect(key=COMPARED).set_value(["saved:Tight"])
    drawn(at.run())
    assert list(at.table[0].value.columns)[1:] == ["Tight"]
    at.multiselect(key=COMPARED).set_value([])
    assert "Nothing is compared yet" in said(drawn(at.run()))


def test_a_saved_scenario_opens(at):
    drawn(at.button(key="shelf_open_Scale down api").click().run())
    assert at.session_state[scenario_state.HISTORY].now == DOWN
    assert "Scale down api is open" in said(at)


def test_a_copy_has_a_name_of_its_own(at, demo):
    drawn(at.button(key="shelf_copy_Tight").click().run())
    drawn(at.button(key="shelf_copy_Tight").click().run())
    assert names(demo) == ["Scale down api", "Tight", "Tight copy", "Tight copy 2"]
    assert records.scenario(demo, "Tight copy").fingerprint == TIGHT.fingerprint


def edit(at: AppTest, saved: str, **notes: str) -> AppTest:
    at.session_state[f"shelf_edit_{saved}"] = True
    drawn(at.run())
    for what, text in notes.items():
        at.text_input(key=f"shelf_{what}_{saved}").set_value(text)
    return drawn(at.button(key=f"shelf_keep_{saved}").click().run())


def test_renaming_keeps_the_figures_and_takes_notes(at, demo):
    edit(at, "Tight", name="Tighter", author="ops", reason="quiet season")
    assert names(demo) == ["Scale down api", "Tighter"]
    saved = Scenario.from_toml(records.scenario(demo, "Tighter").toml)
    assert (saved.author, saved.reason, saved.fingerprint) == ("ops", "quiet season", TIGHT.fingerprint)


def test_a_name_that_is_taken_is_refused_in_a_sentence(at, demo):
    edit(at, "Tight", name="Scale down api")
    assert "is the name of another scenario" in at.error[0].value
    assert names(demo) == ["Scale down api", "Tight"]


def test_deleting_can_be_undone_and_leaves_a_history(at, demo):
    drawn(at.button(key="shelf_delete_Tight").click().run())
    assert names(demo) == ["Scale down api"]
    drawn(at.button(key="shelf_undo").click().run())
    assert names(demo) == ["Scale down api", "Tight"]
    assert records.scenario(demo, "Tight").toml == TIGHT.to_toml()
    at.session_state["shelf_earlier"] = True
    drawn(at.run())
    drawn(at.button(key="shelf_back_0").click().run())
    assert names(demo) == ["Scale down api", "Tight"]


def test_one_that_this_bill_does_not_take_is_named_and_the_others_are_shown(demo):
    other = Scenario("Other bill", {"cloud_run.elsewhere.vcpu": 1})
    records.save_scenario(demo, other.name, other.to_toml(), other.fingerprint)
    records.save_scenario(demo, "Broken", "version = 9", "x")
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app._page_hash = calc_hash("scenarios")
    at = drawn(app.run())
    assert "names nothing in this bill" in at.error[0].value
    assert "**Scale down api** saves" in said(at)
    assert "Broken is saved in a form" in said(at)


def test_each_compared_scenario_is_priced_once(at, monkeypatch):
    counted = []
    monkeypatch.setattr(
        scenario_state, "evaluate", lambda bill, scenario: counted.append(scenario) or evaluate(bill, scenario)
    )
    drawn(at.run())
    assert counted == []
    drawn(at.button(key="shelf_copy_Tight").click().run())
    assert counted == []


def recommended(bill, start, risk, on_progress, cancel) -> Recommendation:
    outcome = evaluate(bill, DOWN.renamed("Recommended"))
    points = tuple(FrontierPoint(risk, npv, 10**9, dict(DOWN.settings)) for risk, npv in ((0.1, 5.0), (0.6, 9.0)))
    held = (Binding("cloud_sql", "main-db", "cpu", 10**10, 3 * 10**10),)
    return Recommendation(
        risk, outcome.scenario, outcome, judge([-1.0, 2.0], 0.1), points, held, ("No memory is known.",), (), 17
    )


def ended(at: AppTest, key: str) -> AppTest:
    at.session_state[key].wait(60)
    return drawn(at.run())


def test_the_best_plan_is_found_opened_and_saved(at, demo, monkeypatch):
    monkeypatch.setattr(recommend_panel, "recommend", recommended)
    at.button(key="recommend_start").click().run()
    ended(at, recommend_panel.JOB)
    assert "**Recommended** saves" in said(at)
    assert "17 plans were compared" in said(at)
    assert r"without it \$30.00 a month more" in said(at)
    assert "No memory is known." in said(at)
    assert at.button(key="shelf_open_found:Recommended")
    at.session_state["recommend_frontier"] = True
    drawn(at.run())
    assert at.dataframe[0].value["Of the nearest limit"].tolist() == ["10 %", "60 %"]
    drawn(at.button(key="recommend_save").click().run())
    assert names(demo) == ["Recommended", "Scale down api", "Tight"]
    drawn(at.button(key="recommend_open").click().run())
    assert at.session_state[scenario_state.HISTORY].now.fingerprint == DOWN.fingerprint


def test_a_search_can_be_stopped(at, monkeypatch):
    def waits(bill, start, risk, on_progress, cancel):
        assert cancel.wait(60)
        raise Cancelled

    monkeypatch.setattr(recommend_panel, "recommend", waits)
    drawn(at.button(key="recommend_start").click().run())
    drawn(at.button(key="recommend_job_stop").click().run())
    ended(at, recommend_panel.JOB)
    assert "Stopped; nothing was changed." in said(at)
    assert at.button(key="recommend_start")


def test_draws_stand_in_the_table_once_they_are_asked_for(at, monkeypatch):
    def drawn_futures(outcome):
        return SimpleNamespace(saving_per_month=Quantiles(1, 2, 3), npv=Quantiles(-4, 5, 6), probability_of_loss=0.25)

    monkeypatch.setattr(draws_panel, "uncertain", drawn_futures)
    assert "Chance of a loss" not in at.table[0].value.iloc[:, 0].tolist()
    at.button(key="draws_start").click().run()
    ended(at, draws_panel.JOB)
    rows = {row[0]: row[1:] for row in at.table[0].value.itertuples(index=False)}
    assert set(rows["Chance of a loss"]) == {"25 %"}
    assert rows["Worth, 8 in 10 futures"][0] == r"−\$4.00 to \$6.00"
    at.multiselect(key=COMPARED).set_value(["saved:Tight"])
    assert "Chance of a loss" not in drawn(at.run()).table[0].value.iloc[:, 0].tolist()
