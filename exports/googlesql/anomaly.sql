-- Services whose newest days are unusually dear, as Cloudlever's rule "Service anomaly" finds them (GoogleSQL).
-- e = ln(max(cost, 0) + 1 USD) - median of the same over the same weekday of 8 weeks;
-- z = e / max(1.4826 * MAD of the 56 e before it, 0.02); found where z > $threshold and the excess is above
-- max($minimum_excess USD, $minimum_share of the usual). Cost is usage alone, after credits, before promotions and tax.
-- A day is looked at again for $looks days, as its late rows come in: its first found_on is when it could be known.
-- The schedule sets @run_time. A service is as old as its first cost within $history_days days: older rows are not read.
WITH
clock AS (
  SELECT DATE(@run_time, 'America/Los_Angeles') AS today
),
known_service AS (
  SELECT * FROM UNNEST(ARRAY<STRUCT<service_id STRING, name STRING>>[$services])
),
known_sku AS (
  SELECT * FROM UNNEST(ARRAY<STRUCT<service_id STRING, sku_id STRING, name STRING, is_fee BOOL>>[$skus])
),
charge AS (
  SELECT
    DATE(bill.usage_start_time, 'America/Los_Angeles') AS day,
    COALESCE(known_sku.name, known_service.name, bill.service.description, bill.service.id, '') AS service,
    (
      bill.cost + IFNULL((
        SELECT SUM(credit.amount) FROM UNNEST(bill.credits) AS credit WHERE IFNULL(credit.type, '') <> 'PROMOTION'
      ), 0)
    ) / $dollar AS usd
  FROM `$table` AS bill
  CROSS JOIN clock
  LEFT JOIN known_service ON known_service.service_id = bill.service.id
  LEFT JOIN known_sku ON known_sku.service_id = bill.service.id AND known_sku.sku_id = bill.sku.id
  WHERE (bill._PARTITIONTIME >= TIMESTAMP_SUB(@run_time, INTERVAL $history_days DAY) OR bill._PARTITIONTIME IS NULL)
    AND DATE(bill.usage_start_time, 'America/Los_Angeles') >= DATE_SUB(clock.today, INTERVAL $history_days DAY)
    AND DATE(bill.usage_start_time, 'America/Los_Angeles') < clock.today
    AND bill.export_time <= @run_time
    AND bill.currency = $currency
    AND LOWER(IFNULL(bill.cost_type, 'regular')) NOT IN ('tax', 'adjustment', 'rounding_error')
    AND NOT IFNULL(known_sku.is_fee, FALSE)
    AND NOT STARTS_WITH(LOWER(IFNULL(bill.sku.description, '')), 'commitment v1: ')
    AND NOT STARTS_WITH(LOWER(IFNULL(bill.sku.description, '')), 'commitment - dollar based v1:')
),
cost_of_day AS (
  SELECT charge.service, charge.day, SUM(charge.usd) AS usd FROM charge GROUP BY charge.service, charge.day
),
begun AS (
  SELECT cost_of_day.service, MIN(cost_of_day.day) AS first_day
  FROM cost_of_day WHERE ABS(cost_of_day.usd) >= 1e-9 GROUP BY cost_of_day.service
),
calendar AS (
  SELECT begun.service, begun.first_day, day
  FROM begun CROSS JOIN clock CROSS JOIN UNNEST(GENERATE_DATE_ARRAY(
    DATE_SUB(clock.today, INTERVAL $oldest_day DAY), DATE_SUB(clock.today, INTERVAL 1 DAY)
  )) AS day
  WHERE day >= begun.first_day
),
series AS (
  SELECT
    calendar.service,
    calendar.first_day,
    calendar.day,
    IFNULL(cost_of_day.usd, 0) AS usd,
    LN(GREATEST(IFNULL(cost_of_day.usd, 0), 0) + 1) AS log_usd
  FROM calendar
  LEFT JOIN cost_of_day ON cost_of_day.service = calendar.service AND cost_of_day.day = calendar.day
),
weekdays AS (
  SELECT DISTINCT
    series.service,
    series.first_day,
    series.day,
    series.usd,
    series.log_usd,
    PERCENTILE_CONT(before.log_usd, 0.5) OVER (PARTITION BY series.service, series.day) AS usual_log,
    COUNT(before.log_usd) OVER (PARTITION BY series.service, series.day) AS week_count
  FROM series
  JOIN series AS before ON before.service = series.service
    AND DATE_DIFF(series.day, before.day, DAY) BETWEEN 7 AND 56
    AND MOD(DATE_DIFF(series.day, before.day, DAY), 7) = 0
),
errors AS (
  SELECT weekdays.*, weekdays.log_usd - weekdays.usual_log AS error FROM weekdays WHERE weekdays.week_count >= 2
),
past AS (
  SELECT
    errors.service,
    errors.day,
    before.error,
    PERCENTILE_CONT(before.error, 0.5) OVER (PARTITION BY errors.service, errors.day) AS centre,
    COUNT(before.error) OVER (PARTITION BY errors.service, errors.day) AS day_count
  FROM errors
  CROSS JOIN clock
  JOIN errors AS before ON before.service = errors.service
    AND DATE_DIFF(errors.day, before.day, DAY) BETWEEN 1 AND 56
  WHERE errors.day >= DATE_SUB(clock.today, INTERVAL $looks DAY)
),
spread AS (
  SELECT DISTINCT
    past.service,
    past.day,
    PERCENTILE_CONT(ABS(past.error - past.centre), 0.5) OVER (PARTITION BY past.service, past.day) AS deviation
  FROM past WHERE past.day_count >= 14
),
judged AS (
  SELECT
    errors.service,
    errors.day,
    errors.usd,
    EXP(errors.usual_log) - 1 AS usual_usd,
    errors.error / GREATEST(1.4826 * spread.deviation, 0.02) AS z
  FROM errors JOIN spread ON spread.service = errors.service AND spread.day = errors.day
  WHERE DATE_DIFF(errors.day, errors.first_day, DAY) >= 28
)
SELECT
  judged.service,
  judged.day,
  clock.today AS found_on,
  ROUND(judged.z, 6) AS z,
  ROUND(judged.usd, 9) AS cost_usd,
  ROUND(judged.usual_usd, 9) AS usual_usd,
  ROUND(judged.usd - judged.usual_usd, 9) AS excess_usd
FROM judged CROSS JOIN clock
WHERE judged.z > $threshold
  AND judged.usd - judged.usual_usd > GREATEST($minimum_excess, $minimum_share * judged.usual_usd)$expected
ORDER BY excess_usd DESC, judged.service, judged.day
