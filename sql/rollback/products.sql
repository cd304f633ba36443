MERGE INTO products
USING products_back AS back
    ON products.product_id = back.product_id
WHEN MATCHED THEN UPDATE BY NAME;
