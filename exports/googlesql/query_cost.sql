-- Queries that cost more on demand than they may, as Cloudlever's rule "Query cost" finds them (GoogleSQL).
-- $usd_per_tib USD a TiB of bytes billed; found above $threshold USD. Queries of a reservation cost nothing here, and a script's
-- bytes are its statements'. The schedule sets @run_time; what ended in the $window_days days before it is told.
-- As CSV (bq query --format=csv) the answer is what `watch --jobs` reads.
SELECT
  job.creation_time,
  job.project_id,
  job.job_id,
  job.user_email,
  job.total_bytes_billed,
  ROUND(job.total_bytes_billed / POW(2, 40) * $usd_per_tib, 6) AS cost_usd
FROM `$jobs` AS job
WHERE job.creation_time >= TIMESTAMP_SUB(@run_time, INTERVAL $listed_days DAY)
  AND job.end_time > TIMESTAMP_SUB(@run_time, INTERVAL $window_days DAY)
  AND job.end_time <= @run_time
  AND job.job_type = 'QUERY'
  AND IFNULL(job.statement_type, '') <> 'SCRIPT'
  AND job.reservation_id IS NULL
  AND job.total_bytes_billed / POW(2, 40) * $usd_per_tib > $threshold
ORDER BY job.total_bytes_billed DESC, job.job_id
