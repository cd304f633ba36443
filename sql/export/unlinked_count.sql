-- How many rows of an export have no link that earns.
SELECT count(*)
FROM (
    ${query}
)
WHERE affiliate_url IS NULL;
