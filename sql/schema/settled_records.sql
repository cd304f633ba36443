CREATE TABLE settled_records (
    refresh_id VARCHAR NOT NULL,
    page_number INTEGER NOT NULL,
    record_number INTEGER NOT NULL,
    product_id VARCHAR,
    rejected_at TIMESTAMPTZ NOT NULL,
    outcome VARCHAR NOT NULL,
    settled_by VARCHAR NOT NULL,
    settled_at TIMESTAMPTZ NOT NULL
);

COMMENT ON TABLE settled_records IS 'What became of rejected records, one row each once it is known.';
COMMENT ON COLUMN settled_records.refresh_id IS 'The refresh that rejected it.';
COMMENT ON COLUMN settled_records.page_number IS 'Page of that walk it stood in, from 1.';
COMMENT ON COLUMN settled_records.record_number IS 'Place in that page, from 0.';
COMMENT ON COLUMN settled_records.product_id IS 'Its product, as it was read or as it shows; null where it shows none.';
COMMENT ON COLUMN settled_records.rejected_at IS 'When its page was fetched, or the day of its dump, UTC.';
COMMENT ON COLUMN settled_records.outcome IS 'taken: a replay merged it, and it left rejected_records; overtaken: the mirror has seen its product since, and it stays there.';
COMMENT ON COLUMN settled_records.settled_by IS 'The refresh that took it or saw its product.';
COMMENT ON COLUMN settled_records.settled_at IS 'When that refresh was committed, UTC.';
