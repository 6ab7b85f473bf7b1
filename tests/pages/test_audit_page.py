"""The Audit page: a claims file, its answer, verdicts with their sums, and what stands as a scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from streamlit.util import calc_hash

from data.workspace import Workspace
from model.audit import audit
from pages.parts import audit_charts, audit_session, audit_state, audit_words, palette
from tests.pages.test_app_pages import app, demo, drawn, said, scenario  # noqa: F401 - fixtures

if TYPE_CHECKING:
    from pathlib import Path

    from streamlit.testing.v1 import AppTest

    from model.audit import Audit

SMALL = b"""plan = "Small"
[[claims]]
id = "idle"
saves_per_month = "1"
settings = { "cloud_run.*.min_instances" = 1 }
[[claims]]
id = "odd"
count = 3
items = ["a", "b"]
"""


def on_page(at: AppTest, file: tuple[str, bytes] | None = None) -> AppTest:
    if file is not None:
        at.session_state[audit_state.FILE] = file
    at._page_hash = calc_hash("audit")
    return drawn(at.run())


@pytest.fixture(scope="module")
def example(imported: Path) -> Audit:
    plan = audit_session.plan_of_file(audit_session.EXAMPLE)
    return audit(audit_session.bill_for(Workspace(imported), plan), plan)


def test_it_asks_for_a_file_and_has_an_example(app: AppTest, demo: Path) -> None:  # noqa: F811
    at = on_page(app)
    assert at.title[0].value == "Does the plan hold?"
    drawn(at.button(key="audit_example").click().run())
    words = said(at)
    assert "is claimed" in words
    assert "What the plan says against itself" in [each.value for each in at.subheader]
    assert not at.error
    assert [each.label for each in at.metric] == ["Claimed a month", "Stands a month", "Reproduced", "Contradictions"]
    assert {each.label for each in at.get("download_button")} >= {"Report (PDF)", "Report (HTML)", "Report (Markdown)"}
    drawn(at.button(key="audit_another").click().run())
    assert "Give a plan" in said(at)


def test_the_months_of_the_plan_are_read_unless_those_of_the_bar_are_wanted(app: AppTest, demo: Path) -> None:  # noqa: F811
    at = on_page(app, (audit_session.EXAMPLE.name, audit_session.EXAMPLE.read_bytes()))
    first = at.metric[1].value
    drawn(at.segmented_control(key="audit_window").set_value("bar").run())
    assert at.metric[1].value != first
    assert not at.error


def test_one_claim_at_a_time_shows_its_sums(app: AppTest, demo: Path) -> None:  # noqa: F811
    at = on_page(app, ("small.toml", SMALL))
    drawn(at.selectbox(key="audit_claim").set_value("odd").run())
    assert "It counts 3 and lists 2" in said(at)
    at.session_state["audit_needed"] = True
    drawn(at.run())
    assert "1 more would have to be listed" in said(at)


def test_what_stands_opens_as_a_scenario(app: AppTest, demo: Path) -> None:  # noqa: F811
    at = on_page(app, ("small.toml", SMALL))
    drawn(at.button(key="audit_open").click().run())
    assert scenario(at).name == "What stands of Small"
    assert "look at it on What-if" in said(at)
    assert all(key.endswith(".min_instances") for key in scenario(at).settings)


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"[[claims]", "not readable as TOML"), (b'currency = "EUR"\n[[claims]]\nid = "a"\n', "counts in EUR")],
)
def test_a_file_that_cannot_be_audited_is_one_sentence(
    app: AppTest, demo: Path, content: bytes, words: str  # noqa: F811
) -> None:  # fmt: skip
    at = on_page(app, ("bad.toml", content))
    assert words in at.error[0].value.replace("\\", "")
    assert at.button(key="audit_another")


def test_the_bars_add_nothing_up_and_say_what_is_not_known(example: Audit) -> None:
    rows = audit_charts.standing_rows(example)
    assert rows[0]["title"] == audit_charts.WHOLE
    assert rows[0]["stands"] == pytest.approx(example.stands_per_month_nanos / 1e9)
    assert {row["meaning"] for row in rows} <= set(palette.MEANINGS)
    unknown = [row for row in rows if row["stands"] is None]
    assert unknown
    assert all("not known" in row["words"] and row["label"].startswith("?") for row in unknown)
    assert not any(row["title"] in ("total", "4.2", "4.5-year") for row in rows)


def test_rows_and_sentences_hold_every_claim(example: Audit) -> None:
    assert [row[0] for row in audit_words.claim_rows(example)] == [each.claim.id for each in example.claims]
    assert len(audit_words.contradiction_rows(example)) == len(example.contradictions)
    assert f"{len(example.contradictions)} contradictions" in audit_words.answer_sentence(example)
    assert not any("The same as for" in item for item in audit_words.needed_items(example))
