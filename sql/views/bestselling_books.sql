-- The current list of every book category that stands, with the category's place in the tree.
CREATE OR REPLACE VIEW bestselling_books AS
WITH latest AS (
    SELECT
        code,
        max(observed_at) AS observed_at
    FROM top_books
    GROUP BY code
)
SELECT
    code,
    array_to_string(node.path, ' > ') AS path,
    node.depth,
    top.rank,
    product_id,
    product.title,
    product.book.authors AS authors,
    product.currency,
    effective_price(product.special_price, product.selling_price) AS price,
    product.in_stock,
    product.product_url,
    top.observed_at
FROM top_books AS top
JOIN latest USING (code, observed_at)
JOIN book_categories AS node USING (code)
LEFT JOIN products AS product USING (product_id)
WHERE top.product_id IS NOT NULL AND node.delisted_at IS NULL;

COMMENT ON VIEW bestselling_books IS 'One book in the current list of a book category: code of the category, path of names from the root joined with >, depth (root 0), rank, product_id, title, authors, currency, price (special price, else selling price), in_stock, product_url, observed_at of the list, UTC.';
