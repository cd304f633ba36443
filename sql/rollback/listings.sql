MERGE INTO product_categories AS listing
USING listings_back AS back
    ON listing.product_id = back.product_id
    AND listing.category = getvariable('category')
WHEN MATCHED THEN UPDATE SET delisted_at = back.delisted_at;
