"""The mirror compared with its upstream: what differs is found, explained, and put right."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from rich.console import Console

from feeds.client import Patience
from feeds.product.source import CARRIED_BY, V1_JSON
from feeds.sandbox.rules import Rules
from feeds.sandbox.server import Sandbox
from flows.settings import Settings
from flows.verdicts import print_verdicts
from flows.verify import Request, Verdict, verify_upstream
from storage.carried import hashed_row
from storage.checks import check_lake
from storage.comparison import Mismatch
from storage.errors import CategoryMissingError, LakeBusyError
from storage.lake import LakeFolder, open_for_writing
from tests.scripted import Scripted, record

Refresh = Callable[..., Any]
Ask = Callable[..., list[tuple[Any, ...]]]
Command = Callable[..., "subprocess.CompletedProcess[str]"]
Verify = Callable[..., dict[str, Verdict]]

QUICK = Patience(attempts=3, first_wait=0.01, longest_wait=0.05, timeout=10)


@pytest.fixture
def shop() -> Iterator[Scripted]:
    """Serve `hats`, and `shoes` in two pages with a record that is rejected."""
    with Scripted(categories=("hats", "shoes")) as scripted:
        scripted.put(scripted.link("feeds", "hats"), record("H1"), record("H2"))
        scripted.page(None, record("A", 10), record("B", 20), to="c1")
        scripted.page("c1", record("C", 30), record("bad", inStock="perhaps"))
        yield scripted


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the lake is made that each test has a copy of."""
    return tmp_path_factory.mktemp("original") / "lake"


@pytest.fixture
def mirror(shop: Scripted, refresh: Refresh, original: Path, lake: Path) -> Path:
    """Mirror the shop at version 1."""
    if not original.exists():
        refresh(shop, into=original)
    shutil.copytree(original, lake)
    return lake


@pytest.fixture
def verify(lake: Path) -> Verify:
    """Return what compares the lake with an upstream: verdicts by category."""

    def run(upstream: Any, *categories: str, into: Path = lake, **asked: Any) -> dict[str, Verdict]:
        given = Settings(
            affiliate_id=upstream.affiliate_id,
            affiliate_token=SecretStr(upstream.token),
            api_url=upstream.url,
            lake=into,
            quota=0,
            wait=0,
            **asked.pop("settings", {}),
        )
        request = Request(categories, **asked)
        verdicts = verify_upstream(given, request, Console(file=StringIO()), QUICK)
        return {one.category: one for one in verdicts}

    return run


def alter(lake: Path, statement: str) -> None:
    """Change the lake behind the mirror's back."""
    with open_for_writing(LakeFolder(lake)) as connection:
        connection.execute(statement)


def snapshot(ask: Ask) -> int:
    """Return the number of the lake's current snapshot."""
    ((number,),) = ask("SELECT id FROM lake.current_snapshot()")
    return int(number)


def figures(verdict: Verdict, opinion: Any = "wrong") -> dict[str, int]:
    """Return what is not as it should be, by kind."""
    assert verdict.comparison is not None
    return {
        kind: count for (said, kind), count in verdict.comparison.counts.items() if said == opinion
    }


def wrong_rows(verdict: Verdict) -> list[Mismatch]:
    """Return the rows shown of a verdict."""
    assert verdict.comparison is not None
    return verdict.comparison.rows


def test_an_equal_mirror_is_left_alone(
    small_sandbox: Sandbox, refresh: Refresh, verify: Verify, ask: Ask, lake: Path
) -> None:
    """Every product of every category is equal; no snapshot, file or staged page is left."""
    refresh(small_sandbox)
    before, files = snapshot(ask), set((lake / "data").rglob("*"))
    repaired = verify(small_sandbox, repair=True)
    assert {(one.status, one.error) for one in repaired.values()} == {("equal", None)}
    equal = {
        name: one.comparison.equal_count
        for name, one in verify(small_sandbox).items()
        if one.comparison
    }
    listed = ask("SELECT category, count(*) FROM product_categories GROUP BY category")
    assert dict(listed) == equal
    assert before == snapshot(ask)
    assert set((lake / "data").rglob("*")) == files
    assert list((lake / "staging").rglob("*.parquet")) == []


