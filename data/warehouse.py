"""The seam between engines: an engine holds the relation ``charge`` and writes the reductions of it to Parquet files.

The SQL is GoogleSQL (``data/sql``), so that BigQuery runs it as it stands; DuckDB runs what ``reduction_sql`` makes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from data.held_charges import CODED, HELD, Coding, code_sku_keys, code_texts, hold_charges
from data.load_check import literal_path
from data.reduction_files import WITH_METADATA, left_out, metadata_option
from data.reduction_sql import duckdb_sql, key_after_grouping, over_relation, without_fees
from data.reductions import REDUCTIONS
from data.sku_classes import classify_with_unit
from data.sources.credits import ZERO

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from pathlib import Path
    from typing import Any

    import duckdb

    from data.sku_classes import SkuClass
    from data.watch import Watch

    SkuClasses = Mapping[str, Sequence[str | bool]]
    """Columns of ``sku_class`` (SKU_CLASS_COLUMNS), all of one length."""

REDUCTION_NAMES: Final = ("account_month", *REDUCTIONS)
"""The reductions that need the SKU classes, in the order in which they are written; ``skus`` comes before them."""

SKU_CLASS_COLUMNS: Final = {
    "sku_key": "VARCHAR",
    "product": "VARCHAR",
    "kind": "VARCHAR",
    "pool": "VARCHAR",
    "rate_class": "VARCHAR",
    "fee_of": "VARCHAR",
    "pool_is_regional": "BOOLEAN",
}
FEELESS: Final = ("list_nanos", "on_demand_nanos")
"""What ``daily`` sums without commitment fees."""
LISTS: Final = ("other_credits", "labels")
"""Reductions that unnest a list of ``charge``, each under the list's name."""

PARQUET: Final = "FORMAT parquet, COMPRESSION lz4_raw, PARQUET_VERSION v2, DICTIONARY_SIZE_LIMIT 5000"


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


def sku_class_table(skus: Sequence[SkuNames]) -> SkuClasses:
    """Classes of the SKUs, one row per key, from the newest names and all pricing units that the load has for it."""
    newest: dict[str, SkuNames] = {}
    units: dict[str, set[str]] = {}
    for names in sorted(skus, key=lambda each: (each.last_seen_second or 0, each.service or "", each.sku or "")):
        newest[names.sku_key] = names
        units.setdefault(names.sku_key, set()).add(names.pricing_unit or "")
    rows: list[tuple[str, SkuClass]] = []
    for key, names in sorted(newest.items()):
        found = classify_with_unit(names.service_id, names.service, names.sku_id, names.sku, tuple(sorted(units[key])))
        rows.append((key, found))
    columns = {name: [getattr(found, name) for _, found in rows] for name in SKU_CLASS_COLUMNS if name != "sku_key"}
    return {"sku_key": [key for key, _ in rows], **columns}


def read_skus(connection: duckdb.DuckDBPyConnection, folder: Path) -> list[SkuNames]:
    """The rows of ``skus.parquet``."""
    rows = connection.execute(
        "SELECT provider, sku_key, service_id, service, sku_id, sku, pricing_unit, row_count, "
        "longer_than_an_hour_count, CAST(epoch(last_seen) AS BIGINT) FROM read_parquet($file)",
        {"file": str(folder / "skus.parquet")},
    ).fetchall()
    return [SkuNames(*row) for row in rows]


def write_sku_class(connection: duckdb.DuckDBPyConnection, folder: Path, sku_class: SkuClasses) -> None:
    """Make the table ``sku_class`` and write it to ``sku_class.parquet``."""
    columns = ", ".join(f"unnest(CAST(${name} AS {kind}[])) AS {name}" for name, kind in SKU_CLASS_COLUMNS.items())
    connection.execute(f"CREATE OR REPLACE TEMP TABLE sku_class AS SELECT {columns}", dict(sku_class))
    file = literal_path(folder / "sku_class.parquet")
    connection.execute(f"COPY sku_class TO {file} ({PARQUET})").fetchall()


