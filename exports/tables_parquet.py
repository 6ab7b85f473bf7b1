"""Tables as Parquet: money as decimals of scale 9, so that sums stay exact."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

from model.money import as_decimal

if TYPE_CHECKING:
    from exports.tables import Cell, ColumnKind, Table

MONEY_DIGITS: Final = 38


def table_parquet(table: Table) -> bytes:
    """A table as one Parquet file (zstd); the same table gives the same bytes."""
    import pyarrow as pa  # noqa: PLC0415 - 0.2 s that only this export needs
    import pyarrow.parquet as pq  # noqa: PLC0415

    types: dict[ColumnKind, Any] = {
        "text": pa.string(),
        "money": pa.decimal128(MONEY_DIGITS, 9),
        "number": pa.float64(),
        "integer": pa.int64(),
        "yes_no": pa.bool_(),
    }
    columns = list(zip(*table.rows, strict=True)) if table.rows else [() for _ in table.columns]
    arrays = [
        pa.array([_stored(cell, column.kind) for cell in cells], types[column.kind])
        for column, cells in zip(table.columns, columns, strict=True)
    ]
    out = io.BytesIO()
    pq.write_table(pa.table(arrays, names=[column.name for column in table.columns]), out, compression="zstd")
    return out.getvalue()


def _stored(cell: Cell, kind: ColumnKind) -> object:
    if cell is None:
        return None
    if kind == "money":
        return as_decimal(int(cell))
    if kind == "text":
        return str(cell).encode("utf-8", "replace").decode()
    return float(cell) if kind == "number" else cell
