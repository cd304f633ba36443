"""DuckDB with the extensions that the lake needs, loaded from their wheels.

The wheels carry DuckDB's own signed binaries, so nothing is downloaded at run time and DuckDB
still checks the signature.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import duckdb

from storage.errors import LakeUnreadableError

_EXTENSIONS = ("sqlite_scanner", "ducklake")

_checked: set[tuple[str, int, int]] = set()
"""Extension files whose signature DuckDB has checked in this process."""


def connect() -> duckdb.DuckDBPyConnection:
    """Return a fresh in-memory connection, in UTC, with the lake's extensions loaded.

    DuckDB hashes 70 MB to check the extensions' signatures, which takes a third of a second: it
    is done for the first connection of a process, and the same files are loaded as they are for
    the ones after it.

    Raises:
        LakeUnreadableError: an extension cannot be loaded.
    """
    files = {name: _file(name) for name in _EXTENSIONS}
    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "allow_unsigned_extensions": all(
            file is not None and _identity(file) in _checked for file in files.values()
        ),
    }
    connection = duckdb.connect(":memory:", config=config)
    for name, file in files.items():
        if file is None:
            # No wheel for this platform: DuckDB's own repository has the same signed binary.
            connection.execute(f"INSTALL {name}")
            connection.execute(f"LOAD {name}")
        else:
            connection.execute(f"LOAD '{quoted(file)}'")
            _checked.add(_identity(file))
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")
    # Every statement would read the footers again; the lake's files never change.
    connection.execute("SET parquet_metadata_cache = true")
    return connection


@contextmanager
def one_thread(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Work with one thread for a while.

    With more of them DuckDB's client asks again and again, for as long as they work, whether
    Python was interrupted, and needs Python's interpreter to ask. Another thread that decodes
    pages then gets two thirds of what it would, and the statement is done no sooner.
    """
    connection.execute("SET threads = 1")
    try:
        yield
    finally:
        connection.execute("RESET threads")


def _file(name: str) -> Path | None:
    """Return the binary in the extension's wheel; None where no wheel is installed."""
    try:
        package = import_module(f"duckdb_extension_{name}")
    except ModuleNotFoundError:
        return None
    for folder in package.__path__:
        for file in Path(folder).rglob("*.duckdb_extension"):
            return file
    raise LakeUnreadableError(f"the package of DuckDB's {name} extension is empty; reinstall it")


def _identity(file: Path) -> tuple[str, int, int]:
    """Tell a file from another, and from what it was before it changed."""
    status = file.stat()
    return (str(file), status.st_mtime_ns, status.st_size)


def quoted(path: Path | str) -> str:
    """Return the path fit to stand between single quotes in SQL."""
    return str(path).replace("'", "''")