def test_hashes_tell_that_nothing_differs(
    small_sandbox: Sandbox, refresh: Refresh, ask: Ask
) -> None:
    """A row hashes to what it was merged with: columns are compared only where it does not."""
    refresh(small_sandbox)
    hashed = hashed_row(CARRIED_BY[V1_JSON])
    query = f"SELECT count(*) FROM products WHERE content_hash <> hash(record_source, {hashed})"
    assert ask(query) == [(0,)]


def test_an_altered_row_is_found_and_repaired(
    shop: Scripted, mirror: Path, verify: Verify, ask: Ask
) -> None:
    """With its columns and both values, though its hash is as before; then it is as it was."""
    original = ask("SELECT * EXCLUDE (changed_at) FROM products ORDER BY ALL")
    alter(mirror, "UPDATE products SET selling_price = 1 WHERE product_id = 'A'")
    changes = "title = NULL, offers = ['x'], image_urls = MAP {'k': 'v'}, is_available = false"
    alter(mirror, f"UPDATE products SET {changes} WHERE product_id = 'B'")
    before = snapshot(ask)
    verdict = verify(shop, "shoes")["shoes"]
    assert verdict.status == "wrong"
    assert figures(verdict) == {"different": 2}
    columns = {
        "title": (None, "Product B"),
        "image_urls": ({"k": "v"}, None),
        "is_available": (False, None),
        "offers": (["x"], None),
    }
    assert wrong_rows(verdict) == [
        Mismatch("A", "different", "wrong", {"selling_price": (1, 10)}),
        Mismatch("B", "different", "wrong", columns),
    ]
    assert verdict.comparison
    assert verdict.comparison.equal_count == 1
    assert verdict.comparison.column_counts == dict.fromkeys(["selling_price", *columns], 1)
    assert before == snapshot(ask)
    assert verify(shop, "shoes", repair=True)["shoes"].status == "repaired"
    assert before < snapshot(ask)
    assert original == ask("SELECT * EXCLUDE (changed_at) FROM products ORDER BY ALL")
    assert verify(shop, "shoes")["shoes"].status == "equal"
    assert [one.name for one in check_lake(LakeFolder(mirror)) if not one.holds] == []


def test_rows_that_are_missing_or_too_many_are_found_and_repaired(
    shop: Scripted, mirror: Path, verify: Verify, ask: Ask
) -> None:
    """Each is named; after the repair the category lists what the upstream does."""
    for damage in (
        "DELETE FROM products WHERE product_id = 'A'",
        "DELETE FROM product_categories WHERE product_id = 'B'",
        "UPDATE products SET delisted_at = now() WHERE product_id = 'C'",
        "UPDATE products SET product_id = 'X' WHERE product_id = 'H1'",
        "INSERT INTO product_categories VALUES ('X', 'shoes', now(), NULL)",
    ):
        alter(mirror, damage)
    verdict = verify(shop, "shoes")["shoes"]
    assert figures(verdict) == {"missing_here": 3, "missing_there": 1}
    named = [(row.product_id, row.kind) for row in wrong_rows(verdict)]
    assert named == [*((one, "missing_here") for one in "ABC"), ("X", "missing_there")]
    assert verify(shop, "shoes", repair=True)["shoes"].status == "repaired"
    listed = "SELECT product_id FROM product_categories WHERE category = 'shoes' {} ORDER BY 1"
    assert ask(listed.format("AND delisted_at IS NULL")) == [("A",), ("B",), ("C",)]
    available = ask("SELECT product_id FROM products WHERE is_available ORDER BY 1")
    assert [one for (one,) in available] == ["A", "B", "C", "H2"]


def test_a_repair_that_would_lose_too_much_is_refused(
    refresh: Refresh, verify: Verify, ask: Ask
) -> None:
    """The guards of a refresh hold here too."""
    with Scripted() as upstream:
        upstream.page(None, *(record(f"P{number}") for number in range(40)))
        refresh(upstream)
        upstream.page(None, record("P0"))
        before = snapshot(ask)
        assert figures(verify(upstream)["shoes"]) == {"missing_there": 39}
        verdict = verify(upstream, repair=True)["shoes"]
    assert verdict.status == "failed"
    assert verdict.error
    assert "lost 39 of 40" in verdict.error
    assert before == snapshot(ask)


