"""The way in for files: tell what a file is, then make the relations ``charge`` and ``quarantine`` of it."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import duckdb

from data.charge import CHARGE_COLUMNS
from data.sources import focus, gcp_export
from data.sources.columns import Schema, find_first, literal, quoted
from data.sources.credits import ZERO
from data.sources.detect import Kind, kind_of
from data.sources.files import Form, SourceFile, expand, identity, probe
from data.sources.nested_text import python_texts
from data.sources.reading import (
    REJECTS,
    first_line,
    has_csv_row,
    leaf_text_schema,
    parquet_row_count,
    rows_of,
    schema_of,
)
from data.sources.refusal import SourceRefused

if TYPE_CHECKING:
    from pathlib import Path

    from data.sources.charge_sql import ChargeSelect

__all__ = ["ChargeSource", "Rejects", "SourceRefused", "create_charge_view", "expand", "inspect"]

HAS_PROBLEM: Final = "has_problem"
"""The column of an unchecked view ``charge`` that says which rows belong into quarantine."""
_COLUMNS: Final = ", ".join(map(quoted, CHARGE_COLUMNS))
_QUARANTINE: Final = "row_number BIGINT, column_name VARCHAR, reason VARCHAR, amount_text VARCHAR, raw VARCHAR"
_INSERT_QUARANTINE: Final = (
    "INSERT INTO quarantine SELECT row_number, problem.column_name, problem.reason, amount_text, raw"
)


@dataclass(frozen=True)
class ChargeSource:
    """A bill that was recognised; ``identity`` is its content's hash, ``row_count_hint`` is Parquet's own count."""

    path: Path
    kind: Kind
    identity: str
    byte_count: int
    row_count_hint: int | None
    form: Form
    is_gzipped: bool
    schema: Schema = field(repr=False, compare=False)

    @property
    def file(self) -> SourceFile:
        """The file that it was read from."""
        return SourceFile(self.path, self.form, self.is_gzipped, self.byte_count)


@dataclass(frozen=True)
class Rejects:
    """How many rows were read and where they went: ``row_count`` = ``accepted_count`` + ``quarantined_count``.

    ``zero_columns`` are columns of ``charge`` that are seen to be 0 in every row without reading any, and
    ``cost_columns`` those that are seen to be ``cost_nanos``. Where not ``is_checked``, no row was looked at yet: the
    view says of each in HAS_PROBLEM whether it belongs into quarantine.
    """

    row_count: int
    quarantined_count: int
    zero_columns: frozenset[str] = frozenset()
    cost_columns: frozenset[str] = frozenset()
    is_checked: bool = True

    @property
    def accepted_count(self) -> int:
        """The rows in ``charge``."""
        return self.row_count - self.quarantined_count


def inspect(connection: duckdb.DuckDBPyConnection, path: Path) -> ChargeSource:
    """Tell what a file is and which content it holds, without reading its rows into charges.

    Raises:
        SourceRefused: It is not a bill, or cannot be read; one sentence says what it is and what to do.
    """
    connection.execute("SET TimeZone = 'UTC'")
    file = probe(path)
    content = identity(file)
    schema = schema_of(connection, file)
    kind = kind_of(path, schema)
    row_count = parquet_row_count(connection, file) if file.form == "parquet" else None
    if row_count == 0 or (file.form == "csv" and not has_csv_row(file)):
        raise SourceRefused(f"{path} has its columns but no rows; export a period that was billed.")
    return ChargeSource(path, kind, content, file.byte_count, row_count, file.form, file.is_gzipped, schema)


def create_charge_view(
    connection: duckdb.DuckDBPyConnection, source: ChargeSource, staging: Path, *, checks_first: bool = True
) -> Rejects:
    """Make the view ``charge`` and the table ``quarantine`` of a source, replacing those of an earlier one.

    Parquet with nested columns is viewed where it lies, and a query decodes only what it reads. Text is parsed once,
    into a Parquet file under ``staging`` which the view then reads. A reader of all rows may look for those that
    belong into quarantine itself: without ``checks_first`` Parquet is not read for them alone.

    Raises:
        SourceRefused: The file turns out to be damaged inside.
    """
    connection.execute("SET TimeZone = 'UTC'")
    select = select_of(source)
    connection.execute(f"CREATE OR REPLACE TABLE quarantine ({_QUARANTINE})")
    try:
        if source.form == "parquet" and not select.parses_text:
            if source.kind != "focus":
                select = select_of(source, gcp_export.look(connection, select.relation, source.schema))
            if not checks_first:
                return _view_unchecked(connection, select, source)
            return _view_in_place(connection, select, source)
        header_count = 1 if source.form == "csv" else 0
        return _view_of_staged(connection, select, staging / f"{source.identity}.parquet", header_count)
    except duckdb.InterruptException:
        raise
    except duckdb.Error as error:
        raise SourceRefused(f"{source.path} is damaged: {first_line(error)}; export it again.") from error


def select_of(source: ChargeSource, seen: gcp_export.Seen = gcp_export.ANYTHING) -> ChargeSelect:
    """The SQL that maps a source's rows to charges; ``seen`` is what occurs in an export, where that is known."""
    fields = focus.fields_of(source.schema) if source.kind == "focus" else gcp_export.FIELDS
    columns = [column for one in fields if (column := find_first(source.schema, one.paths))]
    schema = source.schema if source.form in ("parquet", "csv") else leaf_text_schema(source.schema, columns)
    rows = rows_of(source.file, schema, columns)
    return focus.select_charges(rows) if source.kind == "focus" else gcp_export.select_charges(rows, seen)


