"""What travels from BigQuery against what the bill's table holds: reductions of three generated years, by bytes.

Every resource bills each of twelve SKUs every hour, a few resources to a project; the smaller the company, the larger
the share, since sums by hour of commitments do not shrink with it. The bill is counted as BigQuery bills logical bytes
(numbers and times 8, text its letters and 2), of the columns of a detailed export that are generated (real ones have
more); what travels as Arrow in LZ4-compressed buffers, as the Storage API sends it.
Run: ``python -m benchmarks.bigquery_travel 40`` (resources).
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

from benchmarks.import_speed import NESTED_ROWS
from data.importing import import_paths
from data.warehouse import REDUCTION_NAMES
from data.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

DEFAULT_RESOURCES, RESOURCES_PER_PROJECT = 11, 3
SKUS = 12
HOURS = 3 * 365 * 24
"""Three years; the generator of ``import_speed`` spreads its rows over 4,320 hours, which are stretched to these."""
GOAL = 0.01
ALWAYS = ("daily", "hourly_pool")


def write_years(path: Path, resources: int) -> int:
    """Rows of a detailed export, hour by hour over three years; returns how many."""
    row_count = resources * SKUS * HOURS
    rows = NESTED_ROWS.replace("{rows} // 4320 + 1", f"{{rows}} // {HOURS}").replace("% 97", f"% {resources}")
    rows = rows.replace("% 23", f"% {-(-resources // RESOURCES_PER_PROJECT)}")
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'; SET memory_limit = '4GB'; SET preserve_insertion_order = true")
        connection.execute(rows.format(rows=row_count))
        connection.execute(f"COPY (SELECT * FROM nested) TO '{path}' (FORMAT parquet, COMPRESSION zstd)")
    return row_count


def logical_bytes(path: Path, batch_rows: int = 122_880) -> int:
    """The bytes that BigQuery would count for a Parquet file's rows."""
    with pq.ParquetFile(path) as file:
        return sum(_logical(column) for batch in file.iter_batches(batch_rows) for column in batch.columns)


def travelling_bytes(path: Path) -> int:
    """The bytes of a reduction's rows as a stream of Arrow with compressed buffers."""
    sink = pa.MockOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    table = pq.read_table(path)
    with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
        writer.write_table(table, max_chunksize=10_000)
    return int(sink.size())


def ratios(resources: int = DEFAULT_RESOURCES) -> Iterator[tuple[str, float, str]]:
    """Bytes of each reduction ÷ bytes of the bill, in per cent: (name, per cent, remark)."""
    with tempfile.TemporaryDirectory() as given:
        bill, workspace = Path(given) / "bill.parquet", Workspace(Path(given) / "workspace")
        row_count = write_years(bill, resources)
        report = import_paths(workspace, [bill])
        assert not report.refused, report.refused[0].refused
        whole = logical_bytes(bill)
        folder = workspace.load_folder(workspace.loads()[0].id)
        sizes = {name: travelling_bytes(folder / f"{name}.parquet") for name in ("skus", *REDUCTION_NAMES)}
    always = sum(sizes[name] for name in ALWAYS)
    remark = f"{row_count:,} rows over three years, {whole / 2**30:.2f} GiB as BigQuery counts; goal {GOAL:.0%}"
    yield "daily and hourly_pool ÷ the bill, in per cent", 100 * always / whole, remark
    for name, size in sizes.items():
        yield f"{name} ÷ the bill, in per cent", 100 * size / whole, f"{size / 2**20:.2f} MiB"


def _logical(column: pa.Array) -> int:
    kind = column.type
    if pa.types.is_struct(kind):
        return sum(_logical(column.field(place)) for place in range(kind.num_fields))
    if pa.types.is_list(kind):
        return _logical(column.flatten())
    present = len(column) - column.null_count
    if pa.types.is_string(kind):
        return 2 * present + int(pa.compute.sum(pa.compute.binary_length(column)).as_py() or 0)
    return 8 * present


if __name__ == "__main__":
    for title, ratio, told in ratios(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_RESOURCES):
        print(f"{title}: {ratio:.4f} ({told})")
