-- What a dump older than the mirror knows and the mirror does not. Prices and stock are left alone:
-- they were what they were on the dump's day, and price_history is about days that were seen.
MERGE INTO products AS known
USING (SELECT * FROM arrivals WHERE kind = 'fills') AS arrival
    ON known.product_id = arrival.product_id
WHEN MATCHED THEN UPDATE SET
    ${filled_assignments},
    changed_at = greatest(getvariable('merged_at'), known.changed_at + INTERVAL 1 microsecond);
