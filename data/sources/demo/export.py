"""The demo's bill as a table: nested like Google's detailed export in BigQuery, with the columns added up to 2025."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from data.charge import DEFAULT_CONSUMPTION_MODEL
from data.sources.demo.company import BILLING_ACCOUNT, ORGANISATION
from data.sources.demo.skus import GIB, NANOS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from data.sources.demo.lines import Line
    from data.sources.demo.rows import Rows

NUMERIC: Final = pa.decimal128(38, 9)  # BigQuery's NUMERIC
_TEXT: Final = pa.string()


def _struct(*names: str) -> pa.DataType:
    return pa.struct([(name, _TEXT) for name in names])


_PAIRS: Final = pa.list_(_struct("key", "value"))
_CREDIT: Final = pa.struct(
    [("name", _TEXT), ("amount", pa.float64()), ("full_name", _TEXT), ("id", _TEXT), ("type", _TEXT)]
)
_PROJECT: Final = pa.struct([
    ("id", _TEXT), ("number", _TEXT), ("name", _TEXT), ("labels", _PAIRS), ("ancestry_numbers", _TEXT),
    ("ancestors", pa.list_(_struct("resource_name", "display_name"))),
])  # fmt: skip
_TAGS: Final = pa.list_(pa.struct([("key", _TEXT), ("value", _TEXT), ("inherited", pa.bool_()), ("namespace", _TEXT)]))
_PRICE_AMOUNTS: Final = (
    "list_price", "effective_price_default", "list_price_consumption_model", "effective_price", "tier_start_amount",
    "pricing_unit_quantity",
)  # fmt: skip
_PRICE: Final = pa.struct([*((name, NUMERIC) for name in _PRICE_AMOUNTS), ("unit", _TEXT)])

_PER_LINE: Final[dict[str, pa.DataType]] = {
    "service": _struct("id", "description"),
    "sku": _struct("id", "description"),
    "project": _PROJECT,
    "labels": _PAIRS,
    "system_labels": _PAIRS,
    "location": _struct("location", "country", "region", "zone"),
    "tags": _TAGS,
    "resource": _struct("name", "global_name"),
    "subscription": _struct("instance_id"),
    "adjustment_info": _struct("id", "description", "type", "mode"),
    "price": _PRICE,
    "consumption_model": _struct("id", "description"),
    "cost_type": _TEXT,
}
"""Columns that are the same on all rows of a line: built once per line and taken by index."""


def export_table(rows: Rows) -> pa.Table:
    """Return the detailed export of the rows: one record per row, in the rows' order."""
    per_line = {name: pa.array([_line_record(x)[name] for x in rows.lines], kind) for name, kind in _PER_LINE.items()}
    line = pa.array(rows.line)
    columns: dict[str, Any] = {name: values.take(line) for name, values in per_line.items()}
    cost, exact = pa.array(rows.cost_nanos / NANOS), _numeric(rows.cost_nanos)
    columns |= {
        "usage_start_time": _timestamp(rows.start_s),
        "usage_end_time": _timestamp(rows.start_s + 3600),
        "export_time": _timestamp(rows.export_s),
        "usage": _usage(rows),
        "cost": cost,
        "cost_at_list": cost,  # no negotiated prices
        "cost_at_effective_price_default": exact,
        "cost_at_list_consumption_model": exact,
        "credits": _credits(rows),
        "invoice": _invoice(rows),
        **{name: _constant(value, len(rows.line)) for name, value in _CONSTANTS.items()},
    }
    return pa.table({name: columns[name] for name in COLUMNS})


_CONSTANTS: Final[dict[str, str | float]] = {
    "billing_account_id": BILLING_ACCOUNT,
    "currency": "USD",
    "currency_conversion_rate": 1.0,
    "transaction_type": "GOOGLE",
    "seller_name": "Google",
}
COLUMNS: Final = (
    "billing_account_id", "service", "sku", "usage_start_time", "usage_end_time", "project", "labels", "system_labels",
    "location", "tags", "resource", "subscription", "cost", "currency", "currency_conversion_rate", "usage", "credits",
    "invoice", "cost_type", "adjustment_info", "export_time", "cost_at_list", "transaction_type", "seller_name",
    "price", "cost_at_effective_price_default", "cost_at_list_consumption_model", "consumption_model",
)  # fmt: skip


def _line_record(line: Line) -> dict[str, Any]:
    sku = line.sku
    return {
        "service": {"id": sku.service_id, "description": sku.service},
        "sku": {"id": sku.sku_id, "description": sku.sku},
        "project": _project_record(line),
        "labels": _pairs(line.labels),
        "system_labels": [],
        "location": _location_record(sku.region),
        "tags": [],
        "resource": {"name": line.resource, "global_name": line.resource_global} if line.resource else None,
        "subscription": None,
        "adjustment_info": vars(line.adjustment) if line.adjustment else None,
        "price": _price_record(line) if sku.price_nanos else None,
        "consumption_model": {"id": DEFAULT_CONSUMPTION_MODEL, "description": "Default"},
        "cost_type": sku.cost_type,
    }


