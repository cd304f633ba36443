"""A Prefect server that was started here: how its database begins, and how it ends."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from flows.prefect_process import MADE
from tests.conftest import command_environment
from tests.waiting import wait_for

pytestmark = pytest.mark.command

STARTER = """
import asyncio, sys, time
from pathlib import Path
from flows.prefect_server import PrefectServer

server = PrefectServer(Path(sys.argv[1]))
asyncio.run(server.ready())
print(server._process.pid, flush=True)
time.sleep(600)
"""


def test_it_makes_its_database_anew_and_ends_with_its_starter(tmp_path: Path) -> None:
    """A database that was cut off while it was made is not used; a kill leaves no server behind."""
    home = tmp_path / "prefect"
    home.mkdir()
    with closing(sqlite3.connect(home / "prefect.db")) as cut_off:
        cut_off.execute("CREATE TABLE flow_run (id INTEGER)")
    # 4200 may be somebody's: no running server is to be found.
    environment = command_environment(tmp_path / "lake") | {"PREFECT_API_URL": ""}
    with subprocess.Popen(
        [sys.executable, "-c", STARTER, str(home)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as starter:
        assert starter.stdout
        server = int(starter.stdout.readline())
        assert (home / MADE).exists()
        starter.send_signal(signal.SIGKILL)
    wait_for(lambda: not is_alive(server), 20)
    assert not is_alive(server)


def is_alive(process: int) -> bool:
    """Tell whether a process runs; one that nobody waits for any more does not."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{process}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"
