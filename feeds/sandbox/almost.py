"""Answers that are almost right: a client can read them, or all of them but one record."""

import codecs
import gzip
import re
from collections.abc import Callable
from random import Random
from urllib.parse import urlsplit

import orjson
from starlette.responses import Response

_NO_CODINGS = ("utf-8", "none", "identity", "")
_ODD = (
    (rb'"title":"', b'"title":"\t'),
    (rb'"sellerAverageRating":[0-9.]+', b'"sellerAverageRating":NaN'),
    (rb'("amount":)([0-9])', rb"\g<1>0\2"),
    (rb"\}\]", b"},]"),
)
"""What is not JSON and has one reading: what is looked for, and what is written instead."""


def almost_right(kind: str, right: Response, dice: Random) -> Response | None:
    """Return the answer with one thing wrong; None where that kind does not fit it."""
    change = _KINDS.get(kind)
    return change(bytes(right.body), dice) if change else None


def _oddly_coded(body: bytes, dice: Random) -> Response:
    coding = dice.choice((*_NO_CODINGS, "x-gzip", None))
    if coding in _NO_CODINGS:
        return _json(body, {"Content-Encoding": str(coding)})
    headers = {"Content-Encoding": coding} if coding else {}
    return _json(gzip.compress(body, 1), headers)


def _oddly_encoded(body: bytes, dice: Random) -> Response:
    return _json(dice.choice((codecs.BOM_UTF8 + body, body.decode().encode("utf-16"))))


def _odd_json(body: bytes, dice: Random) -> Response | None:
    return _replaced(*dice.choice(_ODD), body)


def _bare_quote(body: bytes, _: Random) -> Response | None:
    return _replaced(rb'"title":"', b'"title":"5" of ', body)


def _two_lists(body: bytes, _: Random) -> Response | None:
    other = b"products" if b'"productInfoList"' in body else b"productInfoList"
    return _replaced(rb'\{(?="nextUrl"|"validTill")', b'{"%b":[],' % other, body)


def _bad_entry(body: bytes, _: Random) -> Response | None:
    return _replaced(rb'"get":"[^"]*"', b'"get":"N/A"', body)


def _relative_link(body: bytes, _: Random) -> Response | None:
    found = re.search(rb'"nextUrl":("http[^"]*")', body)
    if found is None:
        return None
    link = urlsplit(orjson.loads(found[1]))
    relative = orjson.dumps(f"{link.path}?{link.query}")
    return _json(body[: found.start(1)] + relative + body[found.end(1) :])


def _replaced(pattern: bytes, instead: bytes, body: bytes) -> Response | None:
    changed, count = re.subn(pattern, instead, body, count=1)
    return _json(changed) if count else None


def _json(body: bytes, headers: dict[str, str] | None = None) -> Response:
    return Response(body, headers=headers, media_type="application/json")


_KINDS: dict[str, Callable[[bytes, Random], Response | None]] = {
    "odd_coding": _oddly_coded,
    "odd_encoding": _oddly_encoded,
    "odd_json": _odd_json,
    "bare_quote": _bare_quote,
    "two_lists": _two_lists,
    "relative_link": _relative_link,
    "bad_entry": _bad_entry,
}
