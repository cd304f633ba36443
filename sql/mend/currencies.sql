-- Currencies that were stored with blanks around them, of one table.
UPDATE ${table}
SET currency = clean_currency(currency)
WHERE currency IS DISTINCT FROM clean_currency(currency);
