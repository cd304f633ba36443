CREATE TABLE products (
    product_id VARCHAR NOT NULL,
    title VARCHAR,
    description VARCHAR,
    brand VARCHAR,
    category_path VARCHAR,
    product_url VARCHAR,
    image_urls MAP(VARCHAR, VARCHAR),
    currency VARCHAR,
    mrp DECIMAL(12, 2),
    selling_price DECIMAL(12, 2),
    special_price DECIMAL(12, 2),
    shipping_charge DECIMAL(12, 2),
    discount_percentage DOUBLE,
    in_stock BOOLEAN,
    is_available BOOLEAN NOT NULL,
    cod_available BOOLEAN,
    emi_available BOOLEAN,
    cash_back VARCHAR,
    offers VARCHAR[],
    delivery_time VARCHAR,
    size VARCHAR,
    size_unit VARCHAR,
    color VARCHAR,
    storage VARCHAR,
    display_size VARCHAR,
    style_code VARCHAR,
    product_family VARCHAR[],
    size_variants VARCHAR[],
    color_variants VARCHAR[],
    seller_name VARCHAR,
    seller_rating DOUBLE,
    seller_rating_count BIGINT,
    seller_review_count BIGINT,
    key_specs VARCHAR[],
    detailed_specs VARCHAR[],
    specifications STRUCT("group" VARCHAR, name VARCHAR, "values" VARCHAR[])[],
    book STRUCT("language" VARCHAR, binding VARCHAR, pages INTEGER, publisher VARCHAR, "year" INTEGER, authors VARCHAR[]),
    lifestyle STRUCT(sleeve VARCHAR, neck VARCHAR, ideal_for VARCHAR[]),
    category VARCHAR,
    feed VARCHAR NOT NULL,
    feed_version BIGINT,
    record_source VARCHAR NOT NULL,
    content_hash UBIGINT NOT NULL,
    first_seen_at TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    delisted_at TIMESTAMPTZ
);

COMMENT ON TABLE products IS 'The current state of every product that the mirror has seen, one row a product_id.';
COMMENT ON COLUMN products.product_id IS 'The vendor''s id of the product; unique.';
COMMENT ON COLUMN products.title IS 'Name of the product as listed.';
COMMENT ON COLUMN products.description IS 'Description as listed; may hold line breaks and markup.';
COMMENT ON COLUMN products.brand IS 'Brand as listed.';
COMMENT ON COLUMN products.category_path IS 'The vendor''s own category names from root to leaf, joined with >.';
COMMENT ON COLUMN products.product_url IS 'Link to the product without anybody''s affiliate id, null for a short link; it earns nothing as it is.';
COMMENT ON COLUMN products.image_urls IS 'Picture links by size such as 400x400; unknown is the original.';
COMMENT ON COLUMN products.currency IS 'ISO 4217 code of every amount in the row.';
COMMENT ON COLUMN products.mrp IS 'Maximum retail price in the row''s currency; 0 means unknown to the vendor.';
COMMENT ON COLUMN products.selling_price IS 'Selling price in the row''s currency; 0 means unknown, null an incomplete record.';
COMMENT ON COLUMN products.special_price IS 'Price after the current promotion in the row''s currency; 0 means unknown.';
COMMENT ON COLUMN products.shipping_charge IS 'Shipping charge in the row''s currency.';
COMMENT ON COLUMN products.discount_percentage IS 'Discount in per cent as the vendor states it; not derivable from the prices.';
COMMENT ON COLUMN products.in_stock IS 'Whether the vendor said that it is in stock.';
COMMENT ON COLUMN products.is_available IS 'Whether the catalogue still lists the product; false once it is delisted.';
COMMENT ON COLUMN products.cod_available IS 'Whether cash on delivery is offered.';
COMMENT ON COLUMN products.emi_available IS 'Whether payment by instalments is offered (API v0.1.0 only).';
COMMENT ON COLUMN products.cash_back IS 'Cash-back offer as text (API v0.1.0 only).';
COMMENT ON COLUMN products.offers IS 'Titles of the current offers.';
COMMENT ON COLUMN products.delivery_time IS 'Estimated delivery time as free text.';
COMMENT ON COLUMN products.size IS 'Size of this variant, in size_unit.';
COMMENT ON COLUMN products.size_unit IS 'Unit of size.';
COMMENT ON COLUMN products.color IS 'Colour of this variant.';
COMMENT ON COLUMN products.storage IS 'Storage capacity of this variant as text.';
COMMENT ON COLUMN products.display_size IS 'Display size of this variant as text.';
COMMENT ON COLUMN products.style_code IS 'The maker''s style code (API v0.1.0 only).';
COMMENT ON COLUMN products.product_family IS 'Ids of the variants that belong together; may lack the product itself.';
COMMENT ON COLUMN products.size_variants IS 'Ids of the variants in other sizes (API v0.1.0 only).';
COMMENT ON COLUMN products.color_variants IS 'Ids of the variants in other colours (API v0.1.0 only).';
COMMENT ON COLUMN products.seller_name IS 'Name of the seller whose offer is listed.';
COMMENT ON COLUMN products.seller_rating IS 'Average rating of the seller, 0 to 5.';
COMMENT ON COLUMN products.seller_rating_count IS 'Ratings behind seller_rating.';
COMMENT ON COLUMN products.seller_review_count IS 'Reviews of the seller.';
COMMENT ON COLUMN products.key_specs IS 'Short specifications.';
COMMENT ON COLUMN products.detailed_specs IS 'Longer list of short specifications.';
COMMENT ON COLUMN products.specifications IS 'Specifications, one entry a group and name; JSON feeds and dumps only.';
COMMENT ON COLUMN products.book IS 'What only books have; null for everything else.';
COMMENT ON COLUMN products.lifestyle IS 'What only clothing and the like have; null for everything else.';
COMMENT ON COLUMN products.category IS 'Category of the feed that last changed the row; books for a list of books; null where only look-ups saw it.';
COMMENT ON COLUMN products.feed IS 'Feed that last changed the row: product, delta, top, books, dump or lookup.';
COMMENT ON COLUMN products.feed_version IS 'Delta version of the category that the row''s last change belongs to; null for lists, dumps and replays.';
COMMENT ON COLUMN products.record_source IS 'API version and format of that feed; says which columns it carries.';
COMMENT ON COLUMN products.content_hash IS 'Hash of the columns that record_source carries; tells unchanged records quickly.';
COMMENT ON COLUMN products.first_seen_at IS 'When the mirror first saw the product, UTC.';
COMMENT ON COLUMN products.changed_at IS 'When the mirror last saw anything in the row change, UTC.';
COMMENT ON COLUMN products.delisted_at IS 'When the mirror saw the product leave its last category, UTC; null while listed.';
