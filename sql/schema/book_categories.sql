CREATE TABLE book_categories (
    code VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    parent_code VARCHAR,
    depth INTEGER NOT NULL,
    path VARCHAR[] NOT NULL,
    first_seen_at TIMESTAMPTZ NOT NULL,
    delisted_at TIMESTAMPTZ
);

COMMENT ON TABLE book_categories IS 'The tree of book categories, one row a node.';
COMMENT ON COLUMN book_categories.code IS 'Full code such as bks-fnf-fs6; unique.';
COMMENT ON COLUMN book_categories.name IS 'Name of the node.';
COMMENT ON COLUMN book_categories.parent_code IS 'Full code of the node above; null for the root.';
COMMENT ON COLUMN book_categories.depth IS 'Steps from the root, which is 0.';
COMMENT ON COLUMN book_categories.path IS 'Names from the root to the node.';
COMMENT ON COLUMN book_categories.first_seen_at IS 'When the mirror first saw it, UTC.';
COMMENT ON COLUMN book_categories.delisted_at IS 'When the mirror saw it leave the tree, UTC; null while it stands.';
