"""An upstream that means harm gets no token, no memory, no path, no SQL and no terminal."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from feeds.books import decode_books_directory
from feeds.client import Client, Patience
from feeds.directory import decode_directory
from feeds.dump.directory import decode_dump_directory
from feeds.errors import (
    FeedError,
    PageBrokenError,
    UnreachableError,
    UpstreamFailedError,
    WalkTooLongError,
)
from feeds.page import decode_page
from feeds.signed_url import SignedUrl
from feeds.walk import Walk
from flows.plain import plain
from flows.status_table import print_status
from storage.lake import LakeFolder
from storage.status import read_status
from tests.hostile import Attack, Hostile, body, dripping, endless_line, head, zipped
from tests.scripted import Scripted, record

Refresh = Callable[..., Any]
Ask = Callable[..., list[tuple[Any, ...]]]

MIB = 1024**2
ESCAPES = "\x1b[2J\x1b]0;owned\x07\x9b31m\u202e[red][/nothing]"


@pytest.fixture
def upstream() -> Iterator[Scripted]:
    """Serve the category `shoes`."""
    with Scripted() as scripted:
        yield scripted


def links_elsewhere(home: str, other: str) -> list[str]:
    """Return links that look like home, or want to be followed all the same."""
    host, elsewhere = home.removeprefix("http://"), other.removeprefix("http://")
    port = elsewhere.rpartition(":")[2]
    return [
        f"{other}/affiliate/1.0/feeds/me/category/shoes/c1.json",
        f"//{elsewhere}/a.json",
        f"http://{host}@{elsewhere}/a.json",
        f"http://me:secret@{host}/a.json",
        f"http://{host}\\@{elsewhere}/a.json",
        f"http://{host}#@{elsewhere}/a.json",
        f"http://{host}.{elsewhere}/a.json",
        f"http://localhost:{port}/a.json",
        f"http://[::1]:{port}/a.json",
        f"http://2130706433:{port}/a.json",
        f"https://{host}/a.json",
        "file:///etc/passwd",
        "ftp://127.0.0.1/a.json",
        "javascript:alert(1)",
        "data:application/json,{}",
        "http://",
        "http://[",
        "\\\\elsewhere\\a.json",
        f"{home}/a\x1b[2J.json",
        f"{home}/{'a' * 100_000}.json",
    ]


@pytest.mark.parametrize("number", range(20))
def test_no_link_leads_the_token_away(upstream: Scripted, refresh: Refresh, number: int) -> None:
    """Other hosts, schemes, loopback's other names and user-info: no request, one clear line."""
    with Scripted() as other:
        link = links_elsewhere(upstream.url, other.url)[number]
        upstream.put(upstream.link("feeds", "shoes"), record("A"), link=link)
        row = refresh(upstream)["shoes"]
        assert other.tokens == []
    assert row.status == "failed"
    assert "\n" not in row.error
    assert plain(row.error) == row.error[:500]


@pytest.mark.parametrize("number", [0, 1, 2, 4, 6, 7, 11, 12, 13, 16, 19])
def test_no_redirect_leads_the_token_away(number: int) -> None:
    """The same links as redirects."""
    with Scripted() as other, Scripted() as home:
        link = links_elsewhere(home.url, other.url)[number]
        home.answers["/a.json"] = [(302, {"Location": link}, b"")]
        error = failure(home.url, "/a.json")
        assert other.tokens == []
    assert str(error).endswith(("try again later", "set FEEDLAKE_API_URL", "and FEEDLAKE_API_URL"))


def failure(url: str, path: str = "/x.json", **limits: Any) -> FeedError:
    """Return the error that asking for a page ends with."""

    async def ask() -> None:
        patience = Patience(attempts=2, first_wait=0.01, longest_wait=0.02, **limits)
        async with Client(url, "me", "open sesame", patience=patience) as client:
            await client.fetch(SignedUrl.parse(url + path), decode_page)

    with pytest.raises(FeedError) as caught:
        asyncio.run(ask())
    return caught.value


@pytest.mark.parametrize(
    "start",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nX: ",
        head(Content_Length="1000"),
        head(Transfer_Encoding="chunked"),
    ],
)
def test_an_answer_that_drips_is_given_up(start: bytes) -> None:
    """A byte now and then is never silent for long, and still too slow."""
    began = time.monotonic()
    with Hostile(dripping(0.05, start)) as hostile:
        error = failure(hostile.url, timeout=5, longest_answer=0.4)
    assert isinstance(error, UpstreamFailedError | UnreachableError)
    assert time.monotonic() - began < 5


