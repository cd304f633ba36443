"""Walks over an upstream that follows a script: where they end, and where they must not."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from rich.console import Console

from flows.feed import Feed
from flows.forecast import make_plan
from flows.mirror import Mirror
from flows.settings import Settings
from flows.summary import print_summary, summary
from tests.conftest import QUICK
from tests.scripted import Scripted, record

Refresh = Callable[..., Any]
Ask = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def upstream() -> Iterator[Scripted]:
    """Serve the category `shoes`."""
    with Scripted() as scripted:
        yield scripted


def ids(ask: Ask) -> list[str]:
    """Return the available products."""
    return [one for (one,) in ask("SELECT product_id FROM products WHERE is_available ORDER BY 1")]


def test_short_and_empty_pages_end_no_walk(upstream: Scripted, refresh: Refresh, ask: Ask) -> None:
    """Only a missing nextUrl does; an empty page in the middle is walked through."""
    upstream.page(None, record("A"), to="c1")
    upstream.page("c1", to="c2")
    upstream.page("c2", record("B"), to="c3")
    upstream.page("c3")
    row = refresh(upstream)["shoes"]
    assert (row.status, row.page_count, ids(ask)) == ("done", 4, ["A", "B"])


@pytest.mark.parametrize("end", ["null", "", "  "])
def test_a_printed_null_is_an_end(upstream: Scripted, refresh: Refresh, end: str) -> None:
    """`"null"` and an empty text are no link."""
    upstream.put(upstream.link("feeds", "shoes"), record("A"), link=end)
    assert refresh(upstream)["shoes"].status == "done"


@pytest.mark.parametrize("back_to", [None, "c1", "c2"])
def test_a_chain_that_leads_back_ends_with_an_error(
    upstream: Scripted, refresh: Refresh, ask: Ask, back_to: str | None
) -> None:
    """A nextUrl seen before fails the category instead of running for ever; nothing is merged."""
    upstream.page(None, record("A"), to="c1")
    upstream.page("c1", record("B"), to="c2")
    link = upstream.link("feeds", "shoes", back_to)
    upstream.put(upstream.link("feeds", "shoes", "c2"), record("C"), link=link)
    row = refresh(upstream)["shoes"]
    assert row.status == "failed"
    assert "leads back" in row.error
    assert ids(ask) == []
    assert ask("SELECT version FROM category_status") == [(None,)]


def test_a_link_to_another_host_gets_no_request(upstream: Scripted, refresh: Refresh) -> None:
    """The token stays home, and the category fails naming the host."""
    with Scripted() as other:
        upstream.put(
            upstream.link("feeds", "shoes"), record("A"), link=other.link("feeds", "shoes", "c1")
        )
        row = refresh(upstream)["shoes"]
        assert other.tokens == []
    assert row.status == "failed"
    assert other.url in row.error


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_to_another_host_gets_no_request(
    upstream: Scripted, refresh: Refresh, status: int
) -> None:
    """Redirects are fenced like links."""
    with Scripted() as other:
        target = {"Location": other.link("feeds", "shoes")}
        upstream.answers["/affiliate/1.0/feeds/me/category/shoes.json"] = [(status, target, b"")]
        row = refresh(upstream)["shoes"]
        assert other.tokens == []
    assert row.status == "failed"


def test_a_broken_page_is_asked_for_again(upstream: Scripted, refresh: Refresh, ask: Ask) -> None:
    """HTML with status 200, a cut body, a 503 and a 429 pass; the page then counts."""
    upstream.page(None, record("A"))
    path = "/affiliate/1.0/feeds/me/category/shoes.json"
    busy = (429, {"Retry-After": "0"}, b"")
    for bad in (b"<html>maintenance</html>", b'{"products": [', 503, busy):
        upstream.answers[path].insert(0, bad)
        assert refresh(upstream, full=True)["shoes"].status == "done"
    assert ids(ask) == ["A"]


def test_a_page_that_stays_broken_fails_its_category_alone(refresh: Refresh, ask: Ask) -> None:
    """The other categories go on, and the failed one's row says why."""
    with Scripted(categories=("hats", "shoes")) as upstream:
        upstream.put(upstream.link("feeds", "hats"), record("H"))
        upstream.answers["/affiliate/1.0/feeds/me/category/shoes.json"] = [b"<html>"]
        rows = refresh(upstream)
    assert {name: row.status for name, row in rows.items()} == {"hats": "done", "shoes": "failed"}
    assert "cannot be read" in rows["shoes"].error
    assert ids(ask) == ["H"]
    assert ask("SELECT category, last_error IS NULL FROM category_status") == [
        ("hats", True),
        ("shoes", False),
    ]


