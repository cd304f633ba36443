-- A dump newer than the mirror's own walk of the category shows who is in it.
CREATE OR REPLACE TEMP TABLE members AS
SELECT
    product_id,
    fetched_at,
    was_member AS is_return
FROM winners
WHERE joins;
