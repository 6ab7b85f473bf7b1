"""Effective cost under legacy commitments: covered usage bears its share of the fee, the fee keeps the rest.

A legacy commitment gives usage a credit of its whole on-demand price and bills a fee on a row of its own.
Per billing account, invoice month, currency, Pacific day, pool and region:

    bought = Σ fee ÷ (1 − d)    used share u = min(1, Σ covered ÷ bought)    used fee = round(u × fee) of
    each fee row

The used fees are spread over the covered rows in proportion to what is covered, by largest remainder, so Σ
effective does not change by a nano. d is the published discount of the pool and term (facts/gcp.md §4.1); a
fee row whose quantity is the committed on-demand amount (fee ÷ quantity within 5 points of 1 − d) states
what was bought itself. A fee of unknown pool, term or discount stays where it is. New-model rows need
nothing: their offset stands on the fee row already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from data.charge import MONEY_COLUMNS

if TYPE_CHECKING:
    import duckdb

RATIO_TOLERANCE: Final = 0.05

ROW_KEYS: Final = (
    "billing_account, invoice_month, currency, day, provider, sku_key, project, region, cost_type, "
    "charge_class, consumption_model, resource"
)
POOL_KEYS: Final = "billing_account, invoice_month, currency, day, pool, pool_region"

DETAIL: Final = """
CREATE OR REPLACE VIEW detail AS
SELECT hourly_resource.load_id, billing_account, invoice_month, currency,
  CAST(hour AT TIME ZONE 'America/Los_Angeles' AS DATE) AS day, load_sku.provider, hourly_resource.sku_key,
  project, region, cost_type, charge_class, consumption_model, resource, row_count, usage, {money}
FROM hourly_resource JOIN load_sku
  ON hourly_resource.load_id = load_sku.load_id AND hourly_resource.sku_key = load_sku.sku_key
UNION ALL
SELECT daily.load_id, billing_account, invoice_month, currency, day, daily.provider, daily.sku_key, project,
region,
  cost_type, charge_class, consumption_model, '' AS resource, row_count, usage, {money}
FROM daily LEFT JOIN load_sku ON daily.load_id = load_sku.load_id AND daily.sku_key = load_sku.sku_key
JOIN load_hours ON daily.load_id = load_hours.load_id
WHERE NOT (coalesce(load_sku.in_hourly, false) AND charge_class IN ('usage', 'adjustment') AND day IS NOT NULL
  AND coalesce(invoice_month, 0) >= hours_since)
"""
"""The bill by Pacific day with resources where there are any: together exactly the sum of ``daily``.

A charge that names neither service nor SKU is of no SKU of its load, and stays.
"""

SHIFT: Final = f"""
CREATE OR REPLACE TABLE effective_shift AS
WITH fee AS (
  SELECT {ROW_KEYS}, fee_of AS pool, IF(pool_is_regional, coalesce(region, ''), '') AS pool_region,
    CAST(sum(cost_nanos) AS BIGINT) AS fee_nanos, sum(usage) AS quantity, any_value(discount_ratio) AS
    discount_ratio
  FROM detail JOIN sku USING (sku_key)
  WHERE fee_of <> '' AND fee_model <> 'new' AND charge_class <> 'purchase' AND credit_fee_offset_nanos = 0
    AND discount_ratio IS NOT NULL AND day IS NOT NULL
  GROUP BY ALL
), bought AS (
  SELECT *, IF(abs(fee_nanos / 1e9 / nullif(quantity, 0) - (1 - discount_ratio)) <= {RATIO_TOLERANCE},
  quantity * 1e9,
    fee_nanos / (1 - discount_ratio)) AS bought_nanos
  FROM fee
), covered AS (
  SELECT {ROW_KEYS}, pool, IF(pool_is_regional, coalesce(region, ''), '') AS pool_region,
    CAST(-sum(credit_spend_commitment_nanos) AS BIGINT) AS covered_nanos
  FROM detail JOIN sku USING (sku_key)
  WHERE pool <> '' AND credit_spend_commitment_nanos <> 0 AND day IS NOT NULL
  GROUP BY ALL
  UNION ALL
  SELECT {ROW_KEYS}, 'gce_resource' AS pool, coalesce(region, '') AS pool_region,
    CAST(-sum(credit_resource_commitment_nanos) AS BIGINT) AS covered_nanos
  FROM detail
  WHERE credit_resource_commitment_nanos <> 0 AND day IS NOT NULL
  GROUP BY ALL
), used AS (
  SELECT {POOL_KEYS}, greatest(0, least(1, any_value(covered_total) / nullif(sum(bought_nanos), 0))) AS
  used_share FROM bought JOIN (
    SELECT {POOL_KEYS}, CAST(sum(covered_nanos) AS DOUBLE) AS covered_total FROM covered GROUP BY ALL
    HAVING count_if(covered_nanos > 0) > 0
  ) AS pool_day USING ({POOL_KEYS})
  GROUP BY ALL
  HAVING sum(bought_nanos) > 0 AND any_value(covered_total) > 0
), fee_shift AS (
  SELECT bought.*, CAST(round(used_share * fee_nanos) AS BIGINT) AS used_nanos FROM bought JOIN used USING
  ({POOL_KEYS})
), share AS (
  SELECT covered.*, CAST(used_total AS HUGEINT) * covered_nanos AS product, pool_total, used_total
  FROM covered
  JOIN (SELECT {POOL_KEYS}, sum(used_nanos) AS used_total FROM fee_shift GROUP BY ALL) AS fees USING
  ({POOL_KEYS}) JOIN (SELECT {POOL_KEYS}, sum(covered_nanos) AS pool_total FROM covered WHERE covered_nanos >
  0 GROUP BY ALL) AS pools
    USING ({POOL_KEYS})
  WHERE covered_nanos > 0
), ranked AS (
  SELECT *, product // pool_total AS floor_nanos,
    used_total - sum(product // pool_total) OVER (PARTITION BY {POOL_KEYS}) AS missing,
    row_number() OVER (PARTITION BY {POOL_KEYS} ORDER BY product % pool_total DESC, {ROW_KEYS}) AS place
  FROM share
)
SELECT {ROW_KEYS}, CAST(sum(shift_nanos) AS BIGINT) AS shift_nanos
FROM (
  SELECT {ROW_KEYS}, floor_nanos + IF(place <= missing, 1, 0) AS shift_nanos FROM ranked
  UNION ALL
  SELECT {ROW_KEYS}, -used_nanos AS shift_nanos FROM fee_shift
) AS moved
GROUP BY ALL
"""
"""What effective cost moves from fee rows to covered usage; sums to zero per invoice month, account and
currency."""


def allocate_fees(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the relations ``detail`` and ``effective_shift`` over the open loads."""
    make_detail(connection)
    connection.execute(SHIFT).fetchall()


def make_detail(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the relation ``detail`` over the open loads."""
    connection.execute(DETAIL.format(money=", ".join(MONEY_COLUMNS))).fetchall()