def test_bad_records_are_quarantined_with_their_place(
    upstream: Scripted, refresh: Refresh, ask: Ask
) -> None:
    """A record without an id, or with a price that is text, is kept aside; its page is not."""
    priced_in_words = record("C", maximumRetailPrice={"amount": "a lot", "currency": "INR"})
    upstream.page(None, record("A"), to="c1")
    upstream.page("c1", record("B"), record(""), priced_in_words, record("D"))
    row = refresh(upstream)["shoes"]
    assert (row.seen_count, row.new_count, row.rejected_count) == (5, 3, 2)
    assert ids(ask) == ["A", "B", "D"]
    columns = "category, feed, reason, product_id, page_number, cursor, record_number"
    assert ask(f"SELECT {columns} FROM rejected_records ORDER BY record_number") == [
        ("shoes", "product", "no_product_id", None, 2, "c1", 1),
        ("shoes", "product", "bad_price", "C", 2, "c1", 2),
    ]
    assert b'"a lot"' in ask("SELECT raw FROM rejected_records WHERE reason = 'bad_price'")[0][0]


@pytest.mark.parametrize("named", [(), ("hats", "odd")])
def test_an_odd_entry_of_the_directory_fails_its_category_alone(
    refresh: Refresh, ask: Ask, tmp_path: Path, named: tuple[str, ...]
) -> None:
    """It is named with the reason, also where categories are named; plan says the same."""
    with Scripted(categories=("hats", "odd")) as upstream:
        listed = json.loads(upstream.directory())
        links = listed["apiGroups"]["affiliate"]["apiListings"]["odd"]["availableVariants"]
        links["v1.1.0"]["deltaGet"] = "N/A"
        upstream.put_json("/affiliate/api/me.json", listed)
        upstream.put(upstream.link("feeds", "hats"), record("H"))
        settings = Settings(
            affiliate_id=upstream.affiliate_id,
            affiliate_token=SecretStr(upstream.token),
            api_url=upstream.url,
            lake=tmp_path / "none",
            quota=0,
        )
        plan = asyncio.run(make_plan(settings, named, (Feed.PRODUCT,), patience=QUICK))
        rows = refresh(upstream, *named)
    assert {name: row.status for name, row in rows.items()} == {"hats": "done", "odd": "failed"}
    assert "the directory's entry of 'odd' cannot be used" in rows["odd"].error
    assert "'N/A'" in rows["odd"].error
    assert ids(ask) == ["H"]
    assert {one.category: one.error for one in plan.forecasts} == {
        "hats": None,
        "odd": rows["odd"].error,
    }


def damaged(upstream: Scripted, path: str, wire: bytes) -> list[Any]:
    """Write bytes for the mark `@` of a page, and return the path's answers."""
    answers: list[Any] = upstream.answers[path]
    answers[0] = answers[0].replace(b"@", wire)
    return answers


def test_a_damaged_record_holds_no_delta_up(upstream: Scripted, refresh: Refresh, ask: Ask) -> None:
    """It alone goes to quarantine, the category moves on, and the product stays as it was."""
    upstream.page(None, record("A"), record("B"), record("C"))
    refresh(upstream)
    upstream.version(2)
    upstream.delta(1, record("A", 90), record("B", 90, title="5@ x"), record("C", 90))
    path = upstream.path("deltaFeeds", "shoes", "fromVersion/1")
    damaged(upstream, path, b'"')
    upstream.asked.clear()
    row = refresh(upstream)["shoes"]
    assert (row.status, row.to_version, row.rejected_count) == ("done", 2, 1)
    # It was asked for again: the fault might have been one of the network.
    assert upstream.asked.count(path) == 3
    prices = "SELECT product_id, selling_price::INT FROM products WHERE is_available ORDER BY 1"
    assert ask(prices) == [("A", 90), ("B", 100), ("C", 90)]
    ((reason, product, raw),) = ask("SELECT reason, product_id, raw FROM rejected_records")
    assert (reason, product) == ("not_a_record", "B")
    assert b'"title": "5" x"' in raw
    assert refresh(upstream)["shoes"].mode == "skip"


