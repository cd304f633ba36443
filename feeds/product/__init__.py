"""One product, whichever way it came.

`schema` says what a product is; `record` is the shape on the wire; `columns` turns records into
the schema's columns; `rejected` is what could not be taken.
"""
