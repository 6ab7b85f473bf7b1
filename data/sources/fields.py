"""Fields: what an adapter wants from a source, typed, and why a row cannot be read.

Three SQL layers, so that every text is parsed once and an unused column is never decoded:
the source's own values (``cost_raw``), typed values beside them (``cost``), and the adapter's charge columns over those.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from data.sources import credits as credit_sql
from data.sources import labels as label_sql
from data.sources.columns import Column, ColumnType, Schema, find_first, literal
from data.sources.nested_text import json_sql

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Kind = Literal["text", "money", "number", "time", "month", "credits", "labels"]
NATIVE_FAMILIES: Final[dict[Kind, tuple[str, ...]]] = {
    "text": ("text", "exact", "float", "instant", "local_time", "other"),
    "money": ("float", "exact"),
    "number": ("float", "exact"),
    "time": ("instant", "local_time"),
    "month": ("exact", "text"),
    "credits": ("list", "struct"),
    "labels": ("list", "map"),
}
"""What each kind is read from without parsing text."""


@dataclass(frozen=True)
class Field:
    """A wanted value: its name in the adapter, where sources keep it (first found wins), and what it is."""

    name: str
    paths: tuple[str, ...]
    kind: Kind = "text"
    is_required: bool = False


@dataclass(frozen=True)
class Rows:
    """A source's rows as SQL: ``relation`` has ``row_number`` and the columns of ``schema`` under ``root``.

    ``source_row`` carries the whole row and ``raw_text`` writes it out for quarantine (over the name ``source_row``);
    ``row_problem`` is a reason why no column of the row can be read, else NULL.
    """

    relation: str
    schema: Schema
    root: str = "s"
    source_row: str = "s"
    raw_text: str = "CAST(to_json(source_row) AS VARCHAR)"
    row_problem: str = "CAST(NULL AS VARCHAR)"


@dataclass(frozen=True)
class Check:
    """A condition under which a row goes to quarantine, the column at fault and the reason, as SQL."""

    column: str
    condition: str
    reason: str


@dataclass(frozen=True)
class _Found:
    field: Field
    column: Column

    @property
    def label(self) -> str:
        return ".".join(self.column.names)

    @property
    def is_text(self) -> bool:
        """Whether the value is written as text that has to be parsed."""
        return not _is_native(self)

    @property
    def type(self) -> ColumnType:
        return self.column.type

    @property
    def raw(self) -> str:
        return f"{self.field.name}_raw"

    @property
    def json(self) -> str:
        return f"{self.field.name}_json"


@dataclass(frozen=True)
class TypedRows:
    """The typed relation over a source's rows, and the checks that its values must pass."""

    relation: str
    checks: tuple[Check, ...]
    parses_text: bool
    raw_text: str


def typed_rows(rows: Rows, fields: Sequence[Field]) -> TypedRows:
    """Find the fields in a source and type them; an absent field is a typed NULL."""
    found = {f.name: _Found(f, column) for f in fields if (column := find_first(rows.schema, f.paths))}
    present = tuple(found.values())
    raw = ", ".join(_raw_columns(rows, present))
    typed = ", ".join(f"{_value(found[f.name]) if f.name in found else _absent(f.kind)} AS {f.name}" for f in fields)
    relation = f"(SELECT *, {typed} FROM (SELECT {raw} FROM {rows.relation} AS s) AS r)"
    checks = (
        Check("", "row_problem IS NOT NULL", "row_problem"),
        *(check for one in present for check in _checks(one)),
    )
    return TypedRows(relation, checks, any(one.is_text for one in present), rows.raw_text)


def _raw_columns(rows: Rows, present: Iterable[_Found]) -> Iterator[str]:
    yield f"s.row_number, {rows.source_row} AS source_row, {rows.row_problem} AS row_problem"
    for one in present:
        expression = _raw_expression(one, rows.root)
        yield f"{expression} AS {one.raw}"
        if one.field.kind in ("credits", "labels") and not _is_native(one):
            yield f"{json_sql(expression)} AS {one.json}"


def _is_native(one: _Found) -> bool:
    if one.field.kind in ("credits", "labels") and one.type.family == "list":
        names = {name.casefold() for name in one.type.element.children}
        return {"amount", "type"} <= names if one.field.kind == "credits" else {"key", "value"} <= names
    if one.field.kind == "credits" and one.type.family == "struct":
        return {"amount", "type"} <= {name.casefold() for name in one.type.children}
    return one.type.family in NATIVE_FAMILIES[one.field.kind]


