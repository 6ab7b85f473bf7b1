-- Credits of types that Google does not list, by their type as written.
-- Grain: the grain of daily × credit type. Inputs: charge. Output units: nanos.
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
  credit.type AS credit_type,
  CAST(SUM(credit.amount_nanos) AS INT64) AS amount_nanos
FROM charge, UNNEST(charge.other_credits) AS credit
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
  charge.is_correction,
  credit_type
