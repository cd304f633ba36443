-- FROM product_links('my-affid'): every product with a link that earns for that affid. The lake
-- does not know whose it is, so the affid is asked for; up to two sub-ids may follow it. For
-- sub-ids that differ by row, use affiliate_url itself. affiliate_url is null where the mirror's
-- link is not the shop's.
CREATE OR REPLACE MACRO tracked_products(affid, sub1, sub2) AS TABLE
SELECT
    product_id,
    title,
    brand,
    category,
    in_stock,
    is_available,
    product_url,
    tracked_link(coalesce(product_url, canonical_url(product_id)), affid, sub1, sub2)
        AS affiliate_url
FROM products;

CREATE OR REPLACE MACRO product_links
(affid) AS TABLE (FROM tracked_products(affid, NULL, NULL)),
(affid, sub1) AS TABLE (FROM tracked_products(affid, sub1, NULL)),
(affid, sub1, sub2) AS TABLE (FROM tracked_products(affid, sub1, sub2));
