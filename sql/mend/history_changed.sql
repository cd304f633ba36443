-- An update and no new row: alert rules tell what is new.
MERGE INTO price_history AS kept
USING (FROM history_after WHERE is_kept AND is_changed) AS after
    ON kept.rowid = after.place
WHEN MATCHED THEN UPDATE SET
    product_id = after.product_id,
    observed_at = after.observed_at;
