-- Part of price_stats: how much of the time before a moment within a day was observed, where
-- earlier is that of the days before it. All are in microseconds.
CREATE OR REPLACE MACRO observed_time(earlier, is_checked, day, moment) AS
earlier + CASE WHEN is_checked THEN moment - day * 86_400_000_000 ELSE 0 END;
