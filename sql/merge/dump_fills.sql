-- An older record that has nothing to fill is no news.
DELETE FROM changes
WHERE (page_number, record_number) IN (
    SELECT (arrival.page_number, arrival.record_number)
    FROM arrivals AS arrival
    JOIN products AS known USING (product_id)
    WHERE
        arrival.kind = 'fills'
        AND NOT (
            ${fillable}
        )
);