@pytest.mark.usefixtures("mirror")
def test_a_rejected_record_is_no_missing_product(shop: Scripted, verify: Verify) -> None:
    """What was mirrored once and cannot be read today is still listed."""
    shop.page("c1", record("C", inStock="perhaps"))
    verdict = verify(shop, "shoes")["shoes"]
    assert verdict.status == "equal"


def test_a_day_ahead_is_behind_and_not_wrong(refresh: Refresh, verify: Verify, ask: Ask) -> None:
    """Changes, arrivals and departures that the delta names are news; a repair merges them."""
    with Sandbox(products=1200, categories=3, rules=Rules(quota=0)) as sandbox:
        refresh(sandbox)
        stood = sandbox.versions()
        stands = sandbox.next_day()
        verdicts = verify(sandbox)
        moved = {name for name in stands if stands[name] != stood[name]}
        assert {one.category for one in verdicts.values() if one.status == "behind"} == moved
        assert {one.status for one in verdicts.values()} <= {"equal", "behind"}
        for name in moved:
            said = f"the mirror stands at {stood[name]}, the upstream at {stands[name]}"
            assert said in verdicts[name].notes
        assert all(figures(one) == {} for one in verdicts.values())
        kinds = {kind for one in verdicts.values() for kind in figures(one, "behind")}
        assert kinds == {"missing_here", "missing_there", "different"}
        repaired = verify(sandbox, repair=True)
        assert {one.status for one in repaired.values()} <= {"equal", "repaired"}
        assert {one.status for one in verify(sandbox).values()} == {"equal"}
    assert dict(ask("SELECT category, version FROM category_status")) == stands


def test_what_no_delta_explains_is_wrong_beside_news(
    shop: Scripted, verify: Verify, mirror: Path
) -> None:
    """One product is news, another was altered: each is counted as what it is."""
    shop.version(2)
    shop.delta(1, record("A", 11))
    shop.page(None, record("A", 11), record("B", 20), to="c1")
    alter(mirror, "UPDATE products SET mrp = 5 WHERE product_id = 'B'")
    verdict = verify(shop, "shoes")["shoes"]
    assert verdict.status == "wrong"
    assert (figures(verdict), figures(verdict, "behind")) == ({"different": 1}, {"different": 1})
    assert [row.product_id for row in wrong_rows(verdict)] == ["B", "A"]


@pytest.mark.usefixtures("mirror")
def test_news_that_the_upstream_keeps_no_more(shop: Scripted, verify: Verify) -> None:
    """Nothing explains the difference then, and a note says why."""
    shop.version(9)
    shop.page(None, record("A", 11), record("B", 20), to="c1")
    verdict = verify(shop, "shoes")["shoes"]
    assert figures(verdict) == {"different": 1}
    assert "no longer tells the changes" in verdict.notes[-1]


@pytest.mark.usefixtures("mirror")
def test_an_upstream_that_went_back(shop: Scripted, verify: Verify) -> None:
    """Its version is lower: no delta is asked for, and a note says what comes."""
    shop.version(0)
    verdict = verify(shop, "shoes")["shoes"]
    assert verdict.status == "equal"
    assert verdict.notes[0] == "the mirror stands at 1, the upstream at 0"
    assert "went back" in verdict.notes[1]


def test_a_verify_that_breaks_off_goes_on(
    shop: Scripted, refresh: Refresh, verify: Verify, mirror: Path
) -> None:
    """The pages it staged are not asked for again; those of a refresh are its own."""
    first, second = shop.path("feeds", "shoes"), shop.path("feeds", "shoes", "c1")
    good = shop.answers[second]
    shop.answers[second] = [500]
    assert verify(shop, "shoes")["shoes"].status == "failed"
    assert refresh(shop, "shoes", full=True)["shoes"].status == "failed"
    shop.answers[second] = good
    for again in (
        lambda: verify(shop, "shoes")["shoes"].status == "equal",
        lambda: refresh(shop, "shoes", full=True)["shoes"].status == "done",
    ):
        asked = len(shop.asked)
        assert again()
        assert first not in shop.asked[asked:]
        assert second in shop.asked[asked:]
    assert list((mirror / "staging").rglob("walk.json")) == []


