"""Trails: the billing lines behind a figure, and the lines that were held back, each with its file and row."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import duckdb

from data.load_check import literal_path
from data.sources.bigquery import SCHEME
from data.sources.charges import create_charge_view, inspect
from data.sources.refusal import SourceRefused
from data.trail_sql import SHOWN, google_sql, rows_sql, sums_sql

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from data.trail_sql import RowFilter
    from data.workspace import Load, Workspace

DEFAULT_ROW_LIMIT: Final = 200
GOOGLE_KINDS: Final = ("standard", "detailed")


class TrailGone(Exception):  # noqa: N818 - the rows are gone, nothing went wrong in here
    """The file that a load was read from is not there any more, or holds something else now."""


@dataclass(frozen=True)
class ChargeRow:
    """One billing line: the file that it stands in, and its columns (see SHOWN; times are ISO 8601 UTC)."""

    path: str
    usage_start: str | None
    columns: Mapping[str, int | float | str | None]


@dataclass(frozen=True)
class ChargeSums:
    """How many lines there are and what they add up to, in nanos: cost before credits, on-demand, effective."""

    count: int
    cost_nanos: int
    on_demand_nanos: int
    effective_nanos: int


@dataclass(frozen=True)
class RowQueries:
    """The SQL that fetches lines: GoogleSQL ('' where no export of Google's was read), and DuckDB's over a file.

    ``other_file_count`` loads are read alike.
    """

    google: str
    duckdb: str
    other_file_count: int


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
    workspace: Workspace, filters: Sequence[RowFilter], limit: int = DEFAULT_ROW_LIMIT, offset: int = 0
) -> list[ChargeRow]:
    """The billing lines that one of the filters finds, the costliest first; ``offset`` skips so many.

    Raises TrailGone where a file was moved or changed since it was loaded, ValueError for an unknown column.
    """
    query = rows_sql(filters, limit + offset)
    found: list[ChargeRow] = []
    for load in workspace.loads():
        with open_charges(workspace, load) as connection:
            for start, *columns in connection.execute(query).fetchall():
                found.append(ChargeRow(load.path, start, dict(zip(SHOWN, columns, strict=True))))
    return sorted(found, key=lambda each: -abs(int(each.columns["cost_nanos"] or 0)))[offset : offset + limit]


def charge_sums(workspace: Workspace, filters: Sequence[RowFilter]) -> ChargeSums:
    """How many lines the filters find, and their sums; raises as ``charge_rows``."""
    totals = [0, 0, 0, 0]
    for load in workspace.loads():
        with open_charges(workspace, load) as connection:
            found = connection.execute(sums_sql(filters)).fetchall()[0]
        totals = [total + int(each or 0) for total, each in zip(totals, found, strict=True)]
    return ChargeSums(*totals)


def row_queries(workspace: Workspace, filters: Sequence[RowFilter], limit: int = DEFAULT_ROW_LIMIT) -> RowQueries:
    """The SQL that fetches those lines, for BigQuery and for DuckDB over the first load's own file.

    Raises TrailGone, ValueError as ``charge_rows``.
    """
    loads = workspace.loads()
    if not loads:
        return RowQueries("", "", 0)
    google = ""
    if loads[0].path.startswith(SCHEME):
        return RowQueries(_over_the_table(workspace, loads[0], filters, limit), "", len(loads) - 1)
    if loads[0].kind in GOOGLE_KINDS:
        account = _first_account(workspace, loads[0])
        google = google_sql(filters, account, limit, is_detailed=loads[0].kind == "detailed")
    with open_charges(workspace, loads[0]) as connection:
        local = _over_the_file(connection, google, loads[0]) or _over_charges(connection, filters, limit)
    return RowQueries(google, local, len(loads) - 1)


def _over_the_table(workspace: Workspace, load: Load, filters: Sequence[RowFilter], limit: int) -> str:
    """The query over the table that a load was made of; '' for FOCUS, of which no query is written."""
    if load.kind not in GOOGLE_KINDS:
        return ""
    account = _first_account(workspace, load)
    google = google_sql(filters, account, limit, is_detailed=load.kind == "detailed")
    return google.replace(google.split("`")[1], load.path.removeprefix(SCHEME), 1)


def _first_account(workspace: Workspace, load: Load) -> str:
    with workspace.database() as database:
        found = database.execute(
            "SELECT billing_account FROM load_account WHERE load_id = ? ORDER BY 1 LIMIT 1", (load.id,)
        ).fetchone()
    return str(found[0]) if found else ""


def _over_the_file(connection: duckdb.DuckDBPyConnection, google: str, load: Load) -> str:
    """The same query over an export's file in Parquet; '' where the file is laid out otherwise."""
    import sqlglot  # noqa: PLC0415 - a third of a second that only this look needs

    if not google or not load.path.endswith(".parquet"):
        return ""
    table = google.split("`")[1]
    written = sqlglot.transpile(
        google.replace(f"`{table}`", "export_file"), read="bigquery", write="duckdb", pretty=True
    )
    query = str(written[0]).replace("export_file", f"read_parquet({literal_path(Path(load.path))})")
    try:
        connection.execute(f"EXPLAIN {query}").fetchall()
    except duckdb.Error:
        return ""
    return query


def _over_charges(connection: duckdb.DuckDBPyConnection, filters: Sequence[RowFilter], limit: int) -> str:
    """The query as it runs here, with the view that it runs over."""
    (view,) = connection.execute("SELECT sql FROM duckdb_views() WHERE view_name = 'charge'").fetchall()[0]
    return f"SET TimeZone = 'UTC';\n{str(view).rstrip(';')};\n\n{rows_sql(filters, limit)};"


@contextmanager
def open_charges(workspace: Workspace, load: Load) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the relation ``charge`` of one load: kept rows of text files, else the file itself.

    Raises TrailGone when neither is there, as for a load made of a table.
    """
    if load.path.startswith(SCHEME):
        raise TrailGone(f"The rows of {load.path} stay in BigQuery, so they are not shown here: run the query there.")
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
