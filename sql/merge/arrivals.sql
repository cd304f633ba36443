-- The staged rows behind the changes, typed as the tables are. A view: a first mirror of a large
-- category streams through it.
CREATE OR REPLACE TEMP VIEW arrivals AS
SELECT
    staged.* REPLACE (
        map_from_entries(staged.image_urls) AS image_urls,
        coalesce(staged.is_available, true) AND NOT change.stays_delisted AS is_available
    ),
    change.kind,
    change.stays_delisted
FROM staged_records AS staged
JOIN changes AS change USING (page_number, record_number);