@pytest.mark.usefixtures("mirror")
def test_a_verify_of_another_mirror_starts_anew(
    shop: Scripted, refresh: Refresh, verify: Verify
) -> None:
    """What was staged before a refresh moved the mirror is of no use."""
    second = shop.path("feeds", "shoes", "c1")
    good = shop.answers[second]
    shop.answers[second] = [500]
    assert verify(shop, "shoes")["shoes"].status == "failed"
    shop.answers[second] = good
    shop.version(2)
    shop.delta(1, record("A", 11))
    shop.page(None, record("A", 11), record("B", 20), to="c1")
    refresh(shop, "shoes")
    assert verify(shop, "shoes")["shoes"].status == "equal"


def test_two_categories_that_do_not_agree(
    shop: Scripted, refresh: Refresh, verify: Verify, lake: Path
) -> None:
    """A row as another category says it is not wrong, unless it was altered since."""
    shop.put(shop.link("feeds", "hats"), record("A", 12), record("H1"))
    refresh(shop, "hats")
    refresh(shop, "shoes")
    verdicts = verify(shop)
    assert [one.status for one in verdicts.values()] == ["equal", "equal"]
    assert figures(verdicts["hats"], "elsewhere") == {"different": 1}
    alter(lake, "UPDATE products SET selling_price = 1 WHERE product_id = 'A'")
    assert [one.status for one in verify(shop).values()] == ["wrong", "wrong"]


def test_a_value_that_a_dump_filled_is_not_wrong(
    shop: Scripted, verify: Verify, mirror: Path
) -> None:
    """Where a dump was merged, the mirror may know what the feed leaves out."""
    filled = "UPDATE products SET description = 'of a dump' WHERE product_id = 'A'"
    alter(mirror, filled)
    assert verify(shop, "shoes")["shoes"].status == "wrong"
    alter(
        mirror,
        "INSERT INTO refreshes BY NAME SELECT * REPLACE ('d' AS refresh_id, 'dump' AS feed) "
        "FROM refreshes WHERE category = 'shoes'",
    )
    assert verify(shop, "shoes")["shoes"].status == "equal"
    alter(mirror, "UPDATE products SET selling_price = NULL WHERE product_id = 'B'")
    assert figures(verify(shop, "shoes")["shoes"]) == {"different": 1}


def test_a_mirror_of_one_way_compared_in_another(
    refresh: Refresh, verify: Verify, lake: Path
) -> None:
    """Only what both carry is compared: XML has no specifications."""
    with Sandbox(products=300, categories=2, rules=Rules(quota=0)) as sandbox:
        refresh(sandbox)
        alter(lake, "UPDATE products SET specifications = NULL")
        by_xml = verify(sandbox, settings={"format": "xml"}).values()
        by_json = verify(sandbox).values()
    columns = {name for one in by_xml if one.comparison for name in one.comparison.column_counts}
    assert columns <= {"title", "description"}  # what XML cannot spell
    assert {tuple(one.comparison.column_counts) for one in by_json if one.comparison} == {
        ("specifications",)
    }


@pytest.mark.usefixtures("mirror")
def test_a_failing_category_leaves_the_others_alone(shop: Scripted, verify: Verify) -> None:
    """It is named with its error, and the rest is compared."""
    shop.answers[shop.path("feeds", "hats")] = [500]
    verdicts = verify(shop)
    assert {name: one.status for name, one in verdicts.items()} == {
        "hats": "failed",
        "shoes": "equal",
    }


def test_a_category_that_was_never_mirrored(
    shop: Scripted, refresh: Refresh, verify: Verify
) -> None:
    """Its name is refused before anything is asked."""
    refresh(shop, "shoes")
    asked = len(shop.asked)
    with pytest.raises(CategoryMissingError, match="no category 'hats'"):
        verify(shop, "hats")
    assert len(shop.asked) == asked


def test_no_two_at_once(shop: Scripted, verify: Verify, mirror: Path) -> None:
    """Beside a refresh it would ask twice as often as the vendor allows."""
    with open_for_writing(LakeFolder(mirror)), pytest.raises(LakeBusyError):
        verify(shop)


