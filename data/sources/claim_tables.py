"""Claims as lines of a table (CSV or the first sheet of a workbook): a claim a line, lists and settings in one cell."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from data.sources.refusal import SourceRefused

if TYPE_CHECKING:
    from collections.abc import Iterator

LISTS: Final = ("items", "sum_of")
OF_PLAN: Final = ("plan", "currency")
"""Columns that say the same on every line: they are the plan's."""
SEPARATOR: Final = ";"
MOST_LINES: Final = 20_000


def rows_of_csv(text: str) -> Iterator[tuple[str, list[str]]]:
    """Every line that holds anything, with its place."""
    rows = csv.reader(io.StringIO(text, newline=""))
    try:
        for cells in rows:
            if any(cell.strip() for cell in cells):
                yield f"line {rows.line_num}", cells
    except csv.Error as error:
        raise SourceRefused(f"Line {rows.line_num} is not readable as CSV: {error}. Mend that line.") from error


def rows_of_xlsx(content: bytes, name: str) -> Iterator[tuple[str, list[str]]]:
    """Every row of the sheet 'claims', else of the first, that holds anything; numbers as they are shown at most."""
    import python_calamine  # noqa: PLC0415 - only a workbook needs it

    try:
        book = python_calamine.load_workbook(io.BytesIO(content))
        titles = {title.casefold(): title for title in reversed(book.sheet_names)}
        sheet = book.get_sheet_by_name(titles.get("claims") or book.sheet_names[0])
        if sheet.total_height > MOST_LINES:
            raise SourceRefused(
                f"{name} has {sheet.total_height:,} rows; a plan of up to {MOST_LINES:,} claims is read."
            )
        rows = sheet.to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise SourceRefused(f"{name} is not a workbook that can be read ({error}); save it as XLSX again.") from error
    for number, cells in enumerate(rows, start=1):
        if any(_cell(cell) for cell in cells):
            yield f"row {number}", [_cell(cell) for cell in cells]


def table_body(rows: Iterator[tuple[str, list[str]]], where: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The mapping of a table whose first row names the fields, and each claim's place; raises SourceRefused."""
    first, header = next(rows, ("line 1", []))
    names = [name.strip() for name in header]
    if "id" not in names:
        raise SourceRefused(
            f"{where}, {first} has no column id: the header names the fields, as id,text,saves_per_month."
        )
    twice = next((name for name in names if name and names.count(name) > 1), None)
    if twice is not None:
        raise SourceRefused(f"{where}, {first} has the column {twice} twice; take one out.")
    claims, places, of_plan = [], [], dict[str, str]()
    for place, cells in rows:
        claim = _claim(names, cells, f"{where}, {place}")
        for name in OF_PLAN:
            told = claim.pop(name, None)
            if told is not None and of_plan.setdefault(name, told) != told:
                raise SourceRefused(f"{where}, {place}, column {name}: {told!r}, but {of_plan[name]!r} above; say one.")
        claims.append(claim)
        places.append(place)
    return {**of_plan, "claims": claims}, tuple(places)


def _claim(names: list[str], cells: list[str], place: str) -> dict[str, Any]:
    if any(cell.strip() for cell in cells[len(names) :]):
        raise SourceRefused(f"{place} has more cells than the header; put texts with commas in quotes.")
    claim: dict[str, Any] = {}
    for name, cell in zip(names, cells, strict=False):
        text = cell.strip()
        if text and not name:
            raise SourceRefused(f"{place}: {text!r} stands below no name; name the column or empty the cell.")
        if name in LISTS and text:
            claim[name] = [part.strip() for part in text.split(SEPARATOR) if part.strip()]
        elif text:
            claim[name] = _settings(text, place) if name == "settings" else text
    return claim


def _settings(text: str, place: str) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    for item in filter(None, (part.strip() for part in text.split(SEPARATOR))):
        key, separator, value = item.partition("=")
        if not separator:
            raise SourceRefused(f"{place}, column settings: {item} needs KEY=VALUE.")
        settings[key.strip()] = _value(value.strip())
    return settings


def _value(text: str) -> Any:
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() else number


def _cell(value: object) -> str:
    """A workbook's cell as text: whole numbers without a point, others as short as they are exact."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{Decimal(repr(value)).normalize():f}" if value == value else ""  # noqa: PLR0124
    return str(value).strip()
