-- An index that failed half-way stays behind as invalid and is not used: drop and make it again.
SELECT indexrelid::regclass AS invalid_index FROM pg_index WHERE NOT indisvalid;
