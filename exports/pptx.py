"""Slides of a deck → PPTX with native charts and tables; whoever calls has put amounts into words already."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE, PP_ALIGN
from pptx.util import Emu, Inches, Pt

from exports.pptx_charts import FONT, add_lines, add_waterfall
from exports.pptx_file import settled
from exports.pptx_text import on_slide

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pptx.presentation import Presentation as Deck_
    from pptx.slide import Slide
    from pptx.text.text import TextFrame

    from exports.document import Metric
    from exports.pptx_charts import Lines, Waterfall

WIDTH: Final = Inches(13.333)
HEIGHT: Final = Inches(7.5)
_MARGIN: Final = Inches(0.5)
_TITLE_ONLY: Final = 5
_SHORT: Final = 110
"""Characters of a title that find room on two lines in large letters."""
_INK: Final = RGBColor(0x1F, 0x29, 0x33)
_MUTED: Final = RGBColor(0x5B, 0x67, 0x70)
_RISK: Final = RGBColor(0xC4, 0x4E, 0x00)
_PAPER: Final = RGBColor(0xFF, 0xFF, 0xFF)
_RULE: Final = RGBColor(0xE3, 0xE7, 0xEA)


@dataclass(frozen=True)
class Grid:
    """Rows of words under titles; ``widths`` are shares of the table's width, ``numbers`` the columns set right."""

    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True)
class Finding:
    """The first slide: the finding as title, what speaks against it, figures, the way to the plan, the months ahead."""

    title: str
    catch: str
    subtitle: str
    tiles: tuple[Metric, ...]
    waterfall: Waterfall
    lines: Lines
    notes: str


@dataclass(frozen=True)
class Decisions:
    """The second slide: what has to be decided, what may go wrong, and what is assumed."""

    title: str
    decisions: Grid
    risks: tuple[str, ...]
    assumed: Grid
    notes: str


@dataclass(frozen=True)
class Deck:
    """Two slides with a footer that names scenario, fingerprint and bill."""

    finding: Finding
    decisions: Decisions
    footer: str


def deck_pptx(deck: Deck) -> bytes:
    """The deck as PPTX: charts with their figures in it, no pictures; the same deck gives the same bytes."""
    shown = _presentation()
    shown.core_properties.title = on_slide(deck.finding.title, 200)
    shown.core_properties.author = "Cloudlever"
    _add_finding(_add_slide(shown, deck.finding.title, deck.footer, deck.finding.notes), deck.finding)
    _add_decisions(_add_slide(shown, deck.decisions.title, deck.footer, deck.decisions.notes), deck.decisions)
    file = io.BytesIO()
    shown.save(file)
    return settled(file.getvalue())


def _presentation() -> Deck_:
    """An empty wide presentation; what layouts hold is as wide as the slides."""
    made = Presentation()
    scale = WIDTH / (made.slide_width or WIDTH)
    made.slide_width, made.slide_height = WIDTH, HEIGHT
    for layout in (made.slide_master, *made.slide_layouts):
        for shape in layout.placeholders:
            shape.left, shape.width = Emu(int(shape.left * scale)), Emu(int(shape.width * scale))
    return made


def _add_slide(shown: Deck_, title: str, footer: str, notes: str) -> Slide:
    slide = shown.slides.add_slide(shown.slide_layouts[_TITLE_ONLY])
    head = slide.shapes.title
    if head is not None:
        head.left, head.top, head.width, head.height = _MARGIN, Inches(0.25), WIDTH - 2 * _MARGIN, Inches(0.85)
        head.text_frame.word_wrap = True
        head.text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE
        _write(head.text_frame, [on_slide(title, 400)], 20 if len(title) <= _SHORT else 17, bold=True)
    _add_text(slide, [footer], (0.5, 7.05, 12.33, 0.3), 9, colour=_MUTED)
    told = slide.notes_slide.notes_text_frame
    if told is not None:
        told.text = on_slide(notes, 6000)
    return slide


