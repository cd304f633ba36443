"""Running a sandbox: in a thread for tests, in a process for measurements, in the foreground."""

import contextlib
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import uvicorn

from feeds.sandbox.app import Faults
from feeds.sandbox.catalogue import Catalogue, Record
from feeds.sandbox.host import ProcessHost, Server, ThreadHost, config, listening, url_of
from feeds.sandbox.plan import Plan
from feeds.sandbox.rules import Rules

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
        self._running: ThreadHost | ProcessHost | None = None
        self._controls: httpx.Client | None = None

    def __enter__(self) -> Self:
        """Start serving.

        Raises:
            RuntimeError: It did not start; the address may be taken.
        """
        if self._process:
            self._running = ProcessHost(self._plan, self._rules, self._port)
        else:
            catalogue = self._plan.catalogue(self.affiliate_id)
            self._running = ThreadHost(catalogue, self._rules, self._faults, self._port)
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
        """Let the version of a category, given by name, fall; return the new one."""
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
        """Requests so far.

        Returns:
            `requests`; `seconds` from the first to the last of them; `over_quota`; and `by_kind`,
            counts by status.
        """
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
    with listening(port) as listener:
        server = Server(config(catalogue, rules or Rules(), None), lambda: ready(url_of(listener)))
        if until:
            threading.Thread(target=_stop_after, args=(until, server), daemon=True).start()
        with contextlib.suppress(KeyboardInterrupt):
            server.run(sockets=[listener])


def _stop_after(until: Callable[[], object], server: uvicorn.Server) -> None:
    until()
    server.should_exit = True
