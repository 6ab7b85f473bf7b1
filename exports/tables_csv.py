"""CSV that a spreadsheet opens without taking any cell for a formula."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

from model.money import as_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from exports.tables import Cell, ColumnKind, Table

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a cell that starts so for a formula."""


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    r"""A CSV whose text cells no spreadsheet takes for a formula: those that could be start with an apostrophe.

    >>> csv_bytes(["a", "b"], [["=1+1", -5]]).decode()
    "a,b\r\n'=1+1,-5\r\n"
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8", "replace")


def table_csv(table: Table) -> bytes:
    """A table as CSV in UTF-8: money as decimals of scale 9, true and false, an empty cell where nothing is known."""
    kinds = [column.kind for column in table.columns]
    rows = ([_written(cell, kind) for cell, kind in zip(row, kinds, strict=True)] for row in table.rows)
    return csv_bytes([column.name for column in table.columns], rows)


def _written(cell: Cell, kind: ColumnKind) -> object:
    if cell is None:
        return None
    if kind == "money":
        return _Number(as_text(int(cell)))
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return cell


class _Number(str):
    """Digits that are no text: a minus in front of them is a sign."""

    __slots__ = ()


def _safe(cell: object) -> object:
    is_text = isinstance(cell, str) and not isinstance(cell, _Number)
    return f"'{cell}" if is_text and str(cell).startswith(FORMULA_STARTS) else cell
