-- The history of the chosen products as it should have been written, row by row. A product that a walk
-- met under another spelling of its id had not left. Where two spellings tell the same time, the one
-- that is right is kept; a row that tells no change is none.
CREATE OR REPLACE TEMP TABLE history_after AS
WITH dated AS (
    SELECT
        history.rowid AS place,
        chosen.clean_id AS product_id,
        history.product_id = chosen.clean_id AS is_clean,
        CASE
            WHEN history.observed_at > getvariable('repaired_at')
                THEN coalesce(refresh_times.ended_at, getvariable('repaired_at')) - to_microseconds(
                    count(*) OVER same_refresh
                    - row_number() OVER (same_refresh ORDER BY history.observed_at)
                )
            ELSE history.observed_at
        END AS observed_at,
        history.observed_at AS told_at,
        history.currency,
        history.mrp,
        history.selling_price,
        history.special_price,
        history.in_stock,
        history.is_available,
        NOT history.is_available AND bool_or(
            history.is_available AND history.product_id <> chosen.clean_id
        ) OVER same_refresh AS is_under_another_id,
        NOT history.is_available AND bool_or(history.is_available) OVER same_refresh
        AND history.product_id <> chosen.clean_id AS is_left_for_the_clean_id
    FROM price_history AS history
    JOIN chosen USING (product_id)
    LEFT JOIN refresh_times USING (refresh_id)
    WINDOW same_refresh AS (PARTITION BY chosen.clean_id, history.refresh_id)
),
told AS (
    FROM dated
    WHERE NOT is_under_another_id AND NOT is_left_for_the_clean_id
    QUALIFY
        row_number() OVER (
            PARTITION BY product_id, observed_at
            ORDER BY is_available DESC, is_clean DESC, place DESC
        ) = 1
),
changes AS (
    FROM told
    WINDOW same_product AS (PARTITION BY product_id ORDER BY observed_at)
    QUALIFY
        row_number() OVER same_product = 1
        OR (product_id IN (SELECT clean_id FROM spellings)) IS NOT TRUE
        OR (currency, mrp, selling_price, special_price, in_stock, is_available) IS DISTINCT FROM (
            lag(currency) OVER same_product,
            lag(mrp) OVER same_product,
            lag(selling_price) OVER same_product,
            lag(special_price) OVER same_product,
            lag(in_stock) OVER same_product,
            lag(is_available) OVER same_product
        )
)
SELECT
    dated.place,
    dated.product_id,
    dated.observed_at,
    dated.currency,
    dated.mrp,
    dated.selling_price,
    dated.special_price,
    dated.in_stock,
    dated.is_available,
    changes.place IS NOT NULL AS is_kept,
    NOT dated.is_clean OR dated.observed_at <> dated.told_at AS is_changed
FROM dated
LEFT JOIN changes USING (place);
