"""An upstream that says exactly what a test tells it to: a real server on loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import urlsplit

Answer = bytes | int | tuple[int, dict[str, str], bytes] | Callable[[], bytes]


def record(product_id: str, price: float | None = 100.0, **base: Any) -> dict[str, Any]:
    """Return a v1.1.0 record; one without a price is bare."""
    amount = None if price is None else {"amount": price, "currency": "INR"}
    return {
        "productBaseInfoV1": {
            "productId": product_id,
            "title": f"Product {product_id}",
            "maximumRetailPrice": {"amount": 999.0, "currency": "INR"},
            "flipkartSellingPrice": amount,
            "flipkartSpecialPrice": amount,
            "inStock": True,
        }
        | base,
    }


@dataclass
class Scripted:
    """Serves `/affiliate/1.0/...` of one category, `shoes`, page by page.

    Attributes:
        tops: whether the directory links lists of top sellers.
        answers: by path, what to answer in turn; the last one again and again.
        otherwise: what to answer at any other path.
        asked: every path asked for, in order.
        filtered: those of them that asked for what is in stock.
        tokens: every token that came with a request.
    """

    affiliate_id: str = "me"
    token: str = "open-sesame"  # noqa: S105 - opens nothing
    categories: tuple[str, ...] = ("shoes",)
    tops: bool = False
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    otherwise: Answer = 404
    asked: list[str] = field(default_factory=list)
    filtered: list[str] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)

    def __enter__(self) -> Self:
        """Start serving."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.answers["/affiliate/api/me.json"] = [self.directory]
        for name in self.categories:
            self.version(1, name)
        return self

    def __exit__(self, *_: object) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def version(self, version: float | str, category: str = "shoes") -> None:
        """Set the version that the delta feed names."""
        answer = json.dumps({"version": version, "products": []}).encode()
        self.answers[urlsplit(self.link("deltaFeeds", category)).path] = [answer]

    def page(self, cursor: str | None, *records: Any, to: str | None = None, **other: Any) -> None:
        """Put one page of the product feed: the first for None; `to` is the next page's cursor."""
        link = None if to is None else self.link("feeds", "shoes", to)
        self.put(self.link("feeds", "shoes", cursor), *records, link=link, **other)

    def delta(self, since: int, *records: Any) -> None:
        """Put the one page of the delta since a version."""
        self.put(self.link("deltaFeeds", "shoes", f"fromVersion/{since}"), *records)

    def put(self, url: str, *records: Any, link: str | None = None, **other: Any) -> None:
        """Put a page at a link."""
        body = json.dumps({"nextUrl": link, "products": list(records)} | other).encode()
        self.answers[urlsplit(url).path] = [body]

    def spoil(self, url: str, **changes: Any) -> None:
        """Answer a link once with its page changed, then as before."""
        answers = self.answers[urlsplit(url).path]
        page = answers[0]
        if not isinstance(page, bytes):
            raise TypeError("only a page can be changed")
        answers.insert(0, json.dumps(json.loads(page) | changes).encode())

    def dump(
        self, zipped: bytes, modified: datetime | None = None, category: str = "shoes"
    ) -> None:
        """Put the zip of a category's dump, with the time at which the server says it was made."""
        path = f"/affiliate/1.0/feeds/rawfiles/{category}"
        link = f"{self.url}{path}?expiresAt=4102444800000&sig=0123456789abcdef0123456789abcdef"
        listings = {category: {"availableVariants": {"v1.1.0": {"get": link}}}}
        directory = {"apiGroups": {"affiliate": {"apiListings": listings}}}
        self.put_json("/affiliate/download/feeds/me.json", directory)
        headers = {"Last-Modified": format_datetime(modified, usegmt=True)} if modified else {}
        self.answers[path] = [(200, headers, zipped)]

    def put_json(self, path: str, value: Any) -> None:
        """Put any answer at a path."""
        self.answers[path] = [json.dumps(value).encode()]

    def link(self, room: str, category: str, cursor: str | None = None) -> str:
        """Return a link of a room, such as `feeds`."""
        rest = f"/{cursor}" if cursor else ""
        signed = "expiresAt=4102444800000&sig=0123456789abcdef0123456789abcdef"
        return f"{self.url}/affiliate/1.0/{room}/me/category/{category}{rest}.json?{signed}"

    def path(self, room: str, category: str, cursor: str | None = None) -> str:
        """Return the path of a link, the key of its answers."""
        return urlsplit(self.link(room, category, cursor)).path

    def directory(self) -> bytes:
        """Return the directory's body."""
        listings = {
            name: {
                "availableVariants": {
                    "v1.1.0": {
                        "get": self.link("feeds", name),
                        "deltaGet": self.link("deltaFeeds", name),
                        "top": self.link("topFeeds", name) if self.tops else None,
                    }
                }
            }
            for name in self.categories
        }
        return json.dumps({"apiGroups": {"affiliate": {"apiListings": listings}}}).encode()

    def _answer(self, path: str) -> Answer:
        self.asked.append(path)
        answers = self.answers.get(path, [self.otherwise])
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        script = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                script.tokens.append(self.headers.get("Fk-Affiliate-Token"))
                path, query = urlsplit(self.path)[2:4]
                if "inStock=true" in query:
                    script.filtered.append(path)
                answer = script._answer(path)
                headers: dict[str, str] = {}
                status, body = 200, b""
                if callable(answer):
                    body = answer()
                elif isinstance(answer, bytes):
                    body = answer
                elif isinstance(answer, int):
                    status = answer
                else:
                    status, headers, body = answer
                self.send_response(status)
                for name, value in ({"Content-Length": str(len(body))} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Stay quiet."""

        return Handler
