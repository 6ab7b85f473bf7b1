"""The text of the reductions: GoogleSQL as BigQuery runs it, the same for DuckDB, and what DuckDB runs faster.

Every rewriting here gives the same rows (``tests/data/test_held_charges.py``); it only saves work.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from data.sources.charge_sql import sku_key_sql
from data.sources.credits import ZERO

if TYPE_CHECKING:
    from data.held_charges import Coding

SQL_FOLDER: Final = Path(__file__).with_name("sql")

TWO_ZONES: Final = re.compile(r"CAST\(([\w.()]+) AS TIMESTAMP\) AT TIME ZONE 'UTC' AT TIME ZONE")
"""sqlglot takes DuckDB's zoned timestamps through UTC and back: the same day at more than twice the time."""
GROUP_KEYS: Final = re.compile(r" GROUP BY ([^()]*)")
FEE_CASE: Final = re.compile(r"CASE WHEN sku_class\.fee_of <> '' .*?THEN .*? ELSE (.*?) END")

COMPUTED_ONCE: Final = {
    "TIMESTAMP_SECONDS(DIV(UNIX_MICROS(charge.usage_start), 3600000000) * 3600)": "charge.usage_hour",
    "charge.usage_start IS NOT NULL": "NOT charge.usage_hour IS NULL",
    "DATE(charge.usage_start, 'America/Los_Angeles')": "charge.usage_day",
    "DATE(charge.export_time, 'America/Los_Angeles')": "charge.known_day",
    "CAST(charge.usage AS NUMERIC(38, 9))": "charge.usage_exact",
    "CAST(ROUND(charge.residual * 1e18) AS INT64)": "charge.residual_atto",
    "SUM(CAST(charge.cost_nanos AS NUMERIC(38, 9)))": "CAST(SUM(charge.cost_nanos) AS DECIMAL(38, 9))",
    "SUM(CAST(charge.effective_nanos AS NUMERIC(38, 9)))": "CAST(SUM(charge.effective_nanos) AS DECIMAL(38, 9))",
}
"""Expressions of the reductions, in GoogleSQL → the column of ``data.held_charges`` that holds them for DuckDB.

DuckDB sums 64-bit integers in 128 bits, so that a sum need not be widened row by row.
"""


def _in_duckdb(google_sql: str) -> str:
    import sqlglot  # noqa: PLC0415 - a third of a second that only an import needs

    written = sqlglot.transpile(google_sql, read="bigquery", write="duckdb", comments=False)[0]
    return TWO_ZONES.sub(r"\1 AT TIME ZONE", written)


@cache
def duckdb_sql(name: str) -> str:
    """The reduction of that name in DuckDB's dialect."""
    return _in_duckdb((SQL_FOLDER / f"{name}.sql").read_text(encoding="utf-8"))


@cache
def _computed_once() -> dict[str, str]:
    return {_in_duckdb(f"SELECT {written}").removeprefix("SELECT "): held for written, held in COMPUTED_ONCE.items()}


def over_relation(sql: str, relation: str, coding: Coding) -> str:
    """A reduction of ``charge`` as one of another relation that has the columns which are computed once.

    Columns of one value are written as that value and columns that equal another one as that: constant group keys are
    not hashed, zeros are not summed and no sum is made twice.
    """
    sql = sql.replace("COALESCE(charge.resource, '')", "charge.resource")
    for written, held in _computed_once().items():
        sql = sql.replace(written, held)
    written = "".join(
        f" GROUP BY {_less_grouped(piece, coding)}" if number % 2 else _less_selected(piece, coding)
        for number, piece in enumerate(GROUP_KEYS.split(sql))
    )
    return f"WITH charge AS NOT MATERIALIZED (SELECT * FROM {relation}) {written}"


def _less_selected(sql: str, coding: Coding) -> str:
    for column, value in coding.constants.items():
        if value == ZERO:
            sql = sql.replace(f"CAST(SUM(charge.{column}) AS BIGINT) AS {column}", f"{value} AS {column}")
        key = re.compile(rf"(?:(?<=SELECT )|(?<=, ))charge\.{column}( AS {column})?,")
        sql = f"{value} AS {column},".join(key.split(sql)[::2])
    for column, other in coding.equals.items():
        sql = re.sub(rf"charge\.{column}\b(?!,| AS)", f"charge.{other}", sql)
    return sql


def _less_grouped(keys: str, coding: Coding) -> str:
    constants = {f"charge.{column}" for column in coding.constants}
    return ", ".join(key for key in keys.split(", ") if key not in constants) or "()"


def key_after_grouping(sql: str) -> str:
    """The reduction ``skus`` with its ``sku_key`` put together once per group, of the names that the group has."""
    select, separator, group = sql.rpartition(" GROUP BY ")
    key = sku_key_sql(*(f"charge.{name}" for name in ("service_id", "service", "sku_id", "sku")))
    return select.replace("COALESCE(charge.sku_key, '')", key) + separator + group.replace("charge.sku_key, ", "")


def without_fees(sql: str) -> str:
    """A reduction of charges among which no SKU is a commitment fee."""
    plain = FEE_CASE.sub(r"\1", sql)
    joined = " LEFT JOIN sku_class ON charge.sku_key = sku_class.sku_key"
    alone = plain.replace(joined, "")
    return plain if "sku_class." in alone else alone
