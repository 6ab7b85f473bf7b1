"""The SQL that fetches the billing lines behind a figure: over the relation ``charge``, and over an export in BigQuery.

A row filter is a mapping from a column of ``charge`` to the values that it may have ('' is none); several filters are
alternatives. What is shown is what runs: values stand in the text, quoted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from data.sources.columns import literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

RowFilter: TypeAlias = "Mapping[str, Sequence[int | str]]"

SHOWN: Final = (
    "row_number", "billing_account", "invoice_month", "cost_type", "service", "sku", "project", "region", "resource",
    "currency", "usage", "pricing_unit", "cost_nanos", "list_nanos", "on_demand_nanos", "effective_nanos",
)  # fmt: skip
FILTERS: Final = frozenset(
    {"billing_account", "invoice_month", "cost_type", "charge_class", "service", "service_id", "sku", "sku_id",
     "sku_key", "project", "region", "resource", "currency", "consumption_model"}
)  # fmt: skip

_LAST_PART: Final = "NULLIF(REGEXP_EXTRACT({}, r'[^/:]*$'), '')"
_GOOGLE: Final = {
    "billing_account": "billing_account_id",
    "invoice_month": "CAST(invoice.month AS INT64)",
    "cost_type": "cost_type",
    "charge_class": "CASE LOWER(cost_type) WHEN 'tax' THEN 'tax' WHEN 'adjustment' THEN 'adjustment' "
    "WHEN 'rounding_error' THEN 'rounding' ELSE 'usage' END",
    "service": "service.description",
    "service_id": "service.id",
    "sku": "sku.description",
    "sku_id": "sku.id",
    "sku_key": "CONCAT(service.id, '/', sku.id)",
    "project": "project.id",
    "region": "location.region",
    "resource": f"COALESCE({_LAST_PART.format('resource.name')}, {_LAST_PART.format('resource.global_name')})",
    "currency": "currency",
    "consumption_model": "COALESCE(consumption_model.id, '7754-699E-0EBF')",
}
"""Column of ``charge`` → its expression over Google's own export (``data.sources.gcp_export`` reads files so)."""

_GOOGLE_SHOWN: Final = """SELECT
  usage_start_time,
  invoice.month AS invoice_month,
  service.description AS service,
  sku.description AS sku,
  project.id AS project,
  location.region AS region,{resource}
  usage.amount_in_pricing_units AS usage,
  usage.pricing_unit AS pricing_unit,
  cost,
  cost + IFNULL((SELECT SUM(credit.amount) FROM UNNEST(credits) AS credit), 0) AS net_cost,
  currency
FROM {table}
WHERE {condition}
ORDER BY ABS(cost) DESC
LIMIT {limit}"""


def rows_sql(filters: Sequence[RowFilter], limit: int, offset: int = 0) -> str:
    """The lines over ``charge``, the costliest first; raises ValueError for a column that lines are not found by."""
    return (
        f"SELECT strftime(usage_start, '%Y-%m-%dT%H:%M:%SZ') AS usage_start, {', '.join(SHOWN)}\nFROM charge\n"
        f"WHERE {condition_sql(filters)}\nORDER BY abs(cost_nanos) DESC, row_number\nLIMIT {limit} OFFSET {offset}"
    )


def sums_sql(filters: Sequence[RowFilter]) -> str:
    """How many lines there are, and what they add up to in nanos: cost, on-demand and effective."""
    sums = ", ".join(f"CAST(sum({name}) AS HUGEINT)" for name in ("cost_nanos", "on_demand_nanos", "effective_nanos"))
    return f"SELECT count(*), {sums} FROM charge WHERE {condition_sql(filters)}"


def google_sql(filters: Sequence[RowFilter], account: str, limit: int, *, is_detailed: bool) -> str:
    """The lines over an export's own table in BigQuery (GoogleSQL); project and data set are to be put in.

    Google names the table by kind and account. The standard export tells no resource.
    """
    kind = "gcp_billing_export_resource_v1" if is_detailed else "gcp_billing_export_v1"
    table = f"`PROJECT.DATASET.{kind}_{account.replace('-', '_') or 'ACCOUNT'}`"
    resource = f"\n  {_GOOGLE['resource']} AS resource," if is_detailed else ""
    columns = {name: text for name, text in _GOOGLE.items() if is_detailed or name != "resource"}
    condition = _any_of(filters, columns, google_literal)
    return _GOOGLE_SHOWN.format(resource=resource, table=table, condition=condition, limit=limit)


def condition_sql(filters: Sequence[RowFilter]) -> str:
    """The condition over ``charge``; raises ValueError for a column that lines are not found by."""
    return _any_of(filters, {name: name for name in FILTERS}, literal)


def google_literal(text: str) -> str:
    r"""A text as GoogleSQL writes it.

    >>> print(google_literal("it's"))
    'it\'s'
    """
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"


def _any_of(filters: Sequence[RowFilter], columns: Mapping[str, str], quote: Callable[[str], str]) -> str:
    unknown = {column for each in filters for column in each} - FILTERS
    if unknown:
        raise ValueError(f"Lines cannot be found by {', '.join(sorted(unknown))}.")
    alternatives = [_all_of(each, columns, quote) for each in filters]
    if len(alternatives) == 1:
        return alternatives[0]
    return "\n  OR ".join(f"({each})" for each in alternatives) or "FALSE"


def _all_of(each: RowFilter, columns: Mapping[str, str], quote: Callable[[str], str]) -> str:
    parts = [_one_of(columns[name], values, quote) for name, values in each.items() if name in columns]
    return "\n  AND ".join(parts) or "TRUE"


def _one_of(expression: str, values: Sequence[int | str], quote: Callable[[str], str]) -> str:
    if not values:
        return "FALSE"
    written = ", ".join(str(value) if isinstance(value, int) else quote(value) for value in values)
    known = f"COALESCE({expression}, '')" if "" in values else expression
    return f"{known} = {written}" if len(values) == 1 else f"{known} IN ({written})"
