-- What the catalogue lists of each brand.
CREATE OR REPLACE VIEW brand_summary AS
WITH listed AS (
    SELECT
        brand,
        category,
        currency,
        effective_price(special_price, selling_price) AS price,
        in_stock,
        discount_percentage,
        seller_rating
    FROM products
    WHERE is_available AND brand IS NOT NULL
)
SELECT
    brand,
    count(*) AS product_count,
    count(*) FILTER (in_stock) AS in_stock_count,
    count(DISTINCT category) AS category_count,
    CASE WHEN min(currency) = max(currency) THEN min(currency) END AS currency,
    CASE WHEN min(currency) = max(currency) THEN min(price) END AS lowest_price,
    CASE WHEN min(currency) = max(currency) THEN median(price)::DECIMAL(12, 2) END AS median_price,
    CASE WHEN min(currency) = max(currency) THEN max(price) END AS highest_price,
    round(avg(discount_percentage), 1) AS average_discount_percentage,
    round(avg(seller_rating), 2) AS average_seller_rating
FROM listed
GROUP BY brand;

COMMENT ON VIEW brand_summary IS 'One brand and what the catalogue lists of it now: brand as listed, product_count, in_stock_count, category_count, currency, lowest_price, median_price and highest_price (special price, else selling price; these four are null for a brand with several currencies), average_discount_percentage as the vendor states it, average_seller_rating. Products without a brand are left out.';
