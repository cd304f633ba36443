CREATE TABLE rejected_records (
    refresh_id VARCHAR NOT NULL,
    category VARCHAR NOT NULL,
    feed VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    detail VARCHAR NOT NULL,
    product_id VARCHAR,
    page_number INTEGER NOT NULL,
    cursor VARCHAR NOT NULL,
    record_number INTEGER NOT NULL,
    line BIGINT,
    record_source VARCHAR NOT NULL,
    header VARCHAR,
    raw BLOB NOT NULL,
    raw_byte_count BIGINT NOT NULL,
    rejected_at TIMESTAMPTZ NOT NULL
);

COMMENT ON TABLE rejected_records IS 'Records that could not be taken; the rest of their pages was. One that a replay takes leaves; settled_records says which.';
COMMENT ON COLUMN rejected_records.refresh_id IS 'The refresh that met it.';
COMMENT ON COLUMN rejected_records.category IS 'The category''s name in the directory.';
COMMENT ON COLUMN rejected_records.feed IS 'Feed it came in.';
COMMENT ON COLUMN rejected_records.reason IS 'no_product_id, bad_price, bad_value, not_a_record or bad_row.';
COMMENT ON COLUMN rejected_records.detail IS 'What exactly was wrong, and where in the record.';
COMMENT ON COLUMN rejected_records.product_id IS 'The product''s id where the record shows one; it is not delisted for being rejected.';
COMMENT ON COLUMN rejected_records.page_number IS 'Page of the walk it stood in, from 1.';
COMMENT ON COLUMN rejected_records.cursor IS 'That page''s cursor.';
COMMENT ON COLUMN rejected_records.record_number IS 'Place in that page, from 0.';
COMMENT ON COLUMN rejected_records.line IS 'Line of the dump that it begins at, from 1, the header''s included; null for other feeds.';
COMMENT ON COLUMN rejected_records.record_source IS 'API version and format of its page or dump, such as v1.1.0 json: how its bytes are to be read.';
COMMENT ON COLUMN rejected_records.header IS 'The first line of the dump it stood in, which names its columns; null for other feeds.';
COMMENT ON COLUMN rejected_records.raw IS 'The record''s bytes as they came, at most 65,536 of them.';
COMMENT ON COLUMN rejected_records.raw_byte_count IS 'Length of the whole record in bytes.';
COMMENT ON COLUMN rejected_records.rejected_at IS 'When its page was fetched, or the day of its dump, UTC.';
