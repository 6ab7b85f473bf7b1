-- When the charges of a day became known: what a rule could see on a day, late rows and corrections included.
-- Grain: billing account × invoice month × currency × Pacific day × SKU × charge class × Pacific day of the export (NULL
-- where the source has none). Inputs: charge. Output units: nanos.
-- Summed by hours first: far fewer hours than rows have their days found.
SELECT
  hourly.billing_account,
  hourly.invoice_month,
  hourly.currency,
  DATE(TIMESTAMP_SECONDS(hourly.usage_hour * 3600), 'America/Los_Angeles') AS day,
  hourly.sku_key,
  hourly.charge_class,
  DATE(TIMESTAMP_SECONDS(hourly.export_hour * 3600), 'America/Los_Angeles') AS known_day,
  CAST(SUM(hourly.row_count) AS INT64) AS row_count,
  CAST(SUM(hourly.effective_nanos) AS INT64) AS effective_nanos,
  CAST(SUM(hourly.credit_promotion_nanos) AS INT64) AS credit_promotion_nanos
FROM (
  SELECT
    charge.billing_account,
    charge.invoice_month,
    charge.currency,
    DIV(UNIX_MICROS(charge.usage_start), 3600000000) AS usage_hour,
    charge.sku_key,
    charge.charge_class,
    DIV(UNIX_MICROS(charge.export_time), 3600000000) AS export_hour,
    COUNT(*) AS row_count,
    CAST(SUM(charge.effective_nanos) AS INT64) AS effective_nanos,
    CAST(SUM(charge.credit_promotion_nanos) AS INT64) AS credit_promotion_nanos
  FROM charge
  GROUP BY
    charge.billing_account,
    charge.invoice_month,
    charge.currency,
    usage_hour,
    charge.sku_key,
    charge.charge_class,
    export_hour
) AS hourly
GROUP BY
  hourly.billing_account,
  hourly.invoice_month,
  hourly.currency,
  day,
  hourly.sku_key,
  hourly.charge_class,
  known_day
