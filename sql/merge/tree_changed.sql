MERGE INTO book_categories AS known
USING (SELECT * FROM tree_news WHERE is_known) AS node
    ON known.code = node.code
WHEN MATCHED THEN UPDATE SET
    name = coalesce(node.name, known.name),
    parent_code = CASE WHEN node.is_gone THEN known.parent_code ELSE node.parent_code END,
    depth = coalesce(node.depth, known.depth),
    path = coalesce(node.path, known.path),
    delisted_at = CASE WHEN node.is_gone THEN getvariable('merged_at') END;
