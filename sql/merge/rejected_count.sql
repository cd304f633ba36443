-- How many records a walk could overtake. Mostly there is none, and which would be dear to ask.
SELECT (SELECT count(*) FROM rejects) + (SELECT count(*) FROM rejected_records);
