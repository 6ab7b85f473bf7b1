-- What the other reductions must add up to, and what a bill says about itself.
-- Grain: billing account × invoice month × currency. Inputs: charge. Output units: money in nanos, residual in currency units,
-- (a month in IDR or VND exceeds 64 bits, hence NUMERIC), times UTC, conversion rate in currency units per USD.
-- Price check: usage rows with a unit price, where usage × price ÷ pricing unit quantity is neither the cost (exports) nor the
-- contracted cost (FOCUS states the contracted price) within a nano plus a millionth; their differences summed without sign.
SELECT
  charge.billing_account,
  charge.invoice_month,
  charge.currency,
  COUNT(*) AS row_count,
  SUM(CAST(charge.cost_nanos AS NUMERIC(38, 9))) AS cost_nanos,
  SUM(CAST(charge.effective_nanos AS NUMERIC(38, 9))) AS effective_nanos,
  SUM(CAST(ROUND(charge.residual * 1e18) AS INT64)) / 1e18 AS residual,
  MIN(charge.currency_conversion_rate) AS conversion_rate_low,
  MAX(charge.currency_conversion_rate) AS conversion_rate_high,
  MAX(charge.export_time) AS newest_export_time,
  MIN(DATE(charge.usage_start, 'America/Los_Angeles')) AS first_day,
  MAX(DATE(charge.usage_start, 'America/Los_Angeles')) AS last_day,
  COUNT(charge.price_difference_nanos) AS priced_count,
  COALESCE(CAST(COUNTIF(charge.price_difference_nanos > 1 + ABS(charge.cost_nanos) * 1e-6) AS INT64), 0) AS off_price_count,
  SUM(IF(charge.price_difference_nanos > 1 + ABS(charge.cost_nanos) * 1e-6,
    CAST(ROUND(charge.price_difference_nanos) AS NUMERIC(38, 9)), 0)) AS off_price_nanos
FROM (
  SELECT
    *,
    IF(
      charge_class = 'usage',
      LEAST(
        ABS(usage * unit_price / COALESCE(NULLIF(pricing_unit_quantity, 0), 1) * 1e9 - cost_nanos),
        ABS(usage * unit_price / COALESCE(NULLIF(pricing_unit_quantity, 0), 1) * 1e9 - on_demand_nanos)
      ),
      NULL
    ) AS price_difference_nanos
  FROM charge
) AS charge
GROUP BY
  charge.billing_account,
  charge.invoice_month,
  charge.currency
