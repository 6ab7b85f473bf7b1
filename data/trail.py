"""Trails: the billing lines behind a figure, and the lines that were held back, each with its file and row."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import duckdb

from data.load_check import literal_path
from data.sources.charges import create_charge_view, inspect
from data.sources.refusal import SourceRefused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from data.workspace import Load, Workspace

DEFAULT_ROW_LIMIT: Final = 200
SHOWN: Final = (
    "row_number", "billing_account", "invoice_month", "cost_type", "service", "sku", "project", "region", "resource",
    "currency", "usage", "pricing_unit", "cost_nanos", "list_nanos", "on_demand_nanos", "effective_nanos",
)  # fmt: skip
FILTERS: Final = frozenset(
    {"billing_account", "invoice_month", "cost_type", "charge_class", "service", "service_id", "sku", "sku_id",
     "sku_key", "project", "region", "resource", "currency", "consumption_model"}
)  # fmt: skip


class TrailGone(Exception):  # noqa: N818 - the rows are gone, nothing went wrong in here
    """The file that a load was read from is not there any more, or holds something else now."""


@dataclass(frozen=True)
class ChargeRow:
    """One billing line: the file that it stands in, and its columns (see SHOWN; times are ISO 8601 UTC)."""

    path: str
    usage_start: str | None
    columns: Mapping[str, int | float | str | None]


@dataclass(frozen=True)
class QuarantineRow:
    """One line that was held back: where it stands, which column, why, and the amount as it was written."""

    path: str
    row_number: int
    column_name: str
    reason: str
    amount_text: str | None
    raw: str | None


def quarantine_rows(workspace: Workspace, limit: int = DEFAULT_ROW_LIMIT) -> list[QuarantineRow]:
    """The lines that were held back, by load and row."""
    found: list[QuarantineRow] = []
    with duckdb.connect() as connection:
        for load in workspace.loads():
            if not load.rows_quarantined:
                continue
            file = str(workspace.load_folder(load.id) / "quarantine.parquet")
            rows = connection.execute(
                "SELECT row_number, column_name, reason, amount_text, raw FROM read_parquet($1) ORDER BY 1, 2 LIMIT $2",
                [file, limit - len(found)],
            ).fetchall()
            found += [QuarantineRow(load.path, *row) for row in rows]
    return found[:limit]


def charge_rows(
    workspace: Workspace, where: Mapping[str, int | str | None], limit: int = DEFAULT_ROW_LIMIT
) -> list[ChargeRow]:
    """The billing lines with the given values (columns in FILTERS; None finds lines without one), the costliest first.

    Raises TrailGone where a file was moved or changed since it was loaded, ValueError for an unknown column.
    """
    unknown = set(where) - FILTERS
    if unknown:
        raise ValueError(f"Lines cannot be found by {', '.join(sorted(unknown))}.")
    condition = " AND ".join(f"{column} IS NOT DISTINCT FROM ?" for column in where) or "TRUE"
    found: list[tuple[int, ChargeRow]] = []
    for load in workspace.loads():
        with open_charges(workspace, load) as connection:
            rows = connection.execute(
                f"SELECT strftime(usage_start, '%Y-%m-%dT%H:%M:%SZ'), {', '.join(SHOWN)} FROM charge WHERE {condition} "
                "ORDER BY abs(cost_nanos) DESC, row_number LIMIT ?",
                [*where.values(), limit],
            ).fetchall()
        for start, *columns in rows:
            named = dict(zip(SHOWN, columns, strict=True))
            found.append((-abs(named["cost_nanos"]), ChargeRow(load.path, start, named)))
    return [row for _, row in sorted(found, key=lambda each: each[0])[:limit]]


@contextmanager
def open_charges(workspace: Workspace, load: Load) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the relation ``charge`` of one load: kept rows of text files, else the file itself.

    Raises TrailGone when neither is there.
    """
    staging = workspace.load_folder(load.id) / "charges"
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        # DuckDB 2.0 fails inside when a filter on a field of a struct meets ORDER BY … LIMIT over Parquet.
        connection.execute("SET disabled_optimizers = 'filter_pushdown'")
        staged = sorted(staging.glob("*.parquet"))
        if staged:
            connection.execute(
                f"CREATE VIEW charge AS SELECT * FROM read_parquet({literal_path(staged[0])}) WHERE problem IS NULL"
            ).fetchall()
        else:
            _view_original(connection, load, staging)
        yield connection


def _view_original(connection: duckdb.DuckDBPyConnection, load: Load, staging: Path) -> None:
    gone = TrailGone(f"{load.path} was moved or changed since it was loaded, so its rows cannot be shown: put it back.")
    try:
        source = inspect(connection, Path(load.path))
    except (SourceRefused, OSError) as error:
        raise gone from error
    if source.identity != load.identity:
        raise gone
    create_charge_view(connection, source, staging)
