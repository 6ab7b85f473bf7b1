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
    billing_account,
    invoice_month,
    currency,
    DATE(usage_start, 'America/Los_Angeles') AS day,
    sku_key,
    cost_nanos,
    effective_nanos,
    labels
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
