"""The demo bill: six months of a video company, generated from a seed; the case of the "Phase 4" plan."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from data.sources.demo.export import export_table
from data.sources.demo.inventory_files import inventory
from data.sources.demo.metric_rows import HEADER, metric_rows
from data.sources.demo.products import bill_lines
from data.sources.demo.query_file import query_rows
from data.sources.demo.rows import bill_rows, invoice_cents

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["SAMPLES", "DemoFiles", "write_demo"]

SAMPLES = Path(__file__).parents[2] / "samples"
"""Files that people write, as examples: the plan's scenario and claims, invoice totals, an excerpt of metrics."""


@dataclass(frozen=True)
class DemoFiles:
    """Where the demo was written."""

    bill: Path
    inventory: tuple[Path, ...]
    metrics: Path
    invoice: Path
    queries: Path


def write_demo(folder: Path) -> DemoFiles:
    """Write the demo's bill (Parquet), inventory (JSON), metrics, invoice totals and queries (CSV) into a folder.

    Deterministic: the same version writes the same bytes. The bill holds hourly detailed rows for the invoice months
    2025-08 to 2026-01; its regular rows come to $59,480.69 before credits and tax, exactly.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows = bill_rows(bill_lines())
    bill = folder / "bill.parquet"
    pq.write_table(export_table(rows), bill, compression="zstd")
    totals = ((month, "USD", f"{cents // 100}.{cents % 100:02d}") for month, cents in invoice_cents(rows).items())
    return DemoFiles(
        bill=bill,
        inventory=_write_inventory(folder / "inventory"),
        metrics=_write_csv(folder / "metrics.csv", HEADER, metric_rows()),
        invoice=_write_csv(folder / "invoice.csv", ("invoice_month", "currency", "amount"), totals),
        queries=_write_csv(folder / "queries.csv", *query_rows(SAMPLES / "phase4_queries.csv")),
    )


def _write_inventory(folder: Path) -> tuple[Path, ...]:
    folder.mkdir(exist_ok=True)
    paths = []
    for name, resources in inventory().items():
        path = folder / name
        path.write_text(json.dumps(resources, indent=2) + "\n", encoding="utf-8")
        paths.append(path)
    return tuple(paths)


def _write_csv(path: Path, header: Sequence[str], records: Iterable[Sequence[object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(records)
    return path
