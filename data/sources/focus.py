"""FOCUS 1.0–1.3 cost data → charges: Google's BigQuery view, its native export, and other providers' files.

Source: focus.finops.org specification, columns as tagged v1.0–v1.3. Columns that are not named here are ignored.
Google's own additions (``x_…``) give the ids and labels that FOCUS has no place for.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from data.sources import charge_sql as sql
from data.sources.columns import find_first
from data.sources.credits import no_credit_columns
from data.sources.fields import Field
from data.sources.typed_rows import typed_rows

if TYPE_CHECKING:
    from data.sources.charge_sql import ChargeSelect
    from data.sources.columns import Schema
    from data.sources.fields import Rows

FIELDS: Final = (
    Field("billed", ("BilledCost",), "money", is_required=True),
    Field("currency", ("BillingCurrency",), is_required=True),
    Field("start_time", ("ChargePeriodStart",), "time", is_required=True),
    Field("end_time", ("ChargePeriodEnd",), "time"),
    Field("period_start", ("BillingPeriodStart",), "time", is_required=True),
    Field("account", ("BillingAccountId",)),
    Field("provider", ("ProviderName",)),
    Field("service_provider", ("ServiceProviderName",)),
    Field("category", ("ChargeCategory",)),
    Field("class", ("ChargeClass",)),
    Field("service_id", ("x_ServiceId", "x_Service.id")),
    Field("service", ("ServiceName",)),
    Field("sku_id", ("SkuId",)),
    Field("sku_description", ("x_SkuDescription", "x_Sku.description")),
    Field("charge_description", ("ChargeDescription",)),
    Field("google_project", ("x_Project.id", "x_ProjectId")),
    Field("sub_account", ("SubAccountId",)),
    Field("region", ("RegionId",)),
    Field("resource_name", ("ResourceName",)),
    Field("resource_id", ("ResourceId",)),
    Field("model", ("x_ConsumptionModelId", "x_ConsumptionModel.id")),
    Field("commitment_status", ("CommitmentDiscountStatus",)),
    Field("conversion_rate", ("x_CurrencyConversionRate",), "number"),
    Field("quantity", ("PricingQuantity",), "number"),
    Field("quantity_unit", ("PricingUnit",)),
    Field("contracted_price", ("ContractedUnitPrice",), "number"),
    Field("list_cost", ("ListCost",), "money"),
    Field("contracted", ("ContractedCost",), "money"),
    Field("effective", ("EffectiveCost",), "money"),
    Field("label_list", ("Tags", "x_Labels"), "labels"),
    Field("exported_at", ("x_ExportTime",), "time"),
)

GOOGLE_VIEW_COLUMN: Final = "x_CostType"
"""Only Google's BigQuery view has it. That view writes the price's unit quantity into PricingQuantity, so the usage
stands in ConsumedQuantity alone (in base units: seconds, byte-seconds)."""
_VIEW_QUANTITY: Final = {"quantity": ("ConsumedQuantity",), "quantity_unit": ("ConsumedUnit",)}

_CHARGE_CLASS: Final = (
    "CASE lower(category) WHEN 'purchase' THEN 'purchase' WHEN 'tax' THEN 'tax' WHEN 'credit' THEN 'credit'"
    " WHEN 'adjustment' THEN 'adjustment' ELSE 'usage' END"
)
COVERED: Final = "covered"
"""Stands for the consumption model of usage that a commitment covers, where FOCUS does not name the model."""
_MODEL: Final = (
    f"COALESCE(model, IF(lower(commitment_status) = 'used' AND lower(category) = 'usage', '{COVERED}', NULL))"
)
_SKU: Final = "COALESCE(sku_description, charge_description, sku_id)"
_MIDDAY: Final = "timezone('UTC', period_start) + INTERVAL 12 HOUR"
"""A billing period starts at midnight *somewhere*: in UTC by the specification, at Pacific midnight in Google's view
(07:00 or 08:00 UTC), the evening before in UTC for zones to the east. Twelve hours later it is the first of that month
in every zone from UTC−12 to UTC+12."""


def select_charges(rows: Rows) -> ChargeSelect:
    """Map FOCUS rows to charges: BilledCost is ``cost``, and no credits stand beside it (FOCUS nets them)."""
    return sql.charge_select(typed_rows(rows, fields_of(rows.schema)), charge_columns(), "billed_raw")


def charge_columns() -> dict[str, str]:
    """The expression of each charge column over the typed fields."""
    return {
        **_who_and_what(),
        "currency": "currency",
        "currency_conversion_rate": "conversion_rate",
        "usage": "quantity",
        "pricing_unit": "quantity_unit",
        "unit_price": "contracted_price",
        "pricing_unit_quantity": "CAST(NULL AS DOUBLE)",
        "list_nanos": sql.money_sql("list_cost", "contracted", "billed"),
        "on_demand_nanos": sql.money_sql("contracted", "billed"),
        "cost_nanos": sql.money_sql("billed"),
        "effective_nanos": sql.money_sql("effective", "billed"),
        **no_credit_columns(),
        "residual": sql.residual_sql("billed"),
        "labels": "label_list",
        "export_time": "exported_at",
    }


def fields_of(schema: Schema) -> tuple[Field, ...]:
    """The fields, and where a table of these columns keeps them."""
    if find_first(schema, (GOOGLE_VIEW_COLUMN,)) is None:
        return FIELDS
    return tuple(replace(field, paths=_VIEW_QUANTITY.get(field.name, field.paths)) for field in FIELDS)


def _who_and_what() -> dict[str, str]:
    return {
        "row_number": "row_number",
        "billing_account": "account",
        "invoice_month": f"year({_MIDDAY}) * 100 + month({_MIDDAY})",
        "provider": "COALESCE(provider, service_provider)",
        "cost_type": "category",
        "charge_class": _CHARGE_CLASS,
        "is_correction": "COALESCE(lower(class) = 'correction', FALSE)",
        "service_id": "service_id",
        "service": "service",
        "sku_id": "sku_id",
        "sku": _SKU,
        "sku_key": sql.sku_key_sql("service_id", "service", "sku_id", _SKU),
        "usage_start": "start_time",
        "usage_end": "end_time",
        "project": "COALESCE(google_project, sub_account)",
        "region": "region",
        "resource": f"COALESCE({sql.last_part_sql('resource_name')}, {sql.last_part_sql('resource_id')})",
        "resource_global": "resource_id",
        "consumption_model": sql.consumption_model_sql(_MODEL),
    }
