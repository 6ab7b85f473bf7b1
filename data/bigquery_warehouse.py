"""BigQuery as a warehouse: it runs the reductions over a table's charges, and only their rows travel here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from data.charge import CHARGE_COLUMNS
from data.load_check import literal_path
from data.reduction_sql import SQL_FOLDER, duckdb_sql
from data.sources.bigquery import Query
from data.warehouse import (
    PARQUET,
    REDUCTION_NAMES,
    SKU_CLASS_COLUMNS,
    read_skus,
    write_sku_class,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    import duckdb

    from data.kept_answers import KeptAnswers
    from data.sources.bigquery import Jobs
    from data.sources.bigquery_window import Window
    from data.warehouse import SkuClasses, SkuNames

    Parameters = tuple[tuple[str, str, Any], ...]

_DUCKDB_TYPES: Final = {
    "INT64": "BIGINT", "STRING": "VARCHAR", "BOOL": "BOOLEAN", "FLOAT64": "DOUBLE", "TIMESTAMP": "TIMESTAMPTZ",
    "ARRAY<STRUCT<type STRING, amount_nanos INT64>>": "STRUCT(type VARCHAR, amount_nanos BIGINT)[]",
    "ARRAY<STRUCT<key STRING, value STRING>>": "STRUCT(key VARCHAR, value VARCHAR)[]",
}  # fmt: skip
_SKU_CLASSES: Final = (
    "SELECT "
    + ", ".join(
        "sku_key" if name == "sku_key" else f"@sku_{name}[ORDINAL(place + 1)] AS {name}" for name in SKU_CLASS_COLUMNS
    )
    + " FROM UNNEST(@sku_sku_key) AS sku_key WITH OFFSET AS place"
)
"""The SKU classes travel as one array per column; no name of a SKU stands in a query's text."""


def reduction_query(name: str, charges: str, parameters: Parameters, sku_class: SkuClasses) -> Query:
    """A reduction over charges, as BigQuery runs it."""
    text = (SQL_FOLDER / f"{name}.sql").read_text(encoding="utf-8")
    if "sku_class" not in text:
        return Query(name, f"WITH charge AS ({charges})\n{text}", parameters)
    classes = tuple(
        (f"sku_{column}", "BOOL" if kind == "BOOLEAN" else "STRING", list(sku_class[column]))
        for column, kind in SKU_CLASS_COLUMNS.items()
    )
    return Query(name, f"WITH charge AS ({charges}), sku_class AS ({_SKU_CLASSES})\n{text}", (*parameters, *classes))


def window_query(name: str, window: Window, sku_class: SkuClasses, *, only_good: bool) -> Query:
    """A reduction over a window of a table; by hour and resource of the months that are wanted so."""
    of_months = window.of_hours() if name == "hourly_resource" else window
    return reduction_query(name, of_months.charges(only_good=only_good), of_months.parameters, sku_class)


def no_sku_class() -> SkuClasses:
    """The classes of no SKU, for a dry run: what a query reads does not depend on them."""
    return {name: [] for name in SKU_CLASS_COLUMNS}


@dataclass
class BigQueryWarehouse:
    """The relation ``charge`` as a query over a table; ``connection`` writes what comes back, typed as loads of files.

    ``on_step`` is told each step's name before it runs; ``only_good`` leaves out the rows that cannot be read.
    """

    jobs: Jobs
    kept: KeptAnswers
    window: Window
    connection: duckdb.DuckDBPyConnection
    on_step: Callable[[str], None]
    only_good: bool

    def write_skus(self, folder: Path) -> list[SkuNames]:
        """Write ``skus.parquet`` and return its rows."""
        self._write("skus", folder, no_sku_class())
        return read_skus(self.connection, folder)

    def write_reductions(self, folder: Path, sku_class: SkuClasses) -> None:
        """Write one Parquet file per reduction into the folder, and the classes that were used."""
        write_sku_class(self.connection, folder, sku_class)
        for name in REDUCTION_NAMES:
            self._write(name, folder, sku_class)

    def _write(self, name: str, folder: Path, sku_class: SkuClasses) -> None:
        self.on_step(name)
        answer = self.kept.answer(self.jobs, window_query(name, self.window, sku_class, only_good=self.only_good))
        wanted = self._types(name)
        source = "SELECT " + ", ".join(f"CAST(NULL AS {kind}) AS {column}" for column, kind in wanted) + " LIMIT 0"
        if answer is not None:
            columns = ", ".join(f"CAST({column} AS {kind}) AS {column}" for column, kind in wanted)
            source = f"SELECT {columns} FROM read_parquet({literal_path(answer)})"
        file = literal_path(folder / f"{name}.parquet")
        self.connection.execute(f"COPY ({source}) TO {file} ({PARQUET})").fetchall()

    def _types(self, name: str) -> list[tuple[str, str]]:
        """The columns of a reduction as DuckDB types them: one load's Parquet is like any other's."""
        columns = ", ".join(f"{column} {_DUCKDB_TYPES[kind]}" for column, kind in CHARGE_COLUMNS.items())
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE charge ({columns})").fetchall()
        classes = ", ".join(f"{column} {kind}" for column, kind in SKU_CLASS_COLUMNS.items())
        self.connection.execute(f"CREATE TEMP TABLE IF NOT EXISTS sku_class ({classes})").fetchall()
        described = self.connection.execute(f"DESCRIBE {duckdb_sql(name)}").fetchall()
        return [(row[0], row[1]) for row in described]
