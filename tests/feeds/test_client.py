"""The client: other spellings of its host, codings of a body, and answers that are not ready."""

from __future__ import annotations

import asyncio
import gzip
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from feeds.client import Client, Patience
from feeds.errors import (
    ForeignLinkError,
    PageBrokenError,
    RequestRefusedError,
    UpstreamPendingError,
)
from feeds.retry_after import LONGEST_SECONDS, retry_after
from feeds.signed_url import SignedUrl
from tests.scripted import Scripted

PATIENCE = Patience(attempts=6, first_wait=0.001, longest_wait=0.002, broken_attempts=2)
PATH = "/affiliate/1.0/feeds/me/category/shoes.json"


def fetched(upstream: Scripted, link: str = PATH, max_body_bytes: int = 10**6) -> bytes:
    """Return the body that a link is answered with."""

    async def ask() -> bytes:
        async with Client(
            upstream.url, "me", "0f1e", patience=PATIENCE, max_body_bytes=max_body_bytes
        ) as client:
            return await client.fetch(SignedUrl.parse(link), bytes)

    return asyncio.run(ask())


def test_other_spellings_of_the_host_are_asked() -> None:
    """Relative links and redirects too; the token goes to the configured host."""
    with Scripted() as upstream:
        upstream.answers[PATH] = [b"{}"]
        host = upstream.url.removeprefix("http://")
        moved = upstream.answers["/moved.json"] = []
        spellings = [PATH, f"//{host}{PATH}", f"HTTP://{host}{PATH}", f" http://{host}{PATH}\n"]
        for spelling in spellings:
            assert fetched(upstream, spelling) == b"{}"
            moved[:] = [(302, {"Location": spelling.strip()}, b"")]
            assert fetched(upstream, "/moved.json") == b"{}"
        assert set(upstream.tokens) == {"0f1e"}


@pytest.mark.parametrize("said", ["x-gzip", "none", "utf-8", "", "gzip, identity", None])
def test_a_coding_is_read_as_the_body_shows(said: str | None) -> None:
    """Zipped, zipped twice and plain, whatever the header says."""
    headers = {} if said is None else {"Content-Encoding": said}
    for body in (b"{}", gzip.compress(b"{}"), gzip.compress(gzip.compress(b"{}"))):
        with Scripted() as upstream:
            upstream.answers[PATH] = [(200, headers, body)]
            assert fetched(upstream) == b"{}"


def test_what_cannot_be_unpacked_is_a_broken_page() -> None:
    """It is asked for again; what is too long in one of its layers is not."""
    bomb = gzip.compress(gzip.compress(b" " * 10**6))
    with Scripted() as upstream:
        upstream.answers[PATH] = [(200, {"Content-Encoding": "br"}, b"\x0b\x02\x80"), b"{}"]
        assert fetched(upstream) == b"{}"
        upstream.answers[PATH] = [(200, {"Content-Encoding": "br"}, b"\x0b\x02\x80")]
        with pytest.raises(PageBrokenError, match="came in the coding 'br'"):
            fetched(upstream)
        upstream.answers[PATH] = [(200, {"Content-Encoding": "gzip"}, bomb)]
        with pytest.raises(RequestRefusedError, match="is over 0 MiB long and was cut off"):
            fetched(upstream, max_body_bytes=10_000)


def test_an_answer_that_is_not_ready_is_asked_for_again() -> None:
    """After the pause that it names; for ever it is not waited for."""
    with Scripted() as upstream:
        pending = (202, {"Retry-After": "0"}, b"")
        upstream.answers[PATH] = [pending, pending, pending, pending, b"{}"]
        assert fetched(upstream) == b"{}"
        upstream.asked.clear()
        upstream.answers[PATH] = [pending]
        with pytest.raises(
            UpstreamPendingError, match=r"is not ready yet \(202\); try again later"
        ):
            fetched(upstream)
        assert len(upstream.asked) == PATIENCE.attempts


def test_a_pause_is_read() -> None:
    """Seconds or a date, bounded."""
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    assert [retry_after(one) for one in ("5", "-1", "9e9", "inf", "soon", None)] == [
        *(5.0, 0.0, LONGEST_SECONDS, None, None, None)
    ]
    assert 0 < (retry_after(soon) or 0) <= 60


@pytest.mark.parametrize("link", ["https://{host}/a", "http://{name}/a", "http://x@{host}/a"])
def test_another_origin_is_no_spelling(link: str) -> None:
    """Neither https, another port nor a user before the host."""
    with Scripted() as upstream:
        host = upstream.url.removeprefix("http://")
        name = host.partition(":")[0]
        with pytest.raises(ForeignLinkError):
            fetched(upstream, link.format(host=host, name=name))
        assert upstream.asked == []
