-- Drops the indexes that indexes.sql made (they carry its mark). Run: psql DATABASE --file=undo.sql
\set ON_ERROR_STOP on
SET lock_timeout = '5s';

SELECT format('DROP INDEX CONCURRENTLY %s', indexrelid::regclass) FROM pg_index
WHERE obj_description(indexrelid, 'pg_class') = 'MARK'
\gexec
