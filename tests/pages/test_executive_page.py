"""The executive's page: one sentence, levels that subtract, decisions, and the same on paper."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from data.workspace import Workspace
from model.outcome import evaluate
from model.scenario import Scenario
from model.summary import Level
from model.uncertainty import uncertain
from pages.parts import executive_charts, executive_words, session
from pages.parts.executive_report import executive_pdf
from pages.parts.executive_words import Brief, brief_of
from pages.parts.wording import money
from tests.pages.test_app_pages import app, demo, drawn, said  # noqa: F401 - fixtures

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

PHASE_4 = Path(__file__).resolve().parents[2] / "data" / "samples" / "phase4_scenario.toml"
FEW = 200
LEVEL_NAMES = ("current", "usage", "commitments")


@pytest.fixture(scope="module")
def brief(imported: Path) -> Brief:
    bill = session.load_bill(Workspace(imported))
    outcome = evaluate(bill, Scenario.from_toml(PHASE_4.read_text(encoding="utf-8")))
    return brief_of(outcome, uncertain(outcome, FEW))


def test_without_a_plan_it_shows_where_the_money_goes(app: AppTest, demo: Path) -> None:  # noqa: F811
    at = drawn(app.run())

    assert at.title[0].value == "What can be saved?"
    assert "No plan is open yet" in said(at)
    drawn(at.button(key="executive_scenarios").click().run())
    assert at.title[0].value == "Which scenario is best?"


def test_a_plan_is_told_in_one_sentence_with_certainty_and_catch(app: AppTest, demo: Path) -> None:  # noqa: F811
    app.query_params["s"] = Scenario.from_toml(PHASE_4.read_text(encoding="utf-8")).to_link()
    at = drawn(app.run())

    sentence = next(each.value for each in at.markdown if "This plan saves" in each.value)
    assert "nine chances in ten" in sentence
    assert "by Cloud Run and Cloud SQL size" in sentence
    assert "limits break" in sentence
    assert [each.label for each in at.metric] == ["NPV over 36 months", "IRR a year", "Payback", "ROI"]


def test_levels_subtract_to_what_is_saved(brief: Brief) -> None:
    first, *_, last = brief.levels
    rows = executive_words.level_rows(brief)

    assert [row[0] for row in rows] == ["Current bill", "After usage levers", "After commitments", "Saved"]
    assert first.three_years_nanos - last.three_years_nanos == pytest.approx(
        float(brief.projection.saving.sum()) * 1e9, abs=100
    )
    assert first.year_nanos == pytest.approx(float(brief.projection.baseline[:12].sum()) * 1e9, abs=20)


def test_every_moved_lever_is_a_decision_and_they_add_up_to_the_saving(brief: Brief) -> None:
    assert [each.lever for each in brief.decisions] == [each.lever for each in brief.outcome.levers]
    total = sum(each.saving_per_month_nanos for each in brief.decisions)
    assert total == brief.answer.saving_per_month_nanos
    shown = [amount_of(row[-1]) for row in executive_words.decision_rows(brief)]
    assert sum(shown) == amount_of(money(brief.answer.saving_per_month_nanos, brief.currency))


def amount_of(words: str) -> Decimal:
    return Decimal(words.replace("−", "-").replace("$", "").replace(",", ""))


@given(st.lists(st.integers(-(10**13), 10**13), min_size=3, max_size=3))
def test_what_is_shown_of_the_levels_subtracts_to_the_cent(costs: list[int]) -> None:
    found = [Level(name, nanos, nanos * 12, nanos * 36) for name, nanos in zip(LEVEL_NAMES, costs, strict=True)]
    *_, last, saved = rows = executive_words.level_rows(SimpleNamespace(levels=found, currency="USD"))  # type: ignore[arg-type]
    for column in (1, 2, 3):
        assert amount_of(rows[0][column]) - amount_of(last[column]) == amount_of(saved[column])


def test_the_range_lies_around_the_plan_by_month(brief: Brief) -> None:
    assert brief.uncertainty is not None
    rows = executive_charts.ahead_rows(brief.projection, brief.uncertainty, "After usage levers")
    plan = [row for row in rows if row["low"] is not None]

    assert len(plan) == len(brief.projection.months)
    assert all(row["low"] <= row["high"] for row in plan)
    saving = np.array([brief.projection.baseline[k] - row["low"] for k, row in enumerate(plan)])
    assert saving == pytest.approx(brief.uncertainty.by_month[:, 2])


def test_the_paper_says_the_same(brief: Brief) -> None:
    assert brief.uncertainty is not None
    pdf = executive_pdf(brief, brief.uncertainty)

    text = " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())
    for row in executive_words.level_rows(brief):
        assert all(cell in text for cell in row)
    assert brief.outcome.scenario.fingerprint in text
    assert "Generated demo bill" in text
