"""Answers that go wrong on purpose: a share of them, in ways that can be named.

`Sandbox(faults=Faults(share=0.1, seed=7))` serves with them. One seed gives one sequence of
faults; which request meets which depends on the order in which requests arrive.
"""

import asyncio
import gzip
import random
from collections import Counter
from collections.abc import Collection
from typing import Any, Literal, get_args

import orjson
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from feeds.sandbox.almost import almost_right

Kind = Literal[
    "500",
    "503",
    "429",
    "hung_up",
    "truncated",
    "cut_short",
    "half_gzip",
    "garbage",
    "html",
    "slow",
    "empty_page",
    "repeated_link",
    "202",
    "odd_coding",
    "odd_encoding",
    "odd_json",
    "bare_quote",
    "two_lists",
    "relative_link",
    "bad_entry",
]
"""What can go wrong with an answer:

- `500`, `503`, `429`: the status, with `Retry-After: 0`.
- `hung_up`: the connection ends after the headers. `truncated`: it ends in the middle of the body.
- `cut_short`: half the body, with a length that fits it. `half_gzip`: half of the zipped body.
- `garbage`: JSON that is broken or no page. `html`: a web page with status 200.
- `slow`: the whole answer, held up.
- `empty_page`: a page without its products and with its `nextUrl` (captured answer of 2015).
- `repeated_link`: a page whose `nextUrl` leads to itself.
- `202`: "request being processed", with `Retry-After: 0`.
- `odd_coding`: the right answer under a `Content-Encoding` that is none, or zipped without one.
- `odd_encoding`: the right answer in UTF-16, or behind a byte order mark.
- `odd_json`: a raw control character, `NaN`, a number such as `01.0`, or a comma too many.
- `bare_quote`: a quote inside one record's title that is not escaped.
- `two_lists`: an empty list of the other name before the page's own.
- `relative_link`: a `nextUrl` without its host.
- `bad_entry`: a directory in which one category's link is `N/A`.
"""

KINDS: tuple[Kind, ...] = get_args(Kind)

_STATUSES: set[Kind] = {"500", "503", "429", "202"}
_PARTS: set[Kind] = {"hung_up", "truncated", "cut_short", "half_gzip"}
_HTML = b"<!DOCTYPE html><html><body><h1>Back in a moment</h1></body></html>"
_GARBAGE = (b"{{{", b'{"status":"ok"}', b"[1, 2", b'{"products":7}', b"\x00\xff\xfe", b"null")


class Faults:
    """Makes a share of the answers go wrong; call it with the application to stand before.

    Attributes:
        made: how many faults of each kind there were.
    """

    def __init__(
        self,
        share: float,
        seed: int,
        kinds: Collection[Kind] = KINDS,
        *,
        slow_seconds: float = 0.05,
    ) -> None:
        """Choose how much goes wrong, and how.

        Args:
            share: The part of the answers that go wrong, 0 to 1.
            seed: The same seed gives the same sequence of faults.
            kinds: What may go wrong.
            slow_seconds: How long a slow answer is held up.
        """
        self.made: Counter[Kind] = Counter()
        self._share, self._kinds, self._slow_seconds = share, tuple(kinds), slow_seconds
        self._dice = random.Random(seed)  # noqa: S311 - a test's dice

    def __call__(self, app: ASGIApp) -> ASGIApp:
        """Stand before an application."""

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            if self._dice.random() >= self._share:
                await app(scope, receive, send)
                return
            kind = self._dice.choice(self._kinds)
            right = await _answer(app, scope, receive)
            wrong = self._wrong(kind, right, scope) if right.status_code == 200 else None  # noqa: PLR2004 - OK
            self.made[kind] += wrong is not None
            if wrong and kind == "slow":
                await asyncio.sleep(self._slow_seconds)
            await (wrong or right)(scope, receive, send)

        return serve

    def _wrong(self, kind: Kind, right: Response, scope: Scope) -> ASGIApp | None:
        """Return what to answer instead; None where that kind does not fit the answer."""
        if kind in _STATUSES:
            return Response(status_code=int(kind), headers={"Retry-After": "0"})
        if kind == "slow":
            return right
        if kind in _PARTS:
            return _part(kind, right)
        return self._other_page(kind, right, scope) or almost_right(kind, right, self._dice)

    def _other_page(self, kind: Kind, right: Response, scope: Scope) -> Response | None:
        """Return an answer that is no page, or another one than asked for."""
        match kind:
            case "garbage":
                return Response(self._dice.choice(_GARBAGE), media_type="application/json")
            case "html":
                return Response(_HTML, media_type="text/html")
            case "empty_page":
                return _page_but(right, productInfoList=[], products=[], lastProductId="")
            case "repeated_link":
                return _page_but(right, nextUrl=_address(scope))
            case _:
                return None


def _part(kind: Kind, right: Response) -> ASGIApp:
    body = bytes(right.body)
    half = body[: len(body) // 2]
    if kind == "cut_short":
        return Response(half, media_type="application/json")
    if kind == "half_gzip":
        zipped = gzip.compress(body, 1)
        return Response(zipped[: len(zipped) // 2], headers={"Content-Encoding": "gzip"})

    async def end_early(_: Scope, __: Receive, send: Send) -> None:
        # The headers promise a whole body; the server then closes the connection.
        await send({"type": "http.response.start", "status": 200, "headers": right.raw_headers})
        part = half if kind == "truncated" else b""
        await send({"type": "http.response.body", "body": part, "more_body": True})

    return end_early


async def _answer(app: ASGIApp, scope: Scope, receive: Receive) -> Response:
    """Return the application's whole answer instead of sending it."""
    messages: list[Message] = []

    async def keep(message: Message) -> None:
        messages.append(message)

    await app(scope, receive, keep)
    body = b"".join(message.get("body", b"") for message in messages)
    answer = Response(body, messages[0]["status"])
    answer.raw_headers = messages[0]["headers"]
    return answer


def _page_but(right: Response, **changes: Any) -> Response | None:
    """Return the page with some of its fields changed; None where it is no page with a link."""
    try:
        page = orjson.loads(right.body)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(page, dict) or page.get("nextUrl") in {None, "", "null"}:
        return None
    changed = page | {name: value for name, value in changes.items() if name in page}
    return Response(orjson.dumps(changed), media_type="application/json")


def _address(scope: Scope) -> str:
    host = dict(scope["headers"])[b"host"].decode()
    return f"{scope['scheme']}://{host}{scope['path']}?{scope['query_string'].decode()}"
