-- What a walk without a page staged: nothing, in the columns of what others stage.
CREATE OR REPLACE TEMP VIEW staged_records AS
SELECT
    * EXCLUDE (category, feed, feed_version, first_seen_at, changed_at, delisted_at)
    REPLACE (map_entries(image_urls) AS image_urls),
    0 AS page_number,
    0 AS record_number,
    changed_at AS fetched_at
FROM products
WHERE false;
