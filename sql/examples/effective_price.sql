-- What the catalogue costs, category by category, at the prices that shoppers pay.
SELECT
    category,
    count(effective_price(special_price, selling_price)) AS priced_count,
    median(effective_price(special_price, selling_price))::DECIMAL(12, 2) AS median_price
FROM products
WHERE is_available
GROUP BY category
ORDER BY category;
