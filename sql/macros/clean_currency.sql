-- clean_currency(currency): the currency in the one form in which it is stored, in capitals without
-- anything invisible at its ends; null for none. It follows feeds/product/values.py: text that is
-- not ASCII keeps its letters, since Python and DuckDB make other capitals of it.
CREATE OR REPLACE MACRO clean_currency(currency) AS
nullif(
    CASE
        WHEN strlen(stripped(currency)) = length(stripped(currency)) THEN upper(stripped(currency))
        ELSE stripped(currency)
    END,
    ''
);
