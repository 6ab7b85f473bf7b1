"""A billing table in BigQuery → charges: the GoogleSQL twin of what the file adapters write for DuckDB.

Fields, their places and the expressions of most charge columns are those of the file adapters; only what the dialects
write differently stands here. No value of the user's stands in the text: windows are query parameters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from data.charge import CHARGE_COLUMNS, CREDIT_COLUMNS, PACIFIC
from data.sources import focus, gcp_export
from data.sources.columns import ColumnType, find_first
from data.sources.credits import EXACT_AS_DOUBLE, LARGEST_AMOUNT, NO_TYPE
from data.sources.detect import kind_of
from data.sources.fields import FoundField, find_fields, nanos_of
from data.sources.refusal import SourceRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from data.sources.columns import Column, Schema
    from data.sources.detect import Kind
    from data.sources.fields import Field

_FAMILIES: Final = {
    "STRING": "text", "FLOAT": "float", "FLOAT64": "float", "INTEGER": "exact", "INT64": "exact", "NUMERIC": "exact",
    "BIGNUMERIC": "exact", "TIMESTAMP": "instant", "DATETIME": "local_time", "DATE": "local_time", "RECORD": "struct",
    "STRUCT": "struct",
}  # fmt: skip
_NO_CREDITS: Final = "CAST([] AS ARRAY<STRUCT<type STRING, amount FLOAT64, amount_nanos INT64>>)"
_NO_LABELS: Final = "CAST([] AS ARRAY<STRUCT<key STRING, value STRING>>)"
_NO_OTHER_CREDITS: Final = "CAST([] AS ARRAY<STRUCT<type STRING, amount_nanos INT64>>)"
_KNOWN_TYPES: Final = ", ".join(f"'{name}'" for name in CREDIT_COLUMNS)
_UNKNOWN: Final = f"(x.type IS NULL OR x.type NOT IN ({_KNOWN_TYPES}))"
_ABSENT: Final = {
    "text": "CAST(NULL AS STRING)", "money": "CAST(NULL AS FLOAT64)", "number": "CAST(NULL AS FLOAT64)",
    "time": "CAST(NULL AS TIMESTAMP)", "month": "CAST(NULL AS INT64)", "credits": _NO_CREDITS, "labels": _NO_LABELS,
}  # fmt: skip
_WANTED: Final = {
    "month": "month such as 202605", "money": "plain number", "number": "plain number", "time": "time",
}  # fmt: skip
PROBLEM: Final = "problem"


@dataclass(frozen=True)
class TableCharges:
    """The charges of a table: which export it is, the typed rows, the charge columns, and what is wrong with a row.

    ``has_export_time`` tells whether rows say when they were appended; ``months`` is the name of the month's field.
    """

    kind: Kind
    typed_list: str
    columns: Mapping[str, str]
    problem: str
    raw_text: str
    export_time: str | None

    def charges(self, source: str, *, only_good: bool) -> str:
        """The relation ``charge`` over a source of rows ``s``; without a condition where all rows are good."""
        condition = f" WHERE {self.problem} IS NULL" if only_good else ""
        shown = ", ".join(f"{self.columns[name]} AS {name}" for name in CHARGE_COLUMNS)
        return f"SELECT {shown} FROM ({self._typed(source)}) AS typed{condition}"

    def bad_rows(self, source: str) -> str:
        """The rows that cannot be read: the first problem of each as ``column: reason``, and the values looked at."""
        found = f"SELECT {self.problem} AS {PROBLEM}, {self.raw_text} AS raw FROM ({self._typed(source)}) AS typed"
        return f"SELECT {PROBLEM}, raw FROM ({found}) AS row_seen WHERE {PROBLEM} IS NOT NULL"

    def _typed(self, source: str) -> str:
        return f"SELECT {self.typed_list} FROM {source}"


def schema_of_fields(fields: Iterable[Any]) -> Schema:
    """The columns of a table as BigQuery describes them (name, field_type, mode, fields)."""
    return {str(field.name): _type(field) for field in fields}


def charges_of(table: str, schema: Schema) -> TableCharges:
    """How to read a table of these columns.

    Raises:
        SourceRefused: It is no billing table, or holds credits or labels as text.
    """
    kind = kind_of(table, schema)
    fields = focus.fields_of(schema) if kind == "focus" else gcp_export.FIELDS
    found = find_fields(schema, fields)
    for one in found.values():
        if one.field.kind in ("credits", "labels") and not one.is_native:
            raise SourceRefused(
                f"{table} holds {one.label} in a form of its own, not as a list of records as billing exports do: "
                "give the exported table itself, or export this one to Parquet and import the files."
            )
    typed = ", ".join(text for field in fields for text in _typed_columns(field, found.get(field.name)))
    exported_at = found.get("exported_at")
    return TableCharges(
        kind,
        typed,
        _columns(kind),
        _problem(found.values()),
        _raw_text(found.values()),
        _time(exported_at) if exported_at else None,
    )


def month_condition(schema: Schema, kind: Kind) -> str:
    """The condition that a row's invoice month is @since_month (202601) or later."""
    if kind == "focus":
        column = find_first(schema, ("BillingPeriodStart",))
        midday = f"TIMESTAMP_ADD({_as_timestamp(column)}, INTERVAL 12 HOUR)" if column else "NULL"
        return f"{_month_of(midday, 'UTC')} >= @since_month"
    month, start = find_first(schema, ("invoice.month",)), find_first(schema, ("usage_start_time",))
    own = _month(path_of(month)) if month else "CAST(NULL AS INT64)"
    used = _month_of(_as_timestamp(start), PACIFIC) if start else "NULL"
    return f"COALESCE({own}, {used}) >= @since_month"