def test_a_page_that_came_damaged_in_passing_loses_nothing(
    upstream: Scripted, refresh: Refresh, ask: Ask
) -> None:
    """Asked for again, it is whole; what can be mended for certain is asked for once, and told."""
    upstream.page(None, record("A"), record("B", title="5@ x"), to="c1")
    upstream.page("c1", record("C", title="5@ x"), to="c2")
    upstream.page("c2", record("D"))
    first, second = (upstream.path("feeds", "shoes", cursor) for cursor in (None, "c1"))
    answers = upstream.answers[first]
    answers.insert(0, answers[0])
    damaged(upstream, first, b'"')
    damaged(upstream, second, b"\t\x1f")
    mirrors: list[Mirror] = []

    async def keep(mirror: Mirror) -> None:
        mirrors.append(mirror)

    row = refresh(upstream, during=keep)["shoes"]
    assert (row.status, row.rejected_count) == ("done", 0)
    assert (upstream.asked.count(first), upstream.asked.count(second)) == (2, 1)
    out = io.StringIO()
    print_summary(mirrors[0], Console(file=out, width=120))
    assert "shoes, faults mended in its pages: 2" in out.getvalue()
    assert [one["repair_count"] for one in summary(mirrors[0])["feeds"]] == [2]
    titles = "SELECT title FROM products WHERE title LIKE '5%' ORDER BY product_id"
    assert ask(titles) == [("5@ x",), ("5\t\x1f x",)]


def test_a_rejected_product_is_not_delisted(upstream: Scripted, refresh: Refresh, ask: Ask) -> None:
    """A listed product whose record is bad today stays as it was."""
    upstream.page(None, record("A"), record("B"))
    refresh(upstream)
    upstream.version(2)
    upstream.page(None, record("A", inStock="perhaps"))
    row = refresh(upstream, full=True)["shoes"]
    assert (row.rejected_count, row.delisted_count) == (1, 1)
    assert ids(ask) == ["A"]


def test_a_delta_that_is_refused_becomes_a_full_walk(
    upstream: Scripted, refresh: Refresh, ask: Ask
) -> None:
    """A mirror too old for the upstream's deltas starts anew."""
    upstream.page(None, record("A"))
    refresh(upstream)
    upstream.version(9)
    upstream.page(None, record("B"))
    upstream.answers["/affiliate/1.0/deltaFeeds/me/category/shoes/fromVersion/1.json"] = [400]
    row = refresh(upstream)["shoes"]
    assert (row.mode, row.from_version, row.to_version) == ("full", 1, 9)
    assert ids(ask) == ["B"]


def test_a_failed_walk_resumes_after_its_last_page(
    upstream: Scripted, refresh: Refresh, ask: Ask
) -> None:
    """Pages already staged are not asked for again."""
    upstream.page(None, record("A"), to="c1")
    upstream.page("c1", record("B"), to="c2")
    upstream.answers["/affiliate/1.0/feeds/me/category/shoes/c2.json"] = [500]
    assert refresh(upstream)["shoes"].status == "failed"
    upstream.page("c2", record("C"))
    upstream.asked.clear()
    row = refresh(upstream)["shoes"]
    feed = [path for path in upstream.asked if "/feeds/" in path]
    assert feed == ["/affiliate/1.0/feeds/me/category/shoes/c2.json"]
    assert (row.status, row.page_count, ids(ask)) == ("done", 3, ["A", "B", "C"])


