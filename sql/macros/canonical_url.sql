-- canonical_url(product_id): a link to the product with this id, without an affid, by convention
-- and not by documentation; see feeds/link.py. Null for what is no product id.
CREATE OR REPLACE MACRO canonical_url(product_id) AS
CASE
    WHEN regexp_full_match(product_id, '[A-Za-z0-9]{8,32}')
        THEN 'https://dl.flipkart.com/dl/product/p/itme?pid=' || product_id
END;
