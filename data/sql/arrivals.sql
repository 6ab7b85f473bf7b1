-- When the charges of a day became known: what a rule could see on a day, late rows and corrections included.
-- Grain: billing account × invoice month × currency × Pacific day × SKU × charge class × Pacific day of the export (NULL
-- where the source has none). Inputs: charge. Output units: nanos.
-- Both days are looked up by hour, as in daily.
SELECT
  charge.billing_account,
  charge.invoice_month,
  charge.currency,
  pacific.day,
  charge.sku_key,
  charge.charge_class,
  arrival.known_day,
  COUNT(*) AS row_count,
  CAST(SUM(charge.effective_nanos) AS INT64) AS effective_nanos,
  CAST(SUM(charge.credit_promotion_nanos) AS INT64) AS credit_promotion_nanos
FROM charge
LEFT JOIN (
  SELECT hour_number, DATE(TIMESTAMP_SECONDS(hour_number * 3600), 'America/Los_Angeles') AS day
  FROM (SELECT DISTINCT DIV(UNIX_MICROS(charge.usage_start), 3600000000) AS hour_number FROM charge) AS seen
) AS pacific ON DIV(UNIX_MICROS(charge.usage_start), 3600000000) = pacific.hour_number
LEFT JOIN (
  SELECT hour_number, DATE(TIMESTAMP_SECONDS(hour_number * 3600), 'America/Los_Angeles') AS known_day
  FROM (SELECT DISTINCT DIV(UNIX_MICROS(charge.export_time), 3600000000) AS hour_number FROM charge) AS seen
) AS arrival ON DIV(UNIX_MICROS(charge.export_time), 3600000000) = arrival.hour_number
GROUP BY
  charge.billing_account,
  charge.invoice_month,
  charge.currency,
  pacific.day,
  charge.sku_key,
  charge.charge_class,
  arrival.known_day
