CREATE TABLE top_products (
    category VARCHAR NOT NULL,
    observed_at TIMESTAMPTZ NOT NULL,
    rank INTEGER NOT NULL,
    product_id VARCHAR,
    refresh_id VARCHAR NOT NULL
);

COMMENT ON TABLE top_products IS 'Top sellers of a category by rank, a whole list each time it was seen to change.';
COMMENT ON COLUMN top_products.category IS 'The category''s name in the directory.';
COMMENT ON COLUMN top_products.observed_at IS 'When the list was fetched, UTC; it held until the category''s next list.';
COMMENT ON COLUMN top_products.rank IS 'Place in the list, from 1; 0 with no product says that the list was empty.';
COMMENT ON COLUMN top_products.product_id IS 'The product; it is in products too.';
COMMENT ON COLUMN top_products.refresh_id IS 'The refresh that saw the list.';
