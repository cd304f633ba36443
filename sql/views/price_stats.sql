-- The lowest, highest and average price of every product over 30 days, 90 days and all time.
--
-- An average weighs each price with the time for which it was observed. Time counts where all of
-- this holds, and is a gap otherwise:
--   * the product was seen before, the last row of its history says that it is available, and its
--     price is known;
--   * a category listed it then, and checked itself successfully on that day (UTC): a full walk, a
--     delta, or the answer that nothing is new. A day without a check is a gap, whatever came after;
--   * that category's last successful check had not begun yet: nothing is known after it.
-- Of several categories that list a product, the one that it came to last is asked, and those that
-- still list it go before those that it has left. What a rollback or a removal wrote was
-- not observed.
--
-- A lowest or highest price is one that was seen, if only for a moment, or observed in the days.
--
-- All of it is arithmetic in microseconds and days since 1970, so that the reader's time zone does
-- not matter: calendar says for each day of each category how much of the time before it was
-- observed, and what was observed between two moments is a difference of two look-ups.
CREATE OR REPLACE VIEW price_stats AS
WITH clock AS (
    SELECT
        epoch_us(last_checked_at()) - 30 * 86_400_000_000 AS start_30,
        epoch_us(last_checked_at()) - 90 * 86_400_000_000 AS start_90
),
checked_day AS (
    SELECT
        category,
        epoch_us(started_at) // 86_400_000_000 AS day,
        max(epoch_us(started_at)) AS last_moment
    FROM refreshes
    WHERE feed = 'product' AND status = 'done' AND mode IN ('full', 'delta', 'skip')
    GROUP BY ALL
),
span AS (
    SELECT
        category,
        min(day) AS first_day,
        max(day) AS last_day,
        max(last_moment) AS last_moment,
        sum(greatest(0, least(start_30 - day * 86_400_000_000, 86_400_000_000)))::BIGINT
            AS before_30,
        sum(greatest(0, least(start_90 - day * 86_400_000_000, 86_400_000_000)))::BIGINT
            AS before_90
    FROM checked_day, clock
    GROUP BY category
),
calendar AS (
    SELECT
        category,
        day,
        checked_day.day IS NOT NULL AS is_checked,
        86_400_000_000 * count(checked_day.day) OVER (
            PARTITION BY category
            ORDER BY day
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS earlier
    FROM (SELECT category, unnest(range(first_day, last_day + 1)) AS day FROM span)
    LEFT JOIN checked_day USING (category, day)
),
listing AS (
    SELECT
        product_id,
        category,
        epoch_us(first_seen_at) AS since,
        -- Until it leaves, or the first of the categories after this one in line takes over.
        least(
            epoch_us(delisted_at),
            min(epoch_us(first_seen_at)) OVER (
                PARTITION BY product_id
                ORDER BY delisted_at ASC NULLS LAST, first_seen_at ASC, category ASC
                ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
            )
        ) AS until
    FROM product_categories
),
watch AS (
    SELECT
        product_id,
        category,
        span.before_30,
        span.before_90,
        greatest(listing.since, span.first_day * 86_400_000_000) AS since,
        least(listing.until, span.last_moment) AS until
    FROM listing
    JOIN span USING (category)
),
state AS (
    SELECT
        product_id,
        currency,
        epoch_us(observed_at) AS since,
        lead(epoch_us(observed_at)) OVER (PARTITION BY product_id ORDER BY observed_at) AS until,
        CASE WHEN is_available THEN effective_price(special_price, selling_price) END AS price
    FROM price_history
    WHERE feed NOT IN ('rollback', 'remove')
),
stretch AS (
    SELECT
        product_id,
        state.currency,
        state.price,
        state.since AS seen,
        watch.category,
        watch.before_30,
        watch.before_90,
        greatest(state.since, watch.since) AS since,
        greatest(least(state.until, watch.until), state.since, watch.since) AS until
    FROM state
    LEFT JOIN watch USING (product_id)
    WHERE state.price IS NOT NULL
),
measured AS (
    SELECT
        stretch.*,
        observed_time(first.earlier, first.is_checked, first.day, stretch.since) AS before_it,
        observed_time(last.earlier, last.is_checked, last.day, stretch.until) AS before_end
    FROM stretch
    LEFT JOIN calendar AS first
        ON first.category = stretch.category AND first.day = stretch.since // 86_400_000_000
    LEFT JOIN calendar AS last
        ON last.category = stretch.category AND last.day = stretch.until // 86_400_000_000
),
weighed AS (
    SELECT
        product_id,
        currency,
        price,
        coalesce(before_end - before_it, 0) AS observed,
        coalesce(greatest(before_end, before_30) - greatest(before_it, before_30), 0) AS of_30,
        coalesce(greatest(before_end, before_90) - greatest(before_it, before_90), 0) AS of_90,
        CASE WHEN of_30 > 0 OR seen >= start_30 THEN price END AS price_30,
        CASE WHEN of_90 > 0 OR seen >= start_90 THEN price END AS price_90
    FROM measured, clock
)
SELECT
    product_id,
    currency,
    min(price_30) AS lowest_30_days,
    max(price_30) AS highest_30_days,
    round(sum(price::DOUBLE * of_30) / nullif(sum(of_30), 0), 2)::DECIMAL(12, 2)
        AS average_30_days,
    sum(of_30)::DOUBLE / 86_400_000_000 AS observed_days_of_30,
    min(price_90) AS lowest_90_days,
    max(price_90) AS highest_90_days,
    round(sum(price::DOUBLE * of_90) / nullif(sum(of_90), 0), 2)::DECIMAL(12, 2)
        AS average_90_days,
    sum(of_90)::DOUBLE / 86_400_000_000 AS observed_days_of_90,
    min(price) AS lowest_price,
    max(price) AS highest_price,
    round(sum(price::DOUBLE * observed) / nullif(sum(observed), 0), 2)::DECIMAL(12, 2)
        AS average_price,
    sum(observed)::DOUBLE / 86_400_000_000 AS observed_days
FROM weighed
GROUP BY product_id, currency;

COMMENT ON VIEW price_stats IS 'One product (and currency) whose price was ever known: product_id, currency, then lowest, highest and time-weighted average price over the 30 and 90 days up to the mirror''s last check and over all time: lowest_30_days, highest_30_days, average_30_days, observed_days_of_30; lowest_90_days, highest_90_days, average_90_days, observed_days_of_90; lowest_price, highest_price, average_price, observed_days. Gaps stay gaps: an average weighs only the observed_days, those on which the product was available at a known price and a category that lists it was checked (UTC days, up to its last check). Null where nothing was observed.';
