-- What a merchant feed says of the products that a query names and the catalogue still lists.
SELECT
    product_id,
    title,
    description,
    brand,
    image_urls,
    currency,
    effective_price(special_price, selling_price) AS price,
    in_stock,
    tracked_link(coalesce(product_url, canonical_url(product_id)), ${affid}, ${sub1}, ${sub2})
        AS link
FROM products
WHERE
    is_available
    AND product_id IN (
        SELECT product_id
        FROM (
            ${query}
        )
    );
