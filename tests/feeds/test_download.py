"""Downloading a dump: resumed, bounded, and nothing told to strangers."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

import pytest

from feeds.budget import Budget
from feeds.client import Client, Patience
from feeds.download import Downloaded, download, may_leave
from feeds.dump.directory import decode_dump_directory, dump_directory_path
from feeds.errors import (
    FeedError,
    ForeignLinkError,
    LinkExpiredError,
    LinkRefusedError,
    RequestRefusedError,
    UpstreamFailedError,
)
from feeds.sandbox.rules import Rules
from feeds.sandbox.server import Sandbox
from feeds.signed_url import SignedUrl

CONTENT = bytes(range(256)) * 20_000
SIG = "0123456789abcdef0123456789abcdef"
PATH = "/affiliate/1.0/feeds/rawfiles/abc-d3f"
QUICK = Patience(attempts=4, first_wait=0.01, longest_wait=0.02, timeout=5)


@dataclass
class Store:
    """Serves one file, in ranges or not, and breaks off when told to.

    Attributes:
        content: the file.
        mark: its ETag; None for none.
        breaks: after how many bytes of the next answers the connection is cut; None for never.
        status: answered instead of the file where it is not 200.
        location: where to redirect to.
        arrival: the path that is not redirected.
        has_ranges: whether ranges are served.
        says: headers that replace others; None leaves one out.
        asked: the headers of every request.
    """

    content: bytes = CONTENT
    mark: str | None = '"one"'
    breaks: list[int | None] = field(default_factory=list)
    status: int = 200
    location: str | None = None
    arrival: str = ""
    has_ranges: bool = True
    says: dict[str, str | None] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)

    def __enter__(self) -> Self:
        """Start serving."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        return self

    def __exit__(self, *_: object) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def link(self) -> SignedUrl:
        """The signed link of the file."""
        return SignedUrl.parse(f"{self.url}{PATH}?expiresAt=4102444800000&sig={SIG}")

    def answer(self, asked: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body for a request."""
        if self.location and asked["path"] != self.arrival:
            return 302, {"Location": self.location}, b""
        if self.status != 200:
            return self.status, {}, b"no"
        size = len(self.content)
        headers = {"ETag": self.mark} if self.mark else {}
        headers["Last-Modified"] = formatdate(1_483_000_000, usegmt=True)
        ranged = asked.get("range", "").removeprefix("bytes=").removesuffix("-")
        if not ranged or not self.has_ranges or asked.get("if-range") != self.mark:
            return 200, headers, self.content
        if int(ranged) >= size:
            return 416, headers | {"Content-Range": f"bytes */{size}"}, b""
        headers["Content-Range"] = f"bytes {ranged}-{size - 1}/{size}"
        return 206, headers, self.content[int(ranged) :]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        store = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                asked = {name.lower(): value for name, value in self.headers.items()}
                asked["path"] = self.path
                store.asked.append(asked)
                status, headers, body = store.answer(asked)
                sent = {"Content-Length": str(len(body))} | headers | store.says
                self.send_response(status)
                for name, value in sent.items():
                    if value is not None:
                        self.send_header(name, value)
                self.end_headers()
                cut = store.breaks.pop(0) if store.breaks and status < 300 else None
                self.wfile.write(body[:cut])
                self.close_connection = cut is not None

            def log_message(self, *_: object) -> None:
                """Stay quiet."""

        return Handler


@pytest.fixture
def store() -> Iterator[Store]:
    """Serve a file of 5 MB."""
    with Store() as running:
        yield running


@pytest.fixture
def other() -> Iterator[Store]:
    """Serve the same file from another host."""
    with Store() as running:
        yield running


def fetched(store: Store, file: Path, patience: Patience = QUICK, **settings: Any) -> Downloaded:
    """Download the file of a store, in a process that knows nothing of earlier tries."""

    async def run() -> Downloaded:
        client = Client(store.url, "me", "open sesame", budget=Budget(0), patience=patience)
        async with client:
            return await download(client, store.link, file, **settings)

    return asyncio.run(run())


def test_file_is_downloaded(store: Store, tmp_path: Path) -> None:
    """The file is there in one piece, nothing is left beside it, and progress was told."""
    told: list[tuple[int, int | None]] = []
    found = fetched(store, tmp_path / "new" / "d.zip", progress=lambda *now: told.append(now))

    assert found.file.read_bytes() == CONTENT
    assert (found.byte_count, found.resumed_at) == (len(CONTENT), 0)
    assert found.modified_at is not None
    assert found.modified_at.isoformat() == "2016-12-29T08:26:40+00:00"
    assert [one.name for one in found.file.parent.iterdir()] == ["d.zip"]
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert sorted(told) == told


def test_broken_connection_is_gone_on_with(store: Store, tmp_path: Path) -> None:
    """Every try asks for the rest only, however often it breaks off."""
    store.breaks = [1_500_000] * 3
    found = fetched(store, tmp_path / "d.zip", Patience(attempts=2, first_wait=0.01))
    ranges = [one.get("range") for one in store.asked]

    assert found.file.read_bytes() == CONTENT
    assert ranges[0] is None
    assert len(ranges) == 4
    assert [one.get("if-range") for one in store.asked[1:]] == ['"one"'] * 3
    assert found.resumed_at > 4_000_000


def test_later_call_goes_on(store: Store, tmp_path: Path) -> None:
    """What one process received, the next one does not ask for again."""
    file = tmp_path / "d.zip"
    store.breaks = [2_000_000, *[0] * 9]
    with pytest.raises(UpstreamFailedError, match="broke off"):
        fetched(store, file, Patience(attempts=2, first_wait=0.01))
    kept = (tmp_path / "d.zip.part").stat().st_size
    store.breaks = []

    assert not file.exists()
    assert kept > 1_900_000
    assert fetched(store, file).resumed_at == kept
    assert file.read_bytes() == CONTENT
    assert store.asked[-1]["range"] == f"bytes={kept}-"


def test_sidecar_holds_no_secret(store: Store, tmp_path: Path) -> None:
    """Beside the part stands what tells one content from another, and neither token nor sig."""
    store.breaks = [1_000_000, *[0] * 9]
    with pytest.raises(UpstreamFailedError) as error:
        fetched(store, tmp_path / "d.zip", Patience(attempts=2, first_wait=0.01))
    sidecar = (tmp_path / "d.zip.part.json").read_text()

    assert json.loads(sidecar)["path"] == PATH
    for text in (sidecar, str(error.value), repr(error.value)):
        assert SIG not in text
        assert "sesame" not in text


@pytest.mark.parametrize("change", ["mark", "ranges", "path", "sidecar"])
def test_other_content_starts_anew(store: Store, tmp_path: Path, change: str) -> None:
    """A file that changed, a server without ranges, a part of another link: all of it again."""
    file = tmp_path / "d.zip"
    store.breaks = [1_000_000, *[0] * 9]
    with pytest.raises(UpstreamFailedError):
        fetched(store, file, Patience(attempts=2, first_wait=0.01))
    store.breaks, store.content = [], CONTENT[::-1]
    sidecar = tmp_path / "d.zip.part.json"
    if change == "mark":
        store.mark = '"two"'
    elif change == "ranges":
        store.has_ranges = False
    elif change == "path":
        sidecar.write_text(sidecar.read_text().replace("abc-d3f", "xyz"))
    else:
        sidecar.write_text("{")

    assert fetched(store, file).resumed_at == 0
    assert file.read_bytes() == CONTENT[::-1]


@pytest.mark.parametrize(
    "says",
    [
        {"Content-Range": "bytes 7-9/10"},
        {"Content-Range": None},
        {"ETag": '"two"'},
        {"Last-Modified": formatdate(0, usegmt=True)},
    ],
)
def test_wrong_part_is_not_appended(
    store: Store, tmp_path: Path, says: dict[str, str | None]
) -> None:
    """A 206 that is not the rest of this very content is thrown away, and the part with it."""
    store.breaks = [1_000_000, *[0] * 9]
    with pytest.raises(UpstreamFailedError):
        fetched(store, tmp_path / "d.zip", Patience(attempts=2, first_wait=0.01))
    store.breaks, store.says = [], says
    found = fetched(store, tmp_path / "d.zip")

    assert found.resumed_at == 0
    assert found.file.read_bytes() == CONTENT


def test_complete_part_is_kept(store: Store, tmp_path: Path) -> None:
    """A kill between the last byte and the rename costs one question and no byte."""
    file = tmp_path / "d.zip"
    store.breaks = [1_000_000, *[0] * 9]
    with pytest.raises(UpstreamFailedError):
        fetched(store, file, Patience(attempts=2, first_wait=0.01))
    (tmp_path / "d.zip.part").write_bytes(CONTENT)

    assert fetched(store, file).resumed_at == len(CONTENT)
    assert file.read_bytes() == CONTENT


def test_older_file_stays_until_the_new_one_is_whole(store: Store, tmp_path: Path) -> None:
    """A failed download leaves the last good file alone."""
    file = tmp_path / "d.zip"
    file.write_bytes(b"older")
    store.status = 500
    with pytest.raises(FeedError):
        fetched(store, file)
    assert file.read_bytes() == b"older"


@pytest.mark.parametrize("length", ["10", None])
def test_too_long_a_file_is_refused(store: Store, tmp_path: Path, length: str | None) -> None:
    """A file over the limit is refused by what it says, or cut off where it said nothing."""
    store.says = {"Content-Length": None, "Connection": "close"} if length is None else {}
    store.breaks = [len(CONTENT)] if length is None else []
    with pytest.raises(RequestRefusedError, match="is over 1 MiB"):
        fetched(store, tmp_path / "d.zip", max_bytes=1024**2)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("status", "error"),
    [(410, LinkExpiredError), (403, LinkRefusedError), (404, RequestRefusedError)],
)
def test_refusals_are_those_of_every_request(
    store: Store, tmp_path: Path, status: int, error: type[FeedError]
) -> None:
    """An expired link is told as everywhere else."""
    store.status = status
    with pytest.raises(error):
        fetched(store, tmp_path / "d.zip")
    assert len(store.asked) == 1


def test_redirect_within_the_host_is_signed_in(store: Store, tmp_path: Path) -> None:
    """Another path of the same host is asked with the account's headers."""
    store.location, store.arrival = f"{store.url}/elsewhere", "/elsewhere"

    assert fetched(store, tmp_path / "d.zip").byte_count == len(CONTENT)
    assert [one["fk-affiliate-token"] for one in store.asked] == ["open sesame"] * 2


def test_redirect_to_another_host_tells_nothing(store: Store, other: Store, tmp_path: Path) -> None:
    """Another host is asked as by anybody: no id, no token, no signature."""
    store.location = f"{other.url}/bucket/abc.zip?X-Signature=s3cret"
    other.breaks = [2_000_000]
    found = fetched(store, tmp_path / "d.zip")

    assert found.file.read_bytes() == CONTENT
    assert found.resumed_at > 1_900_000
    for asked in other.asked:
        assert not {"fk-affiliate-id", "fk-affiliate-token", "referer", "cookie"} & set(asked)
        assert SIG not in str(asked)
        assert "sesame" not in str(asked)


def test_stranger_cannot_send_the_token_anywhere(
    store: Store, other: Store, tmp_path: Path
) -> None:
    """Led back to the own host by another one, a download stays without the account."""
    store.location, other.location = f"{other.url}/a", f"{store.url}/affiliate/1.0/search.json"
    with pytest.raises(RequestRefusedError, match="without end"):
        fetched(store, tmp_path / "d.zip")
    assert [one.get("fk-affiliate-token") for one in store.asked] == ["open sesame", None]


@pytest.mark.parametrize("status", [401, 403, 429, 500])
def test_refusal_elsewhere_shows_no_query(
    store: Store, other: Store, tmp_path: Path, status: int
) -> None:
    """Another host's refusal blames neither the token nor prints what its link holds."""
    store.location = f"{other.url}/bucket/abc.zip?X-Signature=s3cret"
    other.status = status
    with pytest.raises(FeedError) as error:
        fetched(store, tmp_path / "d.zip")
    assert isinstance(error.value, LinkRefusedError) is (status < 429)
    assert "s3cret" not in str(error.value)


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("https://api.invalid", "https://store.invalid/x", True),
        ("https://api.invalid", "http://store.invalid/x", False),
        ("https://api.invalid", "http://127.0.0.1/x", False),
        ("http://127.0.0.1:1", "http://127.0.0.1:2/x", True),
        ("http://localhost:1", "http://[::1]:2/x", True),
        ("http://127.0.0.1:1", "http://store.invalid/x", False),
        ("https://api.invalid", "https://me:pw@store.invalid/x", False),
    ],
)
def test_where_a_redirect_may_lead(source: str, target: str, *, expected: bool) -> None:
    """Elsewhere over https only, or from loopback to loopback."""
    assert may_leave(SignedUrl.parse(source), SignedUrl.parse(target)) is expected


def test_plain_http_elsewhere_is_not_followed(store: Store, tmp_path: Path) -> None:
    """A redirect to plain http on another machine gets no request."""
    store.location = "http://store.invalid/abc.zip"
    with pytest.raises(ForeignLinkError):
        fetched(store, tmp_path / "d.zip")


def test_sandbox_dumps(tmp_path: Path) -> None:
    """Every dump of a sandbox can be downloaded, with and without its redirect."""
    with Sandbox(products=300, categories=2, rules=Rules(quota=0)) as sandbox:

        async def run() -> list[Downloaded]:
            client = Client(sandbox.url, sandbox.affiliate_id, sandbox.token, patience=QUICK)
            async with client:
                path = dump_directory_path(sandbox.affiliate_id)
                link = SignedUrl.parse(f"{sandbox.url}{path}")
                listings = await client.fetch(link, decode_dump_directory)
                return [
                    await download(client, one.url, tmp_path / f"{one.code}.zip")
                    for one in listings.values()
                ]

        found = asyncio.run(run())
    assert [one.file.read_bytes()[:2] for one in found] == [b"PK", b"PK"]
    assert all(one.modified_at for one in found)
