INSERT INTO book_categories
SELECT code, name, parent_code, depth, path, getvariable('merged_at'), NULL
FROM tree_news
WHERE NOT is_known;
