"""The seam between engines: an engine holds the relation ``charge`` and writes the reductions of it to Parquet files.

The SQL is GoogleSQL (``data/sql``), so that BigQuery runs it as it stands; for DuckDB it is transpiled once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from data.charge import ALL_CREDIT_COLUMNS
from data.reductions import REDUCTIONS
from data.sku_classes import classify_with_unit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import duckdb

    from data.watch import Watch

SQL_FOLDER: Final = Path(__file__).with_name("sql")
REDUCTION_NAMES: Final = ("account_month", *REDUCTIONS)
"""The reductions that need the SKU classes, in the order in which they are written; ``skus`` comes before them."""

SKU_CLASS_COLUMNS: Final = (
    ("sku_key", pa.string()),
    ("product", pa.string()),
    ("kind", pa.string()),
    ("pool", pa.string()),
    ("rate_class", pa.string()),
    ("fee_of", pa.string()),
    ("pool_is_regional", pa.bool_()),
)
FOLDABLE_COLUMNS: Final = (
    "billing_account",
    "currency",
    "provider",
    "cost_type",
    "charge_class",
    "is_correction",
    "consumption_model",
    *ALL_CREDIT_COLUMNS,
)
EMPTY_LISTS: Final = {
    "other_credits": "CAST([] AS STRUCT(type VARCHAR, amount_nanos BIGINT)[])",
    "labels": 'CAST([] AS STRUCT("key" VARCHAR, "value" VARCHAR)[])',
}
TWO_ZONES: Final = re.compile(r"CAST\(([\w.()]+) AS TIMESTAMP\) AT TIME ZONE 'UTC' AT TIME ZONE")
"""sqlglot takes DuckDB's zoned timestamps through UTC and back: the same day at more than twice the time."""


@dataclass(frozen=True)
class SkuNames:
    """One spelling of one SKU in one load: ids, names, pricing unit, its rows, when it was last seen."""

    provider: str | None
    sku_key: str
    service_id: str | None
    service: str | None
    sku_id: str | None
    sku: str | None
    pricing_unit: str | None
    row_count: int
    longer_than_an_hour_count: int
    last_seen_second: int | None


class Warehouse(Protocol):
    """An engine with a relation ``charge``."""

    def write_skus(self, folder: Path) -> list[SkuNames]:
        """Write ``skus.parquet`` and return its rows."""

    def write_reductions(self, folder: Path, sku_class: pa.Table) -> None:
        """Write one Parquet file per reduction, with the classes of the bill's SKUs beside ``charge``."""


@cache
def duckdb_sql(name: str) -> str:
    """The reduction of that name in DuckDB's dialect."""
    import sqlglot  # noqa: PLC0415 - a third of a second that only an import needs

    google_sql = (SQL_FOLDER / f"{name}.sql").read_text(encoding="utf-8")
    written = sqlglot.transpile(google_sql, read="bigquery", write="duckdb", comments=False)[0]
    return TWO_ZONES.sub(r"\1 AT TIME ZONE", written)


def sku_class_table(skus: Sequence[SkuNames]) -> pa.Table:
    """Classes of the SKUs, one row per key, from the newest names and all pricing units that the load has for it."""
    newest: dict[str, SkuNames] = {}
    units: dict[str, set[str]] = {}
    for names in sorted(skus, key=lambda each: (each.last_seen_second or 0, each.service or "", each.sku or "")):
        newest[names.sku_key] = names
        units.setdefault(names.sku_key, set()).add(names.pricing_unit or "")
    rows = []
    for key, names in sorted(newest.items()):
        found = classify_with_unit(names.service_id, names.service, names.sku_id, names.sku, tuple(sorted(units[key])))
        rows.append({"sku_key": key} | {name: getattr(found, name) for name, _ in SKU_CLASS_COLUMNS[1:]})
    return pa.Table.from_pylist(rows, schema=pa.schema(SKU_CLASS_COLUMNS))


