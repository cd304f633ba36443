"""What alert rules remember between runs: a small SQLite file in the lake's folder.

It is no table of the lake, whose only writer may be busy for hours. One transaction records what
an evaluation found, the events that it owes among it; each event is crossed out once somebody has
accepted it. Killed at any moment, an event is owed until then: it may come twice, and never not at
all.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from storage.errors import AlertsBusyError, LakeUnreadableError, LakeUnwritableError
from storage.rights import check_readable, check_writable
from storage.transaction import transaction

FILE = "alerts.sqlite"

_LAYOUT = 1
_TABLES = """
CREATE TABLE IF NOT EXISTS lake (identity TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS rules (
    name TEXT PRIMARY KEY, kind TEXT NOT NULL, seen INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS marks (
    rule TEXT NOT NULL, subject TEXT NOT NULL, mark BLOB NOT NULL, PRIMARY KEY (rule, subject)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS owed (
    number INTEGER PRIMARY KEY, event_id TEXT NOT NULL UNIQUE, event BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS refusals (
    event_id TEXT PRIMARY KEY, run_count INTEGER NOT NULL
) WITHOUT ROWID;
"""


class SeenRule(NamedTuple):
    """A rule as it was evaluated last.

    Attributes:
        seen: the snapshot up to which it was.
    """

    kind: str
    seen: int


class Found(NamedTuple):
    """What one evaluation of a rule found.

    Attributes:
        is_new: whether it begins anew, and what it remembered is forgotten.
        marks: what to remember by subject, a product or a category.
    """

    name: str
    rule: SeenRule
    is_new: bool
    marks: Mapping[str, bytes]


class AlertMemory:
    """The file, held by one process at a time."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Use `open_memory`."""
        self._connection = connection

    def of_lake(self, identity: str) -> dict[str, SeenRule]:
        """Return the rules by name; none where they were evaluated for another lake."""
        if self._connection.execute("SELECT identity FROM lake").fetchall() != [(identity,)]:
            return {}
        found = self._connection.execute("SELECT name, kind, seen FROM rules")
        return {name: SeenRule(kind, seen) for name, kind, seen in found}

    def marks(self, rule: str) -> dict[str, bytes]:
        """Return what a rule remembers, by subject."""
        found = self._connection.execute("SELECT subject, mark FROM marks WHERE rule = ?", [rule])
        return dict(found.fetchall())

    def record(self, identity: str, found: Sequence[Found], events: Mapping[str, bytes]) -> None:
        """Record an evaluation in one transaction.

        Args:
            identity: of the lake.
            found: what to remember of each rule.
            events: what is owed from now on, by id and in order.
        """
        file = self._connection
        with transaction(file):
            if file.execute("SELECT identity FROM lake").fetchall() != [(identity,)]:
                for table in ("lake", "rules", "marks"):
                    file.execute(f"DELETE FROM {table}")
                file.execute("INSERT INTO lake VALUES (?)", [identity])
            for one in found:
                _record(file, one)
            file.executemany(
                "INSERT OR IGNORE INTO owed (event_id, event) VALUES (?, ?)", events.items()
            )

    def owed(self) -> list[tuple[str, bytes]]:
        """Return the events that nobody has accepted yet, by id, the oldest first."""
        return self._connection.execute(
            "SELECT event_id, event FROM owed ORDER BY number"
        ).fetchall()

    def cross_out(self, event_ids: Sequence[str]) -> None:
        """Forget events that somebody has accepted."""
        with transaction(self._connection):
            _cross_out(self._connection, event_ids)

    def refused(self) -> dict[str, int]:
        """Return in how many runs events that are owed were refused alone, by id."""
        return dict(self._connection.execute("SELECT event_id, run_count FROM refusals").fetchall())

    def count_refusals(self, event_ids: Sequence[str], most: int) -> list[str]:
        """Note that events were refused alone in this run.

        Args:
            event_ids: their ids.
            most: runs after which an event is owed no more.

        Returns:
            The ids of those that are owed no more.
        """
        file = self._connection
        with transaction(file):
            file.executemany(
                "INSERT INTO refusals VALUES (?, 1) "
                "ON CONFLICT (event_id) DO UPDATE SET run_count = run_count + 1",
                [(one,) for one in event_ids],
            )
            found = file.execute("SELECT event_id FROM refusals WHERE run_count >= ?", [most])
            given_up = [event_id for (event_id,) in found.fetchall()]
            _cross_out(file, given_up)
        return given_up

    def forget(self, name: str) -> bool:
        """Forget a rule, and return whether it was known."""
        with transaction(self._connection):
            self._connection.execute("DELETE FROM marks WHERE rule = ?", [name])
            deleted = self._connection.execute("DELETE FROM rules WHERE name = ?", [name])
            return deleted.rowcount > 0


@contextmanager
def open_memory(folder: Path) -> Iterator[AlertMemory]:
    """Hold the file of a lake's folder, made first where there is none.

    Raises:
        AlertsBusyError: another process holds it.
        LakeUnreadableError: it is no such file.
        LakeUnwritableError: it cannot be written to.
    """
    file = folder / FILE
    check_writable(file if file.exists() else folder)
    with _errors_of(file), closing(sqlite3.connect(file, timeout=0)) as connection:
        # The lock is kept from the first transaction to the end of the process, however that
        # comes: what one process owes, another must not send meanwhile.
        connection.execute("PRAGMA locking_mode = exclusive")
        connection.execute("PRAGMA synchronous = full")
        _prepare(connection, file)
        yield AlertMemory(connection)


@contextmanager
def copy_memory(folder: Path) -> Iterator[AlertMemory]:
    """Hold a copy of the same in memory: what is recorded there is forgotten.

    Raises:
        AlertsBusyError: another process holds the file.
        LakeUnreadableError: it is no such file, or this user may not read it.
    """
    file = folder / FILE
    with _errors_of(file), closing(sqlite3.connect(":memory:")) as copy:
        if file.exists():
            check_readable(file)
            uri = f"{file.resolve().as_uri()}?mode=ro"
            with closing(sqlite3.connect(uri, uri=True, timeout=0)) as kept:
                kept.backup(copy)
        _prepare(copy, file)
        yield AlertMemory(copy)


@contextmanager
def _errors_of(file: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise AlertsBusyError(file.parent) from error
        raise LakeUnwritableError(file.parent, error) from error
    except sqlite3.DatabaseError as error:
        raise LakeUnreadableError(
            f"{file} cannot be read ({error}); move it away, and the rules begin anew"
        ) from error


def _prepare(connection: sqlite3.Connection, file: Path) -> None:
    with transaction(connection, "EXCLUSIVE"):
        (layout,) = connection.execute("PRAGMA user_version").fetchone()
        if layout not in {0, _LAYOUT}:
            raise LakeUnreadableError(
                f"{file} has layout {layout} and this release writes {_LAYOUT}; "
                "move it away, and the rules begin anew"
            )
        for made in _TABLES.split(";"):
            connection.execute(made)
        connection.execute(f"PRAGMA user_version = {_LAYOUT}")


def _cross_out(file: sqlite3.Connection, event_ids: Sequence[str]) -> None:
    for table in ("owed", "refusals"):
        file.executemany(f"DELETE FROM {table} WHERE event_id = ?", [(one,) for one in event_ids])


def _record(file: sqlite3.Connection, found: Found) -> None:
    if found.is_new:
        file.execute("DELETE FROM marks WHERE rule = ?", [found.name])
    file.execute("REPLACE INTO rules VALUES (?, ?, ?)", [found.name, *found.rule])
    marks = ((found.name, subject, mark) for subject, mark in found.marks.items())
    file.executemany("REPLACE INTO marks VALUES (?, ?, ?)", marks)
