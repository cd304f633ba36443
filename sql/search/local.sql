-- Products of the mirror that have every word, best first: a word in the title counts most, then
-- in the brand, then in the category's path; a title that begins with the words goes before.
WITH question AS (
    SELECT list_distinct(string_split_regex(lower(trim($words)), '\s+')) AS words
),
scored AS (
    SELECT
        product.product_id,
        product.title,
        product.brand,
        product.mrp,
        product.selling_price,
        product.special_price,
        product.in_stock,
        product.product_url,
        list_sum(
            list_transform(
                question.words,
                lambda word:
                    3 * contains(lower(product.title), word)::INTEGER
                    + 2 * coalesce(contains(lower(product.brand), word), false)::INTEGER
                    + coalesce(contains(lower(product.category_path), word), false)::INTEGER
            )
        ) AS score,
        starts_with(lower(product.title), lower(trim($words))) AS starts
    FROM products AS product, question
    WHERE
        product.is_available
        AND len(
            list_filter(
                question.words,
                lambda word: contains(
                    lower(concat_ws(' ', product.title, product.brand, product.category_path)),
                    word
                )
            )
        ) = len(question.words)
)
SELECT * EXCLUDE (score, starts)
FROM scored
ORDER BY starts DESC, score DESC, in_stock DESC NULLS LAST, length(title), product_id
LIMIT $most;
