"""CSV that a spreadsheet opens without taking any cell for a formula."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from data.trail import QuarantineRow

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a cell that starts so for a formula."""


def quarantine_csv(rows: Iterable[QuarantineRow]) -> bytes:
    """The lines that were set aside as CSV (UTF-8), with the row as it was read."""
    header = ("file", "row", "column", "reason", "amount", "row_as_read")
    lines = ((Path(r.path).name, r.row_number, r.column_name, r.reason, r.amount_text, r.raw) for r in rows)
    return csv_bytes(header, lines)


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    r"""A CSV whose text cells no spreadsheet takes for a formula: those that could be start with an apostrophe.

    >>> csv_bytes(["a", "b"], [["=1+1", -5]]).decode()
    "a,b\r\n'=1+1,-5\r\n"
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    return text.getvalue().encode()


def _safe(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell
