-- The brands with the most products, and how much of each is in stock.
SELECT
    brand,
    product_count,
    round(100 * in_stock_count / product_count)::INTEGER AS "in stock %",
    median_price,
    average_discount_percentage
FROM brand_summary
ORDER BY product_count DESC, brand
LIMIT 20;
