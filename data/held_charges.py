"""Charges in the shape that DuckDB groups fastest: texts as codes of a dictionary, held once in memory.

A bill names few projects, regions and SKUs very often. Each text column gets its dictionary (an ENUM of the values that
the bill has), and what the largest reductions read is computed once and held beside those codes: they group integers,
and write them to Parquet without looking at a text again. Values, and so the reductions, are the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from data.charge import ALL_CREDIT_COLUMNS, MONEY_COLUMNS
from data.pacific_days import hour_sql, pacific_day_sql
from data.sources.credits import ZERO

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import duckdb

LARGEST_DICTIONARY: Final = 50_000
"""A column with more values than this stays text: its dictionary would cost more than it saves."""

TEXTS: Final = {
    **dict.fromkeys(("billing_account", "currency", "cost_type", "charge_class", "consumption_model"), "{}"),
    **dict.fromkeys(("project", "region", "provider"), "{}"),
    "resource": "COALESCE({}, '')",
}
"""Text columns that reductions group by, and how they group by each.

The pattern is applied to a dictionary's values and to codes, never to the texts of all rows.
"""
NAMES_OF_SKUS: Final = ("service_id", "service", "sku_id", "sku", "pricing_unit")
"""Text columns that only the reduction ``skus`` groups by; its file then has every ``sku_key``."""
SCALARS: Final = {
    **dict.fromkeys(("currency_conversion_rate", "unit_price", "pricing_unit_quantity"), "DOUBLE"),
    "is_correction": "BOOLEAN",
    "invoice_month": "BIGINT",
}
"""Columns that often are the same, or absent, in all rows, and their types."""
COMPUTED: Final = ("usage_hour", "usage_day", "known_day", "usage_exact", "residual_atto")
"""What several reductions compute of a row (``reduction_sql.COMPUTED_ONCE``), held beside its columns."""
HELD_COLUMNS: Final = (
    *TEXTS, "sku_key", *SCALARS, "usage", *MONEY_COLUMNS, "export_time", *COMPUTED,
)  # fmt: skip
LARGEST_SHORT_USAGE: Final = 999_999_999
"""Below it a usage with nine decimals fits 64 bits; a sum of such has 128."""
EQUAL_TO_COST: Final = ("list_nanos", "on_demand_nanos", "effective_nanos")
"""Money that often is ``cost_nanos`` in all rows: without negotiated prices, consumption models or credits."""


class RowsToQuarantine(Exception):  # noqa: N818 - what was found
    """Rows that cannot be read were met among charges which nobody had checked."""


CODED: Final = "coded_charge"
"""The view of ``charge`` with coded texts, read where it lies; it has every column."""
HELD: Final = "held_charge"
"""The view of the charges that are held in memory: HELD_COLUMNS only."""


@dataclass(frozen=True)
class Coding:
    """How columns of ``charge`` are written: ``coded`` texts by a type ``code_of_…``, ``constants`` as one value's SQL.

    ``equals`` are money columns that hold what another one holds in every row; ``computed`` is the SQL of COMPUTED.
    """

    coded: frozenset[str] = frozenset()
    constants: Mapping[str, str] = field(default_factory=dict)
    equals: Mapping[str, str] = field(default_factory=dict)
    computed: Mapping[str, str] = field(default_factory=dict)

    def column(self, name: str) -> str:
        """A column of ``charge``, coded or as its one value."""
        written = self.constants.get(name, name)
        if name not in self.constants:
            pattern = TEXTS.get(name, "{}")
            written = pattern.format(name)
            if name in self.coded:
                code = f"code_of_{name}"
                written = pattern.replace("''", f"TRY_CAST('' AS {code})").format(f"TRY_CAST({name} AS {code})")
        return f"{written} AS {name}"


def code_texts(connection: duckdb.DuckDBPyConnection) -> Coding:
    """Make the dictionaries of ``charge`` but that of ``sku_key``, and the view CODED over them."""
    patterns = dict.fromkeys(NAMES_OF_SKUS, "{}") | TEXTS
    found = [
        f"list_transform(list(DISTINCT {column}), lambda x: {pattern.format('x')}) AS {column}"
        for column, pattern in patterns.items()
    ]
    found += [f"min({each}) AS low_{each}, max({each}) AS high_{each}, count({each}) AS n_{each}" for each in SCALARS]
    found.append("count(*) AS row_count")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE seen AS SELECT {', '.join(found)} FROM charge").fetchall()
    coded: set[str] = set()
    constants = _constant_scalars(connection)
    sizes = ", ".join(f"len({column}), list_count({column})" for column in patterns)
    counts = iter(connection.execute(f"SELECT {sizes} FROM seen").fetchall()[0])
    for column in patterns:
        size, text_count = (int(next(counts) or 0) for _ in range(2))
        if 0 < text_count <= LARGEST_DICTIONARY:
            _make_type(connection, column, f"SELECT unnest({column}) AS value FROM seen")
            coded.add(column)
        if size == 1 and column in TEXTS:
            code = f"code_of_{column}"
            constants[column] = (
                f"CAST(enum_first(CAST(NULL AS {code})) AS {code})" if text_count else "CAST(NULL AS VARCHAR)"
            )
    coding = Coding(frozenset(coded), constants, computed=_computed(connection))
    _view_coded(connection, coding, ", ".join(map(coding.column, patterns)), "charge")
    return coding


def _computed(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The SQL of COMPUTED over ``charge``, as short as the values that occur allow."""
    largest = connection.execute("SELECT max(abs(usage)) FROM charge").fetchall()[0][0]
    digits = 18 if largest is None or largest < LARGEST_SHORT_USAGE else 38
    return {
        "usage_hour": f"make_timestamptz({hour_sql('usage_start')} * 3600000000)",
        "usage_day": pacific_day_sql(connection, "usage_start", "charge"),
        "known_day": pacific_day_sql(connection, "export_time", "charge"),
        "usage_exact": f"CAST(usage AS DECIMAL({digits}, 9))",
        "residual_atto": "CAST(ROUND(residual * 1e18) AS BIGINT)",
    }


