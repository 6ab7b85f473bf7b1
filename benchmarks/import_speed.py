"""How long an import takes against the floor: pyarrow decoding the same columns of the same file, on the same machine.

Ratios, not seconds: the floor moves with the machine. Nested detailed rows should stay within 3 times the floor,
flat rows within 2. Run: ``python -m benchmarks.import_speed 2000000``.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow.parquet as pq

from data.importing import import_paths
from data.reduction_sql import duckdb_sql
from data.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from data.importing import ImportReport

DEFAULT_ROW_COUNT = 2_000_000

NESTED_ROWS = """
CREATE TABLE sku_of AS SELECT * FROM (VALUES
  (0, '152E-C115-5142', 'Cloud Run', 'Services CPU (Request-based billing)', 'second', 0.000024),
  (1, '152E-C115-5142', 'Cloud Run', 'Services Memory (Request-based billing)', 'gibibyte second', 0.0000025),
  (2, '152E-C115-5142', 'Cloud Run', 'Services Min Instance CPU (Request-based billing)', 'second', 0.0000025),
  (3, '152E-C115-5142', 'Cloud Run', 'Requests', 'count', 0.0000004),
  (4, '9662-B51E-5089', 'Cloud SQL', 'Cloud SQL for PostgreSQL: Zonal - vCPU in Americas', 'hour', 0.0413),
  (5, '9662-B51E-5089', 'Cloud SQL', 'Cloud SQL for PostgreSQL: Zonal - RAM in Americas', 'gibibyte hour', 0.007),
  (6, '6F81-5844-456A', 'Compute Engine', 'E2 Instance Core running in Americas', 'hour', 0.0218),
  (7, '6F81-5844-456A', 'Compute Engine', 'E2 Instance Ram running in Americas', 'gibibyte hour', 0.0029),
  (8, '6F81-5844-456A', 'Compute Engine', 'Network Internet Data Transfer Out from Americas to China', 'gibibyte', 0.2),
  (9, '95FF-2EF5-5EA1', 'Cloud Storage', 'Standard Storage US Regional', 'gibibyte month', 0.02),
  (10, '24E6-581D-38E5', 'BigQuery', 'Analysis', 'tebibyte', 6.25),
  (11, '5490-F7B7-8DF6', 'Cloud Logging', 'Log Storage cost', 'gibibyte', 0.5)
) AS t(n, service_id, service, sku, unit, price);
CREATE VIEW nested AS
SELECT '01A2B3-C4D5E6-F7A8B9' AS billing_account_id,
  {{'month': strftime(usage_start_time, '%Y%m'), 'publisher_type': 'GOOGLE'}} AS invoice, 'regular' AS cost_type,
  {{'id': service_id, 'description': service}} AS service,
  {{'id': printf('%04X-%04X-%04X', n, n * 7 + 1, n * 13 + 5), 'description': sku}} AS sku,
  usage_start_time, usage_start_time + INTERVAL 1 HOUR AS usage_end_time,
  {{'id': 'project-' || (resource_number % 23), 'name': 'Project ' || (resource_number % 23)}} AS project,
  [{{'key': 'team', 'value': 'team-' || (resource_number % 11)}}, {{'key': 'env', 'value': 'prod'}}] AS labels,
  {{'location': 'us-central1', 'region': CASE WHEN resource_number % 3 = 0 THEN 'europe-west1' ELSE 'us-central1' END}}
    AS location,
  {{'name': '//run.googleapis.com/projects/p/locations/l/services/service-' || resource_number,
    'global_name': '//run.googleapis.com/global/service-' || resource_number}} AS resource,
  amount * price AS cost, 'USD' AS currency, 1.0 AS currency_conversion_rate,
  {{'amount': amount * 3600, 'unit': 'seconds', 'amount_in_pricing_units': amount, 'pricing_unit': unit}} AS usage,
  CASE WHEN i % 5 < 2 THEN [{{'name': 'credit', 'amount': -amount * price / 10,
    'type': CASE WHEN i % 2 = 0 THEN 'DISCOUNT' ELSE 'FREE_TIER' END, 'id': 'x', 'full_name': 'a credit'}}] ELSE [] END
    AS credits,
  usage_start_time + INTERVAL 6 HOUR AS export_time, amount * price AS cost_at_list,
  {{'effective_price': price, 'pricing_unit_quantity': 1.0}} AS price
