-- Indexes of the plan. Run: psql DATABASE --file=indexes.sql
-- CONCURRENTLY cannot run within a transaction: no BEGIN here, and no --single-transaction.
\set ON_ERROR_STOP on
SET lock_timeout = '5s';
