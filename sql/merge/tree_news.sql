-- Nodes of the tree that came, changed, left or came back.
CREATE OR REPLACE TEMP TABLE tree_news AS
SELECT
    coalesce(node.code, known.code) AS code,
    node.name,
    node.parent_code,
    node.depth,
    node.path,
    known.code IS NOT NULL AS is_known,
    node.code IS NULL AS is_gone
FROM book_tree AS node
FULL JOIN book_categories AS known USING (code)
WHERE
    known.code IS NULL
    OR (node.code IS NULL AND known.delisted_at IS NULL)
    OR (
        node.code IS NOT NULL
        AND (
            known.delisted_at IS NOT NULL
            OR known.name <> node.name
            OR known.parent_code IS DISTINCT FROM node.parent_code
            OR known.path <> node.path
        )
    );
