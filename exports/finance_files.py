"""What finance takes away: the workbook, every table as CSV and Parquet, and the repriced bill as FOCUS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exports.focus import focus_table
from exports.tables import tables_of
from exports.tables_csv import table_csv
from exports.tables_parquet import table_parquet

if TYPE_CHECKING:
    from collections.abc import Callable

    from model.outcome import Outcome

FOLDER: Final = "finance"


def _xlsx(outcome: Outcome) -> list[tuple[str, bytes]]:
    from exports.xlsx import workbook  # noqa: PLC0415 - repricing at other demands and its library, for this file only

    return [(f"{FOLDER}/plan.xlsx", workbook(outcome))]


def _csv(outcome: Outcome) -> list[tuple[str, bytes]]:
    return [(f"{FOLDER}/csv/{table.name}.csv", table_csv(table)) for table in tables_of(outcome)]


def _parquet(outcome: Outcome) -> list[tuple[str, bytes]]:
    return [(f"{FOLDER}/parquet/{table.name}.parquet", table_parquet(table)) for table in tables_of(outcome)]


def _focus(outcome: Outcome) -> list[tuple[str, bytes]]:
    table = focus_table(outcome)
    name = f"{FOLDER}/focus/{table.name}"
    return [(f"{name}.csv", table_csv(table)), (f"{name}.parquet", table_parquet(table))]


FINANCE_WRITERS: Final[dict[str, Callable[[Outcome], list[tuple[str, bytes]]]]] = {
    "xlsx": _xlsx,
    "csv": _csv,
    "parquet": _parquet,
    "focus": _focus,
}
"""Kind → path and bytes of its files, made of an outcome."""
