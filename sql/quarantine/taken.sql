SELECT refresh_id, page_number, record_number
FROM verdicts
WHERE verdict = 'taken';
