"""Credits, as SQL: read from whatever a source holds, and summed inside the row.

They are never joined to the row: un-nesting by JOIN multiplies ``cost``. Each amount is quantised to nano-units by
itself and then summed, so that the order of credits cannot matter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from data.charge import ALL_CREDIT_COLUMNS, CREDIT_COLUMNS
from data.sources.columns import literal
from data.sources.nested_text import object_list_sql

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from data.sources.columns import ColumnType

NO_TYPE: Final = "CREDIT_TYPE_UNSPECIFIED"
"""Google's own word for a credit without a type."""

ZERO: Final = "CAST(0 AS BIGINT)"
"""A column of no money."""
NO_OTHER_CREDITS: Final = "CAST([] AS STRUCT(type VARCHAR, amount_nanos BIGINT)[])"
_KNOWN_TYPES: Final = ", ".join(map(literal, CREDIT_COLUMNS))
_OWN_KEYS: Final = ", ".join(map(literal, ("type", "id", "name", "full_name")))
LARGEST_AMOUNT: Final = 9e9
"""Beyond it nano-units no longer fit 64 bits."""


EXACT_AS_DOUBLE: Final = 1e6
"""Below it a double's product with 1e9 is within half a nano of the decimal that was written (2·2⁻⁵³·1e15 < 0.5)."""


def nanos_sql(written: str) -> str:
    """The expression of an amount as the source writes it (text, decimal or double) in nano-units, half away from zero.

    Large amounts go through decimal digits, where a double would lose nano-units. NULL where it is not finite or too
    large.
    """
    number = f"TRY_CAST({written} AS DOUBLE)"
    digits = f"TRY_CAST(CAST({written} AS VARCHAR) AS DECIMAL(20, 9))"
    return (
        f"CASE WHEN abs({number}) < {EXACT_AS_DOUBLE:.0f} THEN TRY_CAST(ROUND({number} * 1e9) AS BIGINT)"
        f" ELSE TRY_CAST({digits} * 1000000000 AS BIGINT) END"
    )


def credits_of_text_sql(json_text: str) -> str:
    """The expression of a list of ``STRUCT(type, amount)`` read from JSON text."""
    listed = f'from_json({object_list_sql(_lower_keys(json_text))}, \'[{{"type": "VARCHAR", "amount": "VARCHAR"}}]\')'
    return f"list_transform({listed}, lambda x: {{'type': x.type, 'amount': x.amount}})"


def _lower_keys(json_text: str) -> str:
    """In JSON a quoted word before a colon is a key and nothing else."""
    lowered = json_text
    for key in ("type", "amount"):
        lowered = f"regexp_replace({lowered}, '\"(?i:{key})\"\\s*:', '\"{key}\":', 'g')"
    return f"CASE WHEN contains({json_text}, '\"amount\"') THEN {json_text} ELSE {lowered} END"


def is_without_amount_sql(json_text: str) -> str:
    """The condition that some object is no credit: it has no amount, and says what a credit does not say.

    BigQuery leaves nulls out, so that an object with names alone is a credit of nothing.
    """
    keys = "list_transform(json_keys(x), lambda k: lower(k))"
    listed = f"CAST(json_extract({object_list_sql(json_text)}, '$[*]') AS JSON[])"
    is_other = (
        f"json_type(x) = 'OBJECT' AND NOT list_contains({keys}, 'amount') AND NOT list_has_all([{_OWN_KEYS}], {keys})"
    )
    return f"COALESCE(len(list_filter({listed}, lambda x: {is_other})) > 0, FALSE)"


def readable_credits_sql(value: str, type_: ColumnType) -> str:
    """The expression of a nested source's credits as a list of structs; a single struct counts as a list of one."""
    return value if type_.family == "list" else f"CASE WHEN {value} IS NOT NULL THEN [{value}] END"


def unreadable_amounts_sql(credits_: str) -> str:
    """The condition that some credit's amount is present but not a finite number that fits."""
    amount = "TRY_CAST(x.amount AS DOUBLE)"
    return (
        f"CASE WHEN len({credits_}) > 0 THEN COALESCE(list_bool_or(list_transform({credits_}, lambda x:"
        f" x.amount IS NOT NULL AND COALESCE(NOT isfinite({amount}) OR abs({amount}) > {LARGEST_AMOUNT:.0f}, TRUE))),"
        " FALSE) ELSE FALSE END"
    )


def types_sql(credits_: str) -> str:
    """The expression of one row per credit with its type."""
    return f"unnest(list_transform({credits_}, lambda x: CAST(x.type AS VARCHAR)))"


def _sum_sql(credits_: str, condition: str) -> str:
    """The sum of the credits that meet a condition; a row with none or one, as most are, needs no walk of its list."""
    amount = f"CASE WHEN {condition} THEN {nanos_sql('x.amount')} END"
    of_one = amount.replace("x.", f"{credits_}[1].")
    return (
        f"CASE len({credits_}) WHEN 0 THEN 0 WHEN 1 THEN COALESCE({of_one}, 0)"
        f" ELSE COALESCE(CAST(list_sum(list_transform({credits_}, lambda x: {amount})) AS BIGINT), 0) END"
    )


def credit_columns(credits_: str, types: Collection[str | None] | None = None) -> dict[str, str]:
    """The expressions of every credit column of a charge, from its list of credits.

    ``types`` are those that occur in the source, where that is known: the columns of the others are a plain ZERO.
    """
    columns = {
        name: _sum_sql(credits_, f"x.type = {literal(type_)}")
        for type_, name in CREDIT_COLUMNS.items()
        if types is None or type_ in types
    }
    if types is None or set(types) - set(CREDIT_COLUMNS):
        columns["credit_other_nanos"] = _sum_sql(credits_, f"x.type IS NULL OR x.type NOT IN ({_KNOWN_TYPES})")
        columns["other_credits"] = _other_credits_sql(credits_)
    return no_credit_columns() | columns


def all_credits_sql(columns: Mapping[str, str]) -> str:
    """The expression of the sum of all credits in nano-units: every credit stands in exactly one column."""
    summed = [sql for name, sql in columns.items() if name in ALL_CREDIT_COLUMNS and sql != ZERO]
    return " + ".join(summed) or ZERO


def _other_credits_sql(credits_: str) -> str:
    """Only unknown types; an object with neither type nor amount (some tools write one) is no credit."""
    unknown = f"(x.type IS NULL OR x.type NOT IN ({_KNOWN_TYPES}))"
    empty = "(COALESCE(x.type, '') = '' AND COALESCE(TRY_CAST(x.amount AS DOUBLE), 0) = 0)"
    kept = f"list_filter({credits_}, lambda x: {unknown} AND NOT {empty})"
    shaped = (
        f"list_transform({kept}, lambda x: {{'type': COALESCE(NULLIF(x.type, ''), '{NO_TYPE}'),"
        f" 'amount_nanos': COALESCE({nanos_sql('x.amount')}, 0)}})"
    )
    return f"COALESCE({shaped}, {NO_OTHER_CREDITS})"


def no_credit_columns() -> dict[str, str]:
    """The expressions of every credit column of a source without credits."""
    return {**dict.fromkeys(ALL_CREDIT_COLUMNS, ZERO), "other_credits": NO_OTHER_CREDITS}
