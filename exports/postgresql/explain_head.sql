-- Times and plans of each query, before and after. Fill in values.sql, then: psql DATABASE --file=explain.sql
-- Run it before indexes.sql and after it. On a copy: EXPLAIN ANALYZE runs the queries (reading only).
\set ON_ERROR_STOP on
\ir values.sql
BEGIN TRANSACTION READ ONLY;
SET LOCAL plan_cache_mode = force_custom_plan;
