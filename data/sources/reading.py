"""Files → rows as DuckDB sees them, with the line of everything that cannot be parsed.

Parquet is scanned where it lies. CSV and JSON lines are read with every value as text; a malformed line is kept with
its number, never dropped.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import duckdb

from data.sources.columns import (
    TEXT,
    Column,
    ColumnType,
    Schema,
    literal,
    quoted,
    schema_of_json_structure,
    type_of_duckdb,
)
from data.sources.fields import Rows
from data.sources.refusal import SourceRefused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from data.sources.files import SourceFile

LARGEST_RECORD_BYTES: Final = 1 << 25
DELIMITERS: Final = (",", ";", "\t", "|")
NULL_TEXTS: Final = ("", "NULL", "null", "\\N", "None")
"""What CSV writers put for nothing, in text and in numeric columns."""

_NO_DELIMITER: Final = "\x01\x02\x03"
"""Control characters cannot stand in JSON, so a line is never split by them."""

_NO_JSON: Final = "'the line is not a JSON object; it may be cut short'"


@dataclass(frozen=True)
class RejectTables:
    """Where DuckDB notes the lines that its CSV reader could not split."""

    errors: str
    scans: str

    @property
    def options(self) -> str:
        """The reader's options that fill the tables."""
        return f"store_rejects = true, rejects_table = '{self.errors}', rejects_scan = '{self.scans}'"


REJECTS: Final = RejectTables("charge_line_errors", "charge_line_scans")


def path_literal(file: SourceFile) -> str:
    """The file's path as SQL, with the characters that DuckDB would take for a pattern made literal."""
    escaped = "".join(f"[{char}]" if char in "*?[" else char for char in str(file.path))
    return literal(escaped)


def schema_of(connection: duckdb.DuckDBPyConnection, file: SourceFile) -> Schema:
    """List a file's columns and their types; a JSON file is read through, since absent values are left out of lines.

    Raises:
        SourceRefused: The file's structure cannot be read.
    """
    try:
        match file.form:
            case "parquet":
                described = connection.execute(f"SELECT * FROM {_parquet(file)} LIMIT 0").description
                return {name: type_of_duckdb(type_) for name, type_, *_ in described}
            case "csv":
                return dict.fromkeys(csv_header(file), TEXT)
            case "jsonl" | "json_array":
                return _json_schema(connection, file)
    except duckdb.InterruptException:
        raise
    except duckdb.Error as error:
        raise SourceRefused(f"{file.path} cannot be read: {first_line(error)}; export it again.") from error


def rows_of(file: SourceFile, schema: Schema, columns: Iterable[Column]) -> Rows:
    """Give a file's rows as SQL; ``columns`` are those that will be read (JSON is parsed for these only)."""
    match file.form:
        case "parquet":
            scan = _parquet(file, with_rows=True)
            relation = f"(SELECT file_row_number + 1 AS row_number, * EXCLUDE (file_row_number) FROM {scan})"
            return Rows(relation, schema)
        case "csv":
            relation = f"(SELECT row_number() OVER () AS row_number, * FROM {_csv(file, list(schema))})"
            return Rows(relation, schema)
        case "jsonl" | "json_array":
            return _json_rows(file, schema, columns)


def first_line(error: Exception) -> str:
    """An engine's message without its hints, as the middle of a sentence."""
    return str(error).strip().splitlines()[0].rstrip(". ")


def parquet_row_count(connection: duckdb.DuckDBPyConnection, file: SourceFile) -> int:
    """The number of rows that a Parquet file's footer states."""
    query = f"SELECT num_rows FROM parquet_file_metadata({path_literal(file)})"
    return int(connection.execute(query).fetchall()[0][0])


def _parquet(file: SourceFile, *, with_rows: bool = False) -> str:
    rows = ", file_row_number = true" if with_rows else ""
    return f"read_parquet({path_literal(file)}, binary_as_string = true, hive_partitioning = false{rows})"


def csv_header(file: SourceFile) -> list[str]:
    """The column names of a CSV file; a name that occurs again gets its number behind it."""
    with file.open() as content, io.TextIOWrapper(content, encoding="utf-8-sig", errors="replace", newline="") as text:
        names = next(csv.reader(text, delimiter=csv_delimiter(file)), [])
    seen: Counter[str] = Counter()
    unique = []
    for name in names:
        key = name.strip().casefold()
        seen[key] += 1
        unique.append(name.strip() if seen[key] == 1 else f"{name.strip()} {seen[key]}")
    return [name or f"column {position}" for position, name in enumerate(unique, start=1)]