def _add_finding(slide: Slide, finding: Finding) -> None:
    _add_text(slide, [finding.catch], (0.5, 1.08, 12.33, 0.35), 13, colour=_RISK)
    _add_text(slide, [finding.subtitle], (0.5, 1.4, 12.33, 0.35), 11, colour=_MUTED)
    width = 12.33 / max(1, len(finding.tiles))
    for number, tile in enumerate(finding.tiles):
        _add_tile(slide, tile, (0.5 + number * width, 1.8, width - 0.12 * (number + 1 < len(finding.tiles)), 1.05))
    for left, size, text in ((0.5, 7.2, finding.waterfall.title), (7.9, 4.93, finding.lines.title)):
        _add_text(slide, [text], (left, 3.0, size, 0.35), 13, bold=True)
    add_waterfall(slide, finding.waterfall, (Inches(0.5), Inches(3.35), Inches(7.2), Inches(3.6)))
    add_lines(slide, finding.lines, (Inches(7.9), Inches(3.35), Inches(4.93), Inches(3.6)))


def _add_tile(slide: Slide, tile: Metric, place: tuple[float, float, float, float]) -> None:
    left, top, width, height = place
    card = slide.shapes.add_textbox(Inches(left), Inches(top), Inches(width), Inches(height))
    card.line.color.rgb = _RULE
    frame = card.text_frame
    frame.word_wrap, frame.auto_size = True, MSO_AUTO_SIZE.NONE
    _write(frame, [on_slide(tile.label, 60)], 11, colour=_MUTED)
    for text, size, bold, colour in ((tile.value, 22, True, _INK), (tile.note, 10, False, _MUTED)):
        paragraph = frame.add_paragraph()
        paragraph.text = on_slide(text, 160)
        paragraph.font.size, paragraph.font.bold, paragraph.font.name = Pt(size), bold, FONT
        paragraph.font.color.rgb = colour


def _add_decisions(slide: Slide, asked: Decisions) -> None:
    _add_grid(slide, asked.decisions, (0.5, 1.45, 12.33))
    below = 1.45 + 0.36 * (len(asked.decisions.rows) + 1) + 0.25
    _add_text(slide, ["What may go wrong"], (0.5, below, 6.0, 0.35), 13, bold=True)
    _add_text(slide, [f"• {risk}" for risk in asked.risks], (0.5, below + 0.35, 6.0, 6.9 - below), 11)
    _add_text(slide, ["What it rests on"], (6.83, below, 6.0, 0.35), 13, bold=True)
    if asked.assumed.rows:
        _add_grid(slide, asked.assumed, (6.83, below + 0.4, 6.0))


def _add_grid(slide: Slide, grid: Grid, place: tuple[float, float, float]) -> None:
    left, top, width = place
    count = len(grid.rows) + 1
    frame = slide.shapes.add_table(
        count, len(grid.titles), Inches(left), Inches(top), Inches(width), Inches(0.36 * count)
    )
    table = frame.table
    for column, share in enumerate(grid.widths):
        table.columns[column].width = Emu(int(Inches(width) * share / sum(grid.widths)))
    for number, row in enumerate((grid.titles, *grid.rows)):
        for column, text in enumerate(row):
            cell = table.cell(number, column)
            cell.margin_top = cell.margin_bottom = Inches(0.03)
            cell.fill.solid()
            cell.fill.fore_color.rgb = _RULE if number == 0 else _PAPER
            _write(cell.text_frame, [on_slide(text, 200)], 11, bold=number == 0)
            if column in grid.numbers:
                cell.text_frame.paragraphs[0].alignment = PP_ALIGN.RIGHT


def _add_text(
    slide: Slide, texts: Sequence[str], place: tuple[float, float, float, float], size: int, *, bold: bool = False,
    colour: RGBColor = _INK,
) -> None:  # fmt: skip
    box = slide.shapes.add_textbox(*(Inches(inches) for inches in place))
    box.text_frame.word_wrap = True
    _write(box.text_frame, [on_slide(text, 600) for text in texts], size, bold=bold, colour=colour)


def _write(frame: TextFrame, texts: Sequence[str], size: int, *, bold: bool = False, colour: RGBColor = _INK) -> None:
    for number, text in enumerate(texts):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        paragraph.text = text
        paragraph.alignment = PP_ALIGN.LEFT
        paragraph.font.size, paragraph.font.bold, paragraph.font.name = Pt(size), bold, FONT
        paragraph.font.color.rgb = colour
