"""A workbook that is safe to open: texts stay texts, formulas carry the app's figure, bytes depend on the content."""

from __future__ import annotations

import io
from datetime import datetime
from math import ceil
from typing import TYPE_CHECKING, Any, Final

import xlsxwriter

from exports.names import slug

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlsxwriter.chart import Chart
    from xlsxwriter.format import Format

LONGEST_TEXT: Final = 32_000
"""A cell holds 32,767 characters."""
_MADE: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - the file format has no time zone, and bytes may not tell the day
_SAFE: Final = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
MONEY: Final = "#,##0.00;−#,##0.00;0.00"
_STYLES: Final[dict[str, dict[str, Any]]] = {
    "title": {"bold": True, "font_size": 16, "font_color": "#0072B2"},
    "answer": {"font_size": 12, "text_wrap": True, "valign": "top"},
    "heading": {"bold": True, "font_size": 12, "bottom": 1, "bottom_color": "#5B6770"},
    "head": {"bold": True, "bg_color": "#E8EDF1", "text_wrap": True, "valign": "vcenter", "bottom": 1,
             "align": "left", "indent": 1},
    "head_right": {"bold": True, "bg_color": "#E8EDF1", "text_wrap": True, "valign": "vcenter", "bottom": 1,
                   "align": "right"},
    "text": {"valign": "top", "align": "left", "indent": 1},
    "wrap": {"text_wrap": True, "valign": "top", "align": "left", "indent": 1},
    "mark": {"font_color": "#5B6770", "italic": True, "align": "left", "valign": "top", "indent": 1},
    "note": {"font_color": "#5B6770", "italic": True, "text_wrap": True, "valign": "top"},
    "money": {"num_format": MONEY},
    "money_exact": {"num_format": "#,##0.000000;−#,##0.000000;0.000000"},
    "money_total": {"num_format": MONEY, "bold": True, "top": 1},
    "total": {"bold": True, "top": 1, "align": "left", "indent": 1},
    "ratio": {"num_format": "0.0000"},
    "percent": {"num_format": "0.0%;−0.0%"},
    "number": {"num_format": "#,##0.######;−#,##0.######"},
    "integer": {"num_format": "0"},
    "months": {"num_format": "0.0"},
    "input_number": {"num_format": "#,##0.######;−#,##0.######", "bg_color": "#FFF6D6", "font_color": "#0000C0",
                     "border": 1, "border_color": "#C9B458", "locked": False},
    "input_money": {"num_format": "#,##0.00######", "bg_color": "#FFF6D6", "font_color": "#0000C0",
                    "border": 1, "border_color": "#C9B458", "locked": False},
    "input_percent": {"num_format": "0.00%;−0.00%", "bg_color": "#FFF6D6", "font_color": "#0000C0", "border": 1,
                      "border_color": "#C9B458", "locked": False},
}  # fmt: skip
"""Blue on yellow is what may be typed over; everything else follows."""
_WRAPPED: Final = ("wrap", "head", "head_right")
_LETTER, _LINE_HEIGHT, _TITLE_HEIGHT, _HIGHEST_ROW = 1.05, 15.0, 24.0, 400.0
"""Width of a letter in those of a digit, heights of a line and a title in points, and what a row may have."""


class Book:
    """A workbook being written; ``content`` closes it and gives its bytes."""

    def __init__(self, title: str, footer: str) -> None:
        self._bytes = io.BytesIO()
        self._book = xlsxwriter.Workbook(self._bytes, {"in_memory": True, **_SAFE})
        self._book.set_properties({"title": clean(title), "author": "Cloudlever", "created": _MADE})
        self._book.set_calc_mode("auto")
        self._footer = f"&L&8{clean(footer).replace('&', '&&')[:200]}&R&8&A, &P / &N"
        self._formats = {name: self._book.add_format({"valign": "top"} | style) for name, style in _STYLES.items()}
        self._sheets: list[Sheet] = []

    def sheet(
        self,
        name: str,
        widths: Sequence[float],
        *,
        frozen_rows: int = 0,
        frozen_columns: int = 0,
        printed_rows: int = 0,
    ) -> Sheet:
        """A new sheet with these column widths, ready to print on landscape A4, one page wide.

        ``printed_rows``: only so many from the top go on paper.
        """
        made = self._book.add_worksheet(name)
        for column, width in enumerate(widths):
            made.set_column(column, column, width)
        made.freeze_panes(frozen_rows, frozen_columns)
        made.set_landscape()
        made.set_paper(9)
        made.fit_to_pages(1, 0)
        made.set_margins(0.4, 0.4, 0.5, 0.6)
        made.set_footer(self._footer)
        made.hide_gridlines(2)
        if frozen_rows:
            made.repeat_rows(0, frozen_rows - 1)
        if printed_rows:
            made.print_area(0, 0, printed_rows - 1, len(widths) - 1)
        self._sheets.append(Sheet(self, name, made, self._formats, tuple(widths)))
        return self._sheets[-1]

    def name(self, name: str, reference: str) -> None:
        """Give a cell or a constant a name that formulas use."""
        self._book.define_name(name, f"={reference}")

    def chart(self, kind: str, subtype: str = "") -> Chart:
        """A native chart, still empty."""
        return self._book.add_chart({"type": kind, "subtype": subtype} if subtype else {"type": kind})

    def content(self) -> bytes:
        """The finished file."""
        for sheet in self._sheets:
            sheet.fit_heights()
        self._book.close()
        return self._bytes.getvalue()


