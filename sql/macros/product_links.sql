-- FROM product_links('my-affid'): every product with a link that earns for that affid. The lake
-- does not know whose it is, so the affid is asked for; the sub-ids may be left out. For sub-ids
-- that differ by row, use affiliate_url itself. affiliate_url is null where the mirror's link is
-- not the shop's.
CREATE OR REPLACE MACRO product_links(
    affid, sub1 := NULL::VARCHAR, sub2 := NULL::VARCHAR
) AS TABLE
SELECT
    product_id,
    title,
    brand,
    category,
    in_stock,
    is_available,
    product_url,
    affiliate_url(coalesce(product_url, canonical_url(product_id)), affid, sub1, sub2)
        AS affiliate_url
FROM products;
