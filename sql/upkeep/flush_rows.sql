-- Small additions that the catalogue holds go to files. A reader in a transaction would miss them
-- from then on.
SELECT coalesce(sum(rows_flushed), 0)::BIGINT
FROM ducklake_flush_inlined_data('lake');
