-- The lists of this crossing of the tree: a page a book category.
CREATE OR REPLACE TEMP TABLE ranking AS
SELECT
    step.cursor AS list,
    staged.record_number + 1 AS rank,
    staged.product_id,
    staged.fetched_at
FROM staged_records AS staged
JOIN walk_steps AS step USING (page_number);

CREATE OR REPLACE TEMP TABLE walked_lists AS
SELECT
    cursor AS list,
    fetched_at
FROM walk_steps;
