"""The reductions: what is kept of a bill. Their grain and columns; the SQL that makes them is in ``data/sql``.

Each load (one file) writes one Parquet file per reduction; a reader unions the loads and sums again, so any order and
any number of files gives the same figures. Money columns are sums of integer nanos. A charge is in ``hourly_resource``
exactly when its SKU has a lever kind (``sku.kind <> ''``), its class is usage or adjustment, and it has a start time.
"""

from __future__ import annotations

from typing import Final

from data.charge import MONEY_COLUMNS

ACCOUNT_KEYS: Final = ("billing_account", "invoice_month", "currency")

DAILY_KEYS: Final = (
    *ACCOUNT_KEYS, "day", "provider", "sku_key", "project", "region", "cost_type", "charge_class",
    "consumption_model", "is_correction",
)  # fmt: skip
"""``day`` is the Pacific day of usage_start (DATE)."""
DAILY_MEASURES: Final = ("row_count", "usage", *MONEY_COLUMNS, "residual")

OTHER_CREDIT_KEYS: Final = (*DAILY_KEYS, "credit_type")
"""Credits of types that Google does not list, by their type as written; measure ``amount_nanos``."""

HOURLY_RESOURCE_KEYS: Final = (
    *ACCOUNT_KEYS, "hour", "project", "region", "sku_key", "resource", "cost_type", "charge_class", "consumption_model",
)  # fmt: skip
"""``hour`` is TIMESTAMP_TRUNC(usage_start, HOUR), UTC; ``resource`` is '' where the source has none."""
HOURLY_RESOURCE_MEASURES: Final = ("row_count", "usage", *MONEY_COLUMNS)

HOURLY_POOL_KEYS: Final = (*ACCOUNT_KEYS, "hour", "pool", "region", "rate_class")
"""Commitment pools: ``region`` is '' for pools that span regions, but for machines."""
HOURLY_POOL_MEASURES: Final = (
    "eligible_nanos",  # on-demand cost of usage > 0 that nothing covers, after free tier and sustained use
    "covered_nanos",  # on-demand cost of eligible usage that an existing commitment covers (either data model)
    "fee_nanos",  # commitment fees (gross)
    "offset_nanos",  # FEE_UTILIZATION_OFFSET on them (negative)
)

LABEL_KEYS: Final = (*ACCOUNT_KEYS, "day", "label_key", "label_value", "sku_key")
LABEL_MEASURES: Final = ("row_count", "cost_nanos", "effective_nanos")

ARRIVAL_KEYS: Final = (*ACCOUNT_KEYS, "day", "sku_key", "charge_class", "known_day")
"""``known_day`` is the Pacific day of export_time (DATE), NULL where the source has none."""
ARRIVAL_MEASURES: Final = ("row_count", "effective_nanos", "credit_promotion_nanos")

REDUCTIONS: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "daily": (DAILY_KEYS, DAILY_MEASURES),
    "other_credits": (OTHER_CREDIT_KEYS, ("amount_nanos",)),
    "hourly_resource": (HOURLY_RESOURCE_KEYS, HOURLY_RESOURCE_MEASURES),
    "hourly_pool": (HOURLY_POOL_KEYS, HOURLY_POOL_MEASURES),
    "labels": (LABEL_KEYS, LABEL_MEASURES),
    "arrivals": (ARRIVAL_KEYS, ARRIVAL_MEASURES),
}
