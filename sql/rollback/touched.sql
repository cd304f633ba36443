-- The products whose row is not what it is to be. Only rows that this category wrote last are put
-- back: what another category has said since is newer. Few columns are read here, and whole rows
-- of few products after it.
CREATE OR REPLACE TEMP TABLE touched AS
SELECT
    product_id,
    coalesce(
        present.category = getvariable('category') AND past.changed_at <> present.changed_at,
        false
    ) AS goes_back
FROM products AS present
LEFT JOIN products AS past AT (VERSION => getvariable('target')) USING (product_id)
LEFT JOIN listed USING (product_id)
WHERE goes_back OR present.is_available <> listed.is_listed;
