-- Times in the future that no refresh tells more of become now.
UPDATE ${table}
SET ${column} = getvariable('repaired_at')
WHERE ${column} > getvariable('repaired_at');
