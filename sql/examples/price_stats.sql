-- Products in stock at their lowest price of 90 days, of which at least a week was observed.
SELECT
    product.title,
    stats.lowest_90_days,
    stats.average_90_days,
    stats.highest_90_days,
    round(stats.observed_days_of_90, 1) AS observed_days
FROM price_stats AS stats
JOIN products AS product USING (product_id)
WHERE
    product.is_available
    AND product.in_stock
    AND effective_price(product.special_price, product.selling_price) = stats.lowest_90_days
    AND stats.lowest_90_days < stats.highest_90_days
    AND stats.observed_days_of_90 >= 7
ORDER BY stats.lowest_90_days / stats.average_90_days, product.title
LIMIT 20;
