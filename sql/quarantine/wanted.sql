-- The rejected records that are meant. One is overtaken where the mirror has seen its product since, or
-- has since listed its whole category, put it back or removed it.
CREATE OR REPLACE TEMP VIEW wanted AS
SELECT
    reject.*,
    octet_length(reject.raw) < reject.raw_byte_count AS is_capped,
    settled.refresh_id IS NOT NULL
    OR coalesce(walked.started_at > reject.rejected_at, false) AS is_overtaken
FROM rejected_records AS reject
LEFT JOIN settled_records AS settled USING (refresh_id, page_number, record_number)
LEFT JOIN (
    SELECT
        category,
        max(started_at) AS started_at
    FROM refreshes
    WHERE feed = 'product' AND status = 'done' AND mode IN ('full', 'rollback', 'remove')
    GROUP BY category
) AS walked ON walked.category = reject.category
WHERE
    (
        len(getvariable('wanted_reasons')) = 0
        OR list_contains(getvariable('wanted_reasons'), reject.reason)
    )
    AND (
        len(getvariable('wanted_categories')) = 0
        OR list_contains(getvariable('wanted_categories'), reject.category)
    )
    AND (
        len(getvariable('wanted_feeds')) = 0
        OR list_contains(getvariable('wanted_feeds'), reject.feed)
    );
