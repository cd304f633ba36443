"""DuckDB with the extensions that the lake needs, loaded from their wheels.

The wheels carry DuckDB's own signed binaries, so nothing is downloaded at run time and DuckDB
still checks the signature.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import duckdb

from storage.errors import LakeUnreadableError

_EXTENSIONS = ("sqlite_scanner", "ducklake")


def connect(*, memory_limit: str | None = None) -> duckdb.DuckDBPyConnection:
    """Return a fresh in-memory connection, in UTC, with the lake's extensions loaded.

    Args:
        memory_limit: what DuckDB may hold in memory, such as `2GB`; its own default for None.

    Raises:
        LakeUnreadableError: an extension cannot be loaded.
    """
    connection = duckdb.connect(
        ":memory:",
        config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"},
    )
    for name in _EXTENSIONS:
        _load(connection, name)
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")
    if memory_limit:
        connection.execute("SET memory_limit = ?", [memory_limit])
    return connection


def _load(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    try:
        package = import_module(f"duckdb_extension_{name}")
    except ModuleNotFoundError:
        # No wheel for this platform: DuckDB's own repository has the same signed binary.
        connection.execute(f"INSTALL {name}")
        connection.execute(f"LOAD {name}")
        return
    for folder in package.__path__:
        for file in Path(folder).rglob("*.duckdb_extension"):
            connection.execute(f"LOAD '{quoted(file)}'")
            return
    raise LakeUnreadableError(f"the package of DuckDB's {name} extension is empty; reinstall it")


def quoted(path: Path | str) -> str:
    """Return the path fit to stand between single quotes in SQL."""
    return str(path).replace("'", "''")