def with_constants(sql: str, constants: Mapping[str, str]) -> str:
    """A reduction over ``charge`` with columns of one value (column → literal) written as that value.

    Constant group keys are not hashed and sums of zeros are not summed: the result is the same, in less time.
    """
    if not constants:
        return sql
    select, separator, group = sql.rpartition(" GROUP BY ")
    for column, literal in constants.items():
        if literal == "0":
            select = select.replace(
                f"CAST(SUM(charge.{column}) AS BIGINT) AS {column}", f"CAST(0 AS BIGINT) AS {column}"
            )
        select = re.sub(rf"(?<=SELECT )charge\.{column},|(?<=, )charge\.{column},", f"{literal} AS {column},", select)
        group = re.sub(rf"(?<![\w.])charge\.{column}(, |$)", "", group)
    replaced = ", ".join(f"{literal} AS {column}" for column, literal in constants.items())
    charge = f"WITH charge AS NOT MATERIALIZED (SELECT * REPLACE ({replaced}) FROM main.charge) "
    return f"{charge}{select}{separator}{group.removesuffix(', ')}"


def _literal(value: object) -> str:
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return str(value)


class DuckDBWarehouse:
    """DuckDB with a relation ``charge``; a watch reports progress and can stop it."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, watch: Watch, fraction_before: float = 0.0) -> None:
        self._connection = connection
        self._watch = watch
        self._fraction = fraction_before
        self._fraction_of_step = (1 - fraction_before) / (len(REDUCTION_NAMES) + 2)
        self._constants: dict[str, str] = {}

    def write_skus(self, folder: Path) -> list[SkuNames]:
        """Write ``skus.parquet`` and return its rows."""
        self._write("skus", folder)
        rows = self._connection.execute(
            "SELECT provider, sku_key, service_id, service, sku_id, sku, pricing_unit, row_count, "
            "longer_than_an_hour_count, CAST(epoch(last_seen) AS BIGINT) FROM read_parquet($file)",
            {"file": str(folder / "skus.parquet")},
        ).fetchall()
        return [SkuNames(*row) for row in rows]

    def write_reductions(self, folder: Path, sku_class: pa.Table) -> None:
        """Write one Parquet file per reduction into the folder, and the classes that were used."""
        pq.write_table(sku_class, folder / "sku_class.parquet")
        self._connection.execute(
            "CREATE OR REPLACE TEMP TABLE sku_class AS SELECT * FROM read_parquet($file)",
            {"file": str(folder / "sku_class.parquet")},
        ).fetchall()
        self._fold_constants()
        for name in REDUCTION_NAMES:
            self._write(name, folder)

    def _fold_constants(self) -> None:
        """Find the columns that hold one value in all rows, so that no reduction works them out row by row again."""
        bounds = ", ".join(f"min({column}), max({column}), count({column})" for column in FOLDABLE_COLUMNS)
        lengths = ", ".join(f"sum(len({column}))" for column in EMPTY_LISTS)
        after = self._fraction + self._fraction_of_step
        found: list[tuple[object, ...]] = []
        sql = f"SELECT count(*), {lengths}, {bounds} FROM charge"
        work = lambda: found.extend(self._connection.execute(sql).fetchall())  # noqa: E731
        self._watch.run(work, "constants", self._fraction, after)
        self._fraction = after
        row_count, *rest = found[0]
        lengths_found, of_column = rest[: len(EMPTY_LISTS)], rest[len(EMPTY_LISTS) :]
        self._constants = {
            column: empty
            for (column, empty), length in zip(EMPTY_LISTS.items(), lengths_found, strict=True)
            if not length
        }
        for number, column in enumerate(FOLDABLE_COLUMNS):
            low, high, count = of_column[3 * number : 3 * number + 3]
            if row_count and count == row_count and low == high:
                self._constants[column] = _literal(low)

    def _write(self, name: str, folder: Path) -> None:
        file = str(folder / f"{name}.parquet").replace("'", "''")
        query = with_constants(duckdb_sql(name), self._constants)
        if name in self._constants:  # the list that this reduction unnests is empty everywhere
            query += " LIMIT 0"
        sql = f"COPY ({query}) TO '{file}' (FORMAT parquet, COMPRESSION lz4_raw)"
        after = self._fraction + self._fraction_of_step
        self._watch.run(lambda: self._connection.execute(sql).fetchall(), name, self._fraction, after)
        self._fraction = after
