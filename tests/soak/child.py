"""One refresh, below Prefect, that kills itself at a chosen step; started as a process.

    SOAK_URL, SOAK_ID, SOAK_TOKEN   the sandbox
    SOAK_LAKE                       the lake's folder, resolved
    SOAK_STEP                       the step to die at, from 1; 0 only counts
    SOAK_REPORT                     gets a line `kill ...` before the kill, or `steps <count>`

A step is the moment before or after a statement in the lake, or before Python changes a file
there. What DuckDB, SQLite and Polars write by themselves is cut by `kill_at_write.c`.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb

from flows.feed import Feed
from storage.engine import connect
from tests.soak.refreshing import refresh_lake, settings_of

_CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "sqlite3.connect"}
_FOR_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Steps:
    """Counts steps, and ends the process at the chosen one."""

    def __init__(self, lake: str, due: int, report: Path) -> None:
        """Watch the files of a lake."""
        self._lake, self._due, self._report = lake, due, report
        self._lock = threading.Lock()
        self.count = 0

    def pass_by(self, what: str) -> None:
        """Count a step; kill the process at the one that is due."""
        with self._lock:
            self.count += 1
            is_due = self.count == self._due
        if is_due:
            self.say(f"kill {what}")
            os.kill(os.getpid(), signal.SIGKILL)

    def say(self, line: str) -> None:
        """Add a line to the report."""
        with self._report.open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def on_audit(self, event: str, arguments: Sequence[Any]) -> None:
        """Pass by each change that Python makes to a file of the lake."""
        changes = event in _CHANGES or (event == "open" and arguments[2] & _FOR_WRITING)
        if changes and str(arguments[0]).startswith(self._lake):
            self.pass_by(f"{event} {str(arguments[0])[len(self._lake) :]}")


class Watched:
    """A connection whose statements are steps."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, steps: Steps) -> None:
        """Watch a connection."""
        self._connection, self._steps = connection, steps

    def execute(self, query: str, *values: Any) -> duckdb.DuckDBPyConnection:
        """Run a statement between two steps."""
        return self._between(query, lambda: self._connection.execute(query, *values))

    def executemany(self, query: str, *values: Any) -> duckdb.DuckDBPyConnection:
        """Run a statement for each row between two steps."""
        return self._between(query, lambda: self._connection.executemany(query, *values))

    def __getattr__(self, name: str) -> Any:
        """Leave the rest to the connection."""
        return getattr(self._connection, name)

    def _between(self, query: str, run: Any) -> duckdb.DuckDBPyConnection:
        head = " ".join(re.sub(r"--.*", "", query).split()[:5])
        self._steps.pass_by(f"before {head}")
        result: duckdb.DuckDBPyConnection = run()
        self._steps.pass_by(f"after {head}")
        return result


def main() -> None:
    """Refresh the lake once."""
    given = os.environ
    report = Path(given["SOAK_REPORT"])
    steps = Steps(given["SOAK_LAKE"], int(given.get("SOAK_STEP", "0")), report)
    sys.addaudithook(steps.on_audit)
    settings = settings_of(
        given["SOAK_URL"], given["SOAK_ID"], given["SOAK_TOKEN"], Path(given["SOAK_LAKE"])
    )
    with patch("storage.lake.connect", lambda: Watched(connect(), steps)):
        rows = asyncio.run(refresh_lake(settings, feed=Feed(given["SOAK_FEED"])))
    steps.say(f"steps {steps.count}")
    failed = [f"{row.category}: {row.error}" for row in rows if row.status == "failed"]
    sys.exit("; ".join(failed) or None)


if __name__ == "__main__":
    main()
