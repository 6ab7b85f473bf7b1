"""Rows of query files: a ``queries.csv`` or an export of ``pg_stat_statements``, each row checked where it stands."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from data.sources.query_text import is_sql, is_write
from data.sources.refusal import SourceRefused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

COLUMNS: Final = ("query", "calls", "mean_time_ms_before", "mean_time_ms_after", "cacheable_share", "rows")
"""Columns of ``queries.csv``; ``instance`` may name the database, ``work_share`` its share of the work.

``sql`` and ``sql_after`` may hold the statement before and after its tuning, ``indexes`` the DDL of its new indexes.
"""
NEEDED: Final = COLUMNS[:3]
_TOTAL_TIME: Final = ("total_exec_time", "total_time")
"""Of pg_stat_statements: the name since PostgreSQL 13, then the one before."""
_LARGEST_FIELD: Final = 16 * 2**20
_REST: Final = frozenset({"other", "others", "(other)", "rest", "(rest)", "all others", "everything else"})


@dataclass(frozen=True)
class QueryRow:
    """One row: total time in ms before, mean in ms after (None: not told), where it stands as ``place``."""

    text: str
    number: str
    database: str
    calls: float
    total_ms: float
    after_ms: float | None
    cacheable_share: float | None
    rows: float | None
    work_share: float | None
    place: str
    sql: str = ""
    sql_after: str = ""
    indexes: str = ""

    @property
    def is_rest(self) -> bool:
        """Whether the row stands for all queries that are not listed."""
        return self.text.strip().casefold() in _REST


def read_rows(path: Path) -> list[QueryRow]:
    """Return a file's rows; raises SourceRefused in one sentence that names line and column."""
    try:
        return _read(path)
    except (OSError, UnicodeError) as error:
        raise SourceRefused(f"{path.name} cannot be read as UTF-8 text: give queries as CSV.") from error
    except csv.Error as error:
        raise SourceRefused(f"{path.name} is not readable as CSV ({error}): export it again as CSV.") from error


def _read(path: Path) -> list[QueryRow]:
    before = csv.field_size_limit(_LARGEST_FIELD)
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            names = [(name or "").strip().casefold() for name in reader.fieldnames or ()]
            reader.fieldnames = names
            total = next((name for name in _TOTAL_TIME if name in names), None)
            if total is None:
                _need(path, names, NEEDED)
            else:
                _need(path, names, ("calls",))
                if not {"query", "queryid"} & set(names):
                    _need(path, names, ("query",))
            rows = [_row(path, line, row, total) for line, row in _lines(reader)]
    finally:
        csv.field_size_limit(before)
    if not rows:
        raise SourceRefused(f"{path.name} holds no queries below its header: export them again.")
    return rows


def _need(path: Path, names: Sequence[str], wanted: Sequence[str]) -> None:
    missing = next((name for name in wanted if name not in names), None)
    if missing is not None:
        raise SourceRefused(
            f"{path.name} line 1 has no column {missing}: give {','.join(COLUMNS)}, or an export of pg_stat_statements "
            "with query, calls and total_exec_time, separated by commas."
        )


def _lines(reader: csv.DictReader[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows with the line that each starts in (a text in quotes may span several)."""
    last = reader.line_num
    for row in reader:
        yield last + 1, {name: (value or "").strip() for name, value in row.items() if isinstance(name, str) and name}
        last = reader.line_num


def _row(path: Path, line: int, row: Mapping[str, str], total: str | None) -> QueryRow:
    place = f"{path.name} line {line}"
    calls = _number(row, "calls", place)
    text, number = row.get("query", ""), _queryid(row, place)
    if not text and not number:
        raise SourceRefused(f"{place} has nothing in column query: name the query.")
    time = _number(row, total, place) if total else calls * _number(row, "mean_time_ms_before", place)
    after, rows, share = (_optional(row, name, place) for name in ("mean_time_ms_after", "rows", "work_share"))
    return QueryRow(
        text=text,
        number=number,
        database=row.get("instance") or row.get("database") or "",
        calls=calls,
        total_ms=time,
        after_ms=after,
        cacheable_share=_cacheable(row, text, place),
        rows=rows if total is None or rows is None or not calls else rows / calls,
        work_share=_ratio(share, "work_share", row, place),
        place=place,
        sql=row.get("sql", ""),
        sql_after=row.get("sql_after", ""),
        indexes=row.get("indexes", ""),
    )


def _queryid(row: Mapping[str, str], place: str) -> str:
    text = row.get("queryid", "")
    if text and not text.removeprefix("-").isdecimal():
        raise SourceRefused(f"{place} has {text!r} in column queryid: it is a whole number, or empty.")
    return text


def _cacheable(row: Mapping[str, str], text: str, place: str) -> float | None:
    """The stated share; 0 for a statement that writes, whatever is stated nowhere else."""
    told = _ratio(_optional(row, "cacheable_share", place), "cacheable_share", row, place)
    return 0.0 if told is None and is_sql(text) and is_write(text) else told


def _ratio(value: float | None, column: str, row: Mapping[str, str], place: str) -> float | None:
    if value is not None and value > 1.0:
        raise SourceRefused(f"{place} has {row[column]!r} in column {column}: a share goes from 0 to 1.")
    return value


def _optional(row: Mapping[str, str], column: str, place: str) -> float | None:
    return _number(row, column, place) if row.get(column) else None


def _number(row: Mapping[str, str], column: str, place: str) -> float:
    text = row.get(column, "")
    try:
        value = float(text)
    except ValueError as error:
        raise SourceRefused(f"{place} has {text!r} in column {column}: write a plain number such as 12.5.") from error
    if not math.isfinite(value) or value < 0:
        raise SourceRefused(f"{place} has {text!r} in column {column}: it is a finite number of zero or more.")
    return value