def path_of(column: Column) -> str:
    """The expression that reads a column of the row ``s``."""
    return ".".join(("s", *(f"`{name}`" for name in column.names)))


def nanos_sql(value: str, written: str) -> str:
    """An amount in nano-units, half away from zero; NULL where it is not finite or too large (see ``credits``)."""
    digits = f"SAFE_CAST(SAFE_CAST({written} AS STRING) AS NUMERIC)"
    return (
        f"CASE WHEN ABS({value}) < {EXACT_AS_DOUBLE:.0f} THEN SAFE_CAST(ROUND({value} * 1e9) AS INT64)"
        f" WHEN ABS({value}) <= {LARGEST_AMOUNT:.0f} THEN SAFE_CAST({digits} * 1000000000 AS INT64) END"
    )


def _type(field: Any) -> ColumnType:
    inner = {str(each.name): _type(each) for each in field.fields or ()}
    own = ColumnType(_FAMILIES.get(str(field.field_type).upper(), "other"), inner)  # type: ignore[arg-type]
    return ColumnType("list", {"element": own}) if str(field.mode).upper() == "REPEATED" else own


def _columns(kind: Kind) -> dict[str, str]:
    if kind == "focus":
        own = focus.charge_columns()
        own |= {"pricing_unit_quantity": "CAST(NULL AS FLOAT64)", **_no_credits(), "residual": _residual("billed")}
        own["invoice_month"] = _month_of("TIMESTAMP_ADD(period_start, INTERVAL 12 HOUR)", "UTC")
    else:
        own = gcp_export.charge_columns(_credits())
        own |= {"residual": _residual("cost")}
        own["invoice_month"] = f"COALESCE(month, {_month_of('start_time', PACIFIC)})"
    return own | {"row_number": "CAST(NULL AS INT64)"}


def _credits() -> dict[str, str]:
    sums = {name: _sum_of_credits(f"x.type = '{type_}'") for type_, name in CREDIT_COLUMNS.items()}
    empty = "(COALESCE(x.type, '') = '' AND COALESCE(x.amount, 0) = 0)"
    others = (
        f"ARRAY(SELECT AS STRUCT COALESCE(NULLIF(x.type, ''), '{NO_TYPE}') AS type,"
        f" COALESCE(x.amount_nanos, 0) AS amount_nanos FROM UNNEST(credits) AS x WHERE {_UNKNOWN} AND NOT {empty})"
    )
    return {**sums, "credit_other_nanos": _sum_of_credits(_UNKNOWN), "other_credits": others}


def _no_credits() -> dict[str, str]:
    names = (*CREDIT_COLUMNS.values(), "credit_other_nanos")
    return {**dict.fromkeys(names, "0"), "other_credits": _NO_OTHER_CREDITS}


def _sum_of_credits(condition: str) -> str:
    return f"COALESCE((SELECT SUM(x.amount_nanos) FROM UNNEST(credits) AS x WHERE {condition}), 0)"


def _residual(amount: str) -> str:
    return f"{amount} - {nanos_of(amount)} / 1e9"


