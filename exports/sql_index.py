"""Indexes as a plan lists them, read strictly: names, columns and conditions are taken apart, never passed as text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from exports.names import slug

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_NAME: Final = r'(?:[A-Za-z_][A-Za-z0-9_]{0,62}|"[A-Za-z_][A-Za-z0-9_ ]{0,62}")'
_TABLE: Final = rf"{_NAME}(?:\.{_NAME})?"
_INDEX: Final = re.compile(
    rf"(?:CREATE\s+(?P<unique>UNIQUE\s+)?INDEX\s+(?:CONCURRENTLY\s+)?(?:IF\s+NOT\s+EXISTS\s+)?(?:(?P<name>{_NAME})\s+)?"
    rf"ON\s+(?:ONLY\s+)?)?(?P<table>{_TABLE})\s*(?:USING\s+btree\s*)?\((?P<columns>[^;]*?)\)\s*(?:WHERE\s+(?P<where>[^;]+?))?",
    re.IGNORECASE | re.DOTALL,
)
_COLUMN: Final = re.compile(
    rf"(?P<what>{_NAME}|[a-z_]+\(\s*{_NAME}\s*\))(?:\s+(?P<order>ASC|DESC))?(?:\s+NULLS\s+(?P<nulls>FIRST|LAST))?",
    re.IGNORECASE,
)
LONGEST_NAME: Final = 63
"""Of PostgreSQL; MySQL takes 64."""


class IndexUnreadableError(ValueError):
    """A line that is no index, or none that can be read safely, with a sentence."""


@dataclass(frozen=True)
class Column:
    """A column, or a function of one, with its direction."""

    what: str
    is_descending: bool = False
    nulls: str = ""

    @property
    def is_expression(self) -> bool:
        """Whether it is a function of a column."""
        return self.what.endswith(")")


@dataclass(frozen=True)
class Index:
    """An index: ``where`` is '' for a whole one, ``query`` the query that asks for it."""

    name: str
    table: str
    columns: tuple[Column, ...]
    where: str = ""
    is_unique: bool = False
    query: str = field(default="", compare=False)

    @property
    def where_columns(self) -> tuple[str, ...]:
        """Columns that the predicate names, in order."""
        return tuple(dict.fromkeys(_columns_of(self.where))) if self.where else ()


def read_indexes(ddl: str, query: str = "") -> tuple[list[Index], list[str]]:
    """Indexes of a text with one a line (or ended by ``;``), and what is wrong with the lines that are none."""
    found: list[Index] = []
    wrong: list[str] = []
    for part in re.split(r"[;\n]", ddl):
        line = part.strip()
        if not line or line.startswith("--"):
            continue
        try:
            found.append(read_index(line, query))
        except IndexUnreadableError as problem:
            wrong.append(str(problem))
    return found, wrong


def read_index(text: str, query: str = "") -> Index:
    """One index from ``CREATE INDEX … ON t (…) WHERE …`` or ``t(…) WHERE …``; raises IndexUnreadableError.

    >>> read_index("users(status, updated_at DESC)").name
    'idx_users_status_updated_at'
    >>> read_index("jobs(worker_id) WHERE status <> 'completed'").where
    "status <> 'completed'"
    """
    shown = " ".join(text.split())[:120]
    match = _INDEX.fullmatch(text.strip().rstrip(";").strip())
    if match is None:
        raise IndexUnreadableError(
            f"{shown!r} is no index that can be read: write table(column, column DESC) WHERE condition."
        )
    columns = tuple(_column(part, shown) for part in _parts(match["columns"]))
    where = _condition(match["where"], shown) if match["where"] else ""
    name = match["name"] or _default_name(match["table"], columns, is_partial=bool(where))
    return Index(name, match["table"], columns, where, bool(match["unique"]), query)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in re.split(r",(?![^()]*\))", text)]


def _column(text: str, shown: str) -> Column:
    match = _COLUMN.fullmatch(text)
    if match is None:
        raise IndexUnreadableError(f"{shown!r} has the column {text[:60]!r}: give a column or one function of it.")
    return Column(
        " ".join(match["what"].split()), (match["order"] or "").upper() == "DESC", (match["nulls"] or "").upper()
    )


def _default_name(table: str, columns: Sequence[Column], *, is_partial: bool) -> str:
    words = [table.rpartition(".")[2], *(column.what for column in columns), *(["partial"] if is_partial else [])]
    name = "_".join(re.sub(r"\W+", "_", word).strip("_").lower() for word in ["idx", *words])
    return name if len(name) <= LONGEST_NAME else slug(name + ".", "_", LONGEST_NAME - 8)


def _condition(text: str, shown: str) -> str:
    """A predicate of columns, literals, comparisons and logic, written anew; raises IndexUnreadableError else."""
    import sqlglot  # noqa: PLC0415 (slow to import, and only needed here)
    from sqlglot import expressions as e  # noqa: PLC0415

    allowed = (e.Column, e.Identifier, e.Literal, e.Boolean, e.Null, e.Binary, e.Connector, e.Not, e.Paren, e.In, e.Is,
               e.Between, e.Tuple)  # fmt: skip
    try:
        whole = sqlglot.parse_one(f"SELECT 1 WHERE {text}", dialect="postgres")
    except sqlglot.errors.SqlglotError as error:
        raise IndexUnreadableError(f"{shown!r} has a condition that cannot be read.") from error
    where = whole.args.get("where")
    rest = {key for key, value in whole.args.items() if value} - {"expressions", "where", "kind"}
    if where is None or rest or not all(isinstance(node, allowed) for node in where.this.walk()):
        raise IndexUnreadableError(
            f"{shown!r} has a condition with more than columns, values, comparisons, AND, OR and NOT."
        )
    return str(where.this.sql(dialect="postgres", comments=False))


def _columns_of(where: str) -> Iterable[str]:
    import sqlglot  # noqa: PLC0415
    from sqlglot import expressions as e  # noqa: PLC0415

    whole: Any = sqlglot.parse_one(f"SELECT 1 WHERE {where}", dialect="postgres")
    return [column.name for column in whole.find_all(e.Column)]


def covering(index: Index, others: Iterable[Index]) -> Index | None:
    """Another index that answers everything that this one does: it starts with the same columns; None if there is none.

    Of two that are the same the first stays. A unique index is never redundant, and predicates must be the same.
    """
    others = list(others)
    for other in others:
        if other is index or index.is_unique or other.table != index.table or other.where != index.where:
            continue
        start = other.columns[: len(index.columns)]
        flipped = tuple(Column(c.what, not c.is_descending, c.nulls) for c in start)
        is_start = index.columns == start or (index.columns == flipped and not any(c.nulls for c in start))
        is_same = len(other.columns) == len(index.columns)
        if is_start and (not is_same or others.index(other) < others.index(index)):
            return other
    return None