def _project_record(line: Line) -> dict[str, Any] | None:
    project = line.project
    if project is None:
        return None
    above = [(f"organizations/{ORGANISATION}", "aiprod.example"), (f"projects/{project.number}", project.name)]
    return {
        "id": project.id, "number": project.number, "name": project.name,
        "labels": _pairs((("env", project.environment),)), "ancestry_numbers": f"/{ORGANISATION}/",
        "ancestors": [{"resource_name": name, "display_name": title} for name, title in above],
    }  # fmt: skip


def _location_record(region: str | None) -> dict[str, str | None]:
    if region is None:
        return {"location": "global", "country": None, "region": None, "zone": None}
    return {"location": region, "country": "US", "region": region if "-" in region else None, "zone": None}


def _price_record(line: Line) -> dict[str, Any]:
    price = pa.scalar(line.sku.price).cast(NUMERIC).as_py()
    amounts = dict.fromkeys(_PRICE_AMOUNTS, price)
    return {
        **amounts, "unit": line.sku.pricing_unit, "tier_start_amount": int(line.sku.tier_start),
        "pricing_unit_quantity": line.sku.per,
    }  # fmt: skip


def _pairs(pairs: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in pairs]


def _usage(rows: Rows) -> pa.StructArray:
    """Return usage in base units and in pricing units; a GiB-month is the GiB through the row's own month."""
    base = np.array([x.sku.base_units for x in rows.lines])[rows.line]
    monthly = np.array([x.sku.pricing_unit.endswith("month") for x in rows.lines])[rows.line]
    gib = np.array([x.sku.usage_unit == "byte-seconds" for x in rows.lines])[rows.line]
    factor = np.where(monthly, rows.month_seconds * np.where(gib, GIB, 1), base)
    is_usage = np.array([x.sku.usage_unit != "" for x in rows.lines])
    per_line = {
        name: pa.array([getattr(x.sku, name) or None for x in rows.lines], _TEXT).take(pa.array(rows.line))
        for name in ("usage_unit", "pricing_unit")
    }
    return pa.StructArray.from_arrays(
        [pa.array(rows.usage * factor), per_line["usage_unit"], pa.array(rows.usage), per_line["pricing_unit"]],
        names=["amount", "unit", "amount_in_pricing_units", "pricing_unit"],
        mask=pa.array(~is_usage[rows.line]),
    )


def _credits(rows: Rows) -> pa.ListArray:
    """Return each row's list of credits: none, the free tier, the promotion, or both."""
    amounts = np.stack([rows.free_tier_nanos, rows.promotion_nanos], axis=1)
    present = amounts != 0
    offsets = np.concatenate([[0], np.cumsum(present.sum(axis=1))]).astype(np.int32)
    kind = np.nonzero(present)[1]
    names = pa.array(
        [
            {"name": "Free tier", "full_name": "Free tier usage", "id": "free-tier", "type": "FREE_TIER"},
            {"name": "Start-up credit", "full_name": "Start-up credit 2025", "id": "startup-2025", "type": "PROMOTION"},
        ],
        _CREDIT,
    ).take(pa.array(kind))
    fields = {name: names.field(name) for name in names.type.names} | {"amount": pa.array(amounts[present] / NANOS)}
    return pa.ListArray.from_arrays(
        pa.array(offsets), pa.StructArray.from_arrays(list(fields.values()), names=list(fields))
    )


def _invoice(rows: Rows) -> pa.StructArray:
    months, position = np.unique(rows.invoice_month, return_inverse=True)
    records = [{"month": str(month), "publisher_type": "GOOGLE"} for month in months]
    return pa.array(records, _struct("month", "publisher_type")).take(pa.array(position))


def _constant(value: str | float, count: int) -> pa.Array:
    return pa.repeat(pa.scalar(value), count)


def _timestamp(epoch_s: NDArray[np.int64]) -> pa.Array:
    return pa.array(epoch_s * 1_000_000).cast(pa.timestamp("us", tz="UTC"))


def _numeric(nanos: NDArray[np.int64]) -> pa.Array:
    """Return nano-dollars as NUMERIC, exactly: 16-byte little-endian integers of scale 9."""
    words = np.stack([nanos, np.where(nanos < 0, -1, 0)], axis=1).astype("<i8")
    return pa.Array.from_buffers(NUMERIC, len(nanos), [None, pa.py_buffer(words.tobytes())])
