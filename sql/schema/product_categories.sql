CREATE TABLE product_categories (
    product_id VARCHAR NOT NULL,
    category VARCHAR NOT NULL,
    first_seen_at TIMESTAMPTZ NOT NULL,
    delisted_at TIMESTAMPTZ
);

COMMENT ON TABLE product_categories IS 'Which product is listed in which category.';
COMMENT ON COLUMN product_categories.product_id IS 'The product.';
COMMENT ON COLUMN product_categories.category IS 'The category''s name in the directory.';
COMMENT ON COLUMN product_categories.first_seen_at IS 'When the mirror first saw it there, UTC.';
COMMENT ON COLUMN product_categories.delisted_at IS 'When the mirror saw it leave, UTC; null while it is listed there.';
