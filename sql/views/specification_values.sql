-- Specifications laid out, for joins and counts.
CREATE OR REPLACE VIEW specification_values AS
WITH specified AS (
    SELECT
        product_id,
        category,
        is_available,
        unnest(specifications) AS specification
    FROM products
)
SELECT
    product_id,
    category,
    is_available,
    specification."group" AS "group",
    specification.name,
    unnest(specification."values") AS "value"
FROM specified;

COMMENT ON VIEW specification_values IS 'One value of one specification of one product: product_id, category, is_available, group and name of the specification as listed (either may be null), value. A name with three values has three rows.';
