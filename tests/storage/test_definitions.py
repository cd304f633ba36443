"""Macros and views reach every lake that is written to, and cost no snapshot once there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from storage.lake import LakeFolder, open_for_writing
from storage.statements import statement_names
from tests.conftest import ROOT

Ask = Callable[..., list[tuple[Any, ...]]]

SNAPSHOT = "SELECT id FROM lake.current_snapshot()"
NAMES = """
    SELECT view_name FROM duckdb_views() WHERE database_name = 'lake'
    UNION
    SELECT function_name FROM duckdb_functions() WHERE database_name = 'lake'
"""


def write(lake: Path, *statements: str) -> None:
    """Open the lake for writing, and do something to it."""
    with open_for_writing(LakeFolder(lake)) as connection:
        for statement in statements:
            connection.execute(statement)


@pytest.mark.parametrize(
    "older",
    [
        ("DROP MACRO definitions_hash", "DROP VIEW price_stats", "DROP MACRO TABLE price_drops"),
        (
            "CREATE OR REPLACE MACRO definitions_hash() AS 'of an earlier release'",
            "CREATE OR REPLACE VIEW price_changes AS SELECT 1 AS one",
        ),
    ],
    ids=["from before there were any", "with other texts"],
)
def test_an_earlier_lake_gets_them(lake: Path, ask: Ask, older: tuple[str, ...]) -> None:
    """All of them at once, in one snapshot that says so; data and other snapshots stay."""
    write(lake)
    names, comments = sorted(ask(NAMES)), ask("SELECT comment FROM duckdb_views() ORDER BY 1")
    write(lake, *older)
    ((before,),) = ask(SNAPSHOT)
    write(lake)
    assert ask(SNAPSHOT) == [(before + 1,)]
    assert sorted(ask(NAMES)) == names
    assert ask("SELECT comment FROM duckdb_views() ORDER BY 1") == comments
    assert ask("FROM price_changes") == []
    said = "SELECT commit_message FROM lake.snapshots() ORDER BY snapshot_id DESC LIMIT 1"
    assert ask(said) == [("renew macros and views",)]
    write(lake)
    assert ask(SNAPSHOT) == [(before + 1,)]


def test_a_reader_of_an_earlier_lake_has_them(lake: Path, ask: Ask) -> None:
    """Without a snapshot: what an earlier release said of a view is hidden, not replaced."""
    write(lake)
    write(
        lake,
        "CREATE OR REPLACE MACRO definitions_hash() AS 'of an earlier release'",
        "CREATE OR REPLACE VIEW category_status AS SELECT 1 AS one",
        "DROP VIEW category_standing",
        "DROP MACRO TABLE price_drops",
    )
    ((before,),) = ask(SNAPSHOT)
    assert ask("SELECT last_full_at FROM category_status") == []
    assert ask("FROM price_drops(1)") == []
    assert ask("FROM lake.category_status") == [(1,)]
    assert ask(SNAPSHOT) == [(before,)]


def test_every_process_knows_the_same_texts() -> None:
    """What is there already is recognised by the next process, which hashes words otherwise."""
    code = "from storage.definitions import definitions; print(definitions())"
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(found) == 1


def test_every_view_and_macro_is_in_the_documentation(lake: Path, ask: Ask) -> None:
    """docs/queries.md has an entry or a word on each, and an example for each entry."""
    write(lake)
    page = (ROOT / "docs" / "queries.md").read_text(encoding="utf-8")
    names = {name for (name,) in ask(NAMES)}
    assert names - set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]*)`", page)))) == set()
    entries = set(re.findall(r"^### `(\w+)", page, re.MULTILINE))
    assert entries <= names
    assert entries <= set(statement_names("examples"))
    assert {f"sql/examples/{name}.sql" for name in entries} <= set(
        re.findall(r"sql/examples/\w+\.sql", page)
    )
