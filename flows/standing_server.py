"""The Prefect server that `serve` keeps: the one at PREFECT_API_URL, or one of its own.

Its own has a database and a log in the lake's folder, so that runs stay to be seen, and Prefect's
web page, without its advertisements. Nothing is reported to anybody.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flows.errors import PrefectServerError, WrongCallError
from flows.prefect_server import LOG, answers, end, launch, named_server, quieten

_START_SECONDS = 120.0
_LATE_SECONDS = 120
"""From when on a run that waits for another is late."""


class StandingServer:
    """A server that stays while `serve` runs.

    Attributes:
        api_url: where its API is.
        is_own: whether it was started here.
    """

    def __init__(self, api_url: str, process: subprocess.Popen[bytes] | None, home: Path) -> None:
        """Use `standing_server`."""
        self.api_url, self.home = api_url, home
        self._process = process

    @property
    def is_own(self) -> bool:
        """Whether it was started here."""
        return self._process is not None

    @property
    def page_url(self) -> str:
        """Where its web page is."""
        return self.api_url.removesuffix("/api")

    async def ready(self) -> None:
        """Wait until it answers.

        Raises:
            PrefectServerError: it does not.
        """
        deadline = time.monotonic() + _START_SECONDS
        while not await asyncio.to_thread(answers, self.api_url):
            if not self.is_own:
                raise PrefectServerError(
                    f"the Prefect server at {self.page_url} does not answer; "
                    "start it or unset PREFECT_API_URL"
                )
            if self.has_ended or time.monotonic() > deadline:
                raise PrefectServerError(f"Prefect's server did not start; see {self.home / LOG}")
            await asyncio.sleep(0.2)

    async def watch(self) -> None:
        """Return when the server has ended; never for one that was not started here."""
        while not self.has_ended:  # noqa: ASYNC110 - a process has no event to wait for
            await asyncio.sleep(0.5)

    @property
    def has_ended(self) -> bool:
        """Whether the process that was started here is gone."""
        return self._process is not None and self._process.poll() is not None


@contextmanager
def standing_server(home: Path, port: int) -> Iterator[StandingServer]:
    """Hold the server; import Prefect only inside.

    Args:
        home: where its database goes, if it is started here.
        port: where it listens then.

    Raises:
        WrongCallError: the port is taken.
        LakeUnwritableError: `home` cannot be made.
    """
    quieten()
    if known := named_server():
        yield StandingServer(known, None, home)
        return
    _check_free(port)
    api_url = f"http://127.0.0.1:{port}/api"
    os.environ["PREFECT_HOME"] = str(home)
    process = launch(home, port, _environment(home, api_url))
    try:
        yield StandingServer(api_url, process, home)
    finally:
        end(process)


def _environment(home: Path, api_url: str) -> dict[str, str]:
    return {
        "PREFECT_UI_API_URL": api_url,
        # The page is copied once, and not into the installed package.
        "PREFECT_UI_STATIC_DIRECTORY": str(home / "page"),
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_SERVER_SERVICES_LATE_RUNS_AFTER_SECONDS": str(_LATE_SECONDS),
    }


def _check_free(port: int) -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", port))
        except OSError as error:
            url = f"http://127.0.0.1:{port}/api"
            hint = f"; or set PREFECT_API_URL={url} to use the server there" if answers(url) else ""
            raise WrongCallError(
                f"port {port} is taken: choose another with --port{hint}"
            ) from error
