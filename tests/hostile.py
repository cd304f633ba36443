"""An upstream that means harm: what it answers is written byte by byte to the socket."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

Attack = Callable[[socket.socket], None]
"""Answers one request, its headers read already; the connection is closed after it."""


class Hostile:
    """Answers every request with one attack.

    Attributes:
        url: scheme, host and port.
        heads: the head of every request, as text.
    """

    affiliate_id = "me"
    token = "open-sesame"  # noqa: S105 - opens nothing

    def __init__(self, attack: Attack) -> None:
        """Name the attack; entering the context starts serving."""
        self.heads: list[str] = []
        self._attack = attack

    def __enter__(self) -> Self:
        """Start serving."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop serving."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                caller, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(caller,), daemon=True).start()

    def _answer(self, caller: socket.socket) -> None:
        head = b""
        with caller:
            try:
                while b"\r\n\r\n" not in head:
                    head += caller.recv(65_536)
                self.heads.append(head.decode("latin-1"))
                self._attack(caller)
            except OSError:
                return  # the caller has had enough: what every attack should come to


def head(**headers: str) -> bytes:
    """Return the head of a good answer; an underscore in a name is a hyphen."""
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(["HTTP/1.1 200 OK", *lines, "", ""]).encode()


def endless_line(size: int) -> Attack:
    """Send one line of JSON, so many bytes of it, holding none of them."""

    def attack(caller: socket.socket) -> None:
        caller.sendall(head(Content_Length=str(size)) + b'{"products":["')
        piece = b"x" * 1024**2
        for _ in range(size // len(piece)):
            caller.sendall(piece)

    return attack


def zipped(encoding: str, body: bytes) -> Attack:
    """Send a body that says how it is zipped."""
    start = head(Content_Encoding=encoding, Content_Length=str(len(body)))
    return lambda caller: caller.sendall(start + body)


def dripping(pause: float, start: bytes) -> Attack:
    """Send a start, and then a byte after every pause."""

    def attack(caller: socket.socket) -> None:
        caller.sendall(start)
        waiting = threading.Event()
        while not waiting.wait(pause):
            caller.sendall(b"x")

    return attack


def body(answer: bytes) -> Attack:
    """Send a body."""
    return lambda caller: caller.sendall(head(Content_Length=str(len(answer))) + answer)
