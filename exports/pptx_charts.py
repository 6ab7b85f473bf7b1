"""Native charts of slides: a waterfall in cents, and lines over months; both open in a spreadsheet for editing."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_TICK_LABEL_POSITION, XL_TICK_MARK
from pptx.enum.dml import MSO_LINE
from pptx.util import Pt

from exports.pptx_text import in_chart, on_slide

if TYPE_CHECKING:
    from pptx.chart.chart import Chart
    from pptx.slide import Slide
    from pptx.util import Length

FONT: Final = "Arial"
"""On every machine, or a font of the same widths."""

_FEW: Final = 7
"""Columns whose titles find room in the usual size."""

_Place = tuple["Length", "Length", "Length", "Length"]
_CHART: Final = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_DRAWING: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_NAMED_MONTHS: Final = 6
"""Under a line of months every sixth is named."""
_GRID: Final = RGBColor(0xE3, 0xE7, 0xEA)
_MUTED: Final = RGBColor(0x5B, 0x67, 0x70)
UNSEEN, ABOVE, BELOW = "From zero to the bar", "Above zero", "Below zero"
"""Series of a waterfall: what carries a bar without being seen, and the bar on either side of zero."""


@dataclass(frozen=True)
class Column:
    """One bar of a waterfall between two levels in cents, what is written under its title, ``colour`` as RRGGBB."""

    title: str
    start_cents: int
    end_cents: int
    label: str
    colour: str


@dataclass(frozen=True)
class Waterfall:
    """Bars from the bill to the plan; ``alt`` says the same in words."""

    title: str
    currency: str
    columns: tuple[Column, ...]
    alt: str


@dataclass(frozen=True)
class Line:
    """Amounts in currency units, one a month; ``is_thin`` for the edges of a range."""

    title: str
    amounts: tuple[float, ...]
    colour: str
    is_thin: bool = False


@dataclass(frozen=True)
class Lines:
    """Lines over the same months; ``alt`` says the same in words."""

    title: str
    currency: str
    months: tuple[str, ...]
    lines: tuple[Line, ...]
    alt: str


def parts_of(column: Column) -> tuple[int, int, int]:
    """A bar as three stacked parts in cents: unseen, above zero, below zero; start and end follow from them.

    >>> parts_of(Column("a", 500, 300, "", "")), parts_of(Column("b", 100, -50, "", ""))
    ((300, 200, 0), (0, 100, -50))
    >>> parts_of(Column("c", -20, -50, "", ""))
    (-20, 0, -30)
    """
    low, high = sorted((column.start_cents, column.end_cents))
    if low >= 0:
        return low, high - low, 0
    if high <= 0:
        return high, 0, low - high
    return 0, high, low


def add_waterfall(slide: Slide, waterfall: Waterfall, place: _Place) -> None:
    """A stacked column chart whose lowest part is not seen."""
    columns = waterfall.columns
    stacked = [parts_of(column) for column in columns]
    drawn: Any = CategoryChartData(number_format="#,##0.00")
    drawn.categories = [f"{in_chart(column.title)}\n{on_slide(column.label, 40)}" for column in columns]
    for number, name in enumerate((UNSEEN, ABOVE, BELOW)):
        drawn.add_series(name, [Decimal(parts[number]) / 100 for parts in stacked])
    chart = _add(slide, XL_CHART_TYPE.COLUMN_STACKED, place, drawn, waterfall.alt)
    chart.has_legend = False
    plot: Any = chart.plots[0]
    plot.gap_width, plot.overlap = 45, 100
    unseen, above, below = plot.series
    unseen.format.fill.background()
    for number, column in enumerate(columns):
        for series in (above, below):
            fill = series.points[number].format.fill
            fill.solid()
            fill.fore_color.rgb = RGBColor.from_string(column.colour)
    has_loss = any(min(column.start_cents, column.end_cents) < 0 for column in columns)
    _axes(chart, waterfall.currency, 10 if len(columns) <= _FEW else 8, from_zero=not has_loss)
    _lay_flat(chart)


def add_lines(slide: Slide, lines: Lines, place: _Place) -> None:
    """A line chart from zero, with a legend below."""
    drawn: Any = CategoryChartData(number_format="#,##0.00")
    drawn.categories = [in_chart(month) for month in lines.months]
    for line in lines.lines:
        drawn.add_series(in_chart(line.title), line.amounts)
    chart = _add(slide, XL_CHART_TYPE.LINE, place, drawn, lines.alt)
    chart.has_legend = True
    legend: Any = chart.legend
    legend.position, legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    legend.font.size = Pt(10)
    plot: Any = chart.plots[0]
    for series, line in zip(plot.series, lines.lines, strict=True):
        series.smooth = False
        series.format.line.color.rgb = RGBColor.from_string(line.colour)
        series.format.line.width = Pt(1 if line.is_thin else 2.5)
        if line.is_thin:
            series.format.line.dash_style = MSO_LINE.DASH
    has_loss = any(amount < 0 for line in lines.lines for amount in line.amounts)
    _axes(chart, lines.currency, 10, from_zero=not has_loss)
    _name_every(chart, _NAMED_MONTHS)


def _add(slide: Slide, kind: XL_CHART_TYPE, place: _Place, drawn: Any, alt: str) -> Chart:
    frame: Any = slide.shapes.add_chart(kind, *place, drawn)
    frame.element.nvGraphicFramePr.cNvPr.set("descr", on_slide(alt, 2000))
    chart: Chart = frame.chart
    chart.has_title = False
    chart.font.name, chart.font.size = FONT, Pt(10)
    return chart


def _axes(chart: Chart, currency: str, size: int, *, from_zero: bool) -> None:
    amounts: Any = chart.value_axis
    if from_zero:
        amounts.minimum_scale = 0
    amounts.major_gridlines.format.line.color.rgb = _GRID
    amounts.format.line.fill.background()
    amounts.tick_labels.font.size = Pt(10)
    amounts.tick_labels.font.color.rgb = _MUTED
    amounts.tick_labels.number_format, amounts.tick_labels.number_format_is_linked = "#,##0", False
    amounts.has_title = True
    amounts.axis_title.text_frame.text = on_slide(currency, 20)
    title_font = amounts.axis_title.text_frame.paragraphs[0].runs[0].font
    title_font.size, title_font.bold = Pt(10), False
    names: Any = chart.category_axis
    names.tick_labels.font.size = Pt(size)
    names.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    names.major_tick_mark = XL_TICK_MARK.NONE
    names.format.line.color.rgb = _MUTED


def _lay_flat(chart: Chart) -> None:
    """Titles lie flat and wrap; slanted ones are hard to read."""
    for body in chart.element.iterfind(f".//{_CHART}catAx/{_CHART}txPr/{_DRAWING}bodyPr"):
        body.set("rot", "0")


def _name_every(chart: Chart, count: int) -> None:
    """Name each ``count``-th category alone; the library has no word for it."""
    for axis in chart.element.iterfind(f".//{_CHART}catAx"):
        last = axis.find(f"{_CHART}noMultiLvlLbl")
        for name in ("tickLblSkip", "tickMarkSkip"):
            last.addprevious(axis.makeelement(f"{_CHART}{name}", val=str(count)))
