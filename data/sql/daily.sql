-- The bill by Pacific day.
-- Grain: billing account × invoice month × currency × Pacific day × provider × SKU × project × region × cost type × charge
-- class × consumption model × correction. Inputs: charge, sku_class. Output units: usage in pricing units, money in nanos,
-- residual in currency units (summed as integers of 1e-18, so that no order of the rows changes it).
-- A commitment fee has no list and no on-demand price (what it pays for is priced on the usage); FOCUS purchases keep theirs.
SELECT
  charge.billing_account,
  charge.invoice_month,
  charge.currency,
  DATE(charge.usage_start, 'America/Los_Angeles') AS day,
  charge.provider,
  charge.sku_key,
  charge.project,
  charge.region,
  charge.cost_type,
  charge.charge_class,
  charge.consumption_model,
  charge.is_correction,
  COUNT(*) AS row_count,
  CAST(SUM(CAST(charge.usage AS NUMERIC(38, 9))) AS FLOAT64) AS usage,
  CAST(SUM(IF(sku_class.fee_of <> '' AND charge.charge_class <> 'purchase', 0, charge.list_nanos)) AS INT64) AS list_nanos,
  CAST(SUM(IF(sku_class.fee_of <> '' AND charge.charge_class <> 'purchase', 0, charge.on_demand_nanos)) AS INT64) AS on_demand_nanos,
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
  CAST(SUM(charge.credit_other_nanos) AS INT64) AS credit_other_nanos,
  SUM(CAST(ROUND(charge.residual * 1e18) AS INT64)) / 1e18 AS residual
FROM charge
LEFT JOIN sku_class ON charge.sku_key = sku_class.sku_key
GROUP BY
  charge.billing_account,
  charge.invoice_month,
  charge.currency,
  day,
  charge.provider,
  charge.sku_key,
  charge.project,
  charge.region,
  charge.cost_type,
  charge.charge_class,
  charge.consumption_model,
  charge.is_correction
