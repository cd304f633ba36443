CREATE TABLE price_history (
    product_id VARCHAR NOT NULL,
    observed_at TIMESTAMPTZ NOT NULL,
    currency VARCHAR,
    mrp DECIMAL(12, 2),
    selling_price DECIMAL(12, 2),
    special_price DECIMAL(12, 2),
    in_stock BOOLEAN,
    is_available BOOLEAN NOT NULL,
    category VARCHAR,
    feed VARCHAR NOT NULL,
    refresh_id VARCHAR NOT NULL
);

COMMENT ON TABLE price_history IS 'Every change of price, stock or availability; a product''s first row is its first sight.';
COMMENT ON COLUMN price_history.product_id IS 'The product.';
COMMENT ON COLUMN price_history.observed_at IS 'When the page with this state was fetched, UTC; it held until the product''s next row.';
COMMENT ON COLUMN price_history.currency IS 'ISO 4217 code of the amounts.';
COMMENT ON COLUMN price_history.mrp IS 'Maximum retail price; 0 means unknown to the vendor.';
COMMENT ON COLUMN price_history.selling_price IS 'Selling price; 0 means unknown, null an incomplete record.';
COMMENT ON COLUMN price_history.special_price IS 'Price after the promotion of the time; 0 means unknown.';
COMMENT ON COLUMN price_history.in_stock IS 'Whether it was in stock.';
COMMENT ON COLUMN price_history.is_available IS 'Whether the catalogue listed it.';
COMMENT ON COLUMN price_history.category IS 'Category whose refresh saw the change; null for a look-up.';
COMMENT ON COLUMN price_history.feed IS 'Feed that showed it: product, top, books, dump or lookup; rollback where a category was put back; remove where it was taken out; repair where the availability was wrong.';
COMMENT ON COLUMN price_history.refresh_id IS 'The refresh that wrote the row.';