def code_sku_keys(connection: duckdb.DuckDBPyConnection, coding: Coding, skus: Path) -> Coding:
    """Code ``sku_key`` too, given the file of the reduction ``skus``.

    Where an id of a SKU stands for one key, as Google's do, the key is looked up by it and not put together per row.
    """
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE sku_key_of_id AS "
        "SELECT DISTINCT sku_id AS id, sku_key AS key FROM read_parquet($skus)",
        {"skus": str(skus)},
    ).fetchall()
    counted = "SELECT count(*), count(id), count(DISTINCT id), count(DISTINCT key) FROM sku_key_of_id"
    pair_count, known_count, id_count, key_count = connection.execute(counted).fetchall()[0]
    if not 0 < key_count <= LARGEST_DICTIONARY:
        return coding
    _make_type(connection, "sku_key", "SELECT key AS value FROM sku_key_of_id")
    connection.execute("ALTER TABLE sku_key_of_id ALTER key TYPE code_of_sku_key").fetchall()
    coding = replace(coding, coded=coding.coded | {"sku_key"})
    written = ", ".join(map(coding.column, (*NAMES_OF_SKUS, *TEXTS)))
    if pair_count == known_count == id_count:
        joined = "charge LEFT JOIN sku_key_of_id ON charge.sku_id = sku_key_of_id.id"
        _view_coded(connection, coding, f"{written}, sku_key_of_id.key AS sku_key", joined)
    else:
        _view_coded(connection, coding, f"{written}, {coding.column('sku_key')}", "charge")
    return coding


def _view_coded(connection: duckdb.DuckDBPyConnection, coding: Coding, written: str, relation: str) -> None:
    computed = ", ".join(f"{sql} AS {name}" for name, sql in coding.computed.items())
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW {CODED} AS SELECT charge.* REPLACE ({written}), {computed} FROM {relation}"
    ).fetchall()


def _make_type(connection: duckdb.DuckDBPyConnection, column: str, values: str) -> None:
    listed = f"SELECT DISTINCT value FROM ({values}) AS v WHERE value IS NOT NULL ORDER BY value"
    connection.execute(f"CREATE TYPE code_of_{column} AS ENUM ({listed})").fetchall()


def hold_charges(
    connection: duckdb.DuckDBPyConnection, coding: Coding, known: Coding, problem: str | None = None
) -> Coding:
    """Hold the charges in memory under the view HELD, and say more of their columns.

    ``known`` are constants and equal columns that the source's shape tells; ``problem`` is the column of ``charge``
    that says which rows belong into quarantine, where they were not sought before. Raises RowsToQuarantine.
    """
    constants = {**coding.constants, **known.constants}
    selected = ", ".join(column for column in HELD_COLUMNS if column not in constants and column not in known.equals)
    selected += f", {problem}" if problem else ""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE held AS SELECT {selected} FROM {CODED}").fetchall()
    if problem and connection.execute(f"SELECT 1 FROM held WHERE {problem} LIMIT 1").fetchall():
        raise RowsToQuarantine
    credited = [column for column in ALL_CREDIT_COLUMNS if column not in constants]
    constants |= dict.fromkeys(_where_all(connection, {each: f"{each} = 0" for each in credited}), ZERO)
    compared = [each for each in EQUAL_TO_COST if each not in known.equals]
    equal = _where_all(connection, {each: f"{each} = cost_nanos" for each in compared})
    equals = dict.fromkeys(equal, "cost_nanos") | dict(known.equals)
    written = ", ".join(f"{constants.get(column, equals.get(column, column))} AS {column}" for column in HELD_COLUMNS)
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {HELD} AS SELECT {written} FROM held").fetchall()
    return replace(coding, constants=constants, equals=equals)


def forget_charges(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop what was made of ``charge``, so that it can be made anew."""
    for view in (HELD, CODED):
        connection.execute(f"DROP VIEW IF EXISTS {view}").fetchall()
    for table in ("held", "sku_key_of_id", "sku_class"):
        connection.execute(f"DROP TABLE IF EXISTS {table}").fetchall()
    types = "SELECT type_name FROM duckdb_types() WHERE starts_with(type_name, 'code_of_')"
    for (name,) in connection.execute(types).fetchall():
        connection.execute(f"DROP TYPE {name}").fetchall()


def _constant_scalars(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The SQL of each of SCALARS that is the same in all charges."""
    bounds = ", ".join(f"CAST(low_{each} AS VARCHAR), CAST(high_{each} AS VARCHAR), n_{each}" for each in SCALARS)
    row_count, *found = connection.execute(f"SELECT row_count, {bounds} FROM seen").fetchall()[0]
    constants = {}
    for number, (column, kind) in enumerate(SCALARS.items()):
        low, high, count = found[3 * number : 3 * number + 3]
        if not count:
            constants[column] = f"CAST(NULL AS {kind})"
        elif low == high and count == row_count:
            constants[column] = f"CAST('{low}' AS {kind})"
    return constants


def _where_all(connection: duckdb.DuckDBPyConnection, conditions: Mapping[str, str]) -> list[str]:
    """The columns of which the condition holds in all held rows."""
    if not conditions:
        return []
    asked = ", ".join(f"bool_and({condition})" for condition in conditions.values())
    found = connection.execute(f"SELECT {asked} FROM held").fetchall()[0]
    return [column for column, holds in zip(conditions, found, strict=True) if holds]
