"""Queries: what a database is busy with, from ``queries.csv`` or an export of ``pg_stat_statements``.

``queries.csv`` has the columns ``query,calls,mean_time_ms_before,mean_time_ms_after,cacheable_share,rows``; an
``instance`` (or ``database``) column may name the database; ``sql``, ``sql_after`` and ``indexes`` may hold the
statement before and after its tuning and the indexes that it needs, kept as they are typed. A row named ``other``
stands for all that is not listed.
Every query becomes facts under ``queries.ID``: its share of the listed time of its database, times, cacheable share,
and its text without literals. Of a long list only the dearest are named; the rest counts in the shares.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from data.facts import Fact, measured
from data.sources.query_rows import COLUMNS, read_rows
from data.sources.query_text import query_id, shown
from data.sources.refusal import SourceRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from data.sources.query_rows import QueryRow

__all__ = ["COLUMNS", "MOST_QUERIES", "read_queries"]
MOST_QUERIES: Final = 40
"""Queries that become facts, dearest first: each is a control, and the rest hardly matters."""


@dataclass(frozen=True)
class _Query:
    """All rows of one query of one database (pg_stat_statements has one per user)."""

    name: str
    rows: tuple[QueryRow, ...]
    total_ms: float
    work_share: float

    @property
    def calls(self) -> float:
        return sum(row.calls for row in self.rows)


def read_queries(paths: Iterable[Path]) -> list[Fact]:
    """Return the facts of query files, dearest query first.

    Raises SourceRefused, in one sentence that names line and column, for a file that cannot be read.
    """
    files = list(paths)
    rows = [row for path in files for row in read_rows(path)]
    source = ", ".join(path.name for path in files)
    by_database: dict[str, list[QueryRow]] = {}
    for row in rows:
        by_database.setdefault(row.database, []).append(row)
    found = [query for own in by_database.values() for query in _queries(own)]
    names = [query.name for query in found]
    dearest = sorted(found, key=lambda query: -query.total_ms)[:MOST_QUERIES]
    return [
        fact
        for query in dearest
        for fact in _facts(query, is_twin=names.count(query.name) > 1, source=source)
    ]  # fmt: skip


def _queries(rows: Sequence[QueryRow]) -> list[_Query]:
    """The queries of one database with their shares of its listed time."""
    total = sum(row.total_ms for row in rows)
    if total <= 0.0:
        raise SourceRefused(f"{rows[0].place} and what follows tell no time: calls × mean time must be above 0.")
    groups: dict[str, list[QueryRow]] = {}
    for row in rows:
        if not row.is_rest:
            groups.setdefault(query_id(row.text, row.number), []).append(row)
    return [_query(name, own, total) for name, own in groups.items()]


def _query(name: str, rows: list[QueryRow], total: float) -> _Query:
    first = rows[0]
    for row in rows[1:]:
        if (row.after_ms, row.cacheable_share) != (first.after_ms, first.cacheable_share):
            raise SourceRefused(
                f"{row.place} tells another mean_time_ms_after or cacheable_share of {name} than an earlier line does: "
                "keep one of them, or give the queries different names."
            )
    spent = sum(row.total_ms for row in rows)
    told = [row.work_share for row in rows if row.work_share is not None]
    return _Query(name, tuple(rows), spent, sum(told) if told else spent / total)


def _facts(query: _Query, *, is_twin: bool, source: str) -> list[Fact]:
    first = query.rows[0]
    name = f"{query.name}@{first.database.replace('.', '_')}" if is_twin and first.database else query.name
    values: dict[str, float | str | None] = {
        "work_share": query.work_share,
        "time_before_ms": query.total_ms / query.calls if query.calls else 0.0,
        "time_after_ms": first.after_ms,
        "cacheable_share": first.cacheable_share,
        "calls": query.calls,
        "rows": first.rows,
        "text": shown(first.text) or name,
        "database": first.database or None,
        "sql": first.sql or None,
        "text_after": first.sql_after or None,
        "indexes": first.indexes or None,
    }
    return [
        measured(f"queries.{name}.{parameter}", value, f"{source}: {_how(parameter, query)}".rstrip(": "))
        for parameter, value in values.items()
        if value is not None
    ]


def _how(parameter: str, query: _Query) -> str:
    if parameter == "work_share" and query.rows[0].work_share is None:
        return "calls × mean time ÷ that of all queries listed"
    if parameter == "cacheable_share" and query.rows[0].cacheable_share == 0.0:
        return "no cache answers a statement that writes" if query.rows[0].number else ""
    return ""
