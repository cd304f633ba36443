-- Every change of a price in the day up to the last check; several sections count them.
CREATE OR REPLACE TEMP TABLE day_changes AS
FROM price_changes_since(last_checked_at() - INTERVAL 24 HOURS);
