"""Where alerts go in tests: a list, or a webhook on loopback that answers as it is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Awaitable, Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from flows.alerts.event import Event

Answer = int | Callable[[], int]


def into(shown: list[Event]) -> Callable[[Sequence[Event]], Awaitable[None]]:
    """Return what shows events by adding them to a list."""

    async def show(events: Sequence[Event]) -> None:
        shown.extend(events)

    return show


class Hook:
    """Takes posts.

    Attributes:
        url: with a secret in it.
        answers: statuses to give in turn; when there are no more, what `judge` says.
        judge: returns the status for a post; 204 by default.
        headers: sent with every answer.
        posts: every body, accepted or not, with the status it got.
        paths: every path asked for.
    """

    SECRET = "s3cr3t-path"  # noqa: S105 - opens nothing

    def __init__(self, *answers: Answer) -> None:
        """Remember what to answer."""
        self.answers = list(answers)
        self.judge: Callable[[dict[str, Any]], int] = lambda _: 204
        self.headers = {"Location": "http://127.0.0.1:1/elsewhere"}
        self.posts: list[tuple[int, dict[str, Any]]] = []
        self.paths: list[str] = []

    def __enter__(self) -> Self:
        """Start serving."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/{self.SECRET}?key={self.SECRET}"
        return self

    def __exit__(self, *_: object) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def accepted(self) -> list[str]:
        """The ids of the events that were accepted, in order."""
        return [
            event["event_id"]
            for status, body in self.posts
            if status < 300
            for event in body["events"]
        ]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                hook.paths.append(self.path)
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                answer = hook.answers.pop(0) if hook.answers else hook.judge(body)
                status = answer() if callable(answer) else answer
                hook.posts.append((status, body))
                self.send_response(status)
                for header in hook.headers.items():
                    self.send_header(*header)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Stay quiet."""

        return Handler
