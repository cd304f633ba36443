-- What a walk of the products in stock, or a record that is replayed, showed earlier than the mirror has
-- learned of the product is no news: no delta would mend what it overwrote. A time that lies after every
-- refresh is no evidence.
DELETE FROM winners
WHERE
    fetched_at <= getvariable('category_known_at')::TIMESTAMPTZ
    OR product_id IN (
        SELECT product_id
        FROM winners AS winner
        JOIN products AS known USING (product_id)
        WHERE
            winner.fetched_at <= known.changed_at
            AND known.changed_at <= getvariable('latest')::TIMESTAMPTZ
    );
