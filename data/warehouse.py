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

from data.reductions import REDUCTIONS
from data.sku_classes import classify_with_unit

if TYPE_CHECKING:
    from collections.abc import Sequence

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


class DuckDBWarehouse:
    """DuckDB with a relation ``charge``; a watch reports progress and can stop it."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, watch: Watch, fraction_before: float = 0.0) -> None:
        self._connection = connection
        self._watch = watch
        self._fraction = fraction_before
        self._fraction_of_step = (1 - fraction_before) / (len(REDUCTION_NAMES) + 1)

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
        self._connection.register("sku_class_arrow", sku_class)
        self._connection.execute("CREATE OR REPLACE TEMP TABLE sku_class AS SELECT * FROM sku_class_arrow").fetchall()
        self._connection.unregister("sku_class_arrow")
        for name in REDUCTION_NAMES:
            self._write(name, folder)

    def _write(self, name: str, folder: Path) -> None:
        file = str(folder / f"{name}.parquet").replace("'", "''")
        sql = f"COPY ({duckdb_sql(name)}) TO '{file}' (FORMAT parquet, COMPRESSION snappy)"
        after = self._fraction + self._fraction_of_step
        self._watch.run(lambda: self._connection.execute(sql).fetchall(), name, self._fraction, after)
        self._fraction = after
