"""Slides hold the outcome's figures to the cent, in native charts, and take every name as data."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from pptx import Presentation
from pypdf import PdfReader

from exports.pptx import deck_pptx
from exports.pptx_charts import ABOVE, BELOW, UNSEEN, Column
from exports.pptx_text import in_chart
from model.uncertainty import Uncertainty, uncertain
from model.waterfall import waterfall_alone
from pages.parts import executive_words
from pages.parts.executive_slides import executive_deck, executive_pptx
from pages.parts.executive_words import Brief, brief_of
from tests.exports.sample_outcomes import HOSTILE, hostile, shop

if TYPE_CHECKING:
    from pathlib import Path

FEW = 200
SOFFICE = shutil.which("soffice")


@cache
def of_shop() -> tuple[Brief, Uncertainty]:
    found = uncertain(shop(), FEW)
    return brief_of(shop(), found), found


@cache
def slides() -> bytes:
    return executive_pptx(*of_shop())


def charts(content: bytes) -> list[Any]:
    first = Presentation(io.BytesIO(content)).slides[0]
    return [shape.chart for shape in first.shapes if shape.has_chart]


def levels(content: bytes) -> list[tuple[int, int]]:
    """Low and high end of each bar in cents, as the file has them."""
    plot = charts(content)[0].plots[0]
    by_name = {series.name: [round(value * 100) for value in series.values] for series in plot.series}
    parts = zip(by_name[UNSEEN], by_name[ABOVE], by_name[BELOW], strict=True)
    return [(min(base, 0) + below if below else base, base + above) for base, above, below in parts]


def words(content: bytes) -> str:
    told = []
    for slide in Presentation(io.BytesIO(content)).slides:
        for shape in slide.shapes:
            if shape.has_text_frame:
                told.append(shape.text_frame.text)
            if shape.has_table:
                told += [cell.text for row in shape.table.rows for cell in row.cells]
        told.append(slide.notes_slide.notes_text_frame.text)
    return "\n".join(told)


def agrees(content: bytes) -> bool:
    wanted = [tuple(sorted((bar.start_cents, bar.end_cents))) for bar in waterfall_alone(of_shop()[0].outcome)]
    return levels(content) == wanted


def test_the_waterfall_is_the_outcomes_to_the_cent() -> None:
    assert agrees(slides())
    deck = executive_deck(*of_shop())
    columns = deck.finding.waterfall.columns
    off = replace(columns[1], end_cents=columns[1].end_cents + 1)
    damaged = replace(deck.finding.waterfall, columns=(columns[0], off, *columns[2:]))
    assert not agrees(deck_pptx(replace(deck, finding=replace(deck.finding, waterfall=damaged))))


def test_a_bar_through_zero_has_both_its_sides() -> None:
    deck = executive_deck(*of_shop())
    columns = tuple(Column("x", start, end, "", "0072B2") for start, end in ((100, -50), (-20, -50), (300, 500)))
    content = deck_pptx(
        replace(deck, finding=replace(deck.finding, waterfall=replace(deck.finding.waterfall, columns=columns)))
    )
    assert levels(content) == [(-50, 100), (-50, -20), (300, 500)]


def test_the_months_ahead_are_the_projections() -> None:
    brief, _ = of_shop()
    series = {each.name: list(each.values) for each in charts(slides())[1].plots[0].series}
    assert series["Current bill"] == pytest.approx(brief.projection.baseline.tolist(), abs=0.005)
    assert series["After commitments"] == pytest.approx(brief.projection.after_commitments.tolist(), abs=0.005)
    assert len(series) == 4


def test_finding_figures_decisions_and_notes_are_those_of_the_page() -> None:
    brief, uncertainty = of_shop()
    told = words(slides())
    for _, value, note in executive_words.metrics(brief):
        assert value in told
        assert note in told
    for row in executive_words.decision_rows(brief):
        assert all(cell in told for cell in row)
    assert executive_words.uncertainty_sentence(uncertainty, brief.currency) in told
    assert brief.figures.convention in told
    assert brief.outcome.scenario.fingerprint in told


def test_the_same_plan_is_the_same_file() -> None:
    assert slides() == executive_pptx(*of_shop())


def test_charts_say_the_same_in_words_and_nothing_is_a_picture() -> None:
    first = Presentation(io.BytesIO(slides())).slides[0]
    alts = [shape.element.nvGraphicFramePr.cNvPr.get("descr") for shape in first.shapes if shape.has_chart]
    assert all(len(alt) > 20 for alt in alts)
    with zipfile.ZipFile(io.BytesIO(slides())) as archive:
        assert not [name for name in archive.namelist() if name.startswith("ppt/media/")]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_data(name: str) -> None:
    outcome = hostile(name)
    content = executive_pptx(brief_of(outcome, of_shop()[1]), of_shop()[1])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for path in archive.namelist():
            assert ".." not in path
            if path.endswith(".xlsx"):
                with zipfile.ZipFile(io.BytesIO(archive.read(path))) as book:
                    sheet = book.read("xl/worksheets/sheet1.xml")
                    assert b"<f>" not in sheet
                    assert b"<hyperlink" not in sheet
    assert Presentation(io.BytesIO(content)).slides[0].shapes.title is not None


def test_a_name_that_a_cell_would_run_is_marked() -> None:
    assert in_chart("=1+1") == "'=1+1"
    assert in_chart("http://x") == "'http://x"


@pytest.mark.oracle
@pytest.mark.xdist_group("libreoffice")
@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice (soffice) is not installed: no slide is drawn")
def test_another_program_draws_two_slides(tmp_path: Path) -> None:
    (tmp_path / "plan.pptx").write_bytes(slides())
    command = [str(SOFFICE), f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "pdf",
               "--outdir", str(tmp_path), str(tmp_path / "plan.pptx")]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    if not (tmp_path / "plan.pdf").exists():
        pytest.skip(f"LibreOffice has no Impress here: no slide is drawn ({done.stderr.strip()[:80]})")
    pages = PdfReader(tmp_path / "plan.pdf").pages
    assert len(pages) == 2
    text = " ".join(pages[0].extract_text().split())
    assert of_shop()[0].outcome.scenario.fingerprint in text
    assert executive_words.metrics(of_shop()[0])[0][1] in text
