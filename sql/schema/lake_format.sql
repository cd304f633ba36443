CREATE TABLE lake_format (
    format INTEGER NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

COMMENT ON TABLE lake_format IS 'The layout of these tables, so that a later release knows what it finds.';
COMMENT ON COLUMN lake_format.format IS 'Number of the layout.';
COMMENT ON COLUMN lake_format.created_at IS 'When the lake was made, UTC.';
