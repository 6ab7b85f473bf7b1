-- Cost by label.
-- Grain: billing account × invoice month × currency × Pacific day × label key × label value × SKU. Inputs: charge.
-- Output units: nanos. A charge with two labels stands under both: sums over one key add up, sums over keys do not.
SELECT
  dated.billing_account,
  dated.invoice_month,
  dated.currency,
  dated.day,
  label.key AS label_key,
  label.value AS label_value,
  dated.sku_key,
  COUNT(*) AS row_count,
  CAST(SUM(dated.cost_nanos) AS INT64) AS cost_nanos,
  CAST(SUM(dated.effective_nanos) AS INT64) AS effective_nanos
FROM (
  SELECT
    charge.billing_account,
    charge.invoice_month,
    charge.currency,
    DATE(charge.usage_start, 'America/Los_Angeles') AS day,
    charge.sku_key,
    charge.cost_nanos,
    charge.effective_nanos,
    charge.labels
  FROM charge
) AS dated, UNNEST(dated.labels) AS label
GROUP BY
  dated.billing_account,
  dated.invoice_month,
  dated.currency,
  dated.day,
  label_key,
  label_value,
  dated.sku_key
