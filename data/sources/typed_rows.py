"""Typed rows: an adapter's fields over a source's rows.

Three SQL layers, so that every text is parsed once and an unused column is never decoded: the source's own values
(``cost_raw``), typed values beside them (``cost``), and the adapter's charge columns over those.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from data.sources import credits as credit_sql
from data.sources import labels as label_sql
from data.sources.columns import literal
from data.sources.fields import FoundField, Kind, find_fields, nanos_of
from data.sources.nested_text import NOTHING_TEXTS, json_sql
from data.sources.row_checks import Check, checks_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from data.sources.fields import Field, Rows


@dataclass(frozen=True)
class TypedRows:
    """The typed relation over a source's rows, and the checks that its values must pass."""

    relation: str
    checks: tuple[Check, ...]
    parses_text: bool
    raw_text: str


def typed_rows(rows: Rows, fields: Sequence[Field]) -> TypedRows:
    """Find the fields in a source and type them; an absent field is a typed NULL."""
    found = find_fields(rows.schema, fields)
    present = tuple(found.values())
    raw = ", ".join(_raw_columns(rows, present))
    typed = ", ".join(column for one in fields for column in _typed_columns(one, found.get(one.name)))
    relation = f"(SELECT *, {typed} FROM (SELECT {raw} FROM {rows.relation} AS s) AS r)"
    checks = (
        Check("", "row_problem IS NOT NULL", "row_problem"),
        *(check for one in present for check in checks_of(one)),
    )
    return TypedRows(relation, checks, any(not one.is_native for one in present), rows.raw_text)


def _raw_columns(rows: Rows, present: Iterable[FoundField]) -> Iterator[str]:
    yield f"s.row_number, {rows.source_row} AS source_row, {rows.row_problem} AS row_problem"
    for one in present:
        expression = _raw_expression(one, rows.root)
        yield f"{expression} AS {one.raw}"
        if one.field.kind in ("credits", "labels") and not one.is_native:
            yield f"{json_sql(expression)} AS {one.json}"


_NOTHING: Final = ", ".join(map(literal, NOTHING_TEXTS))


def _raw_expression(one: FoundField, root: str) -> str:
    expression = one.column.sql(root)
    if one.field.kind == "text":
        return (
            f"NULLIF(CAST({expression} AS VARCHAR), '')" if one.type.family != "text" else f"NULLIF({expression}, '')"
        )
    if one.field.kind in ("credits", "labels") and not one.is_native and one.type.family != "text":
        return f"CAST(to_json({expression}) AS VARCHAR)"
    if one.type.family == "text" and not one.field.is_required and one.field.kind != "month":
        return f"CASE WHEN {expression} IN ({_NOTHING}) THEN NULL ELSE {expression} END"
    if one.type.family == "text" or one.field.kind == "month" or not one.is_native:
        return f"NULLIF(CAST({expression} AS VARCHAR), '')"
    return expression


def _typed_columns(field: Field, found: FoundField | None) -> Iterator[str]:
    yield f"{_value(found) if found else _ABSENT[field.kind]} AS {field.name}"
    if field.kind == "money":
        nanos = credit_sql.nanos_sql(found.raw) if found else "CAST(NULL AS BIGINT)"
        yield f"{nanos} AS {nanos_of(field.name)}"


EPOCH_2000: Final = "946684800.0"
EPOCH_2100: Final = "4102444800.0"
UNITS_PER_SECOND: Final = ("1.0", "1e3", "1e6", "1e9")

_ABSENT: Final[dict[Kind, str]] = {
    "text": "CAST(NULL AS VARCHAR)",
    "money": "CAST(NULL AS DOUBLE)",
    "number": "CAST(NULL AS DOUBLE)",
    "time": "CAST(NULL AS TIMESTAMPTZ)",
    "month": "CAST(NULL AS BIGINT)",
    "credits": "CAST(NULL AS STRUCT(type VARCHAR, amount DOUBLE)[])",
    "labels": label_sql.NO_LABELS,
}


def _value(one: FoundField) -> str:
    """The typed value; NULL where the text is unreadable (a check then catches the row)."""
    return _VALUE_OF_KIND[one.field.kind](one)


def _number(one: FoundField) -> str:
    return f"TRY_CAST({one.raw} AS DOUBLE)"


def _month(one: FoundField) -> str:
    """202605, and what calendars and spreadsheets make of it: 2026-05, 2026/05, 2026-05-01 00:00:00."""
    digits = f"regexp_replace({one.raw}, '^(\\d{{4}})[-/](\\d{{2}})([-/].*)?$', '\\1\\2')"
    return f"COALESCE(TRY_CAST({one.raw} AS BIGINT), TRY_CAST({digits} AS BIGINT))"


def _credits(one: FoundField) -> str:
    if one.is_native:
        return credit_sql.readable_credits_sql(one.raw, one.type)
    return credit_sql.credits_of_text_sql(one.json)


def _labels(one: FoundField) -> str:
    if one.is_native:
        return f"COALESCE({label_sql.readable_labels_sql(one.raw, one.type)}, {label_sql.NO_LABELS})"
    return f"COALESCE({label_sql.labels_of_text_sql(one.json)}, {label_sql.NO_LABELS})"


def _time(one: FoundField) -> str:
    """Without a zone, UTC is meant (Google's exports are in UTC); a session in UTC reads text the same way."""
    if one.type.family == "local_time":
        return f"timezone('UTC', CAST({one.raw} AS TIMESTAMP))"
    if one.type.family == "instant":
        return one.raw
    return f"COALESCE(TRY_CAST({one.raw} AS TIMESTAMPTZ), {_time_since_1970(one.raw)})"


def _time_since_1970(written: str) -> str:
    """A time as a number of (milli-, micro-, nano-)seconds since 1970: the unit that puts it in this century."""
    number = f"TRY_CAST({written} AS DOUBLE)"
    units = " ".join(
        f"WHEN {number} BETWEEN {EPOCH_2000} * {unit} AND {EPOCH_2100} * {unit} THEN to_timestamp({number} / {unit})"
        for unit in UNITS_PER_SECOND
    )
    return f"CASE {units} END"


_VALUE_OF_KIND: Final[dict[Kind, Callable[[FoundField], str]]] = {
    "text": lambda one: one.raw,
    "money": _number,
    "number": _number,
    "time": _time,
    "month": _month,
    "credits": _credits,
    "labels": _labels,
}
