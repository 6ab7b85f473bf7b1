"""The Commitments page: its answer, controls, what is bought and checked, and the memo on paper."""

from __future__ import annotations

import io
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from pypdf import PdfReader
from streamlit.util import calc_hash

from cli import cli
from data.workspace import Workspace
from model.commitment_advice import CommitmentAdvice, advise
from model.commitment_curves import bought, cost_curves
from model.commitment_timeline import bill_ends, timeline
from model.commitment_week import cells
from model.outcome import Outcome, evaluate
from model.scenario import Scenario
from pages.parts import commitment_charts, commitment_job, commitment_rows, commitment_words, palette, session
from pages.parts.commitment_memo import memo_pdf
from tests.pages.test_app_pages import app, demo, drawn, said, scenario  # noqa: F401 - fixtures

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

PHASE_4 = Path(__file__).resolve().parents[2] / "data" / "samples" / "phase4_scenario.toml"
FEW, LONG = 100, 60.0
FLEX = "commitments.compute_flexible"


def phase4() -> Scenario:
    return Scenario.from_toml(PHASE_4.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def judged(imported: Path) -> tuple[Outcome, CommitmentAdvice]:
    """Phase 4 with one purchase that is far too large, on the demo."""
    wished = phase4().with_setting(f"{FLEX}.term", "1y").with_setting(f"{FLEX}.covered_per_hour", 3.0)
    outcome = evaluate(session.load_bill(Workspace(imported)), wished)
    return outcome, advise(outcome, draws=FEW)


def on_page(at: AppTest) -> AppTest:
    """Open the page and wait until the advice is there."""
    at._page_hash = calc_hash("commitments")
    drawn(at.run())
    return worked_out(at)


def worked_out(at: AppTest) -> AppTest:
    deadline = time.monotonic() + LONG
    while commitment_job.JOB in at.session_state and time.monotonic() < deadline:
        at.session_state[commitment_job.JOB].wait(LONG)
        drawn(at.run())
    return at


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def test_it_asks_answers_and_says_what_is_certain(app: AppTest, demo: Path) -> None:  # noqa: F811
    at = on_page(app)
    assert at.title[0].value == "What should we commit to?"
    words = said(at)
    assert "nine chances in ten" in words
    assert "are owed, whatever happens" in words
    assert "commits to nothing yet" in words
    assert [each.label for each in at.metric][:4] == [
        "Commit an hour", "Saves a month", "NPV over its term", "Still owed at signature",
    ]  # fmt: skip
    assert not at.error
    assert {each.label for each in at.get("download_button")} >= {"Decision memo to sign (PDF)", "buy_commitments.sh"}


def test_what_is_judged_can_be_put_into_the_scenario_and_taken_back(app: AppTest, demo: Path) -> None:  # noqa: F811
    at = on_page(app)
    drawn(at.button(key="commitments_take").click().run())
    terms = {key: value for key, value in scenario(at).settings.items() if key.endswith(".term")}
    assert terms == {
        "commitments.cloud_sql-us-central1.term": "3y", f"{FLEX}.term": "1y", "commitments.firestore.term": "3y",
    }  # fmt: skip
    worked_out(at)
    assert "This scenario makes these purchases." in said(at)
    assert at.button(key="commitments_take").disabled
    drawn(at.button(key="undo").click().run())
    assert scenario(at) == Scenario()


def test_a_control_moves_the_scenario_and_the_purchase_that_is_judged(app: AppTest, demo: Path) -> None:  # noqa: F811
    at = on_page(app)
    at.session_state["commitments_pool"] = "compute_flexible"
    drawn(at.run())
    drawn(at.number_input(key=f"control_{FLEX}.covered_per_hour").set_value(3.0).run())
    assert scenario(at).settings == {f"{FLEX}.covered_per_hour": 3.0}
    drawn(at.segmented_control(key=f"control_{FLEX}.term").set_value("1y").run())
    worked_out(at)
    found = next(each for each in at.metric if each.label == "Commit an hour, 1 year")
    assert (found.value, found.delta) == ("$2.49", "covers $3 at on-demand prices")


def test_the_details_open(app: AppTest, demo: Path) -> None:  # noqa: F811
    for key in ("terms", "side", "standing", "excluded", "checks", "allocation", "trail"):
        app.session_state[f"commitments_{key}"] = True
    app.query_params["s"] = phase4().to_link()
    at = on_page(app)
    assert not at.error
    assert "pays for no commitment" in said(at)
    tables = {tuple(table.value.columns) for table in at.dataframe}
    assert commitment_rows.ORDER_COLUMNS in tables
    assert commitment_rows.RUNG_COLUMNS in tables
    assert ("Product", "On-demand cost", "Why not") in tables
    assert any("Saving (" in str(table.value.columns) or "Saving" in table.value.columns for table in at.dataframe)
    assert any("Otherwise" in table.value.columns for table in at.table)
    assert "Make the other changes first, then sign" in said(at)


def test_a_bill_without_pools_says_so(app: AppTest, demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    real = session.load_bill

    def bare(*wish: object) -> object:
        bill = real(*wish)
        return type(bill)(**{**vars(bill), "pools": ()})

    monkeypatch.setattr("pages.parts.session.load_bill", bare)
    at = on_page(app)
    assert "has no pool of usage" in said(at)
    assert not at.error
    assert [each.label for each in at.get("download_button")] == ["Download as a file"]


def test_the_sum_of_the_answer_is_that_of_its_rows(judged: tuple[Outcome, CommitmentAdvice]) -> None:
    _, advice = judged
    rows = commitment_rows.purchase_rows(advice, 3)
    assert [row[0] for row in rows] == ["Cloud SQL, us-central1", "Firestore", "Compute flexible"]
    total = sum(float(row[5].replace("$", "").replace("\u2212", "-").replace(",", "")) for row in rows)
    assert total == pytest.approx(advice.together.saving_per_month, abs=0.02)
    answer = commitment_words.answer_sentence(advice, 3)
    assert "Compute flexible alone: a loss." in answer
    assert "buys Compute flexible only" in commitment_words.scenario_sentence(advice)


def test_colours_and_words_tell_a_loss(judged: tuple[Outcome, CommitmentAdvice]) -> None:
    _, advice = judged
    pool = next(each for each in advice.pools if each.plan.name == "compute_flexible")
    chosen = next(row for row in commitment_charts.curve_rows(cost_curves(pool, 3), "USD") if row["kind"] == "chosen")
    assert chosen["meaning"] == palette.RISK
    assert pool.regret is not None
    rows = commitment_charts.regret_rows(pool.regret, "USD")
    assert len(rows) == len(pool.regret.amounts) * len(pool.regret.futures)
    lost = [row for row in rows if row["label"].startswith(palette.BROKEN_MARK)]
    assert lost
    assert all("loses" in row["words"] for row in lost)
    assert all((row["meaning"] == palette.COMMITMENTS) == (row["short"] == "best there is") for row in rows)
    assert pool.coverage is not None
    heat = commitment_charts.heat_rows(cells(pool.coverage), "USD")
    assert len(heat) == 7 * 24
    assert any(row["idle"] > 0.01 for row in heat)


def test_planned_commitments_stand_in_the_calendar(judged: tuple[Outcome, CommitmentAdvice]) -> None:
    outcome, advice = judged
    titles = {pool.plan.name: commitment_words.pool_title(pool) for pool in advice.pools}
    spans = timeline(outcome.bill, advice)
    rows = commitment_charts.timeline_rows(spans, titles, bill_ends(outcome.bill), "USD")
    assert [(row["title"], row["starts"], row["ends"]) for row in rows] == [
        ("Cloud SQL, us-central1 (planned)", "2026-02-01", "2029-02-01"),
        ("Firestore (planned)", "2026-02-01", "2029-02-01"),
        ("Compute flexible (planned)", "2026-02-01", "2027-02-01"),
        ("Cloud SQL, us-central1 (planned)", "2026-02-01", "2026-02-01"),
    ]
    assert commitment_charts.timeline_rows((), {}, "2026-02-01", "USD") == []


def test_the_memo_can_be_signed(judged: tuple[Outcome, CommitmentAdvice]) -> None:
    outcome, advice = judged
    text = text_of(memo_pdf(outcome, advice))
    asked = ("What we ask for", "What if we are wrong", "What it binds", "In which order", "Decision", "Approved as")
    for part in asked:
        assert part in text
    for row in commitment_rows.purchase_rows(advice, 3):
        assert all(cell in text for cell in row[2:])
    assert "Chief financial officer: signature" in text
    assert outcome.scenario.fingerprint in text
    assert "gone after month 6" in text
    assert all(pool.plan.steps[2][:30] in text for pool in bought(advice))


def test_the_command_line_writes_memo_and_script(imported: Path, tmp_path: Path) -> None:
    memo, script = tmp_path / "signed" / "memo.pdf", tmp_path / "buy.sh"
    words = ["commitments", "--workspace", str(imported), "--json"]
    done = CliRunner().invoke(cli, [*words, "--memo", str(memo), "--script", str(script)])
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert document["fingerprint"] in text_of(memo.read_bytes())
    for pool in document["pools"]:
        assert f"{pool['commit_per_hour']:.6f} USD per hour" in script.read_text(encoding="utf-8")
    refused = CliRunner().invoke(cli, [*words, "--memo", str(tmp_path / "signed" / "memo.pdf" / "x.pdf")])
    assert refused.exit_code == 1
    assert "give another --memo" in refused.stderr


def test_a_ladder_can_be_put_into_the_scenario_and_judged(app: AppTest, demo: Path) -> None:  # noqa: F811
    at = on_page(app)
    at.session_state["commitments_terms"] = True
    drawn(at.run())
    take = at.button(key="commitments_take_ladder")
    assert "rungs" in take.label
    take.click()
    worked_out(drawn(at.run()))
    (key,) = (key for key in scenario(at).settings if key.endswith(".rungs"))
    assert ":3y:" in str(scenario(at).settings[key]) or ":1y:" in str(scenario(at).settings[key])
    assert "This scenario buys" in said(at)


def test_the_memo_of_rungs_dates_each_of_them(imported: Path) -> None:
    key = "commitments.cloud_sql-us-central1.rungs"
    wished = Scenario(settings={key: "2026-02:3y:1.2,2026-10:1y:0.5"})
    outcome = evaluate(session.load_bill(Workspace(imported)), wished)
    text = text_of(memo_pdf(outcome, advise(outcome, draws=FEW)))
    assert "On the first day of 2026-02" in text
    assert "On the first day of 2026-10" in text
    assert "a ladder of terms" in text
