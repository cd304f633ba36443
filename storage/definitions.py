"""The macros and views that are kept in the lake, so that every reader of it has them.

Their texts are under `sql/macros` and `sql/views`. A lake that an earlier release made gets this
release's when it is next opened for writing, and shows them to readers before that; a hash of the
texts, kept in the lake as a macro itself, tells whether there is anything to do.
"""

from __future__ import annotations

import re
from contextlib import suppress
from functools import cache
from graphlib import TopologicalSorter
from hashlib import sha256

import duckdb

from storage.statements import statement, statement_names
from storage.transaction import transaction

_FOLDERS = ("macros", "views")
_DEFINED = re.compile(r"^CREATE OR REPLACE (?:MACRO|VIEW) (\w+)", re.MULTILINE)
_CREATE = re.compile(r"^CREATE OR REPLACE (MACRO|VIEW)\b", re.MULTILINE)
_COMMENT = re.compile(r"^COMMENT ON [^\n]*", re.MULTILINE)
_NO_CODE = re.compile(r"--[^\n]*|'(?:[^']|'')*'")


def create_definitions(connection: duckdb.DuckDBPyConnection) -> None:
    """Create or replace every macro and view, within the caller's transaction."""
    for text in definitions():
        connection.execute(text)
    connection.execute(f"CREATE OR REPLACE MACRO definitions_hash() AS '{_hash()}'")


def renew_definitions(connection: duckdb.DuckDBPyConnection) -> None:
    """Create or replace them in one transaction, where the lake holds other texts than these.

    Args:
        connection: the lake, open for writing.

    Raises:
        duckdb.Error: the lake holds what it held.
    """
    if _kept_hash(connection) == _hash():
        return
    with transaction(connection):
        create_definitions(connection)
        connection.execute("CALL lake.set_commit_message('feedlake', 'renew macros and views')")


def shadow_definitions(connection: duckdb.DuckDBPyConnection) -> None:
    """Let a connection that only reads see this release's, where the lake holds other texts.

    They are temporary and hide the lake's own. A lake of another layout keeps its own.
    """
    if _kept_hash(connection) == _hash():
        return
    with suppress(duckdb.Error):
        for text in definitions():
            bare = _COMMENT.sub("", text)
            connection.execute(_CREATE.sub(r"CREATE OR REPLACE TEMP \1", bare))


@cache
def definitions() -> tuple[str, ...]:
    """Return the texts of all macros and views, each after those that it uses."""
    texts = {
        name: statement(name)
        for folder in _FOLDERS
        for name in (f"{folder}/{one}" for one in statement_names(folder))
    }
    owners = {made: name for name, text in texts.items() for made in _DEFINED.findall(text)}
    uses = {
        name: sorted({owners[word] for word in _words(text) & owners.keys()} - {name})
        for name, text in texts.items()
    }
    return tuple(texts[name] for name in TopologicalSorter(uses).static_order())


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", _NO_CODE.sub(" ", text)))


@cache
def _hash() -> str:
    return sha256("\0".join(sorted(definitions())).encode()).hexdigest()


def _kept_hash(connection: duckdb.DuckDBPyConnection) -> str | None:
    try:
        row = connection.execute("SELECT definitions_hash()").fetchone()
    except duckdb.CatalogException:
        # The lake was made before there was one.
        return None
    return row[0] if row else None
