-- How old the rows of a dump are. A row is older than the mirror where the dump may have been made
-- before its product was last seen to change, or before the category was last walked. A time that
-- lies after every refresh is no evidence. An older row does not tell that its product has gone.
CREATE OR REPLACE TEMP TABLE winners AS
WITH known_ages AS (
    SELECT
        winner.*,
        coalesce(getvariable('made_after')::TIMESTAMPTZ, winner.fetched_at) AS made_after,
        getvariable('category_known_at')::TIMESTAMPTZ AS category_known_at,
        CASE
            WHEN known.changed_at <= getvariable('latest')::TIMESTAMPTZ THEN known.changed_at
        END AS changed_at,
        known.product_id IS NOT NULL AS is_known,
        known.delisted_at IS NOT NULL AS is_delisted,
        member.product_id IS NOT NULL AS was_member,
        was_member AND member.delisted_at IS NULL AS is_member,
        member.delisted_at AS left_at
    FROM winners AS winner
    LEFT JOIN products AS known USING (product_id)
    LEFT JOIN product_categories AS member
        ON member.product_id = winner.product_id
        AND member.category = getvariable('category')
),
aged AS (
    SELECT
        * EXCLUDE (made_after, category_known_at, changed_at, is_member, left_at),
        coalesce(
            made_after <= coalesce(
                greatest(changed_at, CASE WHEN is_member THEN category_known_at END),
                category_known_at
            ),
            false
        ) AS is_older,
        coalesce(made_after > category_known_at, true)
        AND NOT is_member
        AND coalesce(left_at < made_after, true) AS joins
    FROM known_ages
)
SELECT
    * REPLACE (
        is_gone AND NOT is_older AS is_gone,
        -- Nothing is listed that has gone, or that is delisted and stays so.
        joins AND NOT is_gone AND NOT (is_older AND is_delisted) AS joins
    )
FROM aged;
