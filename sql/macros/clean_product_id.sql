-- clean_product_id(product_id): the id in the one form in which product_id holds it, without anything
-- invisible at its ends; null for what is no id, which holds neither quotes nor anything invisible
-- and has 1 to 200 characters. It follows feeds/product/values.py.
CREATE OR REPLACE MACRO clean_product_id(product_id) AS
CASE
    WHEN regexp_full_match(product_id, '[A-Za-z0-9]{1,200}') THEN product_id
    WHEN NOT regexp_matches(stripped(product_id), invisible() || '|"')
        AND length(stripped(product_id)) BETWEEN 1 AND 200
        THEN stripped(product_id)
END;