def test_a_sample_is_looked_up(
    shop: Scripted, refresh: Refresh, verify: Verify, ask: Ask, lake: Path
) -> None:
    """The look-ups are compared and nothing is walked; a repair merges them as look-ups."""
    shop.page(None, record("A", 10))
    refresh(shop, "shoes")
    shop.put_json("/affiliate/1.0/product.json", record("A", 9))
    asked = len(shop.asked)
    verdict = verify(shop, sample=5)["shoes"]
    assert shop.path("feeds", "shoes") not in shop.asked[asked:]
    columns = {"selling_price": (10, 9), "special_price": (10, 9)}
    assert wrong_rows(verdict) == [Mismatch("A", "different", "wrong", columns)]
    alter(lake, "UPDATE products SET title = 'x'")
    assert verify(shop, sample=5, repair=True)["shoes"].status == "repaired"
    state = "SELECT selling_price::INT, title, category, feed FROM products"
    assert ask(state) == [(9, "Product A", "shoes", "lookup")]
    assert verify(shop, sample=1)["shoes"].status == "equal"
    assert [one.name for one in check_lake(LakeFolder(lake)) if not one.holds] == []


def test_a_sampled_product_that_is_gone(shop: Scripted, refresh: Refresh, verify: Verify) -> None:
    """It is missing there, and no look-up can delist it."""
    refresh(shop, "shoes")
    shop.answers["/affiliate/1.0/product.json"] = [404]
    for repair in (False, True):
        verdict = verify(shop, "shoes", sample=2, repair=repair)["shoes"]
        assert (verdict.status, figures(verdict)) == ("wrong", {"missing_there": 2})


def test_a_sample_of_a_sandbox_is_equal(
    small_sandbox: Sandbox, refresh: Refresh, verify: Verify, lake: Path
) -> None:
    """Drawn over all categories; a day later what differs is news."""
    refresh(small_sandbox)
    verdicts = verify(small_sandbox, sample=60)
    assert {one.status for one in verdicts.values()} == {"equal"}
    assert sum(one.comparison.equal_count for one in verdicts.values() if one.comparison) == 60
    small_sandbox.next_day()
    later = {one.status for one in verify(small_sandbox, sample=200).values()}
    assert later <= {"equal", "behind"}
    assert "behind" in later
    assert list((lake / "staging").rglob("walk.json")) == []


@pytest.mark.usefixtures("mirror")
def test_what_is_printed_is_plain(shop: Scripted, verify: Verify) -> None:
    """Names, values and errors from upstream reach no terminal raw."""
    shop.page(None, record("A\x1b[31m", 10, title="\x1b]0;owned\x07"), to="c1")
    out = StringIO()
    print_verdicts(list(verify(shop).values()), Console(file=out, width=200))
    assert "\x1b" not in out.getvalue()
    assert "\\x1b[31m" in out.getvalue()


@pytest.fixture
def account(shop: Scripted) -> Mapping[str, str]:
    """Return the environment of an operator."""
    return {
        "FK_AFFILIATE_ID": shop.affiliate_id,
        "FK_AFFILIATE_TOKEN": shop.token,
        "FEEDLAKE_API_URL": shop.url,
    }


@pytest.mark.command
def test_the_command(command: Command, account: Mapping[str, str], mirror: Path) -> None:
    """Status 0 while equal, 1 with the column while not, 0 when repaired, 2 for a wrong call."""
    done = command("verify", "--upstream", env=account)
    assert done.returncode == 0, done.stderr
    alter(mirror, "UPDATE products SET selling_price = 1 WHERE product_id = 'A'")
    done = command("verify", "shoes", env=account)
    assert (done.returncode, done.stderr) == (1, "")
    assert "wrong columns: selling_price 1" in done.stdout
    done = command("verify", "shoes", "--json", "--repair", env=account)
    assert done.returncode == 0
    report = json.loads(done.stdout)
    (category,) = report["categories"]
    assert (report["status"], category["status"]) == ("ok", "repaired")
    assert category["wrong"] == {"missing_here": 0, "missing_there": 0, "different": 1}
    assert category["rows"][0]["columns"] == {"selling_price": {"here": "1.00", "there": "10.00"}}
    for wrong in (["--repair"], ["caps"], ["--sample", "0"]):
        done = command("verify", *wrong, env=account)
        assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
