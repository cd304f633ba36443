-- The three best sellers of every kind of book, with what they cost.
SELECT
    path,
    rank,
    title,
    authors,
    price
FROM bestselling_books
WHERE rank <= 3 AND depth > 0
ORDER BY path, rank;
