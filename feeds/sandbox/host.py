"""What a sandbox runs in: a thread of this process, or a process of its own."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import uvicorn

from feeds.sandbox.app import Faults, create_app
from feeds.sandbox.catalogue import Catalogue
from feeds.sandbox.plan import Plan
from feeds.sandbox.rules import Rules

_HOST = "127.0.0.1"
_START_SECONDS = 60.0
_STOP_SECONDS = 10.0


class Server(uvicorn.Server):
    """A server that says when it answers."""

    def __init__(self, described: uvicorn.Config, ready: Callable[[], object]) -> None:
        """Call `ready` once, when the first request can come."""
        super().__init__(described)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        if self.started:
            self._ready()


class ThreadHost:
    """A server in a thread of this process."""

    def __init__(
        self, catalogue: Catalogue, rules: Rules, faults: Faults | None, port: int
    ) -> None:
        """Start serving, and return when it answers.

        Raises:
            OSError: The port is taken.
            RuntimeError: It did not start in time.
        """
        self._listener = listening(port)
        self.url = url_of(self._listener)
        ready = threading.Event()
        self._server = Server(config(catalogue, rules, faults), ready.set)
        self._thread = threading.Thread(
            target=self._server.run, args=([self._listener],), name="sandbox", daemon=True
        )
        self._thread.start()
        if not ready.wait(_START_SECONDS):
            self.stop()
            raise RuntimeError("the sandbox did not start")

    def stop(self) -> None:
        """Stop serving and give the port back."""
        self._server.should_exit = True
        self._thread.join(_STOP_SECONDS)
        self._listener.close()


class ProcessHost:
    """A server in a process of its own, which ends with this one."""

    def __init__(self, plan: Plan, rules: Rules, port: int) -> None:
        """Start serving, and return when it answers.

        Raises:
            RuntimeError: It did not start; the port may be taken.
        """
        command = [sys.executable, "-m", "feeds.sandbox", "--with-parent", f"--port={port}"]
        command += [
            f"--{field.name.replace('_', '-')}={value}"
            for described in (plan, rules)
            for field in fields(described)
            if (value := getattr(described, field.name)) is not None
        ]
        self._child = subprocess.Popen(  # noqa: S603 - this interpreter, this package
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(_places())},
            start_new_session=True,  # Ctrl-C is for the parent; the child ends with it
        )
        self.url = self._first_line()

    def stop(self) -> None:
        """Let the process end, by force if it takes too long."""
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe:
                pipe.close()
        try:
            self._child.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()

    def _first_line(self) -> str:
        line = self._child.stdout.readline().strip() if self._child.stdout else ""
        if not line:
            self.stop()
            raise RuntimeError("the sandbox did not start")
        return line


def config(catalogue: Catalogue, rules: Rules, faults: Faults | None) -> uvicorn.Config:
    """A quiet server of this catalogue."""
    return uvicorn.Config(
        create_app(catalogue, rules, faults),
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="on",
        log_level="critical",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )


def listening(port: int) -> socket.socket:
    """A socket of this machine's own address; port 0 takes a free one.

    Raises:
        OSError: The port is taken.
    """
    # asyncio sends small answers at once only on sockets that name their protocol.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((_HOST, port))
    except OSError:
        listener.close()
        raise
    return listener


def url_of(listener: socket.socket) -> str:
    """Scheme, host and port of a socket, without a slash at the end."""
    return f"http://{_HOST}:{listener.getsockname()[1]}"


def _places() -> list[str]:
    """Where the child looks for modules first: beside this package, then where this process did."""
    root = str(Path(__file__).parents[2])
    return [root, *filter(None, [os.environ.get("PYTHONPATH")])]
