"""Charges in the shape that DuckDB groups fastest: texts as codes of a dictionary, held once in memory.

A bill names few projects, regions and SKUs very often. Each text column gets its dictionary (an ENUM of the values that
the bill has), and what the largest reductions read is computed once and held beside those codes: they group integers,
and write them to Parquet without looking at a text again. Values, and so the reductions, are the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from data.charge import ALL_CREDIT_COLUMNS, MONEY_COLUMNS
from data.sources.credits import ZERO

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    import duckdb

LARGEST_DICTIONARY: Final = 50_000
"""A column with more values than this stays text: its dictionary would cost more than it saves."""

TEXTS: Final = {
    **dict.fromkeys(("billing_account", "currency", "cost_type", "charge_class", "consumption_model"), "{}"),
    **dict.fromkeys(("project", "region"), "{}"),
    "resource": "COALESCE({}, '')",
}
"""Text columns that reductions group by, and how they group by each.

The pattern is applied to a dictionary's values and to codes, never to the texts of all rows.
"""
TEXTS_OF_SKUS: Final = ("provider", "sku_key")
"""Text columns of which the reduction ``skus`` has every value."""
RATES: Final = ("currency_conversion_rate", "unit_price", "pricing_unit_quantity")
"""Numbers that often are the same, or absent, in all rows."""
HELD_COLUMNS: Final = (
    *TEXTS, *TEXTS_OF_SKUS, "invoice_month", "is_correction", "usage_start", "usage", *RATES, *MONEY_COLUMNS,
    "residual", "export_time",
)  # fmt: skip
EQUAL_TO_COST: Final = ("list_nanos", "on_demand_nanos", "effective_nanos")
"""Money that often is ``cost_nanos`` in all rows: without negotiated prices, consumption models or credits."""

CODED: Final = "coded_charge"
"""The view of ``charge`` with coded texts, read where it lies; it has every column."""
HELD: Final = "held_charge"
"""The view of the charges that are held in memory: HELD_COLUMNS only."""


@dataclass(frozen=True)
class Coding:
    """How columns of ``charge`` are written: ``coded`` texts by a type ``code_of_…``, ``constants`` as one value's SQL.

    ``equals`` are money columns that hold what another one holds in every row.
    """

    coded: frozenset[str] = frozenset()
    constants: Mapping[str, str] = field(default_factory=dict)
    equals: Mapping[str, str] = field(default_factory=dict)

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


def code_texts(connection: duckdb.DuckDBPyConnection, skus: Path) -> Coding:
    """Make the dictionaries of ``charge``, given the file of its reduction ``skus``, and the view CODED over them."""
    lists = [
        f"list_transform(list(DISTINCT {column}), lambda x: {pattern.format('x')}) AS {column}"
        for column, pattern in TEXTS.items()
    ]
    lists += [f"(SELECT list(DISTINCT {column}) FROM read_parquet($skus)) AS {column}" for column in TEXTS_OF_SKUS]
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE text_of_charge AS SELECT {', '.join(lists)} FROM charge", {"skus": str(skus)}
    ).fetchall()
    coded: set[str] = set()
    constants: dict[str, str] = {}
    for column in (*TEXTS, *TEXTS_OF_SKUS):
        sizes = f"SELECT len({column}), list_count({column}) FROM text_of_charge"
        size, text_count = (int(each or 0) for each in connection.execute(sizes).fetchall()[0])
        if 0 < text_count <= LARGEST_DICTIONARY:
            _make_type(connection, column)
            coded.add(column)
        if size == 1 and column != "sku_key":  # skus writes '' for none
            code = f"code_of_{column}"
            constants[column] = (
                f"CAST(enum_first(CAST(NULL AS {code})) AS {code})" if text_count else "CAST(NULL AS VARCHAR)"
            )
    coding = Coding(frozenset(coded), constants)
    replaced = ", ".join(map(coding.column, (*TEXTS, *TEXTS_OF_SKUS)))
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {CODED} AS SELECT * REPLACE ({replaced}) FROM charge").fetchall()
    return coding


def _make_type(connection: duckdb.DuckDBPyConnection, column: str) -> None:
    values = f"SELECT DISTINCT unnest({column}) AS value FROM text_of_charge"
    listed = f"SELECT value FROM ({values}) AS v WHERE value IS NOT NULL ORDER BY value"
    connection.execute(f"CREATE TYPE code_of_{column} AS ENUM ({listed})").fetchall()


def hold_charges(connection: duckdb.DuckDBPyConnection, coding: Coding, zero_columns: Collection[str]) -> Coding:
    """Hold the charges in memory under the view HELD, and say more of their columns.

    ``zero_columns`` are known to be 0 in every row.
    """
    constants = {**coding.constants, **dict.fromkeys(zero_columns, ZERO), **_constant_rates(connection)}
    selected = ", ".join(coding.column(column) for column in HELD_COLUMNS if column not in constants)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE held AS SELECT {selected} FROM charge").fetchall()
    credited = [column for column in ALL_CREDIT_COLUMNS if column not in constants]
    constants |= dict.fromkeys(_where_all(connection, {each: f"{each} = 0" for each in credited}), ZERO)
    equals = _where_all(connection, {each: f"{each} = cost_nanos" for each in EQUAL_TO_COST})
    written = ", ".join(f"{constants.get(column, column)} AS {column}" for column in HELD_COLUMNS)
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {HELD} AS SELECT {written} FROM held").fetchall()
    return Coding(coding.coded, constants, dict.fromkeys(equals, "cost_nanos"))


def _constant_rates(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The SQL of each of RATES that is the same in all charges."""
    bounds = ", ".join(f"CAST(min({each}) AS VARCHAR), CAST(max({each}) AS VARCHAR), count({each})" for each in RATES)
    row_count, *found = connection.execute(f"SELECT count(*), {bounds} FROM charge").fetchall()[0]
    constants = {}
    for number, column in enumerate(RATES):
        low, high, count = found[3 * number : 3 * number + 3]
        if not count:
            constants[column] = "CAST(NULL AS DOUBLE)"
        elif low == high and count == row_count:
            constants[column] = f"CAST('{low}' AS DOUBLE)"
    return constants


def _where_all(connection: duckdb.DuckDBPyConnection, conditions: Mapping[str, str]) -> list[str]:
    """The columns of which the condition holds in all held rows."""
    if not conditions:
        return []
    asked = ", ".join(f"bool_and({condition})" for condition in conditions.values())
    found = connection.execute(f"SELECT {asked} FROM held").fetchall()[0]
    return [column for column, holds in zip(conditions, found, strict=True) if holds]
