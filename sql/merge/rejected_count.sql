-- Whether there is anything that a walk could overtake; most lakes keep few rejected records.
SELECT (SELECT count(*) FROM rejects) + (SELECT count(*) FROM rejected_records);
