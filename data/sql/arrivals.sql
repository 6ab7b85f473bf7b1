-- When the charges of a day became known: what a rule could see on a day, late rows and corrections included.
-- Grain: billing account × invoice month × currency × Pacific day × SKU × charge class × Pacific day of the export (NULL
-- where the source has none). Inputs: charge. Output units: nanos.
SELECT
  charge.billing_account,
  charge.invoice_month,
  charge.currency,
  DATE(charge.usage_start, 'America/Los_Angeles') AS day,
  charge.sku_key,
  charge.charge_class,
  DATE(charge.export_time, 'America/Los_Angeles') AS known_day,
  COUNT(*) AS row_count,
  CAST(SUM(charge.effective_nanos) AS INT64) AS effective_nanos,
  CAST(SUM(charge.credit_promotion_nanos) AS INT64) AS credit_promotion_nanos
FROM charge
GROUP BY
  charge.billing_account,
  charge.invoice_month,
  charge.currency,
  day,
  charge.sku_key,
  charge.charge_class,
  known_day
