-- A hash tells records of one source apart. Of two sources that carry different columns, only the
-- columns themselves can: what they show to be the same is no change.
DELETE FROM changes
WHERE (page_number, record_number) IN (
    SELECT (arrival.page_number, arrival.record_number)
    FROM arrivals AS arrival
    JOIN products AS known USING (product_id)
    WHERE
        arrival.kind = 'changed'
        AND arrival.record_source = getvariable('record_source')
        AND known.record_source <> arrival.record_source
        AND ${carried_same}
);
