-- Every change of a price; sql/macros/price_changes_since.sql says what is compared.
CREATE OR REPLACE VIEW price_changes AS
FROM price_changes_since('-infinity'::TIMESTAMPTZ);

COMMENT ON VIEW price_changes IS 'One change of a price a row: product_id, observed_at when the new price was first seen (UTC), category whose refresh saw it, currency, old_price and new_price (special price, else selling price; never 0), amount the difference, negative for a fall, percent of old_price. The old price is the last one known in the same currency, also across a time when the product was gone or had no price. price_changes_since(moment) is quicker for a part.';