def _raw_expression(one: _Found, root: str) -> str:
    expression = one.column.sql(root)
    if one.field.kind == "text":
        return (
            f"NULLIF(CAST({expression} AS VARCHAR), '')" if one.type.family != "text" else f"NULLIF({expression}, '')"
        )
    if one.field.kind in ("credits", "labels") and not _is_native(one) and one.type.family != "text":
        return f"CAST(to_json({expression}) AS VARCHAR)"
    if one.type.family == "text" or one.field.kind == "month" or not _is_native(one):
        return f"NULLIF(CAST({expression} AS VARCHAR), '')"
    return expression


_ABSENT: Final[dict[Kind, str]] = {
    "text": "CAST(NULL AS VARCHAR)",
    "money": "CAST(NULL AS DOUBLE)",
    "number": "CAST(NULL AS DOUBLE)",
    "time": "CAST(NULL AS TIMESTAMPTZ)",
    "month": "CAST(NULL AS BIGINT)",
    "credits": "CAST(NULL AS STRUCT(type VARCHAR, amount DOUBLE)[])",
    "labels": label_sql.NO_LABELS,
}


def _absent(kind: Kind) -> str:
    return _ABSENT[kind]


def _value(one: _Found) -> str:
    """The typed value; NULL where the text is unreadable (a check then catches the row)."""
    match one.field.kind:
        case "text":
            return one.raw
        case "money" | "number":
            return f"TRY_CAST({one.raw} AS DOUBLE)"
        case "time":
            return _time(one)
        case "month":
            return f"COALESCE(TRY_CAST({one.raw} AS BIGINT), TRY_CAST(replace({one.raw}, '-', '') AS BIGINT))"
        case "credits" if _is_native(one):
            return credit_sql.readable_credits_sql(one.raw, one.type)
        case "credits":
            return credit_sql.credits_of_text_sql(one.json)
        case "labels":
            labels = label_sql.readable_labels_sql(one.raw, one.type) if _is_native(one) else _labels_of_text(one)
            return f"COALESCE({labels}, {label_sql.NO_LABELS})"


def _labels_of_text(one: _Found) -> str:
    return label_sql.labels_of_text_sql(one.json)


def _time(one: _Found) -> str:
    """Without a zone, UTC is meant (Google's exports are in UTC); a session in UTC reads text the same way."""
    if one.type.family == "local_time":
        return f"timezone('UTC', CAST({one.raw} AS TIMESTAMP))"
    return one.raw if one.type.family == "instant" else f"TRY_CAST({one.raw} AS TIMESTAMPTZ)"


def _checks(one: _Found) -> Iterator[Check]:
    if one.field.is_required:
        yield Check(one.label, f"{one.raw} IS NULL", literal(f"{one.label} is empty; a billing line needs it"))
    shown = f"'{one.label.replace(chr(39), '')} is written ''' || left(CAST({one.raw} AS VARCHAR), 80) || ''', "
    yield from _number_checks(one, shown)
    if one.field.kind == "time" and one.type.family not in NATIVE_FAMILIES["time"]:
        reason = f"{shown}which is not a time; write 2026-05-01T00:00:00Z'"
        yield Check(one.label, f"{one.raw} IS NOT NULL AND {one.field.name} IS NULL", reason)
    if one.field.kind == "month":
        value = one.field.name
        bad = f"{one.raw} IS NOT NULL AND ({value} IS NULL OR {value} NOT BETWEEN 190001 AND 299912 OR {value} % 100 NOT BETWEEN 1 AND 12)"
        yield Check(one.label, bad, f"{shown}which is not a month; write 202605'")
    yield from _nested_checks(one)


def _number_checks(one: _Found, shown: str) -> Iterator[Check]:
    value = one.field.name
    if one.field.kind not in ("money", "number"):
        return
    if one.type.family not in NATIVE_FAMILIES["number"]:
        reason = f"{shown}which is not a plain number; write 1234.56'"
        yield Check(one.label, f"{one.raw} IS NOT NULL AND {value} IS NULL", reason)
    if one.type.family != "exact":
        yield Check(one.label, f"NOT isfinite({value})", f"{shown}which is not a finite number'")
    if one.field.kind == "money":
        too_large = f"abs({value}) > {credit_sql.LARGEST_AMOUNT:.0f}"
        yield Check(one.label, too_large, f"{shown}which is beyond any single billing line'")


def _nested_checks(one: _Found) -> Iterator[Check]:
    if one.field.kind not in ("credits", "labels"):
        return
    if not _is_native(one):
        shape = "type and amount" if one.field.kind == "credits" else "key and value"
        reason = literal(f"{one.label} cannot be read; a list of objects with {shape} is expected, as JSON")
        unreadable = credit_sql.unreadable_text_sql(one.raw, one.json)
        yield Check(one.label, unreadable, reason)
    if one.field.kind == "credits":
        amounts = credit_sql.unreadable_amounts_sql(one.field.name)
        yield Check(one.label, amounts, literal(f"{one.label} holds an amount that is not a finite number"))
