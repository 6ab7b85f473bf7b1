"""What travels from BigQuery against what the bill's table holds: reductions of three generated years, by bytes.

The bill is counted as BigQuery bills logical bytes (numbers and times 8, text its letters and 2); what travels as Arrow
in LZ4-compressed buffers, as the Storage API sends it. Both are of the columns of a detailed export. Run:
``python -m benchmarks.bigquery_travel 20000000``.
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

DEFAULT_ROW_COUNT = 10_000_000
HOURS = 3 * 365 * 24
"""Three years; the generator spreads its rows evenly over 4,320 hours, which are stretched to these."""
GOAL = 0.01
ALWAYS = ("daily", "hourly_pool")


def write_years(path: Path, row_count: int) -> None:
    """Rows of a detailed export, hour by hour over three years."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'; SET memory_limit = '4GB'; SET preserve_insertion_order = true")
        rows = NESTED_ROWS.replace("{rows} // 4320 + 1", f"{{rows}} // {HOURS} + 1")
        connection.execute(rows.format(rows=row_count))
        connection.execute(f"COPY (SELECT * FROM nested) TO '{path}' (FORMAT parquet, COMPRESSION zstd)")


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


def ratios(row_count: int = DEFAULT_ROW_COUNT) -> Iterator[tuple[str, float, str]]:
    """Bytes of each reduction ÷ bytes of the bill, in per cent: (name, per cent, remark)."""
    with tempfile.TemporaryDirectory() as given:
        bill, workspace = Path(given) / "bill.parquet", Workspace(Path(given) / "workspace")
        write_years(bill, row_count)
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
    for title, ratio, told in ratios(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_ROW_COUNT):
        print(f"{title}: {ratio:.4f} ({told})")
