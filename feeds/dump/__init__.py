"""One category as one CSV in a zip, whose quotes cannot be trusted.

`directory` says which there are; `dump` reads one as typed frames: out of its `archive`, by its
`header`, in `block`s of whole rows. What is `plain` goes through Polars as a `table`; the rest goes
`row` by row, where `quoting` finds how it can be read. `columns` and `images` are what fields say.
"""
