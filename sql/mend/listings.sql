INSERT INTO product_categories BY NAME
FROM listings_after;
