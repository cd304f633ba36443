"""The reference of commands and of tables, written from themselves.

`make reference` writes docs/commands.md and docs/tables.md; a test holds both to what there is.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
from typer.main import get_command

from flows.cli import app
from storage.lake import LakeFolder, open_for_writing

DOCS = Path(__file__).parent.parent / "docs"
_WRITTEN = "<!-- Written by `make reference`; change what it is written from. -->"

_HEAD = (
    "Exit status: 0 done, 1 something failed and the rest is safe, 2 a wrong call. A setting's "
    "variable stands in brackets."
)


def commands_page() -> str:
    """Return every command with its arguments and options, in the order of `feedlake --help`."""
    top: Any = get_command(app)
    parts = [f"# Commands\n\n{_WRITTEN}\n\n{_HEAD}"]
    for name, command in top.commands.items():
        parts += _command(f"feedlake {name}", command)
        for inner, one in getattr(command, "commands", {}).items():
            parts += _command(f"feedlake {name} {inner}", one)
    return "\n\n".join(parts) + "\n"


def tables_page() -> str:
    """Return every table and view of a lake with its comments."""
    with (
        tempfile.TemporaryDirectory() as folder,
        open_for_writing(LakeFolder(Path(folder) / "lake")) as connection,
    ):
        parts = [
            f"# Tables\n\n{_WRITTEN}\n\nTimes are UTC. [queries.md](queries.md) has the macros."
        ]
        for name, comment in _told(connection, "tables", "table"):
            rows = connection.execute(
                "SELECT column_name, data_type, comment FROM duckdb_columns() "
                "WHERE database_name = 'lake' AND table_name = ? ORDER BY column_index",
                [name],
            ).fetchall()
            lines = "\n".join(
                f"| `{one}` | {_cell(kind)} | {_cell(said)} |" for one, kind, said in rows
            )
            parts.append(f"## {name}\n\n{comment}\n\n| column | type | |\n|---|---|---|\n{lines}")
        parts += [
            f"## {name}\n\nA view. {comment}"
            for name, comment in _told(connection, "views", "view")
        ]
    return "\n\n".join(parts) + "\n"


def _command(name: str, command: Any) -> Iterator[str]:
    usage = " ".join(
        [name, *(_usage(one) for one in command.params if one.param_type_name == "argument")]
    )
    yield f"## {name}\n\n```text\n{usage}\n```\n\n{_paragraphs(command.help or '')}"
    rows = "\n".join(
        f"| `{_spelled(one)}` | {_cell(one.help or '')} |"
        for one in command.params
        if one.name != "help" and one.help
    )
    if rows:
        yield f"| | |\n|---|---|\n{rows}"


def _usage(argument: Any) -> str:
    shown = (argument.metavar or argument.name).upper() + ("..." if argument.nargs == -1 else "")
    return shown if argument.required else f"[{shown}]"


def _spelled(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return str((parameter.metavar or parameter.name).upper())
    return ", ".join([*parameter.opts, *parameter.secondary_opts])


def _paragraphs(text: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


def _told(connection: duckdb.DuckDBPyConnection, kind: str, column: str) -> list[tuple[str, str]]:
    # Which functions list them is this module's own word, not a caller's.
    return connection.execute(
        f"SELECT {column}_name, comment FROM duckdb_{kind}() "
        f"WHERE database_name = 'lake' AND schema_name = 'main' AND comment IS NOT NULL ORDER BY 1"
    ).fetchall()


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


PAGES = {"commands.md": commands_page, "tables.md": tables_page}

if __name__ == "__main__":
    for file, page in PAGES.items():
        (DOCS / file).write_text(page(), encoding="utf-8")
