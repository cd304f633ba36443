-- Today's best deals: a tenth below the month's average, never cheaper in that time, a good seller.
SELECT
    title,
    price,
    average_30_days,
    percent_below_average,
    seller_rating
FROM deals(10)
WHERE is_lowest AND seller_rating >= 3 AND observed_days_of_30 >= 7
ORDER BY percent_below_average DESC
LIMIT 20;
