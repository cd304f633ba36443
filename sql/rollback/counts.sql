SELECT
    count(*) FILTER (back.is_available OR NOT present.is_available) AS changed_count,
    count(*) FILTER (present.is_available AND NOT back.is_available) AS delisted_count,
    (SELECT count(*) FROM listings_back) AS listing_count
FROM products_back AS back
JOIN products AS present USING (product_id);
