"""What an import cannot do without, against pyarrow decoding the same file: how near it is to what DuckDB can do.

Ratios of processor time, which other work on the machine moves least. What costs the same for any file is measured on
a small one; the rest grows with the rows. Run: ``python -m benchmarks.import_floor 2000000 6000000``.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.import_speed import Taken, decode, import_once, least, taken, write_bill
from data.importing import connect
from data.reduction_sql import duckdb_sql
from data.warehouse import PARQUET

if TYPE_CHECKING:
    from collections.abc import Callable

    import duckdb

ROW_COUNTS = (2_000_000,)
FEW_ROWS = 1_000
TURNS = 3

NAMES = {
    True: "service.id, sku.id, project.id, location.region, resource.name",
    False: "service_id, sku_id, project_id, location_region",
}
"""What tells the hourly groups apart in nested and in flat rows."""


def engine_steps(bill: Path, target: Path, *, nested: bool) -> dict[str, str]:
    """Statements that every import contains in some form, over the file itself."""
    usage = "usage.amount_in_pricing_units" if nested else "usage_amount_in_pricing_units"
    amounts = ", ".join(f"sum({each})" for each in ("cost", "cost_at_list", usage))
    hour = "make_timestamptz(epoch_us(usage_start_time) // 3600000000 * 3600000000)"
    cost = "sum(CAST(ROUND(cost * 1e9) AS BIGINT))"
    grouped = f"SELECT {hour} AS hour, {NAMES[nested]}, count(*) AS n, {cost} AS cost_nanos FROM '{bill}' GROUP BY ALL"
    return {
        "sum three amounts": f"SELECT {amounts} FROM '{bill}'",
        "group the cost by hour, project, region, SKU": f"SELECT count(*) FROM ({grouped}) WHERE cost_nanos <> 1",
        "the same, written to Parquet": f"COPY ({grouped}) TO '{target}' ({PARQUET})",
    }


def floors(row_count: int, *, nested: bool) -> list[tuple[str, Taken]]:
    """The least time of the decode, and of each step after it: (name, time)."""
    with tempfile.TemporaryDirectory() as given:
        folder = Path(given)
        bill, few = folder / "bill.parquet", folder / "few.parquet"
        write_bill(bill, row_count, nested=nested)
        write_bill(few, FEW_ROWS, nested=nested)
        found = [("decode", least(decode(bill) for _ in range(TURNS)))]
        with connect(folder / "spill") as connection:
            for name, sql in engine_steps(bill, folder / "groups.parquet", nested=nested).items():
                found.append((name, least(taken(_run(connection, sql)) for _ in range(TURNS))))
        for name, file in ((f"an import of {FEW_ROWS:,} rows", few), ("the import", bill)):
            turns = (import_once(file, folder / f"{file.stem}{turn}") for turn in range(TURNS))
            found.append((name, least(turns)))
    return found


def _run(connection: duckdb.DuckDBPyConnection, sql: str) -> Callable[[], object]:
    return lambda: connection.execute(sql).fetchall()


def ratios(row_counts: tuple[int, ...] = ROW_COUNTS) -> list[tuple[str, float, str]]:
    """Each step ÷ decode in processor time for nested and flat rows: (name, ratio, remark)."""
    duckdb_sql("daily")  # sqlglot is imported once per process, not once per bill
    found = []
    for row_count in row_counts:
        for shape, nested in (("nested", True), ("flat", False)):
            (_, floor), *steps = floors(row_count, nested=nested)
            for name, time in steps:
                remark = f"{row_count:,} rows; by the clock {time.wall / floor.wall:.2f}"
                found.append((f"{shape}: {name} ÷ decode", time.processor / floor.processor, remark))
    return found


if __name__ == "__main__":
    for name, ratio, remark in ratios(tuple(map(int, sys.argv[1:])) or ROW_COUNTS):
        print(f"{name}: {ratio:.2f} ({remark})")
