CREATE TABLE top_books (
    code VARCHAR NOT NULL,
    observed_at TIMESTAMPTZ NOT NULL,
    rank INTEGER NOT NULL,
    product_id VARCHAR,
    refresh_id VARCHAR NOT NULL
);

COMMENT ON TABLE top_books IS 'Best books of a book category by rank, a whole list each time it was seen to change.';
COMMENT ON COLUMN top_books.code IS 'Full code of the book category, as in book_categories.';
COMMENT ON COLUMN top_books.observed_at IS 'When the list was fetched, UTC; it held until the category''s next list.';
COMMENT ON COLUMN top_books.rank IS 'Place in the list, from 1; 0 with no product says that the list was empty.';
COMMENT ON COLUMN top_books.product_id IS 'The book; it is in products too.';
COMMENT ON COLUMN top_books.refresh_id IS 'The refresh that saw the list.';
