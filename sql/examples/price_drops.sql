-- The largest price drops of the last day among products in stock that still cost that little.
SELECT
    left(title, 36) AS title,
    category,
    old_price AS was,
    price AS now,
    round(-percent)::INTEGER AS "drop %"
FROM price_drops(1)
WHERE in_stock AND price <= new_price
ORDER BY "drop %" DESC, was DESC
LIMIT 10;