FROM (SELECT i, (i * 2654435761) % 97 AS resource_number, i % 12 AS n, 1 + (hash(i) % 10000) / 100.0 AS amount,
  TIMESTAMPTZ '2026-01-01 00:00:00+00' + to_hours(CAST(i // ({rows} // 4320 + 1) AS INTEGER)) AS usage_start_time
  FROM range({rows}) AS r(i)) AS base JOIN sku_of USING (n)
"""

FLAT_COLUMNS = """billing_account_id, invoice.month AS invoice_month, cost_type, service.id AS service_id,
  service.description AS service_description, sku.id AS sku_id, sku.description AS sku_description, usage_start_time,
  usage_end_time, project.id AS project_id, location.region AS location_region, cost, currency,
  currency_conversion_rate, usage.amount_in_pricing_units AS usage_amount_in_pricing_units,
  usage.pricing_unit AS usage_pricing_unit, export_time, cost_at_list"""


def write_bill(path: Path, row_count: int, *, nested: bool) -> None:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = true")
        connection.execute(NESTED_ROWS.format(rows=row_count))
        columns = "*" if nested else FLAT_COLUMNS
        connection.execute(f"COPY (SELECT {columns} FROM nested) TO '{path}' (FORMAT parquet, COMPRESSION zstd)")


@dataclass(frozen=True)
class Taken:
    """Seconds of one job: by the clock, and of the processors (which other work on the machine moves less)."""

    wall: float
    processor: float


def taken(work: Callable[[], object]) -> Taken:
    """Do the work once and time it."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return Taken(time.perf_counter() - wall, time.process_time() - processor)


def least(turns: Iterable[Taken]) -> Taken:
    """The least of each over several turns."""
    each = list(turns)
    return Taken(min(one.wall for one in each), min(one.processor for one in each))


def decode(path: Path) -> Taken:
    """The floor: the better of two ways in which pyarrow can read the whole file on these cores."""
    in_batches = taken(lambda: deque(pq.ParquetFile(path).iter_batches(batch_size=122_880, use_threads=True), maxlen=0))
    return least([in_batches, taken(lambda: pq.read_table(path, use_threads=True))])


def import_once(path: Path, folder: Path) -> Taken:
    """Identity, view, every reduction, checks and commit of one file in a fresh workspace."""
    reports: list[ImportReport] = []
    found = taken(lambda: reports.append(import_paths(Workspace(folder), [path])))
    assert not reports[0].refused, reports[0].refused
    return found


def ratios(row_count: int = DEFAULT_ROW_COUNT) -> list[tuple[str, float, str]]:
    """Import ÷ decode for nested and flat rows: (name, ratio, remark)."""
    found = []
    duckdb_sql("daily")  # sqlglot is imported once per process, not once per bill
    for name, nested, goal in (("nested detailed Parquet", True, 3.0), ("flat standard Parquet", False, 2.0)):
        with tempfile.TemporaryDirectory() as given:
            bill = Path(given) / "bill.parquet"
            write_bill(bill, row_count, nested=nested)
            turns = [(decode(bill), import_once(bill, Path(given) / f"workspace{turn}")) for turn in range(5)]
            floor, imported = (least(each) for each in zip(*turns, strict=True))
        peak_gib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        remark = (
            f"{row_count:,} rows; goal {goal:g}; processor time {imported.processor / floor.processor:.2f}; "
            f"process peak {peak_gib:.1f} GiB"
        )
        found.append((f"import of {name} ÷ pyarrow decode", imported.wall / floor.wall, remark))
    return found


if __name__ == "__main__":
    for name, ratio, remark in ratios(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_ROW_COUNT):
        print(f"{name}: {ratio:.2f} ({remark})")
