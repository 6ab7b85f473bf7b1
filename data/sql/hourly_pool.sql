-- What a spend commitment can cover and what one covers already, by hour.
-- Grain: billing account × invoice month × currency × UTC hour × pool × region ('' for pools that span regions, but for
-- machines, which resource commitments cover by region) × rate class.
-- Inputs: charge, sku_class. Output units: nanos.
-- Eligible usage is positive usage at a positive on-demand price, after free tier, sustained use and resource commitments
-- (credits are negative). Legacy model: the dollar-based credit says what is covered. New model: a row at another than the
-- default consumption model is covered whole. Fees stand beside with their utilisation offset; their rate class is ''.
-- Summed by SKU first: far fewer hours of SKUs than rows have their pool, region and rate class found.
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
    hourly.billing_account,
    hourly.invoice_month,
    hourly.currency,
    hourly.hour,
    IF(sku_class.fee_of <> '', sku_class.fee_of, sku_class.pool) AS pool,
    IF(sku_class.pool_is_regional OR STARTS_WITH(sku_class.rate_class, 'compute_engine.'), COALESCE(hourly.region, ''), '') AS region,
    IF(sku_class.fee_of <> '', '', sku_class.rate_class) AS rate_class,
    IF(sku_class.fee_of <> '', 0, hourly.remaining_nanos) AS remaining_nanos,
    IF(sku_class.fee_of <> '', 0, IF(hourly.is_new_model, hourly.remaining_nanos, -hourly.credited_nanos)) AS covered_nanos,
    IF(sku_class.fee_of <> '', hourly.cost_nanos, 0) AS fee_nanos,
    IF(sku_class.fee_of <> '', hourly.offset_nanos, 0) AS offset_nanos
  FROM (
    SELECT
      charge.billing_account,
      charge.invoice_month,
      charge.currency,
      TIMESTAMP_SECONDS(DIV(UNIX_MICROS(charge.usage_start), 3600000000) * 3600) AS hour,
      charge.sku_key,
      charge.region,
      charge.consumption_model <> '7754-699E-0EBF' AS is_new_model,
      CAST(SUM(charge.on_demand_nanos + charge.credit_free_tier_nanos + charge.credit_sustained_usage_nanos
        + charge.credit_resource_commitment_nanos) AS INT64) AS remaining_nanos,
      CAST(SUM(charge.credit_spend_commitment_nanos) AS INT64) AS credited_nanos,
      CAST(SUM(charge.cost_nanos) AS INT64) AS cost_nanos,
      CAST(SUM(charge.credit_fee_offset_nanos) AS INT64) AS offset_nanos
    FROM charge
    INNER JOIN sku_class ON charge.sku_key = sku_class.sku_key
    WHERE charge.usage_start IS NOT NULL
      AND (
        sku_class.fee_of <> ''
        OR (sku_class.pool <> '' AND charge.charge_class = 'usage' AND charge.usage > 0 AND charge.on_demand_nanos > 0)
      )
    GROUP BY
      charge.billing_account,
      charge.invoice_month,
      charge.currency,
      hour,
      charge.sku_key,
      charge.region,
      is_new_model
  ) AS hourly
  INNER JOIN sku_class ON hourly.sku_key = sku_class.sku_key
) AS pool_row
GROUP BY
  billing_account,
  invoice_month,
  currency,
  hour,
  pool,
  region,
  rate_class
