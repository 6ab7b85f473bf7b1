-- What levers move, by hour and resource.
-- Grain: billing account × invoice month × currency × UTC hour × project × region × SKU × resource × cost type × charge class ×
-- consumption model; only SKUs with a lever kind, usage and adjustments, with a start time. Inputs: charge, sku_class.
-- Output units: usage in pricing units, money in nanos; resource is '' where the source has none.
SELECT
  charge.billing_account,
  charge.invoice_month,
  charge.currency,
  TIMESTAMP_SECONDS(DIV(UNIX_MICROS(charge.usage_start), 3600000000) * 3600) AS hour,
  charge.project,
  charge.region,
  charge.sku_key,
  COALESCE(charge.resource, '') AS resource,
  charge.cost_type,
  charge.charge_class,
  charge.consumption_model,
  COUNT(*) AS row_count,
  CAST(SUM(CAST(charge.usage AS NUMERIC(38, 9))) AS FLOAT64) AS usage,
  CAST(SUM(charge.list_nanos) AS INT64) AS list_nanos,
  CAST(SUM(charge.on_demand_nanos) AS INT64) AS on_demand_nanos,
  CAST(SUM(charge.cost_nanos) AS INT64) AS cost_nanos,
  CAST(SUM(charge.effective_nanos) AS INT64) AS effective_nanos,
  CAST(SUM(charge.credit_free_tier_nanos) AS INT64) AS credit_free_tier_nanos,
  CAST(SUM(charge.credit_discount_nanos) AS INT64) AS credit_discount_nanos,
  CAST(SUM(charge.credit_reseller_margin_nanos) AS INT64) AS credit_reseller_margin_nanos,
  CAST(SUM(charge.credit_subscription_benefit_nanos) AS INT64) AS credit_subscription_benefit_nanos,
  CAST(SUM(charge.credit_sustained_usage_nanos) AS INT64) AS credit_sustained_usage_nanos,
  CAST(SUM(charge.credit_promotion_nanos) AS INT64) AS credit_promotion_nanos,
  CAST(SUM(charge.credit_resource_commitment_nanos) AS INT64) AS credit_resource_commitment_nanos,
  CAST(SUM(charge.credit_spend_commitment_nanos) AS INT64) AS credit_spend_commitment_nanos,
  CAST(SUM(charge.credit_fee_offset_nanos) AS INT64) AS credit_fee_offset_nanos,
  CAST(SUM(charge.credit_other_nanos) AS INT64) AS credit_other_nanos
FROM charge
INNER JOIN sku_class ON charge.sku_key = sku_class.sku_key
WHERE sku_class.kind <> ''
  AND charge.charge_class IN ('usage', 'adjustment')
  AND charge.usage_start IS NOT NULL
GROUP BY
  charge.billing_account,
  charge.invoice_month,
  charge.currency,
  hour,
  charge.project,
  charge.region,
  charge.sku_key,
  COALESCE(charge.resource, ''),
  charge.cost_type,
  charge.charge_class,
  charge.consumption_model
