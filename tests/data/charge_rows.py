"""Hand-made charges for tests: one dict per billing line, with the columns of the charge relation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from data.charge import ALL_CREDIT_COLUMNS, CHARGE_COLUMNS, CREDIT_COLUMNS, DEFAULT_CONSUMPTION_MODEL
from data.importing import connect
from data.load_check import LoadCounts
from data.reduction_files import FILE_OF_LOAD, rows_of_files
from data.warehouse import DuckDBWarehouse, sku_class_table
from data.watch import Watch
from data.workspace import Load, Workspace, new_load_id, utc_now

if TYPE_CHECKING:
    from pathlib import Path

NANOS = 1_000_000_000
ARROW_TYPES = {
    "INT64": pa.int64(),
    "STRING": pa.string(),
    "BOOL": pa.bool_(),
    "FLOAT64": pa.float64(),
    "TIMESTAMP": pa.timestamp("us", tz="UTC"),
    "ARRAY<STRUCT<type STRING, amount_nanos INT64>>": pa.list_(
        pa.struct([("type", pa.string()), ("amount_nanos", pa.int64())])
    ),
    "ARRAY<STRUCT<key STRING, value STRING>>": pa.list_(pa.struct([("key", pa.string()), ("value", pa.string())])),
}
START = datetime(2026, 1, 10, 12, tzinfo=UTC)

RUN_CPU = {"service_id": "152E-C115-5142", "service": "Cloud Run", "sku_id": "A-1",
           "sku": "Services CPU (Request-based billing)", "pricing_unit": "second"}  # fmt: skip
SQL_VCPU = {"service_id": "9662-B51E-5089", "service": "Cloud SQL", "sku_id": "B-1",
            "sku": "Cloud SQL for PostgreSQL: Zonal - vCPU in Americas", "pricing_unit": "hour"}  # fmt: skip
CORE = {"service_id": "6F81-5844-456A", "service": "Compute Engine", "sku_id": "C-1",
        "sku": "E2 Instance Core running in Americas", "pricing_unit": "hour"}  # fmt: skip
EGRESS = {"service_id": "6F81-5844-456A", "service": "Compute Engine", "sku_id": "C-9",
          "sku": "Network Internet Data Transfer Out from Americas to China", "pricing_unit": "gibibyte"}  # fmt: skip
LEGACY_FEE = {"service_id": "6F81-5844-456A", "service": "Compute Engine", "sku_id": "F-1",
              "sku": "Commitment - dollar based v1: GCE for 3 years", "pricing_unit": "hour"}  # fmt: skip
NEW_FEE = {"service_id": "6F81-5844-456A", "service": "Compute Engine", "sku_id": "5515-81A8-03A2",
           "sku": "Compute Flexible CUD - 3 Year", "pricing_unit": "count"}  # fmt: skip


def charge(
    cost: float, *, hour: int = 0, credited: dict[str, float] | None = None, **given: object
) -> dict[str, object]:
    """One charge; ``cost`` and credits in currency units; anything else by column name."""
    row: dict[str, object] = dict.fromkeys(CHARGE_COLUMNS)
    row |= dict.fromkeys(ALL_CREDIT_COLUMNS, 0)
    nanos = round(cost * NANOS)
    row |= {
        "billing_account": "ACC", "invoice_month": 202601, "provider": "Google Cloud", "cost_type": "regular",
        "charge_class": "usage", "is_correction": False, "usage_start": START + timedelta(hours=hour),
        "project": "p", "region": "us-central1", "resource": "api", "consumption_model":
        DEFAULT_CONSUMPTION_MODEL, "currency": "USD", "currency_conversion_rate": 1.0, "usage": 1.0,
        "residual": 0.0, "other_credits": [], "labels": [], "list_nanos": nanos, "on_demand_nanos": nanos,
        "cost_nanos": nanos, "export_time": START + timedelta(days=40),
    }  # fmt: skip
    nanos_of = {name: round(amount * NANOS) for name, amount in (credited or {}).items()}
    for name, amount in nanos_of.items():
        row[CREDIT_COLUMNS.get(name, "credit_other_nanos")] = amount
    row["other_credits"] = [
        {"type": name, "amount_nanos": amount} for name, amount in nanos_of.items() if name not in CREDIT_COLUMNS
    ]
    row |= RUN_CPU | given
    row.setdefault("usage_end", None)
    row["usage_end"] = row["usage_end"] or (row["usage_start"] and row["usage_start"] + timedelta(hours=1))
    row["sku_key"] = row["sku_key"] or (row["sku_id"] and f"{row['service_id']}/{row['sku_id']}")
    row["effective_nanos"] = given.get("effective_nanos", row["cost_nanos"] + sum(nanos_of.values()))
    return row


def make_charge(connection: duckdb.DuckDBPyConnection, rows: list[dict[str, object]]) -> None:
    """Make the relations ``charge`` and an empty ``quarantine``."""
    schema = pa.schema([(name, ARROW_TYPES[kind]) for name, kind in CHARGE_COLUMNS.items()])
    connection.register("given_charges", pa.Table.from_pylist(_numbered(rows), schema=schema))
    connection.execute("CREATE OR REPLACE TABLE charge AS SELECT * FROM given_charges").fetchall()
    connection.execute(
        "CREATE OR REPLACE TABLE quarantine (row_number BIGINT, column_name VARCHAR, reason VARCHAR, "
        "amount_text VARCHAR, raw VARCHAR)"
    ).fetchall()


def reduce_to(folder: Path, rows: list[dict[str, object]]) -> None:
    """Write all reductions of the charges into the folder."""
    with connect(folder / "spill") as connection:
        make_charge(connection, rows)
        warehouse = DuckDBWarehouse(connection, Watch(connection, "test"))
        warehouse.write_reductions(folder, sku_class_table(warehouse.write_skus(folder)))
        connection.execute(f"COPY quarantine TO '{folder / 'quarantine.parquet'}' (FORMAT parquet)").fetchall()


def add_load(
    workspace: Workspace, rows: list[dict[str, object]], identity: str, kind: str = "detailed", *, is_demo: bool = False
) -> Load:
    """Commit the charges as one load."""
    with workspace.incoming() as folder:
        reduce_to(folder, rows)
        counts = LoadCounts(len(rows), len(rows), 0, tuple(sorted({str(row["billing_account"]) for row in rows})))
        load = Load(new_load_id(), identity, f"{identity}.parquet", kind, 1, counts.rows_read, len(rows), 0,
                    is_demo=is_demo, committed_at=utc_now())  # fmt: skip
        workspace.commit(folder, load, counts.billing_accounts)
    return load


def read(folder: Path, name: str) -> list[dict[str, object]]:
    """The rows of one reduction as dicts (times as text)."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        found = connection.execute(
            f"SELECT COLUMNS(* EXCLUDE ({FILE_OF_LOAD}))::VARCHAR"
            f" FROM ({rows_of_files(connection, name, [folder / f'{name}.parquet'])}) ORDER BY ALL"
        )
        names = [each[0] for each in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _numbered(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    return [row | {"row_number": number} for number, row in enumerate(rows, start=1)]