def _month_of(time: str, zone: str) -> str:
    return f"CAST(FORMAT_TIMESTAMP('%Y%m', {time}, '{zone}') AS INT64)"


def _typed_columns(field: Field, found: FoundField | None) -> Iterator[str]:
    yield f"{_value(found) if found else _ABSENT[field.kind]} AS {field.name}"
    if found and _is_parsed(found):
        yield f"NULLIF(CAST({path_of(found.column)} AS STRING), '') AS {found.raw}"
    if field.kind == "money":
        path = path_of(found.column) if found else ""
        yield f"{nanos_sql(_number(path), path) if found else 'CAST(NULL AS INT64)'} AS {nanos_of(field.name)}"


def _is_parsed(one: FoundField) -> bool:
    """Whether the value is read from text, which may not be what it should."""
    return one.field.kind == "month" or (one.field.kind in ("money", "number", "time") and not one.is_native)


def _value(one: FoundField) -> str:
    path = path_of(one.column)
    match one.field.kind:
        case "text":
            return f"NULLIF(CAST({path} AS STRING), '')"
        case "money" | "number":
            return _number(path)
        case "month":
            return _month(path)
        case "time":
            return _time(one)
        case "labels":
            pair = "CAST(x.key AS STRING) AS key, CAST(x.value AS STRING) AS value"
            return f"ARRAY(SELECT AS STRUCT {pair} FROM UNNEST({path}) AS x)"
    listed = path if one.type.family == "list" else f"IF({path} IS NULL, NULL, [{path}])"
    amount = _number("x.amount")
    parts = f"CAST(x.type AS STRING) AS type, {amount} AS amount, {nanos_sql(amount, 'x.amount')} AS amount_nanos"
    return f"ARRAY(SELECT AS STRUCT {parts} FROM UNNEST({listed}) AS x)"


def _number(path: str) -> str:
    return f"SAFE_CAST({path} AS FLOAT64)"


def _month(path: str) -> str:
    return f"SAFE_CAST(REPLACE(CAST({path} AS STRING), '-', '') AS INT64)"


def _time(one: FoundField) -> str:
    return _as_timestamp(one.column)


def _as_timestamp(column: Column) -> str:
    path = path_of(column)
    if column.type.family == "local_time":
        return f"TIMESTAMP({path}, 'UTC')"
    return path if column.type.family == "instant" else f"SAFE_CAST({path} AS TIMESTAMP)"


def _problem(found: Iterable[FoundField]) -> str:
    """The first problem of a row as ``column: reason``, NULL for a good row; the checks are those of ``row_checks``."""
    branches = " ".join(f"WHEN {condition} THEN '{text}'" for one in found for condition, text in _checks(one))
    return f"CASE {branches} END"


def _checks(one: FoundField) -> Iterator[tuple[str, str]]:
    name, label = one.field.name, one.label.replace("'", "")
    if one.field.is_required:
        yield f"{name} IS NULL", f"{label}: it is empty or cannot be read; a billing line needs it"
    if _is_parsed(one):
        yield f"{one.raw} IS NOT NULL AND {name} IS NULL", f"{label}: it is not a {_WANTED[one.field.kind]}"
    if one.field.kind in ("money", "number") and one.type.family != "exact":
        yield f"IS_NAN({name}) OR IS_INF({name})", f"{label}: it is not a finite number"
    if one.field.kind == "money":
        too_large = f"ABS({name}) > {LARGEST_AMOUNT:.0f}"
        yield too_large, f"{label}: it is beyond any single billing line that can be held exactly"
    if one.field.kind == "month":
        is_month = f"{name} BETWEEN 190001 AND 299912 AND MOD({name}, 100) BETWEEN 1 AND 12"
        yield f"{name} IS NOT NULL AND NOT ({is_month})", f"{label}: it is not a month such as 202605"
    if one.field.kind == "credits":
        bad = f"EXISTS(SELECT 1 FROM UNNEST({name}) AS x WHERE x.amount IS NOT NULL AND x.amount_nanos IS NULL)"
        yield bad, f"{label}: it holds an amount that is not a finite number"


def _raw_text(found: Iterable[FoundField]) -> str:
    """The values that checks look at, so that showing a bad row reads no other column."""
    checked = [one.field.name for one in found if any(True for _ in _checks(one))]
    return f"TO_JSON_STRING(STRUCT({', '.join(checked)}))"
