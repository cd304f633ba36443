-- Nodes of the tree of books to change and to add.
SELECT count(*) FILTER (is_known), count(*) FILTER (NOT is_known) FROM tree_news;
