"""Google's standard and detailed usage cost exports → charges.

Columns: cloud.google.com/billing/docs/how-to/export-data-bigquery-tables/detailed-usage. Columns that were added later
(list price 2023, consumption model 2025-07-15) are NULL before, and fall back to ``cost``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from data.sources import charge_sql as sql
from data.sources.columns import find_first
from data.sources.credits import ZERO, all_credits_sql, credit_columns, types_sql
from data.sources.fields import Field
from data.sources.typed_rows import typed_rows

if TYPE_CHECKING:
    import duckdb

    from data.sources.charge_sql import ChargeSelect
    from data.sources.columns import Schema
    from data.sources.fields import Rows

FIELDS: Final = (
    Field("cost", ("cost",), "money", is_required=True),
    Field("currency", ("currency",), is_required=True),
    Field("start_time", ("usage_start_time",), "time", is_required=True),
    Field("end_time", ("usage_end_time",), "time"),
    Field("credits", ("credits",), "credits"),
    Field("account", ("billing_account_id",)),
    Field("month", ("invoice.month",), "month"),
    Field("cost_type", ("cost_type",)),
    Field("adjustment", ("adjustment_info.type",)),
    Field("adjustment_mode", ("adjustment_info.mode",)),
    Field("adjustment_id", ("adjustment_info.id",)),
    Field("service_id", ("service.id",)),
    Field("service", ("service.description",)),
    Field("sku_id", ("sku.id",)),
    Field("sku", ("sku.description",)),
    Field("project", ("project.id",)),
    Field("region", ("location.region",)),
    Field("resource_name", ("resource.name",)),
    Field("resource_global_name", ("resource.global_name",)),
    Field("model", ("consumption_model.id",)),
    Field("conversion_rate", ("currency_conversion_rate",), "number"),
    Field("usage_quantity", ("usage.amount_in_pricing_units",), "number"),
    Field("usage_unit", ("usage.pricing_unit",)),
    Field("effective_price", ("price.effective_price",), "number"),
    Field("price_quantity", ("price.pricing_unit_quantity",), "number"),
    Field("cost_at_list", ("cost_at_list",), "money"),
    Field("cost_at_default_model", ("cost_at_effective_price_default",), "money"),
    Field("label_list", ("labels",), "labels"),
    Field("exported_at", ("export_time",), "time"),
)

_NAME: Final = sql.last_part_sql("resource_name")
_GLOBAL_NAME: Final = sql.last_part_sql("resource_global_name")
_CHARGE_CLASS: Final = (
    "CASE lower(cost_type) WHEN 'tax' THEN 'tax' WHEN 'adjustment' THEN 'adjustment'"
    " WHEN 'rounding_error' THEN 'rounding' ELSE 'usage' END"
)
_ON_DEMAND: Final = (
    f"CASE WHEN {sql.is_new_model_sql('model')} THEN {sql.money_sql('cost_at_default_model', 'cost')}"
    f" ELSE {sql.money_sql('cost')} END"
)


@dataclass(frozen=True)
class Seen:
    """What occurs in an export's rows, so that nobody looks for the rest row by row; by default anything may.

    ``needs_global_name``: a row may have its resource's name in ``resource.global_name`` alone; ``has_model``: a row
    may be priced by a commitment's consumption model.
    """

    credit_types: frozenset[str | None] | None = None
    needs_global_name: bool = True
    has_model: bool = True


def look(connection: duckdb.DuckDBPyConnection, relation: str, schema: Schema) -> Seen:
    """See what occurs in the typed rows of an export whose source has these columns."""
    seen = Seen(frozenset(), needs_global_name=False)
    if find_first(schema, ("credits",)) is not None:
        types = connection.execute(f"SELECT DISTINCT {types_sql('credits')} FROM {relation}").fetchall()
        seen = replace(seen, credit_types=frozenset(row[0] for row in types))
    if find_first(schema, ("resource.global_name",)) is not None:
        alone = f"SELECT 1 FROM {relation} WHERE {_NAME} IS NULL AND {_GLOBAL_NAME} IS NOT NULL LIMIT 1"
        seen = replace(seen, needs_global_name=bool(connection.execute(alone).fetchall()))
    return seen


ANYTHING: Final = Seen()


def select_charges(rows: Rows, seen: Seen = ANYTHING) -> ChargeSelect:
    """Map an export's rows to charges.

    ``list`` = cost_at_list, else cost. ``on_demand`` = cost, or for usage priced by a commitment's consumption model
    cost_at_effective_price_default. ``effective`` = cost + Σ credits, summed inside the row.
    """
    has_credits = find_first(rows.schema, ("credits",)) is not None
    credited = credit_columns("credits", seen.credit_types if has_credits else ())
    if find_first(rows.schema, ("consumption_model.id",)) is None:
        seen = replace(seen, has_model=False)
    return sql.charge_select(typed_rows(rows, FIELDS), charge_columns(credited, seen), "cost_raw")


def charge_columns(credited: dict[str, str], seen: Seen = ANYTHING) -> dict[str, str]:
    """The expression of each charge column over the typed fields, with those of its credits."""
    return {
        **_who_and_what(),
        "resource": f"COALESCE({_NAME}, {_GLOBAL_NAME})" if seen.needs_global_name else _NAME,
        "currency": "currency",
        "currency_conversion_rate": "conversion_rate",
        "usage": "usage_quantity",
        "pricing_unit": "usage_unit",
        "unit_price": "effective_price",
        "pricing_unit_quantity": "price_quantity",
        "list_nanos": sql.money_sql("cost_at_list", "cost"),
        "on_demand_nanos": _ON_DEMAND if seen.has_model else sql.money_sql("cost"),
        "cost_nanos": sql.money_sql("cost"),
        "effective_nanos": sql.money_sql("cost")
        + (f" + {credits_}" if (credits_ := all_credits_sql(credited)) != ZERO else ""),
        **credited,
        "residual": sql.residual_sql("cost"),
        "labels": "label_list",
        "export_time": "exported_at",
    }


def _who_and_what() -> dict[str, str]:
    return {
        "row_number": "row_number",
        "billing_account": "account",
        "invoice_month": f"COALESCE(month, {sql.pacific_month_sql('start_time')})",
        "provider": "'Google Cloud'",
        "cost_type": "cost_type",
        "charge_class": _CHARGE_CLASS,
        "is_correction": "COALESCE(adjustment, adjustment_mode, adjustment_id) IS NOT NULL",
        "service_id": "service_id",
        "service": "service",
        "sku_id": "sku_id",
        "sku": "sku",
        "sku_key": sql.sku_key_sql("service_id", "service", "sku_id", "sku"),
        "usage_start": "start_time",
        "usage_end": "end_time",
        "project": "project",
        "region": "region",
        "resource_global": "resource_global_name",
        "consumption_model": sql.consumption_model_sql("model"),
    }
