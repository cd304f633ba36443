"""A Prefect server to run the flow with: the one there is, or a temporary one.

A temporary server takes some seconds to start, so it is started first and waited for last. What
it prints goes to a file: Prefect 3.8 logs tracebacks of its own services when it is stopped.
Nothing is reported to anybody.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from flows.errors import PrefectServerError
from flows.handwritten import value_of
from flows.proxies import tidy_proxies
from storage.errors import LakeUnwritableError

_WELL_KNOWN = "http://127.0.0.1:4200/api"
_START_SECONDS = 120.0
_STOP_SECONDS = 5.0
_TALKATIVE = ("APILogWorker", "EventsWorker")
"""Loggers of Prefect that no setting of it reaches: they tell of a slow end to standard error."""

LOG = "server.log"

_SECRETS = {"FK_AFFILIATE_ID", "FK_AFFILIATE_TOKEN", "FEEDLAKE_ALERTS_WEBHOOK"}
"""What a server has no use for."""

_UNUSED_SERVICES = (
    "CANCELLATION_CLEANUP",
    "EVENT_LOGGER",
    "FOREMAN",
    "LATE_RUNS",
    "PAUSE_EXPIRATIONS",
    "REPOSSESSOR",
    "SCHEDULER",
    "TRIGGERS",
)


def named_server() -> str | None:
    """Return the address that PREFECT_API_URL names, as Prefect is to read it too."""
    api_url = value_of(os.environ.get("PREFECT_API_URL", ""))
    os.environ.pop("PREFECT_API_URL", None)
    if api_url:
        os.environ["PREFECT_API_URL"] = api_url
    return api_url or None


class PrefectServer:
    """The server of one command.

    Attributes:
        api_url: where its API is.
        is_temporary: whether it was started here and ends with the command.
    """

    def __init__(self, home: Path) -> None:
        """Find a running server, or start one whose database is in `home`.

        Raises:
            LakeUnwritableError: `home` cannot be made.
        """
        self._log = home / LOG
        self._process: subprocess.Popen[bytes] | None = None
        running = named_server() or (_WELL_KNOWN if answers(_WELL_KNOWN) else None)
        self.api_url = running or self._start(home)

    @property
    def is_temporary(self) -> bool:
        """Whether the server was started here."""
        return self._process is not None

    async def ready(self) -> None:
        """Wait until the server answers.

        Raises:
            PrefectServerError: it does not.
        """
        deadline = time.monotonic() + (_START_SECONDS if self._process else _STOP_SECONDS)
        while not await asyncio.to_thread(answers, self.api_url):
            ended = self._process is not None and self._process.poll() is not None
            if ended or time.monotonic() > deadline:
                raise PrefectServerError(self._what_to_do())
            await asyncio.sleep(0.1)

    def stop(self) -> None:
        """End the server, if it was started here."""
        if self._process is not None:
            end(self._process)

    def _start(self, home: Path) -> str:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        off = {f"PREFECT_SERVER_SERVICES_{name}_ENABLED": "false" for name in _UNUSED_SERVICES}
        self._process = launch(home, port, off | {"PREFECT_UI_ENABLED": "false"})
        return f"http://127.0.0.1:{port}/api"

    def _what_to_do(self) -> str:
        if self._process is None:
            return (
                f"the Prefect server at {self.api_url} does not answer; "
                "start it or unset PREFECT_API_URL"
            )
        return f"the temporary Prefect server did not start; see {self._log}"


def launch(home: Path, port: int, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start a server on this machine; what it prints goes to a file beside its database.

    Args:
        home: the folder of its database, made where there is none.
        port: where it listens.
        environment: settings of Prefect.

    Raises:
        LakeUnwritableError: `home` cannot be made.
    """
    command = [sys.executable, "-P", "-m", "flows.prefect_process", str(port)]
    own = {"PREFECT_HOME": str(home), "PREFECT__SERVER_FINAL": "1"}
    known = {name: value for name, value in os.environ.items() if name not in _SECRETS}
    try:
        home.mkdir(parents=True, exist_ok=True)
        with (home / LOG).open("wb") as log:
            # A group of its own: Ctrl-C reaches the command, which ends the server last.
            return subprocess.Popen(  # noqa: S603 - our own interpreter, fixed words
                command,
                env={**known, **quiet_environment(), **own, **environment},
                # It closes with this process, however that ends, and the server with it.
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
    except OSError as error:
        raise LakeUnwritableError(home, error) from error


def end(server: subprocess.Popen[bytes]) -> None:
    """End a server that was started here, in some seconds at most."""
    server.terminate()
    try:
        server.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
    if server.stdin:
        server.stdin.close()


def quiet_environment() -> dict[str, str]:
    """Return the environment in which Prefect reports nothing and prints nothing."""
    return {
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_LOGGING_LEVEL": os.environ.get("PREFECT_LOGGING_LEVEL", "CRITICAL"),
    }


def quieten() -> None:
    """Let Prefect report nothing, print nothing and stumble over no proxy in this process."""
    tidy_proxies()
    os.environ.update(quiet_environment())
    for worker in _TALKATIVE:
        logging.getLogger(worker).setLevel(logging.CRITICAL)


@contextmanager
def prefect_server(home: Path) -> Iterator[PrefectServer]:
    """Hold a Prefect server for the command; import Prefect only inside."""
    quieten()
    server = PrefectServer(home)
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def talking_to(api_url: str) -> Iterator[None]:
    """Let Prefect use the server whose API is there."""
    from prefect.settings import PREFECT_API_URL, temporary_settings

    with temporary_settings({PREFECT_API_URL: api_url}):
        yield


def answers(api_url: str) -> bool:
    """Return whether a Prefect server answers there."""
    with suppress(httpx.HTTPError, httpx.InvalidURL):
        return httpx.get(f"{api_url}/health", timeout=2.0).status_code == httpx.codes.OK
    return False
