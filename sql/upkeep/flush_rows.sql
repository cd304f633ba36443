-- Rows that the catalogue holds itself go to files. It must come before the rewriting: flushed
-- afterwards they double the rows of older snapshots (DuckLake 1.0, issue 1406).
SELECT coalesce(sum(rows_flushed), 0)::BIGINT
FROM ducklake_flush_inlined_data('lake');