def csv_delimiter(file: SourceFile) -> str:
    """The delimiter that splits the header into most columns."""
    with file.open() as content:
        header = content.readline(LARGEST_RECORD_BYTES).decode("utf-8-sig", "replace")
    return max(DELIMITERS, key=header.count)


def has_csv_row(file: SourceFile) -> bool:
    """Whether anything but blank lines stands under the header."""
    with file.open() as content:
        content.readline(LARGEST_RECORD_BYTES)
        return any(line.strip() for line in content)


def _csv(file: SourceFile, names: list[str]) -> str:
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    nulls = ", ".join(map(literal, NULL_TEXTS))
    return (
        f"read_csv({path_literal(file)}, auto_detect = false, header = true, columns = {{{columns}}},"
        f" delim = {literal(csv_delimiter(file))}, quote = '\"', escape = '\"', nullstr = [{nulls}],"
        f" compression = '{file.duckdb_compression}', max_line_size = {LARGEST_RECORD_BYTES}, {REJECTS.options})"
    )


def _json_lines(file: SourceFile, *, with_rejects: bool) -> str:
    """The file's records, one text each, under the names row_number and line."""
    if file.form == "json_array":
        return (
            "(SELECT row_number() OVER () AS row_number, CAST(json AS VARCHAR) AS line FROM read_json_objects("
            f"{path_literal(file)}, format = 'array', compression = '{file.duckdb_compression}',"
            f" maximum_object_size = {LARGEST_RECORD_BYTES}))"
        )
    rejects = REJECTS.options if with_rejects else "ignore_errors = true"
    return (
        "(SELECT row_number() OVER () AS row_number, line FROM read_csv("
        f"{path_literal(file)}, auto_detect = false, header = false, columns = {{'line': 'VARCHAR'}},"
        f" delim = '{_NO_DELIMITER}', quote = '', escape = '', strict_mode = false,"
        f" compression = '{file.duckdb_compression}', max_line_size = {LARGEST_RECORD_BYTES}, {rejects}))"
    )


_IS_OBJECT: Final = "CASE WHEN json_valid(line) THEN json_type(line) = 'OBJECT' ELSE FALSE END"


def _json_schema(connection: duckdb.DuckDBPyConnection, file: SourceFile) -> Schema:
    lines = _json_lines(file, with_rejects=False)
    query = f"SELECT json_group_structure(CAST(line AS JSON)) FROM {lines} WHERE {_IS_OBJECT}"
    structure = connection.execute(query).fetchall()[0][0]
    if structure is None or not structure.startswith("{"):
        raise SourceRefused(
            f"{file.path} is JSON, but holds no billing rows: give one object per line, or an array of objects."
        )
    return schema_of_json_structure(structure)


def _json_rows(file: SourceFile, schema: Schema, columns: Iterable[Column]) -> Rows:
    structure: dict[str, object] = {}
    for column in columns:
        inner = structure
        for name in column.names[:-1]:
            inner = inner.setdefault(name, {})  # type: ignore[assignment]
        inner[column.names[-1]] = "VARCHAR"
    record = f"CASE WHEN {_IS_OBJECT} THEN from_json(line, {literal(json.dumps(structure))}) END"
    lines = f"(SELECT * FROM {_json_lines(file, with_rejects=True)} WHERE trim(line) <> '')"
    return Rows(
        relation=f"(SELECT row_number, line, {record} AS record FROM {lines})",
        schema=schema,
        root=f"s.{quoted('record')}",
        source_row="s.line",
        raw_text="source_row",
        row_problem=f"CASE WHEN s.record IS NULL THEN {_NO_JSON} END",
    )


def leaf_text_schema(schema: Schema, columns: Iterable[Column]) -> Schema:
    """The schema of JSON rows once read: what was chosen is text, whatever its shape was (an object of one credit)."""
    chosen = {column.names for column in columns}
    return {name: _with_text_leaves(type_, (name,), chosen) for name, type_ in schema.items()}


def _with_text_leaves(type_: ColumnType, path: tuple[str, ...], chosen: set[tuple[str, ...]]) -> ColumnType:
    if path in chosen or type_.family != "struct":
        return TEXT
    return ColumnType(
        "struct", {name: _with_text_leaves(child, (*path, name), chosen) for name, child in type_.children.items()}
    )
