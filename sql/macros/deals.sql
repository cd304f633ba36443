-- FROM deals(least_percent): products in stock that cost at least so many per cent less than they
-- did on average over the 30 days up to the mirror's last check; see price_stats for what counts.
CREATE OR REPLACE MACRO deals(least_percent) AS TABLE
WITH offer AS (
    SELECT
        *,
        effective_price(special_price, selling_price) AS price
    FROM products
    WHERE is_available AND in_stock
)
SELECT
    product_id,
    offer.title,
    offer.brand,
    offer.category,
    currency,
    offer.price,
    stats.average_30_days,
    stats.lowest_30_days,
    round(stats.observed_days_of_30, 1) AS observed_days_of_30,
    round(100 * (stats.average_30_days - offer.price) / stats.average_30_days, 1)::DOUBLE
        AS percent_below_average,
    offer.price <= stats.lowest_30_days AS is_lowest,
    offer.mrp,
    offer.seller_name,
    offer.seller_rating,
    offer.seller_rating_count,
    offer.product_url
FROM offer
JOIN price_stats AS stats USING (product_id, currency)
WHERE
    100 * (stats.average_30_days - offer.price) >= least_percent * stats.average_30_days
    AND offer.price < stats.average_30_days;

-- FROM deal_links(least_percent, 'my-affid'): the same with links that earn for that affid; up to
-- two sub-ids may follow it. affiliate_url is null where the mirror's link is not the shop's.
CREATE OR REPLACE MACRO deal_links
(least_percent, affid) AS TABLE (
    SELECT
        *,
        tracked_link(coalesce(product_url, canonical_url(product_id)), affid, NULL, NULL)
            AS affiliate_url
    FROM deals(least_percent)
),
(least_percent, affid, sub1) AS TABLE (
    SELECT
        *,
        tracked_link(coalesce(product_url, canonical_url(product_id)), affid, sub1, NULL)
            AS affiliate_url
    FROM deals(least_percent)
),
(least_percent, affid, sub1, sub2) AS TABLE (
    SELECT
        *,
        tracked_link(coalesce(product_url, canonical_url(product_id)), affid, sub1, sub2)
            AS affiliate_url
    FROM deals(least_percent)
);
