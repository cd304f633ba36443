CREATE TABLE category_versions (
    category VARCHAR NOT NULL,
    version BIGINT NOT NULL,
    refresh_id VARCHAR NOT NULL,
    mirrored_at TIMESTAMPTZ NOT NULL
);

COMMENT ON TABLE category_versions IS 'Each delta version of a category that was mirrored; the newest row a category is where it stands.';
COMMENT ON COLUMN category_versions.category IS 'The category''s name in the directory.';
COMMENT ON COLUMN category_versions.version IS 'The upstream''s delta version, read before the walk began.';
COMMENT ON COLUMN category_versions.refresh_id IS 'The refresh that brought the mirror to it.';
COMMENT ON COLUMN category_versions.mirrored_at IS 'When that refresh was committed, UTC.';
