-- What a spend commitment can cover and what one covers already, by hour.
-- Grain: billing account × invoice month × currency × UTC hour × pool × region ('' for pools that span regions, but for
-- machines, which resource commitments cover by region) × rate class.
-- Inputs: charge, sku_class. Output units: nanos.
-- Eligible usage is positive usage at a positive on-demand price, after free tier, sustained use and resource commitments
-- (credits are negative). Legacy model: the dollar-based credit says what is covered. New model: a row at another than the
-- default consumption model is covered whole. Fees stand beside with their utilisation offset; their rate class is ''.
SELECT
  billing_account,
  invoice_month,
  currency,
  hour,
  pool,
  region,
  rate_class,
  CAST(SUM(remaining_nanos - covered_nanos) AS INT64) AS eligible_nanos,
  CAST(SUM(covered_nanos) AS INT64) AS covered_nanos,
  CAST(SUM(fee_nanos) AS INT64) AS fee_nanos,
  CAST(SUM(offset_nanos) AS INT64) AS offset_nanos
FROM (
  SELECT
    billing_account,
    invoice_month,
    currency,
    hour,
    pool,
    region,
    rate_class,
    remaining_nanos,
    IF(is_new_model, remaining_nanos, -credit_spend_commitment_nanos) AS covered_nanos,
    fee_nanos,
    offset_nanos
  FROM (
    SELECT
      charge.billing_account,
      charge.invoice_month,
      charge.currency,
      TIMESTAMP_SECONDS(DIV(UNIX_MICROS(charge.usage_start), 3600000000) * 3600) AS hour,
      IF(sku_class.fee_of <> '', sku_class.fee_of, sku_class.pool) AS pool,
      IF(sku_class.pool_is_regional OR STARTS_WITH(sku_class.rate_class, 'compute_engine.'), COALESCE(charge.region, ''), '') AS region,
      IF(sku_class.fee_of <> '', '', sku_class.rate_class) AS rate_class,
      IF(sku_class.fee_of <> '', 0, charge.on_demand_nanos + charge.credit_free_tier_nanos
        + charge.credit_sustained_usage_nanos + charge.credit_resource_commitment_nanos) AS remaining_nanos,
      IF(sku_class.fee_of <> '', 0, charge.credit_spend_commitment_nanos) AS credit_spend_commitment_nanos,
      sku_class.fee_of = '' AND charge.consumption_model <> '7754-699E-0EBF' AS is_new_model,
      IF(sku_class.fee_of <> '', charge.cost_nanos, 0) AS fee_nanos,
      IF(sku_class.fee_of <> '', charge.credit_fee_offset_nanos, 0) AS offset_nanos
    FROM charge
    INNER JOIN sku_class ON charge.sku_key = sku_class.sku_key
    WHERE charge.usage_start IS NOT NULL
      AND (
        sku_class.fee_of <> ''
        OR (sku_class.pool <> '' AND charge.charge_class = 'usage' AND charge.usage > 0 AND charge.on_demand_nanos > 0)
      )
  ) AS eligible_row
) AS pool_row
GROUP BY
  billing_account,
  invoice_month,
  currency,
  hour,
  pool,
  region,
  rate_class
