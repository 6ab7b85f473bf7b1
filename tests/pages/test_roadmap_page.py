"""The Roadmap page: tasks of the scenario at hand, and notes that the workspace keeps."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from data import roadmap_records
from data.workspace import Workspace
from model.outcome import evaluate
from model.scenario import Scenario
from pages import roadmap_page
from pages.parts import palette, roadmap_chart, roadmap_state, session
from tests.command_line import document, run
from tests.pages.test_app_pages import _switched, app, demo, drawn, said  # noqa: F401 - fixtures

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

PHASE_4 = Path(__file__).resolve().parents[2] / "data" / "samples" / "phase4_scenario.toml"


@pytest.fixture(scope="module")
def plan(imported: Path):
    bill = session.load_bill(Workspace(imported))
    return session.plan_of(evaluate(bill, Scenario.from_toml(PHASE_4.read_text(encoding="utf-8"))))


def test_without_changes_it_says_so(app: AppTest, demo: Path) -> None:  # noqa: F811
    at = drawn(_switched(app, "roadmap"))
    assert at.title[0].value == "What is done when, and by whom?"
    assert "nothing to schedule" in said(at)


def test_it_shows_tasks_and_moves_them_with_the_first_day(app: AppTest, demo: Path, plan) -> None:  # noqa: F811
    app.query_params["s"] = Scenario.from_toml(PHASE_4.read_text(encoding="utf-8")).to_link()
    at = drawn(_switched(app, "roadmap"))
    assert "none done. Next: Watch first" in said(at)
    assert at.metric[0].value.startswith("0 of ")
    at.date_input[0].set_value(date(2026, 12, 1))
    assert "7 Dec 2026" in said(drawn(at.run()))
    assert roadmap_records.first_day(Workspace(demo), plan.fingerprint) == date(2026, 12, 1)


def test_what_is_edited_in_the_table_is_kept(tmp_path: Path, plan, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = Workspace(tmp_path)
    roadmap = roadmap_state.roadmap(workspace, plan)
    edited = {0: {"Done": True, "Owner": " Ada "}, 1: {"Starts": "2026-02-05"}}
    state = {"table": {"edited_rows": edited}}
    monkeypatch.setattr(roadmap_page, "st", SimpleNamespace(session_state=state))
    roadmap_page._note(tmp_path, roadmap, "table")
    first, second = roadmap_state.roadmap(workspace, plan).tasks[:2]
    assert (first.is_done, first.owner, second.start) == (True, "Ada", date(2026, 2, 5))
    assert second.is_done is False
    assert state[roadmap_page.GENERATION] == 1


def test_the_chart_has_a_bar_a_task_and_marks_what_interrupts(imported: Path, plan) -> None:
    roadmap = roadmap_state.roadmap(Workspace(imported), plan)
    rows = roadmap_chart.roadmap_rows(roadmap)
    assert len(rows) == len(roadmap.tasks)
    database = next(row for row in rows if "main-db" in row["title"])
    assert database["label"].endswith("restart")
    assert (database["meaning"], database["label_meaning"]) == (palette.USAGE, palette.RISK)
    assert database["until"] > database["start"]


def test_the_command_line_notes_the_same(demo: Path, plan, tmp_path: Path) -> None:  # noqa: F811
    wish = ("roadmap", "--workspace", demo, "--scenario", PHASE_4)
    calendar = tmp_path / "plan.ics"
    noted = ("--start", "2026-03-02", "--done", "watch", "--owner", "cloud_run-api=Ada", "--move", "verify=2026-04-08")
    found = document(*wish, *noted, "--calendar", calendar)
    tasks = {task["key"]: task for task in found["tasks"]}
    assert (found["fingerprint"], found["first_day"], found["done"]) == (plan.fingerprint, "2026-03-02", 1)
    assert (tasks["cloud_run-api"]["owner"], tasks["verify"]["start"]) == ("Ada", "2026-04-08")
    assert b"DTSTART;VALUE=DATE:20260408" in calendar.read_bytes()
    assert document(*wish, "--undone", "watch")["done"] == 0
    out = tmp_path / "out"
    run("export", "--workspace", demo, "--scenario", PHASE_4, "--only", "roadmap", "--out", out)
    assert (out / "roadmap" / "roadmap.ics").read_bytes() == calendar.read_bytes().replace(b"Done: ", b"")


@pytest.mark.parametrize(
    "wrong", [("--done", "nope"), ("--start", "9999-12-31"), ("--owner", "watch"), ("--move", "watch=x")]
)
def test_what_cannot_be_noted_is_said_and_nothing_is_kept(demo: Path, plan, wrong: tuple[str, str]) -> None:  # noqa: F811
    asked = ("roadmap", "--workspace", demo, "--scenario", PHASE_4, "--done", "watch", *wrong)
    assert len(run(*asked, code=1).stderr.strip().splitlines()) == 1
    assert roadmap_records.tasks(Workspace(demo), plan.fingerprint) == {}
