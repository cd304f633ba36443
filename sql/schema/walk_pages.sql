CREATE TABLE walk_pages (
    refresh_id VARCHAR NOT NULL,
    page_number INTEGER NOT NULL,
    cursor VARCHAR NOT NULL,
    next_cursor VARCHAR,
    last_product_id VARCHAR,
    record_count INTEGER NOT NULL,
    rejected_count INTEGER NOT NULL,
    byte_count BIGINT NOT NULL,
    content_hash VARCHAR NOT NULL,
    fetched_at TIMESTAMPTZ NOT NULL
);

COMMENT ON TABLE walk_pages IS 'One page of a walk: each names the next, so a gap shows. The proof that a walk was complete.';
COMMENT ON COLUMN walk_pages.refresh_id IS 'The refresh that walked it.';
COMMENT ON COLUMN walk_pages.page_number IS 'Place in the walk, from 1.';
COMMENT ON COLUMN walk_pages.cursor IS 'The page''s own cursor: the last part of its path.';
COMMENT ON COLUMN walk_pages.next_cursor IS 'The cursor of the page it points to; null on the last page.';
COMMENT ON COLUMN walk_pages.last_product_id IS 'The last product id as the upstream states it.';
COMMENT ON COLUMN walk_pages.record_count IS 'Records in the page, the rejected ones included.';
COMMENT ON COLUMN walk_pages.rejected_count IS 'Of those, the rejected ones.';
COMMENT ON COLUMN walk_pages.byte_count IS 'Length of the answer in bytes.';
COMMENT ON COLUMN walk_pages.content_hash IS 'SHA-256 digest, cut to 128 bits, in hex, of the list of records as it came; empty for the pieces of a dump.';
COMMENT ON COLUMN walk_pages.fetched_at IS 'When the page was fetched, UTC.';
