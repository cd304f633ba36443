-- What is to become of each record that can be read today. What is taken must be the last that was
-- said of its product.
CREATE OR REPLACE TEMP TABLE verdicts AS
WITH candidate AS (
    SELECT
        readable.refresh_id,
        readable.page_number,
        readable.record_number,
        readable.product_id,
        readable.is_available IS FALSE AS is_deletion,
        reject.category,
        reject.feed,
        reject.rejected_at,
        -- Sightings are noted from the moment at which the record was kept, and by the id it showed.
        CASE
            WHEN reject.product_id = readable.product_id THEN own.finished_at
            ELSE 'infinity'::TIMESTAMPTZ
        END AS watched_from
    FROM readable
    JOIN rejected_records AS reject USING (refresh_id, page_number, record_number)
    JOIN refreshes AS own USING (refresh_id)
),
claim AS (
    SELECT
        coalesce(candidate.product_id, reject.product_id) AS product_id,
        refresh_id,
        reject.rejected_at,
        coalesce(NOT candidate.is_deletion, false) AS is_candidate
    FROM rejected_records AS reject
    LEFT JOIN candidate USING (refresh_id, page_number, record_number)
    UNION ALL
    SELECT product_id, refresh_id, rejected_at, false
    FROM settled_records
    WHERE outcome = 'taken'
),
-- A later record of the product waits here too or was taken, or one of the same walk that is not to
-- be taken now.
followed AS (
    SELECT DISTINCT
        candidate.refresh_id,
        candidate.page_number,
        candidate.record_number
    FROM candidate
    JOIN claim
        ON claim.product_id = candidate.product_id
        AND claim.rejected_at >= candidate.rejected_at
        AND (claim.refresh_id <> candidate.refresh_id OR NOT claim.is_candidate)
),
-- A walk that may have seen the product was merged before sightings were noted.
doubtful AS (
    SELECT DISTINCT
        candidate.refresh_id,
        candidate.page_number,
        candidate.record_number
    FROM candidate
    JOIN refreshes AS other
        ON other.refresh_id <> candidate.refresh_id
        AND other.status = 'done'
        AND other.finished_at > candidate.rejected_at
        AND other.finished_at <= candidate.watched_from
    LEFT JOIN product_categories AS member
        ON member.product_id = candidate.product_id AND member.category = other.category
    LEFT JOIN top_products AS topped
        ON topped.product_id = candidate.product_id AND topped.category = other.category
    LEFT JOIN top_books AS read_book ON read_book.product_id = candidate.product_id
    WHERE CASE other.feed
        WHEN 'top' THEN topped.product_id IS NOT NULL
        WHEN 'books' THEN read_book.product_id IS NOT NULL
        WHEN 'lookup' THEN true
        ELSE
            other.mode NOT IN ('skip', 'replay', 'unlisted')
            AND (other.category = candidate.category OR member.product_id IS NOT NULL)
    END
)
SELECT
    candidate.refresh_id,
    candidate.page_number,
    candidate.record_number,
    CASE
        WHEN candidate.is_deletion THEN 'deletion'
        WHEN
            followed.refresh_id IS NOT NULL
            OR doubtful.refresh_id IS NOT NULL
            OR coalesce(known.changed_at >= candidate.rejected_at, false)
            THEN 'overtaken'
        WHEN known.delisted_at IS NOT NULL OR member.delisted_at IS NOT NULL THEN 'delisted'
        ELSE 'taken'
    END AS verdict
FROM candidate
LEFT JOIN followed USING (refresh_id, page_number, record_number)
LEFT JOIN doubtful USING (refresh_id, page_number, record_number)
LEFT JOIN products AS known ON known.product_id = candidate.product_id
LEFT JOIN product_categories AS member
    ON member.product_id = candidate.product_id AND member.category = candidate.category;