def test_a_cursor_that_died_starts_the_walk_anew(
    upstream: Scripted, refresh: Refresh, ask: Ask
) -> None:
    """Where the upstream refuses the cursor of a resumed walk, the category is walked again."""
    upstream.page(None, record("A"), to="c1")
    upstream.answers["/affiliate/1.0/feeds/me/category/shoes/c1.json"] = [500]
    assert refresh(upstream)["shoes"].status == "failed"
    upstream.page(None, record("A"), record("B"))
    upstream.answers["/affiliate/1.0/feeds/me/category/shoes/c1.json"] = [404]
    assert refresh(upstream)["shoes"].status == "done"
    assert ids(ask) == ["A", "B"]


def test_no_signature_and_no_token_reach_a_file(
    upstream: Scripted, refresh: Refresh, lake: Path
) -> None:
    """Neither staging nor the catalogue nor the data holds them, after a failure too."""
    upstream.page(None, record("A"), to="c1")
    upstream.answers["/affiliate/1.0/feeds/me/category/shoes/c1.json"] = [500]
    row = refresh(upstream)["shoes"]
    assert row.status == "failed"
    kept = [file.read_bytes() for file in lake.rglob("*") if file.is_file()]
    for secret in (b"0123456789abcdef", upstream.token.encode()):
        assert secret.decode() not in row.error
        assert not any(secret in one for one in kept)


def test_an_empty_page_in_passing_costs_no_product(
    upstream: Scripted, refresh: Refresh, ask: Ask
) -> None:
    """A page that comes empty and, asked for again, does not, keeps its products."""
    upstream.page(None, record("A"), to="c1")
    upstream.page("c1", record("B"), to="c2")
    upstream.page("c2", record("C"))
    for cursor in (None, "c1", "c2"):
        upstream.spoil(upstream.link("feeds", "shoes", cursor), products=[], lastProductId="")
    row = refresh(upstream)["shoes"]
    assert (row.status, row.page_count, ids(ask)) == ("done", 3, ["A", "B", "C"])


def test_a_delta_that_comes_empty_is_asked_for_again(
    upstream: Scripted, refresh: Refresh, ask: Ask
) -> None:
    """Its version would move on without the changes, and nothing would tell."""
    upstream.page(None, record("A"))
    refresh(upstream)
    upstream.version(2)
    upstream.delta(1, record("B"))
    upstream.spoil(upstream.link("deltaFeeds", "shoes", "fromVersion/1"), products=[])
    assert refresh(upstream)["shoes"].mode == "delta"
    assert ids(ask) == ["A", "B"]


def test_a_link_that_leads_back_in_passing_is_asked_for_again(
    upstream: Scripted, refresh: Refresh, ask: Ask
) -> None:
    """The page's second answer leads on."""
    upstream.page(None, record("A"), to="c1")
    upstream.page("c1", record("B"), to="c2")
    upstream.page("c2", record("C"))
    first = upstream.link("feeds", "shoes")
    upstream.spoil(upstream.link("feeds", "shoes", "c1"), nextUrl=first)
    assert refresh(upstream)["shoes"].status == "done"
    assert ids(ask) == ["A", "B", "C"]


def test_a_chain_that_led_back_goes_on_once_it_is_mended(
    upstream: Scripted, refresh: Refresh, ask: Ask
) -> None:
    """The page that led back is not kept, so that the next run asks for it again."""
    upstream.page(None, record("A"), to="c1")
    upstream.put(
        upstream.link("feeds", "shoes", "c1"), record("B"), link=upstream.link("feeds", "shoes")
    )
    assert refresh(upstream)["shoes"].status == "failed"
    upstream.page("c1", record("B"))
    assert refresh(upstream)["shoes"].status == "done"
    assert ids(ask) == ["A", "B"]


def test_a_version_link_that_died_is_renewed(
    upstream: Scripted, refresh: Refresh, ask: Ask
) -> None:
    """A category whose turn comes after its link's time reads the directory again."""
    upstream.page(None, record("A"))
    upstream.answers[upstream.path("deltaFeeds", "shoes")].insert(0, 410)
    row = refresh(upstream)["shoes"]
    assert (row.status, row.to_version, ids(ask)) == ("done", 1, ["A"])
