"""Running a sandbox: in a thread for tests, in a process for measurements, in the foreground."""

import contextlib
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import uvicorn

from feeds.sandbox.app import Faults, create_app
from feeds.sandbox.catalogue import Catalogue, Record
from feeds.sandbox.plan import Plan
from feeds.sandbox.rules import Rules

_HOST = "127.0.0.1"
_START_SECONDS = 60.0
_STOP_SECONDS = 10.0
_CONTROL_SECONDS = 600.0


class Sandbox:
    """A running sandbox, as a context manager.

    `with Sandbox(products=2000, categories=4, seed=7) as sandbox:` serves from a thread of this
    process; with `process=True` it serves from a process of its own, so that a measured client does
    not share the interpreter with it.

    Attributes:
        url: Scheme, host and port, without a slash at the end.
        affiliate_id: The tracking id that is let in.
        token: The token that is let in.
    """

    url: str

    def __init__(
        self,
        *,
        products: int = 2000,
        categories: int = 4,
        seed: int = 7,
        page_size: int = 500,
        books: int = 1200,
        replay: Path | None = None,
        rules: Rules | None = None,
        faults: Faults | None = None,
        process: bool = False,
        port: int = 0,
    ) -> None:
        """Describe the sandbox; entering the context starts it.

        Args:
            products: Different products on day 0.
            categories: Categories that they stand in.
            seed: Sandboxes of one seed and size serve the same.
            page_size: How many places a page covers; the vendor's is 500.
            books: Books in the bookshop.
            replay: A folder of captured answers to serve instead of made-up products.
            rules: How callers are treated.
            faults: An ASGI middleware around every upstream answer; only within this process.
            process: Whether to serve from a process of its own.
            port: The port to listen on; 0 takes a free one.

        Raises:
            ValueError: `faults` and `process` were both given.
        """
        if faults and process:
            raise ValueError("faults work only within this process")
        self._rules = rules or Rules()
        self.affiliate_id, self.token = self._rules.affiliate_id, self._rules.token
        self._plan = Plan(products, categories, seed, page_size, replay, books)
        self._faults, self._process, self._port = faults, process, port
        self._running: _Thread | _Process | None = None
        self._controls: httpx.Client | None = None

    def __enter__(self) -> Self:
        """Start serving.

        Raises:
            RuntimeError: It did not start; the address may be taken.
        """
        if self._process:
            self._running = _Process(self._plan, self._rules, self._port)
        else:
            catalogue = self._plan.catalogue(self.affiliate_id)
            self._running = _Thread(catalogue, self._rules, self._faults, self._port)
        self.url = self._running.url
        self._controls = httpx.Client(
            base_url=self.url,
            timeout=_CONTROL_SECONDS,
            trust_env=False,
            verify=False,  # noqa: S501 - plain HTTP on loopback; certificates only take time
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop serving and give the port back."""
        if self._controls:
            self._controls.close()
        if self._running:
            self._running.stop()
        self._controls = self._running = None

    @property
    def headers(self) -> dict[str, str]:
        """The two headers that a caller must send."""
        return {"Fk-Affiliate-Id": self.affiliate_id, "Fk-Affiliate-Token": self.token}

    def next_day(self, days: int = 1) -> dict[str, int]:
        """Move on by whole days; return every category's version by name."""
        versions: dict[str, int] = self._post("next-day", days=days)["versions"]
        return versions

    def reset_version(self, category: str) -> int:
        """Let the version of a category, given by name or code, fall; return every version."""
        version: int = self._post("reset-version", category=category)["versions"][category]
        return version

    def versions(self) -> dict[str, int]:
        """Every category's version by name."""
        versions: dict[str, int] = self._get("versions")["versions"]
        return versions

    def truth(self, category: str) -> list[Record]:
        """The products of a category as they are now, each id once, as v1.1.0 records."""
        records: list[Record] = self._get(f"truth/{category}.json")
        return records

    def stats(self) -> dict[str, Any]:
        """Requests so far: `requests`, `over_quota`, and `by_kind` with counts by status."""
        report: dict[str, Any] = self._get("stats")
        return report

    def warm(self) -> int:
        """Encode every page of every full feed ahead; return how many there are."""
        pages: int = self._post("warm")["pages"]
        return pages

    def _get(self, path: str) -> Any:
        return self._ask("GET", path)

    def _post(self, path: str, **query: str | int) -> Any:
        return self._ask("POST", path, **query)

    def _ask(self, method: str, path: str, **query: str | int) -> Any:
        if self._controls is None:
            raise RuntimeError("the sandbox is not running")
        answer = self._controls.request(method, f"/_sandbox/{path}", params=query)
        return answer.raise_for_status().json()


def serve(
    catalogue: Catalogue,
    rules: Rules | None = None,
    *,
    port: int = 0,
    ready: Callable[[str], object] = print,
    until: Callable[[], object] | None = None,
) -> None:
    """Serve in the foreground until interrupted or terminated.

    Args:
        catalogue: What to serve.
        rules: How to treat callers.
        port: The port to listen on; 0 takes a free one.
        ready: Called once with the server's address when it answers.
        until: A call that blocks; the server stops when it returns.

    Raises:
        OSError: The port is taken.
    """
    with _listening(port) as listener:
        server = _Server(_config(catalogue, rules or Rules(), None), lambda: ready(_url(listener)))
        if until:
            threading.Thread(target=_stop_after, args=(until, server), daemon=True).start()
        with contextlib.suppress(KeyboardInterrupt):
            server.run(sockets=[listener])


class _Server(uvicorn.Server):
    """A server that says when it answers."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], object]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()


class _Thread:
    """A server in a thread of this process."""

    def __init__(
        self, catalogue: Catalogue, rules: Rules, faults: Faults | None, port: int
    ) -> None:
        self._listener = _listening(port)
        self.url = _url(self._listener)
        ready = threading.Event()
        self._server = _Server(_config(catalogue, rules, faults), ready.set)
        self._thread = threading.Thread(
            target=self._server.run, args=([self._listener],), name="sandbox", daemon=True
        )
        self._thread.start()
        if not ready.wait(_START_SECONDS):
            self.stop()
            raise RuntimeError("the sandbox did not start")

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(_STOP_SECONDS)
        self._listener.close()


class _Process:
    """A server in a process of its own, which ends with this one."""

    def __init__(self, plan: Plan, rules: Rules, port: int) -> None:
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
            cwd=Path(__file__).parents[2],
        )
        self.url = self._first_line()

    def stop(self) -> None:
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


def _config(catalogue: Catalogue, rules: Rules, faults: Faults | None) -> uvicorn.Config:
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


def _listening(port: int) -> socket.socket:
    # asyncio sends small answers at once only on sockets that name their protocol.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((_HOST, port))
    except OSError:
        listener.close()
        raise
    return listener


def _url(listener: socket.socket) -> str:
    return f"http://{_HOST}:{listener.getsockname()[1]}"


def _stop_after(until: Callable[[], object], server: uvicorn.Server) -> None:
    until()
    server.should_exit = True
