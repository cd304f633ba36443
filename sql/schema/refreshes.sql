CREATE TABLE refreshes (
    refresh_id VARCHAR NOT NULL,
    run_id VARCHAR NOT NULL,
    category VARCHAR NOT NULL,
    feed VARCHAR NOT NULL,
    mode VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    from_version BIGINT,
    to_version BIGINT,
    started_at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ NOT NULL,
    page_count INTEGER NOT NULL,
    seen_count BIGINT NOT NULL,
    new_count BIGINT NOT NULL,
    changed_count BIGINT NOT NULL,
    delisted_count BIGINT NOT NULL,
    rejected_count BIGINT NOT NULL,
    error VARCHAR
);

COMMENT ON TABLE refreshes IS 'One refresh of one category: what it did, or why it did not.';
COMMENT ON COLUMN refreshes.refresh_id IS 'Unique id of this category''s refresh.';
COMMENT ON COLUMN refreshes.run_id IS 'The run of the command that it belongs to.';
COMMENT ON COLUMN refreshes.category IS 'The category''s name in the directory; books for the tree of books.';
COMMENT ON COLUMN refreshes.feed IS 'Which feed was read: product, top, books, dump or lookup; repair where none was.';
COMMENT ON COLUMN refreshes.mode IS 'full: every product; delta: the changes since from_version; in_stock: every product in stock, which delists nothing and moves no version; list: a list of some products; dump: the rows of a dump; skip: nothing was new; replay: rejected records that were taken later; rollback: put back to what it was; remove: taken out of the mirror; unlisted: the directory did not list it; repair: what the checks found was repaired without the vendor.';
COMMENT ON COLUMN refreshes.status IS 'done or failed; a failed refresh changed no product.';
COMMENT ON COLUMN refreshes.from_version IS 'Version the mirror stood at; null for none.';
COMMENT ON COLUMN refreshes.to_version IS 'Version it stands at after this refresh.';
COMMENT ON COLUMN refreshes.started_at IS 'When the walk began, UTC.';
COMMENT ON COLUMN refreshes.finished_at IS 'When it was committed or given up, UTC.';
COMMENT ON COLUMN refreshes.page_count IS 'Pages walked.';
COMMENT ON COLUMN refreshes.seen_count IS 'Records in them, the rejected ones included.';
COMMENT ON COLUMN refreshes.new_count IS 'Products seen for the first time.';
COMMENT ON COLUMN refreshes.changed_count IS 'Known products whose row changed, returns included.';
COMMENT ON COLUMN refreshes.delisted_count IS 'Products that left the catalogue.';
COMMENT ON COLUMN refreshes.rejected_count IS 'Records that it put into rejected_records.';
COMMENT ON COLUMN refreshes.error IS 'Why it failed; null when done.';
