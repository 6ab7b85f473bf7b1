"""Small hand-made bills of lines that are repriced by month: storage, logs, snapshots, addresses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from model.bill_build import LINE_TEXT, Tables, build_bill
from model.prices import BookPrice, PriceBook

MONTHS = (202601, 202602)
USD = {
    "logging.volume": 0.5, "logging.retention": 0.01, "storage.standard.capacity": 0.02,
    "storage.nearline.capacity": 0.01, "compute.snapshots": 0.05, "compute.idle_address": 0.01, "compute.disk": 0.04,
    "artifact_registry.storage": 0.1, "cloud_sql_backups.storage": 0.08, "": 1.0,
}  # fmt: skip
NEARLINE = {"capacity": 0.01, "retrieval": 0.01, "class_a": 1e-5}
ARCHIVE = {"capacity": 0.0012, "retrieval": 0.05, "class_a": 5e-5}


@dataclass(frozen=True)
class Row:
    """One line in every month: usage in the kind's unit, and what it costs beside the price."""

    kind: str
    usage: float
    project: str = "p"
    region: str = "us-central1"
    charge_class: str = "usage"
    free: float = 0.0
    months: tuple[int, ...] = MONTHS


def book(**classes) -> PriceBook:
    """A price book with the storage classes given, as nearline=NEARLINE."""
    prices = {
        (f"storage.{name}.{quantity}", "*"): BookPrice(usd, "", "*", "page", "2026-09-20", "single")
        for name, found in classes.items()
        for quantity, usd in found.items()
    }
    return PriceBook("book", prices)


def make_bill(*rows: Row, prices: PriceBook | None = None):
    """A bill of the rows, one line each month at the unit price of its kind; ``free`` is a FREE_TIER credit in USD."""
    found = [(row, month) for row in rows for month in row.months]
    text = {
        "kind": [row.kind for row, _ in found], "project": [row.project for row, _ in found],
        "region": [row.region for row, _ in found], "charge_class": [row.charge_class for row, _ in found],
        "product": [f"product of {row.kind or 'others'}" for row, _ in found],
        "sku": [row.kind for row, _ in found],
    }  # fmt: skip
    columns = {name: np.array(text.get(name, [""] * len(found)), dtype=object) for name in LINE_TEXT}
    columns |= {"month": np.array([month for _, month in found]), "usage": np.array([row.usage for row, _ in found])}
    cost = np.array([round(row.usage * USD[row.kind] * 1e9) for row, _ in found], np.int64)
    free = np.array([-round(row.free * 1e9) for row, _ in found], np.int64)
    columns |= {f"{name}_nanos": cost for name in ("list", "on_demand", "cost")}
    columns |= {"effective_nanos": cost + free, "credit_free_tier_nanos": free}
    empty = {name: np.zeros(0) for name in ("month", "hour")}
    return build_bill(Tables("USD", MONTHS, columns, empty, empty), {}, prices or book(nearline=NEARLINE))
