-- The walk's records, kept aside: those of the dump are picked next, by the same rule.
CREATE OR REPLACE TEMP TABLE walk_winners AS
FROM winners;
