"""The lines of a bill that were set aside, as CSV."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from exports.tables_csv import csv_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from data.trail import QuarantineRow


def quarantine_csv(rows: Iterable[QuarantineRow]) -> bytes:
    """The lines that were set aside as CSV (UTF-8), with the row as it was read."""
    header = ("file", "row", "column", "reason", "amount", "row_as_read")
    lines = ((Path(r.path).name, r.row_number, r.column_name, r.reason, r.amount_text, r.raw) for r in rows)
    return csv_bytes(header, lines)
