"""Reading the committed loads: one in-memory DuckDB over their Parquet files, and what each SKU is.

No file is locked and nothing is written: the app, the command line and a cron job read the same folder at
the same time.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import duckdb

from data.monthly_kinds import MONTHLY_KINDS, monthly_factor, monthly_kind
from data.reduction_files import FILE_OF_LOAD, rows_of_files
from data.sku_classes import classify_with_unit, physical_factor

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from data.sku_classes import SkuClass
    from data.workspace import Workspace

NAMES: Final = (
    "daily",
    "other_credits",
    "hourly_resource",
    "hourly_pool",
    "labels",
    "account_month",
    "skus",
    "sku_class",
)

SKU_TYPES: Final = {
    "sku_key": "VARCHAR",
    "service": "VARCHAR",
    "sku": "VARCHAR",
    "sku_id": "VARCHAR",
    "product": "VARCHAR",
    "kind": "VARCHAR",
    "pool": "VARCHAR",
    "rate_class": "VARCHAR",
    "pool_is_regional": "BOOLEAN",
    "fee_of": "VARCHAR",
    "fee_model": "VARCHAR",
    "discount_ratio": "DOUBLE",
    "is_hourly": "BOOLEAN",
    "reason": "VARCHAR",
}
LOAD_SKU_TYPES: Final = {
    "load_id": "VARCHAR",
    "sku_key": "VARCHAR",
    "provider": "VARCHAR",
    "pricing_unit": "VARCHAR",
    "factor": "DOUBLE",
    "in_hourly": "BOOLEAN",
}
LOAD_HOURS_TYPES: Final = {"load_id": "VARCHAR", "hours_since": "INTEGER"}
LONG_ROW_SHARE: Final = 0.01
"""A SKU of which more rows than this span over an hour has no hourly shape."""


@contextmanager
def open_loads(workspace: Workspace, names: Collection[str] = NAMES) -> Iterator[duckdb.DuckDBPyConnection | None]:
    """A connection with a view per reduction, ``sku`` and ``load_sku``; None where nothing is loaded.

    ``names`` are the reductions that are wanted; what SKUs are is known only where ``skus`` is among them.

    Every view has ``load_id``. ``sku`` is one row per SKU key: newest names and class. ``load_sku`` is one row per
    load and key: pricing unit, factor to the physical unit (1 without a kind), and whether that load's rows of the
    SKU stand in ``hourly_resource``. ``load_hours`` says from which invoice month on a load has those.
    """
    loads = workspace.loads()
    folders = [workspace.load_folder(load.id) for load in loads]
    if not folders:
        yield None
        return
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for name in names:
            connection.execute(f"CREATE VIEW {name} AS {_union(connection, folders, name)}").fetchall()
        hours = [{"load_id": load.id, "hours_since": load.hours_since} for load in loads]
        _make_table(connection, "load_hours", LOAD_HOURS_TYPES, hours)
        if "skus" in names:
            _register_skus(connection)
        yield connection


def _union(connection: duckdb.DuckDBPyConnection, folders: Sequence[Path], name: str) -> str:
    rows = rows_of_files(connection, name, [folder / f"{name}.parquet" for folder in folders])
    columns = f"* EXCLUDE ({FILE_OF_LOAD})"
    if name in {"daily", "other_credits", "labels"}:
        columns += " REPLACE (coalesce(sku_key, '') AS sku_key)"
    return f"SELECT split_part({FILE_OF_LOAD}, '/', -2) AS load_id, {columns} FROM ({rows}) AS rows_of_loads"


@dataclass(frozen=True)
class _Spelling:
    load_id: str
    provider: str | None
    sku_key: str
    service_id: str | None
    service: str | None
    sku_id: str | None
    sku: str | None
    pricing_unit: str
    row_count: int
    long_row_count: int
    last_seen: float
    in_hourly: bool


def _spellings(connection: duckdb.DuckDBPyConnection) -> list[_Spelling]:
    rows = connection.execute(
        "SELECT skus.load_id, provider, skus.sku_key, service_id, service, sku_id, sku, "
        "coalesce(pricing_unit, ''), row_count, longer_than_an_hour_count, coalesce(epoch(last_seen), 0), "
        "coalesce(kind, '') <> '' FROM skus LEFT JOIN sku_class ON skus.load_id = sku_class.load_id "
        "AND skus.sku_key = sku_class.sku_key"
    ).fetchall()
    found = [_Spelling(*row) for row in rows]
    return sorted(found, key=lambda each: (each.last_seen, each.service or "", each.sku or "", each.load_id))


def _register_skus(connection: duckdb.DuckDBPyConnection) -> None:
    spellings = _spellings(connection)
    service_names = {each.service_id: each.service for each in spellings if each.service_id}
    of_key: dict[str, list[_Spelling]] = {}
    for each in spellings:
        of_key.setdefault(each.sku_key, []).append(each)
    skus = {key: _sku(key, of_key[key], service_names) for key in sorted(of_key)}
    load_skus = {(each.load_id, each.sku_key): _load_sku(each, str(skus[each.sku_key]["kind"])) for each in spellings}
    _make_table(connection, "sku", SKU_TYPES, list(skus.values()))
    _make_table(connection, "load_sku", LOAD_SKU_TYPES, [load_skus[key] for key in sorted(load_skus)])


def _make_table(
    connection: duckdb.DuckDBPyConnection, name: str, types: Mapping[str, str], rows: Sequence[Mapping[str, object]]
) -> None:
    columns = ", ".join(
        f"unnest(${place}::{kind}[]) AS {column}" for place, (column, kind) in enumerate(types.items(), 1)
    )
    values = [[row[column] for row in rows] for column in types]
    connection.execute(f"CREATE TABLE {name} AS SELECT {columns}", values).fetchall()


def _sku(key: str, spellings: Sequence[_Spelling], service_names: Mapping[str, str | None]) -> dict[str, object]:
    newest = spellings[-1]
    found = _class_over_loads(spellings)
    rows, long_rows = sum(each.row_count for each in spellings), sum(each.long_row_count for each in spellings)
    return {
        "sku_key": key,
        "service": service_names.get(newest.service_id or "", newest.service),
        "sku": newest.sku,
        "sku_id": newest.sku_id,
        "product": found.product,
        "kind": found.kind or _monthly_kind(found, spellings),
        "pool": found.pool,
        "rate_class": found.rate_class,
        "pool_is_regional": found.pool_is_regional,
        "fee_of": found.fee_of,
        "fee_model": found.fee_model,
        "discount_ratio": found.discount_ratio,
        "is_hourly": long_rows <= LONG_ROW_SHARE * rows,
        "reason": found.reason,
    }


def _class_over_loads(spellings: Sequence[_Spelling]) -> SkuClass:
    """Class by the newest names; a kind holds only where every load's own pricing unit can be read."""
    newest = spellings[-1]
    names = (newest.service_id, newest.service, newest.sku_id, newest.sku)
    units: dict[str, set[str]] = {}
    for each in spellings:
        units.setdefault(each.load_id, set()).add(each.pricing_unit)
    found = [classify_with_unit(*names, tuple(sorted(of_load))) for of_load in units.values()]
    return next((each for each in found if not each.kind), found[0])


def _monthly_kind(found: SkuClass, spellings: Sequence[_Spelling]) -> str:
    """What housekeeping calls the SKU; it is reduced by day only, since it had no lever kind when it was loaded."""
    if found.fee_of or found.reason or any(each.in_hourly for each in spellings):
        return ""
    return monthly_kind(found.product, spellings[-1].sku, tuple(sorted({each.pricing_unit for each in spellings})))


def _load_sku(spelling: _Spelling, kind: str) -> dict[str, object]:
    factor = _factor(kind, spelling.pricing_unit) if kind else 1.0
    return {
        "load_id": spelling.load_id,
        "sku_key": spelling.sku_key,
        "provider": spelling.provider,
        "pricing_unit": spelling.pricing_unit,
        "factor": factor,
        "in_hourly": spelling.in_hourly,
    }


def _factor(kind: str, pricing_unit: str) -> float | None:
    if kind in MONTHLY_KINDS:
        return monthly_factor(kind, pricing_unit)
    return physical_factor(kind, pricing_unit)
