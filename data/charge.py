"""The canonical charge relation: what every way in is mapped to, and all that the reductions may read.

One row is one billing line. Names follow FOCUS where FOCUS has one. Types are GoogleSQL's, so that the same reductions
run on BigQuery. Money is integer nano-units (scale 9) of the row's currency, quantised once here:
``nanos = ROUND(amount * 1e9)``, half away from zero; ``residual`` keeps what the quantisation of ``cost`` left over.
"""

from __future__ import annotations

from typing import Final

PACIFIC: Final = "America/Los_Angeles"
"""Invoice days and months are Pacific (Google's rule)."""

DEFAULT_CONSUMPTION_MODEL: Final = "7754-699E-0EBF"
"""Google's id of the default model; rows before 2025-07-15 carry none, which means the same."""

CREDIT_COLUMNS: Final[dict[str, str]] = {
    "FREE_TIER": "credit_free_tier_nanos",
    "DISCOUNT": "credit_discount_nanos",
    "RESELLER_MARGIN": "credit_reseller_margin_nanos",
    "SUBSCRIPTION_BENEFIT": "credit_subscription_benefit_nanos",
    "SUSTAINED_USAGE_DISCOUNT": "credit_sustained_usage_nanos",
    "PROMOTION": "credit_promotion_nanos",
    "COMMITTED_USAGE_DISCOUNT": "credit_resource_commitment_nanos",
    "COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE": "credit_spend_commitment_nanos",
    "FEE_UTILIZATION_OFFSET": "credit_fee_offset_nanos",
}
"""Google's credit types → the column that holds their sum on the row. Any other type goes to ``credit_other_nanos``."""

CHARGE_COLUMNS: Final[dict[str, str]] = {
    "row_number": "INT64",  # record in its file, from 1
    "billing_account": "STRING",
    "invoice_month": "INT64",  # 202601; the Pacific month of usage where the source has none
    "provider": "STRING",  # 'Google Cloud' for exports; FOCUS ProviderName
    "cost_type": "STRING",  # as written: regular, tax, …; FOCUS ChargeCategory
    "charge_class": "STRING",  # usage, purchase, tax, adjustment, rounding, credit
    "is_correction": "BOOL",
    "service_id": "STRING",
    "service": "STRING",
    "sku_id": "STRING",
    "sku": "STRING",
    "sku_key": "STRING",  # service_id/sku_id where both exist, else service/sku as text
    "usage_start": "TIMESTAMP",  # UTC
    "usage_end": "TIMESTAMP",
    "project": "STRING",  # project id; NULL for tax, support
    "region": "STRING",
    "resource": "STRING",  # short name, as the inventory names it (last part of the path)
    "resource_global": "STRING",
    "consumption_model": "STRING",  # NULL is written as the default model's id
    "currency": "STRING",
    "currency_conversion_rate": "FLOAT64",  # cost ÷ rate = USD; NULL where absent
    "usage": "FLOAT64",  # in pricing units
    "pricing_unit": "STRING",
    "unit_price": "FLOAT64",  # effective price per pricing_unit_quantity; NULL where absent
    "pricing_unit_quantity": "FLOAT64",
    "list_nanos": "INT64",
    "on_demand_nanos": "INT64",  # contracted, at the default consumption model
    "cost_nanos": "INT64",  # gross: before credits. FOCUS: BilledCost
    "effective_nanos": "INT64",  # exports: cost + credits; FOCUS: EffectiveCost
    **dict.fromkeys(CREDIT_COLUMNS.values(), "INT64"),
    "credit_other_nanos": "INT64",
    "other_credits": "ARRAY<STRUCT<type STRING, amount_nanos INT64>>",  # only types outside CREDIT_COLUMNS, else empty
    "residual": "FLOAT64",  # cost − cost_nanos / 1e9
    "labels": "ARRAY<STRUCT<key STRING, value STRING>>",
    "export_time": "TIMESTAMP",
}
"""Column → GoogleSQL type of the relation ``charge``, in order. Absent source columns are typed NULLs (money: 0)."""

ALL_CREDIT_COLUMNS: Final = (*CREDIT_COLUMNS.values(), "credit_other_nanos")
MONEY_COLUMNS: Final = ("list_nanos", "on_demand_nanos", "cost_nanos", "effective_nanos", *ALL_CREDIT_COLUMNS)
