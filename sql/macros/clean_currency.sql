-- clean_currency(currency): the currency in the one form in which it is stored, in capitals without
-- anything invisible at its ends; null for none. It follows feeds/product/values.py.
CREATE OR REPLACE MACRO clean_currency(currency) AS
nullif(upper(stripped(currency)), '');
