"""The demo's queries: the four that the plan measured, and everything else that its database does."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

INSTANCE: Final = "main-db"
OTHER: Final = {"query": "other", "calls": "9000000", "mean_time_ms_before": "120"}
"""Invented: what the four leave of the database's time, 42 % of it."""


def query_rows(measured: Path) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Header and rows of ``queries.csv``: a file of measured queries, with their instance, and the rest."""
    with measured.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        columns = tuple(reader.fieldnames or ())
        rows = [*reader, OTHER]
    return (*columns, "instance"), [(*(row.get(name, "") for name in columns), INSTANCE) for row in rows]
