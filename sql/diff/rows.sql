-- The largest changes of each kind first. A name is the newer snapshot's where that knows it.
WITH shown AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY change
            ORDER BY abs(rise) DESC NULLS LAST, coalesce(new_price, old_price) DESC, product_id
        ) AS place
    FROM changes
    QUALIFY place <= coalesce(getvariable('row_limit'), place)
)
SELECT
    shown.change,
    shown.product_id,
    coalesce(new.title, old.title) AS title,
    coalesce(new.category, old.category) AS category,
    shown.currency,
    shown.old_price,
    shown.new_price,
    round(100 * shown.rise, 1)::DOUBLE AS percent
FROM shown
LEFT JOIN products AS new AT (VERSION => getvariable('new_snapshot')) USING (product_id)
LEFT JOIN products AS old AT (VERSION => getvariable('old_snapshot')) USING (product_id)
ORDER BY list_position(getvariable('kinds'), shown.change), shown.place;
