"""Prefect's server as a process of its own: it ends with whoever started it.

    python -m flows.prefect_process PORT

Its standard input is a pipe that the starter holds open. The database in PREFECT_HOME is made in a
second or two, step by step and not at once: where that was cut off, by a kill or a full disk, no
server would ever start on it again. So it is made anew until it was whole once.
"""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from typing import IO

import uvicorn

MADE = "database-made"
"""The file that says that the database beside it was whole once."""


class _Server(uvicorn.Server):
    """Says when it has started: the database is whole by then."""

    def __init__(self, config: uvicorn.Config, home: Path, lock: IO[str]) -> None:
        super().__init__(config)
        self._home, self._lock = home, lock

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            (self._home / MADE).touch()
            self._lock.close()


def run(home: Path, port: int) -> None:
    """Serve until SIGTERM, or until standard input ends.

    Args:
        home: the folder of the database.
        port: where to listen, on this machine.
    """
    threading.Thread(target=_end_with_starter, daemon=True).start()
    lock = _begun_database(home)
    config = uvicorn.Config(
        "prefect.server.api.server:create_app",
        factory=True,
        host="127.0.0.1",
        port=port,
        log_level="error",
    )
    _Server(config, home, lock).run()


def _begun_database(home: Path) -> IO[str]:
    """Return a lock to hold until the database is whole; it may have been whole before."""
    lock = (home / "database.lock").open("a")
    while not (home / MADE).exists():
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # Another server of this lake is making it.
            time.sleep(0.1)
            continue
        if not (home / MADE).exists():
            for part in home.glob("prefect.db*"):
                part.unlink()
        break
    return lock


def _end_with_starter() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    run(Path(os.environ["PREFECT_HOME"]), int(sys.argv[1]))