class Sheet:
    """One sheet: cells by row and column from 0."""

    def __init__(
        self, book: Book, name: str, made: Any, formats: Mapping[str, Format], widths: tuple[float, ...]
    ) -> None:
        self.book, self.name = book, name
        self._made, self._formats, self._widths = made, formats, widths
        self._lines: dict[int, int] = {}

    def text(self, row: int, column: int, text: str, style: str = "text") -> None:
        """Text as text, whatever it begins with."""
        self._made.write_string(row, column, clean(text), self._formats[style])
        if style == "title":
            self._made.set_row(row, _TITLE_HEIGHT)
        if style in _WRAPPED and column < len(self._widths):
            self._need(row, text, self._widths[column])

    def texts(self, row: int, texts: Sequence[str], style: str = "text", first: int = 0) -> None:
        """Texts side by side."""
        for column, text in enumerate(texts, first):
            self.text(row, column, text, style)

    def header(self, row: int, texts: Sequence[str], numbers_from: int = 1, numbers_to: int = 1000) -> None:
        """Titles of columns; those of numbers stand right."""
        for column, text in enumerate(texts):
            self.text(row, column, text, "head_right" if numbers_from <= column <= numbers_to else "head")

    def number(self, row: int, column: int, value: float, style: str = "number") -> None:
        """A number that no formula gives."""
        self._made.write_number(row, column, value, self._formats[style])

    def formula(self, row: int, column: int, formula: str, value: float | str, style: str = "money") -> None:
        """A formula with what the app says it gives, for programs that show without computing."""
        self._made.write_formula(row, column, f"={formula}", self._formats[style], value)

    def wide(self, row: int, last: int, text: str, style: str = "note") -> None:
        """A text over the columns up to ``last``."""
        self._made.merge_range(row, 0, row, last, "", self._formats[style])
        self._made.write_string(row, 0, clean(text), self._formats[style])
        self._need(row, text, sum(self._widths[: last + 1]) * (0.8 if style == "answer" else 1.0))

    def fit_heights(self) -> None:
        """Make rows as high as their texts need: programs that only show do not do it themselves."""
        for row, lines in self._lines.items():
            if lines > 1:
                self._made.set_row(row, min(_LINE_HEIGHT * lines, _HIGHEST_ROW))

    def _need(self, row: int, text: str, width: float) -> None:
        lines = sum(ceil(max(len(part), 1) * _LETTER / width) for part in text.split("\n"))
        self._lines[row] = max(self._lines.get(row, 1), lines)

    def limits(self, row: int, column: int, least: float, most: float) -> None:
        """Refuse a typed number outside these."""
        self._made.data_validation(
            row, column, row, column,
            {"validate": "decimal", "criteria": "between", "minimum": least, "maximum": most,
             "error_title": "Out of range", "error_message": f"Type a number from {least:g} to {most:g}."},
        )  # fmt: skip

    def place(self, row: int, column: int, chart: Chart, width: int = 760, height: int = 320) -> None:
        """Put a chart with its upper left corner on a cell."""
        chart.set_size({"width": width, "height": height})
        self._made.insert_chart(row, column, chart)

    def filtered(self, row: int, last_row: int, last_column: int) -> None:
        """Let rows be filtered under a header."""
        self._made.autofilter(row, 0, last_row, last_column)


def clean(text: str) -> str:
    """Text that a cell can hold: no lone surrogates, at most 32,000 characters, cut visibly."""
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return whole if len(whole) <= LONGEST_TEXT else whole[: LONGEST_TEXT - 1] + "…"


def named(prefix: str, text: str = "") -> str:
    """A name for a cell from text that may hold anything.

    >>> named("ramp_start_months", "cloud_run")
    'ramp_start_months_cloud_run'
    """
    return f"{prefix}_{slug(text, '_').replace('-', '_')}" if text else prefix
