-- Rows of lists that changed.
SELECT count(*) FROM ranking_news;
