"""What the mirror remembers: a DuckLake of versioned tables, and the staging before it.

`engine` opens DuckDB with its extensions, `lake` makes and opens the lake, `staging` keeps the
pages of a walk until `commit` merges them in one transaction, `query` reads. The statements are
files under `sql/`.
"""
