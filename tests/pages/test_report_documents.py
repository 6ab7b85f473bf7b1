"""Guide, executive report and quick reference: the outcome's figures, no raw key, no empty section, hostile names."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from pypdf import PdfReader

from exports.document import Bullets, Code, Metrics, Report, Table, Text
from exports.gcloud import command_line, steps_of
from exports.pdf import report_pdf
from exports.report_html import report_html
from exports.report_markdown import report_markdown
from exports.roadmap_days import Kept
from exports.roadmap_tasks import roadmap_of
from model.money import as_decimal
from pages.parts import report_panel
from pages.parts.report_set import FORMS, ReportSet, document_files, report_set
from pages.parts.session import plan_of
from pages.parts.wording import money
from tests.exports.sample_outcomes import HOSTILE, committed, hostile, shop, unchanged

if TYPE_CHECKING:
    from exports.document import Part

BILLED = {202602: (10_000_000_000, 9_000_000_000), 202603: (11_000_000_000, 9_000_000_000)}
RAW = re.compile(
    r"\b(cloud_run|cloud_sql|min_instances|max_instances|memory_gib|one_way|at_most|not_judged|nanos|None)\b"
)
NASTY = ("<script>alert(1)</script>", "a'; $(touch pwned) `x`\n# y", *(name for name in HOSTILE if len(name) <= 10_000))


@pytest.fixture(scope="module", name="found")
def _found() -> ReportSet:
    return report_set(shop(), BILLED)


def words(parts: list[Part] | tuple[Part, ...]) -> list[str]:
    """Every text of a document that is not a command."""
    found: list[str] = []
    for part in parts:
        if isinstance(part, Text):
            found.append(part.text)
        elif isinstance(part, Bullets):
            found += part.items
        elif isinstance(part, Metrics):
            found += [text for item in part.items for text in (item.label, item.value, item.note)]
        elif isinstance(part, Table):
            found += [column.title for column in part.columns] + [cell for row in part.rows for cell in row]
    return found


def table_under(document: Report, heading: str) -> Table:
    """The first table after a heading."""
    place = next(i for i, part in enumerate(document.parts) if isinstance(part, Text) and part.text == heading)
    return next(part for part in document.parts[place:] if isinstance(part, Table))


def amount(text: str) -> Decimal:
    """$1,234.56 → Decimal."""
    return Decimal(text.replace("$", "").replace(",", "").replace("−", "-"))


@pytest.mark.parametrize("name", ["implementation-guide", "executive-report", "quick-reference"])
def test_a_stranger_finds_no_raw_key_and_no_empty_section(found: ReportSet, name: str) -> None:
    parts = tuple(found.documents[name].parts)
    assert not [text for text in words(parts) if RAW.search(text)]
    for part, after in zip(parts, (*parts[1:], None), strict=True):
        if isinstance(part, Text) and part.kind == "heading":
            assert after is not None
            assert not (isinstance(after, Text) and after.kind == "heading"), part.text
        if isinstance(part, Table):
            assert part.rows
        if isinstance(part, Bullets):
            assert part.items


def test_figures_of_the_executive_report_are_the_outcome_to_the_cent(found: ReportSet) -> None:
    document, outcome = found.documents["executive-report"], found.report.outcome
    base, result = outcome.baseline.total.headline, outcome.result.total.headline
    for heading, column in (("Where the money goes", 3), ("Month by month", 3)):
        table = table_under(document, heading)
        assert table.rows[-1][1] == money(base, "USD")
        assert table.rows[-1][column] == money(result, "USD")
        assert sum(amount(row[1]) for row in table.rows[:-1]) == amount(money(base, "USD"))
        assert sum(amount(row[column]) for row in table.rows[:-1]) == amount(money(result, "USD"))
    months = table_under(document, "Month by month").rows[:-1]
    for row, each in zip(months, found.report.trend, strict=True):
        assert abs(amount(row[1]) - as_decimal(each.before_nanos)) <= Decimal("0.01")


@pytest.mark.parametrize("heading", ["Results by task", "To be decided"])
def test_what_tasks_save_adds_up_to_the_plan_everywhere(found: ReportSet, heading: str) -> None:
    rows = [row for row in table_under(found.documents["executive-report"], heading).rows if row[0] != "Together"]
    column = {"Results by task": 3, "To be decided": 4}[heading]
    total = amount(money(found.report.answer.saving_per_month_nanos, "USD"))
    assert sum(amount(row[column]) for row in rows) == total
    weeks = table_under(found.documents["quick-reference"], "Week by week").rows
    assert sum(amount(row[3]) for row in weeks) == total


def test_the_guide_holds_every_command_change_and_limit(found: ReportSet) -> None:
    document, outcome = found.documents["implementation-guide"], found.report.outcome
    code = [line for part in document.parts if isinstance(part, Code) for line in part.lines]
    for step in steps_of(outcome.changes)[0]:
        assert command_line(step) in code
    told = " ".join(words(tuple(document.parts)))
    for limit in outcome.guardrails:
        assert limit.sentence in told
    for task in found.report.tasks:
        assert task.decision.title in told
    for heading in ("What changes", "Checklist", "What may go wrong, and what helps", "Undo"):
        count = sum(isinstance(part, Text) and part.text == heading for part in document.parts)
        assert count == len(found.report.tasks), heading


def test_the_executive_report_asks_what_was_learned_and_says_what_is_not_known(found: ReportSet) -> None:
    document = found.documents["executive-report"]
    lessons = [part for part in document.parts if isinstance(part, Bullets) and part.kind == "blanks"]
    assert len(lessons[0].items) == 6
    told = words(tuple(document.parts))
    for gap in found.report.gaps:
        assert gap.question in told
    assert table_under(document, "How success is measured").rows[0][0] == "Bill a month"


def test_the_quick_reference_fits_one_page(found: ReportSet) -> None:
    assert len(PdfReader(io.BytesIO(report_pdf(found.documents["quick-reference"]))).pages) == 1


def test_every_document_comes_in_every_form_from_the_same_words(found: ReportSet) -> None:
    files = {file.path: file.content for file in document_files(found)}
    for name, document in found.documents.items():
        assert {f"{name}.md", f"{name}.html", f"{name}.pdf"} <= set(files)
        assert files[f"{name}.pdf"].startswith(b"%PDF-")
        html, markdown = files[f"{name}.html"].decode(), files[f"{name}.md"].decode()
        headings = [part.text for part in document.parts if isinstance(part, Text) and part.kind == "heading"]
        assert html.count('<h2 class="heading">') == len(headings)
        assert len(re.findall(r"(?m)^## ", markdown)) == len(headings)
        for drawing in re.findall(r"\]\((charts/[\w-]+\.svg)\)", markdown):
            assert drawing in files
        assert found.report.outcome.scenario.fingerprint in html


def test_a_plan_that_changes_nothing_says_so_in_every_document() -> None:
    for document in report_set(unchanged()).documents.values():
        answers = [part.text for part in document.parts if isinstance(part, Text) and part.kind == "answer"]
        assert "changes no setting" in answers[0]
        report_pdf(document)


def test_a_plan_of_one_lever_has_no_interaction() -> None:
    document = report_set(committed()).documents["executive-report"]
    assert not [text for text in words(tuple(document.parts)) if "overlap" in text]


@pytest.mark.parametrize("name", NASTY)
def test_hostile_names_are_data_in_every_form(name: str) -> None:
    documents = report_set(hostile(name)).documents
    for document in documents.values():
        html, markdown = report_html(document), report_markdown(document)
        assert "<script" not in html.lower()
        assert "\x00" not in html + markdown
        assert not re.search(r"(?<!\\)<script", markdown)
        assert len(re.findall(r"(?m)^# ", markdown)) == 1
        assert report_pdf(document).startswith(b"%PDF-")


def test_the_page_offers_every_document_in_every_form(found: ReportSet) -> None:
    assert set(report_panel.DOCUMENTS) == set(found.documents)
    assert set(report_panel.FORM_TITLES) == set(FORMS)


def test_the_guide_names_broken_limits_at_its_head() -> None:
    outcome = shop()
    broken = replace(outcome.guardrails[0], passed=False, sentence="api would queue.")
    document = report_set(replace(outcome, guardrails=(broken,))).documents["implementation-guide"]
    head = words(tuple(document.parts[:4]))
    assert "api would queue." in head
    assert any("1 limit breaks" in text for text in head)


def test_notes_of_the_roadmap_stand_in_the_reports() -> None:
    plan = plan_of(shop())
    key = next(task.key for task in roadmap_of(plan).tasks if task.lever == "cloud_run")
    noted = roadmap_of(plan, date(2027, 3, 1), {key: Kept(is_done=True, owner="Ada <Lovelace>")})
    documents = report_set(shop(), roadmap=noted).documents
    for document in documents.values():
        assert any("Ada <Lovelace>" in text for text in words(tuple(document.parts)))
    assert "Mar 2027" in " ".join(words(tuple(documents["executive-report"].parts)))