MEASURED = """
import asyncio, resource, sys
from feeds.client import Client, Patience
from feeds.directory import decode_directory
from feeds.errors import FeedError
from feeds.page import decode_page
from feeds.signed_url import SignedUrl

async def ask(url, decode):
    patience = Patience(attempts=1, first_wait=0.01, longest_wait=0.02)
    async with Client(url, "me", "open sesame", patience=patience) as client:
        await client.fetch(SignedUrl.parse(url + "/x.json"), decode)

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

decode_page(b'{"products": []}')
before = peak()
try:
    asyncio.run(ask(sys.argv[1], decode_directory if sys.argv[2] == "directory" else decode_page))
except FeedError as error:
    print(peak() - before, type(error).__name__, str(error)[:200])
"""


def bomb(size: int, times: int = 1) -> bytes:
    """Return nothing but zeros, zipped so often; made piece by piece."""
    zipped_once = io.BytesIO()
    with gzip.GzipFile(fileobj=zipped_once, mode="wb", compresslevel=6) as file:
        for _ in range(size // MIB):
            file.write(b"\0" * MIB)
    made = zipped_once.getvalue()
    for _ in range(times - 1):
        made = gzip.compress(made)
    return made


def directory_of(count: int) -> bytes:
    """Return a directory of so many categories."""
    entry = '{"availableVariants":{"v1.1.0":{"get":"http://h/%d.json"}}}'
    listed = ",".join(f'"{number}":{entry % number}' for number in range(count))
    return f'{{"apiGroups":{{"affiliate":{{"apiListings":{{{listed}}}}}}}}}'.encode()


def nested(depth: int) -> bytes:
    """Return a page with a record as deep as that."""
    return b'{"products":[' + b"[" * depth + b"]" * depth + b"]}"


@pytest.mark.parametrize(
    ("attack", "decoder", "error"),
    [
        pytest.param(lambda: endless_line(1024 * MIB), "page", "RequestRefusedError", id="1 GB"),
        pytest.param(lambda: zipped("gzip", bomb(1024 * MIB)), "page", "Request", id="gzip bomb"),
        pytest.param(
            lambda: zipped("gzip, gzip", bomb(1024 * MIB, 2)),
            "page",
            "Request",
            id="bomb in bomb",
        ),
        pytest.param(lambda: body(nested(10**6)), "page", "PageBroken", id="deep page"),
        pytest.param(lambda: body(nested(10**6)), "directory", "PageBroken", id="deep directory"),
        pytest.param(
            lambda: body(directory_of(10**6)), "directory", "Request", id="10^6 categories"
        ),
        pytest.param(lambda: body(directory_of(500_000)), "directory", "PageBroken", id="500,000"),
    ],
)
def test_memory_stays_bounded(
    attack: Callable[[], Attack],
    decoder: str,
    error: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whatever is sent is cut off, in one line; measured in a process of its own."""
    with Hostile(attack()) as hostile:
        done = subprocess.run(
            [sys.executable, "-c", MEASURED, hostile.url, decoder],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
    with capsys.disabled():
        sys.stdout.write(f"\n  {done.stdout.strip()[:120]} (MiB above the start)\n")
    grown, name, _ = done.stdout.split(maxsplit=2)
    assert name.startswith(error)
    assert int(grown) < 400


def test_an_endless_chain_ends() -> None:
    """New cursors for ever: the bound on pages ends it, and the one on empty pages sooner."""
    for full in (True, False):
        pages, error = asyncio.run(_endless(full=full))
        assert isinstance(error, WalkTooLongError)
        assert pages == (39 if full else 9)


async def _endless(*, full: bool) -> tuple[int, FeedError]:
    numbers = iter(range(1_000_000))
    with Scripted() as upstream:

        def answer() -> bytes:
            link = upstream.link("feeds", "shoes", f"c{next(numbers)}")
            return json.dumps({"nextUrl": link, "products": [record("A")] * full}).encode()

        upstream.otherwise = answer
        patience = Patience(first_wait=0.001, longest_wait=0.002)
        async with Client(upstream.url, "me", "open sesame", patience=patience) as client:
            first = SignedUrl.parse(upstream.link("feeds", "shoes"))

            async def resign() -> SignedUrl:
                return first

            walk = Walk(client, first, resign, max_pages=40, max_empty_pages=10)
            pages = 0
            try:
                async for _ in walk.steps():
                    pages += 1
            except FeedError as error:
                return pages, error
    raise AssertionError("an endless chain came to an end")


NAMES = (
    "../../x",
    "/etc/passwd",
    "'; DROP TABLE products; --",
    "$$ || (SELECT 1) || $$",
    "x" * 100_000,
    ESCAPES,
    "",
    "a\nb\0c",
    "{name}",
    "%s",
)


def test_names_are_data(refresh: Refresh, ask: Ask, lake: Path, tmp_path: Path) -> None:
    """Names, ids and cursors of any content become rows, and never a path, SQL or an escape."""
    with Scripted(categories=("hats",)) as upstream:
        links = {name: f"hostile{number}" for number, name in enumerate(NAMES)}
        listed = json.loads(upstream.directory())
        for name, link in links.items():
            variant = {"get": upstream.link("feeds", link)}
            listed["apiGroups"]["affiliate"]["apiListings"][name] = {
                "availableVariants": {"v1.1.0": variant}
            }
            named = record(link, title=f"{name[:90]}.")
            upstream.put(upstream.link("feeds", link), named, lastProductId=name)
        upstream.put(upstream.link("feeds", "hats"), record("H"))
        upstream.answers["/affiliate/api/me.json"] = [json.dumps(listed).encode()]
        rows = refresh(upstream)
    assert [(name[:20], row.error) for name, row in rows.items() if row.error] == []
    listed = """
        SELECT listing.category, product_id, title
        FROM product_categories AS listing
        JOIN products USING (product_id)
    """
    # No text of the lake holds a zero character: its catalogue could not.
    kept = {name: name.replace("\0", "\ufffd") for name in links}
    expected = {(kept[name], link, f"{kept[name][:90]}.") for name, link in links.items()}
    assert set(ask(listed)) == expected | {("hats", "H", "Product H")}
    assert {file.name for file in tmp_path.iterdir()} == {lake.name}
    out = io.StringIO()
    print_status(read_status(LakeFolder(lake)), Console(file=out, width=120, force_terminal=True))
    for harmful in ("\x1b[2J", "\x1b]0", "\x07", "\x9b", "\u202e", "\0"):
        assert harmful not in out.getvalue()


@pytest.mark.parametrize("name", NAMES)
def test_what_is_printed_is_one_printable_line(name: str) -> None:
    """Every name, as a line of the terminal."""
    assert plain(name).isprintable()
    assert len(plain(name)) <= 2_000


@pytest.mark.parametrize("depth", [10**3, 10**6])
def test_depth_is_no_crash(depth: int) -> None:
    """Neither as a page nor as a directory, of feeds, of dumps or of books."""
    for decode in (decode_page, decode_directory, decode_dump_directory, decode_books_directory):
        with pytest.raises(PageBrokenError):
            decode(nested(depth))


def test_a_zero_character_is_replaced(upstream: Scripted, refresh: Refresh, ask: Ask) -> None:
    """The lake's catalogue ends a text there, and the merge with it: one record would stop all."""
    upstream.page(None, record("A\0B", title="x\0y \\u0000"), record("C", productBrand="\0"))
    for version in (1, 2):
        upstream.version(version)
        assert refresh(upstream, full=True)["shoes"].error is None
    found = ask("SELECT product_id, title, brand FROM products ORDER BY 1 DESC LIMIT 1")
    assert found == [("C", "Product C", "\ufffd")]
    assert ask("SELECT title FROM products WHERE product_id = 'A\ufffdB'") == [
        ("x\ufffdy \\u0000",)
    ]


def test_a_zero_character_in_the_tree_of_books_is_replaced() -> None:
    """As in a page, for the same reason."""
    body = rb'{"booksCategory":{"name":"a\u0000b","url":"http://h/books/x/bks.json"}}'
    assert [one.name for one in decode_books_directory(body).nodes] == ["a\ufffdb"]


def test_a_table_of_a_query_turns_nothing_around(refresh: Refresh, lake: Path) -> None:
    """DuckDB escapes control characters itself, but not those that reverse what follows."""
    with Scripted() as upstream:
        upstream.page(None, record("A", title="x\x1b[2J\u202ey"))
        refresh(upstream)
    done = subprocess.run(
        [str(Path(sys.executable).parent / "feedlake"), "sql", "SELECT title FROM products"],
        env={"FEEDLAKE_LAKE": str(lake), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    assert r"x\e[2J\u202ey" in done.stdout