class DuckDBWarehouse:
    """DuckDB with a relation ``charge``; a watch reports progress and can stop it.

    ``zero_columns`` are columns of ``charge`` that are known to be 0 in every row, ``cost_columns`` those that are
    known to be ``cost_nanos``. ``problem`` is the column that says which rows belong into quarantine, where nobody
    looked before: then RowsToQuarantine is raised when there are any.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        watch: Watch,
        fraction_before: float = 0.0,
        zero_columns: Collection[str] = (),
        cost_columns: Collection[str] = (),
        problem: str | None = None,
    ) -> None:
        self._connection = connection
        self._watch = watch
        self._known = Coding(
            constants=dict.fromkeys(zero_columns, ZERO), equals=dict.fromkeys(cost_columns, "cost_nanos")
        )
        self._problem = problem
        self._fraction = fraction_before
        self._fraction_of_step = (1 - fraction_before) / (len(REDUCTION_NAMES) + 3)
        self._coding_of = {CODED: Coding(), HELD: Coding()}
        self._has_fees = True

    def write_skus(self, folder: Path) -> list[SkuNames]:
        """Write ``skus.parquet`` and return its rows."""
        self._run(self._code_texts, "texts")
        self._write("skus", folder)
        return read_skus(self._connection, folder)

    def write_reductions(self, folder: Path, sku_class: SkuClasses) -> None:
        """Write one Parquet file per reduction into the folder, and the classes that were used."""
        write_sku_class(self._connection, folder, sku_class)
        self._has_fees = any(sku_class["fee_of"])
        self._run(lambda: self._hold_charges(folder), "charges")
        for name in REDUCTION_NAMES:
            self._write(name, folder)

    def _code_texts(self) -> None:
        self._coding_of[CODED] = code_texts(self._connection)

    def _hold_charges(self, folder: Path) -> None:
        coding = code_sku_keys(self._connection, self._coding_of[CODED], folder / "skus.parquet")
        self._connection.execute(
            f"CREATE OR REPLACE TEMP TABLE sku_class AS SELECT * REPLACE ({coding.column('sku_key')}) FROM sku_class"
        ).fetchall()
        self._coding_of = {CODED: coding, HELD: hold_charges(self._connection, coding, self._known, self._problem)}

    def _write(self, name: str, folder: Path) -> None:
        file = literal_path(folder / f"{name}.parquet")
        sql = key_after_grouping(duckdb_sql(name)) if name == "skus" else duckdb_sql(name)
        relation = CODED if name in ("skus", *LISTS) else HELD
        query = over_relation(sql if self._has_fees else without_fees(sql), relation, self._coding_of[relation])
        if name in LISTS and not self._has_elements(name):
            query += " LIMIT 0"
        columns = self._columns_left_out(name)
        if columns:
            query = f"SELECT * EXCLUDE ({', '.join(columns)}) FROM ({query}) AS whole"
        options = PARQUET + metadata_option(columns)
        self._run(lambda: self._connection.execute(f"COPY ({query}) TO {file} ({options})").fetchall(), name)

    def _columns_left_out(self, name: str) -> dict[str, Any]:
        """A fee has neither list nor on-demand price by day, so that neither is the cost there."""
        if name not in WITH_METADATA:
            return {}
        coding = self._coding_of[HELD]
        is_changed = name == "daily" and self._has_fees
        equals = {each: other for each, other in coding.equals.items() if not (is_changed and each in FEELESS)}
        return left_out(self._connection, name, coding.constants, equals)

    def _has_elements(self, column: str) -> bool:
        found = self._connection.execute(f"SELECT 1 FROM charge WHERE len({column}) > 0 LIMIT 1").fetchall()
        return bool(found)

    def _run(self, work: Callable[[], object], step: str) -> None:
        after = self._fraction + self._fraction_of_step
        self._watch.run(work, step, self._fraction, after)
        self._fraction = after
