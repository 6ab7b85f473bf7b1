"""The queries that make a bill's lines, hourly series and pools of the reductions of all loads.

They read the views of ``load_reader.open_loads``, and ``effective_shift`` of ``allocation.allocate_fees``.
"""

from __future__ import annotations

from typing import Final

from data.charge import ALL_CREDIT_COLUMNS, DEFAULT_CONSUMPTION_MODEL

LINE_MONEY: Final = ("list_nanos", "on_demand_nanos", "cost_nanos", "effective_nanos", *ALL_CREDIT_COLUMNS)
_SUMS: Final = ", ".join(f"CAST(sum({column}) AS BIGINT) AS {column}" for column in LINE_MONEY)

LINES_SQL: Final = f"""
SELECT invoice_month AS month, coalesce(billing_account, '') AS account, coalesce(line.provider, '') AS
provider,
  coalesce(sku.service, '') AS service, coalesce(product, '') AS product, coalesce(project, '') AS project,
  coalesce(region, '') AS region, sku_key, coalesce(sku.sku, '') AS sku,
  IF(charge_class IN ('usage', 'adjustment'), kind, '') AS kind, coalesce(resource, '') AS resource,
  coalesce(cost_type, '') AS cost_type, coalesce(charge_class, '') AS charge_class,
  coalesce(consumption_model, '') AS consumption_model, pool, rate_class, fee_of,
  coalesce(max(pricing_unit), '') AS pricing_unit,
  CAST(sum(CAST(usage * IF(charge_class IN ('usage', 'adjustment'), factor, 1) AS DECIMAL(38, 9))) AS DOUBLE)
  AS usage, CAST(sum(row_count) AS BIGINT) AS row_count, {_SUMS}
FROM (
  SELECT load_id, billing_account, invoice_month, provider, sku_key, project, region, cost_type, charge_class,
    consumption_model, resource, usage, row_count, {", ".join(LINE_MONEY)}
  FROM detail WHERE currency = $currency AND list_contains($months, invoice_month)
  UNION ALL
  SELECT NULL, billing_account, invoice_month, provider, sku_key, project, region, cost_type, charge_class,
    consumption_model, resource, 0, 0, 0, 0, 0, shift_nanos{", 0" * len(ALL_CREDIT_COLUMNS)}
  FROM effective_shift WHERE currency = $currency AND list_contains($months, invoice_month)
) AS line
LEFT JOIN sku USING (sku_key) LEFT JOIN load_sku USING (load_id, sku_key)
GROUP BY invoice_month, billing_account, line.provider, sku.service, product, project, region, sku_key,
sku.sku, kind, resource,
  cost_type, charge_class, consumption_model, pool, rate_class, fee_of
ORDER BY ALL
"""

SERIES_SQL: Final = """
CREATE OR REPLACE TEMP TABLE series AS
SELECT *, dense_rank() OVER (ORDER BY month, account, of_project, of_region, product, resource, kind) - 1 AS series
FROM (
  SELECT DISTINCT load_id, billing_account, invoice_month AS month, project, hourly_resource.region, sku_key, resource,
    coalesce(billing_account, '') AS account, coalesce(project, '') AS of_project,
    coalesce(hourly_resource.region, '') AS of_region, sku.product, sku.kind, factor
  FROM hourly_resource JOIN sku USING (sku_key) JOIN load_sku USING (load_id, sku_key)
  WHERE currency = $currency AND list_contains($months, invoice_month) AND sku.kind <> '' AND sku.is_hourly
) AS found
"""
"""The few (month, account, project, region, product, resource, kind) of the many hours, numbered."""

SERIES_NAMES_SQL: Final = """
SELECT DISTINCT series, month, account, of_project AS project, of_region AS region, product, resource, kind
FROM series ORDER BY series
"""

HOURLY_SQL: Final = f"""
SELECT CAST(epoch(hour) AS BIGINT) // 3600 AS hour, series,
  CAST(sum(CAST(usage * factor AS DECIMAL(38, 9))) AS DOUBLE) AS usage,
  CAST(sum(on_demand_nanos) AS BIGINT) AS on_demand_nanos,
  CAST(sum(IF(consumption_model <> '{DEFAULT_CONSUMPTION_MODEL}', on_demand_nanos, -credit_spend_commitment_nanos))
    AS BIGINT) AS covered_nanos
FROM hourly_resource JOIN series
  ON hourly_resource.load_id = series.load_id AND hourly_resource.sku_key = series.sku_key
  AND hourly_resource.billing_account IS NOT DISTINCT FROM series.billing_account
  AND hourly_resource.project IS NOT DISTINCT FROM series.project
  AND hourly_resource.region IS NOT DISTINCT FROM series.region
  AND hourly_resource.resource = series.resource AND hourly_resource.invoice_month = series.month
WHERE currency = $currency
GROUP BY hour, series
"""

POOLS_SQL: Final = """
SELECT CAST(epoch(hour) AS BIGINT) // 3600 AS hour, invoice_month AS month, coalesce(billing_account, '') AS
account,
  pool, region, rate_class, CAST(sum(eligible_nanos) AS BIGINT) AS eligible_nanos,
  CAST(sum(covered_nanos) AS BIGINT) AS covered_nanos, CAST(sum(fee_nanos) AS BIGINT) AS fee_nanos,
  CAST(sum(offset_nanos) AS BIGINT) AS offset_nanos
FROM hourly_pool WHERE currency = $currency AND list_contains($months, invoice_month)
GROUP BY ALL ORDER BY ALL
"""


ONE_OFFS_SQL: Final = """
SELECT coalesce(sku.service, ''), coalesce(sku.sku, ''), kind, charge_class,
  CAST(sum(effective_nanos) - sum(credit_promotion_nanos) AS BIGINT) AS nanos
FROM daily JOIN sku USING (sku_key)
WHERE currency = $currency AND list_contains($months, invoice_month) AND fee_of = ''
  AND charge_class IN ('usage', 'adjustment') AND (is_correction OR charge_class = 'adjustment')
  AND (coalesce(usage, 0) = 0 OR day IS NULL OR NOT list_contains($months, year(day) * 100 + month(day)))
GROUP BY ALL HAVING nanos <> 0
ORDER BY ALL
"""
"""Corrections and adjustments that belong to no usage of the window: without usage, or of usage in other months. What
corrects usage of the window makes it what it really cost."""
