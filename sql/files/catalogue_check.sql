-- One row: `ok`, or the first thing that SQLite finds wrong with the catalogue.
SELECT quick_check FROM sqlite_query('__ducklake_metadata_lake', 'PRAGMA quick_check(1)');
