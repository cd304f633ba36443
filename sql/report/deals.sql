-- What costs least against its own average of 30 days.
SELECT
    product_id,
    deal.title,
    deal.brand,
    deal.category,
    deal.currency,
    deal.price,
    deal.average_30_days,
    deal.lowest_30_days,
    deal.observed_days_of_30,
    deal.percent_below_average,
    deal.is_lowest,
    report_link(product_id, deal.product_url) AS link
FROM deals(10) AS deal
ORDER BY deal.percent_below_average DESC, product_id
LIMIT 12;
