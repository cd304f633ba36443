"""The SQL statements, read from the files under `sql/`."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from string import Template


def statement(name: str, **names: str) -> str:
    """Return the SQL of `sql/<name>.sql`, with `${...}` filled in.

    Only names that this project wrote go in by `names`, and paths that `quoted` made fit; values
    go in as variables.
    """
    text = _read(name)
    return Template(text).substitute(names) if names else text


def statements(folder: str) -> list[str]:
    """Return the SQL of every file of `sql/<folder>`, in the order of their names."""
    return [_read(f"{folder}/{name}") for name in statement_names(folder)]


def statement_names(folder: str) -> list[str]:
    """Return the names of the files of `sql/<folder>`, without `.sql`, in their order."""
    names = sorted(one.name for one in files("sql").joinpath(folder).iterdir())
    return [name.removesuffix(".sql") for name in names if name.endswith(".sql")]


@cache
def _read(name: str) -> str:
    return files("sql").joinpath(f"{name}.sql").read_text(encoding="utf-8")