def _view_in_place(connection: duckdb.DuckDBPyConnection, select: ChargeSelect, source: ChargeSource) -> Rejects:
    """A clean file's view carries no condition, so that a query need not decode the columns that a check would read."""
    row_count = source.row_count_hint or 0
    counted = f"SELECT count(*) FROM {select.relation} WHERE {select.has_problem}"
    bad_count = int(connection.execute(counted).fetchall()[0][0])
    condition = f" WHERE NOT {select.has_problem}" if bad_count else ""
    if bad_count:
        bad_rows = f"SELECT {select.quarantine_list} FROM {select.relation} WHERE {select.has_problem}"
        connection.execute(f"{_INSERT_QUARANTINE} FROM ({bad_rows})")
    connection.execute(
        f"CREATE OR REPLACE VIEW charge AS SELECT {select.column_list} FROM {select.relation}{condition}"
    )
    return Rejects(row_count, bad_count, *_seen_in(select))


def _view_unchecked(connection: duckdb.DuckDBPyConnection, select: ChargeSelect, source: ChargeSource) -> Rejects:
    """Most files have no bad row; reading every amount twice to learn it is what a check beforehand would cost."""
    connection.execute(
        f"CREATE OR REPLACE VIEW charge AS SELECT {select.column_list}, {select.has_problem} AS {HAS_PROBLEM}"
        f" FROM {select.relation}"
    )
    return Rejects(source.row_count_hint or 0, 0, *_seen_in(select), is_checked=False)


def _seen_in(select: ChargeSelect) -> tuple[frozenset[str], frozenset[str]]:
    """The columns of no money, and those that are written as the cost is."""
    cost = select.columns["cost_nanos"]
    zeros = frozenset(name for name, sql in select.columns.items() if sql == ZERO)
    return zeros, frozenset(name for name, sql in select.columns.items() if sql == cost) - {"cost_nanos"}


def _view_of_staged(
    connection: duckdb.DuckDBPyConnection, select: ChargeSelect, staged: Path, header_count: int
) -> Rejects:
    staged.parent.mkdir(parents=True, exist_ok=True)
    _drop_reject_tables(connection)
    bad = f"CASE WHEN {select.has_problem} THEN"
    query = (
        f"SELECT {select.column_list}, {bad} {select.problem} END AS problem,"
        f" {bad} {select.amount_text} END AS amount_text, {bad} {select.raw_text} END AS raw FROM {select.relation}"
    )
    with python_texts(connection) if select.parses_text else nullcontext():
        _copy(connection, query, staged)
    line_errors = _renumber_around_line_errors(connection, staged, header_count)
    read = f"read_parquet({literal(str(staged))})"
    connection.execute(f"{_INSERT_QUARANTINE} FROM {read} WHERE problem IS NOT NULL")
    connection.execute(f"CREATE OR REPLACE VIEW charge AS SELECT {_COLUMNS} FROM {read} WHERE problem IS NULL")
    parsed = int(connection.execute(f"SELECT count(*) FROM {read}").fetchall()[0][0])
    quarantined = int(connection.execute("SELECT count(*) FROM quarantine").fetchall()[0][0])
    return Rejects(parsed + line_errors, quarantined, *_seen_in(select))


def _copy(connection: duckdb.DuckDBPyConnection, query: str, target: Path) -> None:
    """Write beside and rename, so that a half-written file never stands under the final name."""
    partial = target.with_suffix(".partial")
    connection.execute(f"COPY ({query}) TO {literal(str(partial))} (FORMAT parquet, COMPRESSION zstd)").fetchall()
    partial.replace(target)


def _drop_reject_tables(connection: duckdb.DuckDBPyConnection) -> None:
    for table in (REJECTS.errors, REJECTS.scans):
        connection.execute(f"DROP TABLE IF EXISTS {table}")


def _renumber_around_line_errors(connection: duckdb.DuckDBPyConnection, staged: Path, header_count: int) -> int:
    """Quarantine the lines that could not be split, and give the rows after them their true number in the file.

    DuckDB numbers the rows that it could split; of a line that it could not split it tells the record's number in the
    file, counting the header. The j-th such record r_j moves every row numbered above r_j − j by one.
    """
    tables = connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    if (REJECTS.errors,) not in tables:
        return 0
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE line_error AS"
        f" SELECT line - {header_count} AS record, any_value(error_message) AS reason, any_value(csv_line) AS raw,"
        f" row_number() OVER (ORDER BY line) AS ordinal FROM {REJECTS.errors} GROUP BY line"
    )
    _drop_reject_tables(connection)
    count = int(connection.execute("SELECT count(*) FROM line_error").fetchall()[0][0])
    if count:
        connection.execute(
            "INSERT INTO quarantine SELECT record, '', 'the line cannot be split into columns: ' || reason, NULL, raw"
            " FROM line_error"
        )
        _copy(connection, _renumbered_sql(staged), staged)
    return count


def _renumbered_sql(staged: Path) -> str:
    shifts = "(SELECT record - ordinal AS threshold, max(ordinal) AS shift FROM line_error GROUP BY threshold)"
    return (
        "SELECT c.* REPLACE (c.row_number + COALESCE(e.shift, 0) AS row_number)"
        f" FROM read_parquet({literal(str(staged))}) AS c ASOF LEFT JOIN {shifts} AS e ON c.row_number > e.threshold"
        " ORDER BY row_number"
    )
