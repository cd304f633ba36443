"""The lake compared with itself: what must hold of its tables, and whether its files are there.

A check is a file of `sql/checks` that returns the rows which break it; its first line says what
must hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import duckdb

from storage.data_files import problems
from storage.errors import first_line
from storage.lake import LakeFolder, open_for_reading
from storage.statements import statement, statement_names
from storage.transaction import transaction

SHOWN_ROWS = 5


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one check found.

    Attributes:
        name: names the check.
        says: what must hold, one sentence.
        failing_count: rows that break it; 0 where it holds.
        rows: the first of them, by column.
    """

    name: str
    says: str
    failing_count: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether nothing breaks it."""
        return self.failing_count == 0


def check_lake(folder: LakeFolder) -> Iterator[Outcome]:
    """Check the whole lake, one outcome at a time; the files come last, being most to read.

    Raises:
        LakeError: there is no lake, or it cannot be opened.
    """
    with open_for_reading(folder) as connection:
        # A check is one statement, and what it says holds at every snapshot. Where one fails on
        # what cannot be read, no transaction is left behind, and the next goes on.
        for name in statement_names("checks"):
            yield check_rows(connection, name)
        # While this transaction is open, no upkeep takes a file away.
        with transaction(connection):
            yield _check_files(connection, folder)


def check_rows(connection: duckdb.DuckDBPyConnection, name: str) -> Outcome:
    """Check what one file of `sql/checks` says.

    Args:
        connection: the lake.
        name: the file's, without `.sql`.
    """
    text = statement(f"checks/{name}")
    says = text.split("\n", 1)[0].removeprefix("-- ")
    query = text.strip().rstrip(";")
    try:
        result = connection.execute(
            f"SELECT count(*) OVER () AS failing_count, * FROM ({query}\n) LIMIT {SHOWN_ROWS}"
        )
        columns = [one[0] for one in result.description][1:]
        found = result.fetchall()
    except duckdb.Error as error:
        # What cannot be read cannot hold.
        return Outcome(name, says, 1, [{"problem": first_line(error)}])
    count = found[0][0] if found else 0
    return Outcome(name, says, count, [dict(zip(columns, row[1:], strict=True)) for row in found])


def _check_files(connection: duckdb.DuckDBPyConnection, folder: LakeFolder) -> Outcome:
    says = "Every file that a kept snapshot reads is there, whole and readable."
    found = ({"file": path, "problem": why} for path, why in problems(connection, folder.data))
    shown = list(islice(found, SHOWN_ROWS))
    return Outcome("files_are_readable", says, len(shown) + sum(1 for _ in found), shown)
