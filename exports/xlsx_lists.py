"""Sheets of text: what changes, what is frozen at which value, which evidence and prices stand behind it, notes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeGuard

from exports.tables import changes_table, evidence_table, limits_table, notes_table, parameters_table
from exports.xlsx_assumptions import inputs
from model.money import NANOS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from exports.tables import Cell, ColumnKind, Table
    from exports.xlsx_book import Book, Sheet
    from exports.xlsx_future import Future
    from model.outcome import Outcome

CHANGES, FROZEN, EVIDENCE, LIMITS, NOTES = "Changes", "Frozen", "Evidence", "Limits", "Notes"
_NUMBER: Final = re.compile(r"-?\d{1,15}(\.\d+)?(e-?\d+)?")
_STYLES: Final[dict[ColumnKind, str]] = {"money": "money", "number": "number", "integer": "integer"}


def list_sheets(book: Book, outcome: Outcome, future: Future) -> None:
    """Write the five lists."""
    currency = outcome.bill.currency
    _list(
        book, CHANGES, "What has to be changed", changes_table(outcome),
        (36, 20, 18, 16, 22, 22, 14, 14, 14, 34, 12, 70),
        "Every figure of this workbook counts on these, in this order.",
    )  # fmt: skip
    live = {each.parameter.key for each in inputs(outcome, future) if each.is_live}
    frozen = parameters_table(outcome)
    kept = [row for row in frozen.rows if row[0] not in live]
    _list(
        book, FROZEN, "What is frozen, and at which value", frozen, (48, 40, 12, 18, 16, 16, 16, 10, 12, 60),
        "The app repriced the bill's rows at these settings and assumptions. Nothing in this workbook follows them: "
        "change them in the app and export again.", kept,
    )  # fmt: skip
    _list(
        book, EVIDENCE, "Where the change comes from", evidence_table(outcome),
        (14, 22, 18, 22, 30, 12, 70, 50, 18, 10),
        f"Over {len(outcome.bill.months)} months in {currency}; prices with their source and the day they were read.",
    )  # fmt: skip
    _list(
        book, LIMITS, "Limits that the plan is held against", limits_table(outcome), (30, 14, 24, 14, 14, 14, 10, 90),
        "An empty verdict: the limit could not be judged; the sentence says what is missing.",
    )  # fmt: skip
    _list(book, NOTES, "Notes", notes_table(outcome), (18, 140), "What has to be said of bill, plan and months ahead.")


def _list(
    book: Book, name: str, title: str, table: Table, widths: Sequence[float], about: str,
    rows: Sequence[tuple[Cell, ...]] | None = None,
) -> None:  # fmt: skip
    sheet = book.sheet(name, widths, frozen_rows=4, frozen_columns=1)
    sheet.text(0, 0, title, "title")
    sheet.wide(1, min(4, len(widths) - 1), about)
    found = table.rows if rows is None else rows
    sheet.header(3, [_title(column.name) for column in table.columns], numbers_from=99)
    for line, row in enumerate(found, 4):
        for column, (cell, declared) in enumerate(zip(row, table.columns, strict=True)):
            _cell(sheet, line, column, cell, declared.kind)
    if not found:
        sheet.text(4, 0, "Nothing.", "note")
    sheet.filtered(3, max(4, 3 + len(found)), len(table.columns) - 1)


def _cell(sheet: Sheet, line: int, column: int, cell: Cell, kind: ColumnKind) -> None:
    if cell is None:
        return
    if _is_number(cell):
        cell, kind = float(cell), "number"
    if kind == "yes_no":
        sheet.text(line, column, "yes" if cell else "NO")
    elif isinstance(cell, int | float) and kind in _STYLES and abs(cell) < float("inf"):
        sheet.number(line, column, cell / NANOS if kind == "money" else cell, _STYLES[kind])
    else:
        sheet.text(line, column, str(cell), "wrap")


def _is_number(cell: Cell) -> TypeGuard[str]:
    """Whether a setting's text is a number: it is shown as one, in few digits."""
    return isinstance(cell, str) and _NUMBER.fullmatch(cell) is not None


def _title(name: str) -> str:
    """A column's name for people."""
    return name.replace("_", " ").capitalize()
