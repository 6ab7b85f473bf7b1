-- Names of every SKU of the load, with the last time at which each spelling was seen (ids identify, names change).
-- Grain: provider × sku_key × service × SKU names × pricing unit. Inputs: charge. Output units: rows; times are UTC.
SELECT
  charge.provider,
  COALESCE(charge.sku_key, '') AS sku_key,
  charge.service_id,
  charge.service,
  charge.sku_id,
  charge.sku,
  charge.pricing_unit,
  COUNT(*) AS row_count,
  COALESCE(CAST(COUNTIF(UNIX_MICROS(charge.usage_end) - UNIX_MICROS(charge.usage_start) > 3600000000) AS INT64), 0) AS longer_than_an_hour_count,
  MAX(charge.usage_start) AS last_seen
FROM charge
GROUP BY
  charge.provider,
  charge.sku_key,
  charge.service_id,
  charge.service,
  charge.sku_id,
  charge.sku,
  charge.pricing_unit
