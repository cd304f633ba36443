-- The changes of products that another source showed last.
SELECT count(*)
FROM changes
WHERE kind = 'changed' AND known_source <> record_source;
