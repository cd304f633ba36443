-- The products that a delta names, deleted and rejected ones among them: what differs in them is
-- news that the mirror has not asked for yet.
CREATE OR REPLACE TEMP TABLE news AS
SELECT DISTINCT product_id
FROM read_parquet(getvariable('news_pages'))
UNION
SELECT product_id
FROM news_rejects
WHERE product_id IS NOT NULL;
