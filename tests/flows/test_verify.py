"""The mirror compared with its upstream: what differs is found, explained, and put right."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import typer
from pydantic import SecretStr
from rich.console import Console

from feeds.client import Patience
from feeds.product.source import CARRIED_BY, V1_JSON
from feeds.sandbox.rules import Rules
from feeds.sandbox.server import Sandbox
from flows.commands.verify import verify as command_verify
from flows.settings import Settings
from flows.verdicts import print_verdicts
from flows.verify import Request, Verdict, verify_upstream
from storage.carried import hashed_row
from storage.checks import check_lake
from storage.comparison import Mismatch
from storage.errors import CategoryMissingError, LakeBusyError
from storage.lake import LakeFolder, open_for_writing
from tests.conftest import command_environment
from tests.scripted import Scripted, record
from tests.waiting import wait_for

Refresh = Callable[..., Any]
Ask = Callable[..., list[tuple[Any, ...]]]
Verify = Callable[..., dict[str, Verdict]]

QUICK = Patience(attempts=3, first_wait=0.01, longest_wait=0.05, timeout=10)


@pytest.fixture
def shop() -> Iterator[Scripted]:
    """Serve `hats`, and `shoes` in two pages with a record that is rejected."""
    with Scripted(categories=("hats", "shoes")) as scripted:
        scripted.put(scripted.link("feeds", "hats"), record("H1"), record("H2"))
        scripted.page(None, record("A", 10), record("B", 20), to="c1")
        scripted.page("c1", record("C", 30, inStock=None), record("bad", inStock="perhaps"))
        yield scripted


@pytest.fixture(scope="module")
def catalogue() -> Iterator[Sandbox]:
    """Serve 600 made-up products with every oddity; no day passes."""
    with Sandbox(products=600, categories=2, seed=11, rules=Rules(quota=0)) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def original_catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where its lake is made that each test has a copy of."""
    return tmp_path_factory.mktemp("catalogue") / "lake"


@pytest.fixture
def catalogue_mirror(
    catalogue: Sandbox, refresh: Refresh, original_catalogue: Path, lake: Path
) -> Path:
    """Mirror the made-up products."""
    if not original_catalogue.exists():
        refresh(catalogue, into=original_catalogue)
    shutil.copytree(original_catalogue, lake)
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


@pytest.fixture
def account(shop: Scripted) -> Mapping[str, str]:
    """Return the environment of an operator."""
    return {
        "FK_AFFILIATE_ID": shop.affiliate_id,
        "FK_AFFILIATE_TOKEN": shop.token,
        "FEEDLAKE_API_URL": shop.url,
    }


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


def test_a_row_is_shown_beside_the_record_that_won(
    shop: Scripted, refresh: Refresh, verify: Verify, lake: Path
) -> None:
    """Not beside another of the same product that stands at the same place of the page before."""
    shop.page(None, record("A", 10), to="c1")
    shop.page("c1", record("A", 12))
    refresh(shop)
    alter(lake, "UPDATE products SET selling_price = 1 WHERE product_id = 'A'")
    verdict = verify(shop, "shoes")["shoes"]
    assert wrong_rows(verdict) == [Mismatch("A", "different", "wrong", {"selling_price": (1, 12)})]


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


@pytest.mark.usefixtures("mirror")
def test_a_rejected_record_is_no_missing_product(shop: Scripted, verify: Verify) -> None:
    """What was mirrored once and cannot be read today is still listed."""
    shop.page("c1", record("C", inStock="perhaps"))
    verdict = verify(shop, "shoes")["shoes"]
    assert verdict.status == "equal"


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


@pytest.mark.command
@pytest.mark.parametrize("kill", [signal.SIGTERM, signal.SIGKILL])
def test_a_verify_that_is_killed_goes_on(
    shop: Scripted, mirror: Path, account: Mapping[str, str], verify: Verify, kill: signal.Signals
) -> None:
    """A stop is one line; after either, nothing is held and the first page is not asked again."""
    first, second = shop.path("feeds", "shoes"), shop.path("feeds", "shoes", "c1")
    good, reached, over = shop.answers[second], threading.Event(), threading.Event()

    def wait() -> bytes:
        reached.set()
        over.wait(30)
        return b""

    shop.answers[second] = [wait]
    process = subprocess.Popen(
        [str(Path(sys.executable).parent / "feedlake"), "verify", "shoes"],
        env=command_environment(mirror) | dict(account),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert reached.wait(60)
    # The second page is asked for while the first is written.
    wait_for(lambda: any(one.stat().st_size for one in mirror.rglob("pages.jsonl")))
    process.send_signal(kill)
    _, said = process.communicate(timeout=60)
    over.set()
    stopped = "feedlake: stopped; what was fetched is kept: run the same command again to go on\n"
    assert (process.returncode, said) == ((1, stopped) if kill == signal.SIGTERM else (-9, ""))
    shop.answers[second] = good
    asked = len(shop.asked)
    assert verify(shop, "shoes")["shoes"].status == "equal"
    assert first not in shop.asked[asked:]


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
    alter(mirror, "UPDATE products SET in_stock = true WHERE product_id = 'C'")
    assert verify(shop, "shoes")["shoes"].status == "wrong"  # that was so on the dump's day


@pytest.mark.usefixtures("mirror")
def test_a_failing_category_leaves_the_others_alone(shop: Scripted, verify: Verify) -> None:
    """It is named with its error, and the rest is compared."""
    shop.answers[shop.path("feeds", "hats")] = [500]
    verdicts = verify(shop)
    assert {name: one.status for name, one in verdicts.items()} == {
        "hats": "failed",
        "shoes": "equal",
    }


def test_no_two_at_once(shop: Scripted, verify: Verify, mirror: Path) -> None:
    """Beside a refresh it would ask twice as often as the vendor allows."""
    with open_for_writing(LakeFolder(mirror)), pytest.raises(LakeBusyError):
        verify(shop)


@pytest.mark.usefixtures("mirror")
def test_what_is_printed_is_plain(shop: Scripted, verify: Verify) -> None:
    """Names, values and errors from upstream reach no terminal raw."""
    escaping = record("A", 10, title="\x1b]0;owned\x07")
    shop.page(None, escaping, record("B", 20, productBrand="\x1b[31mred"), to="c1")
    out = StringIO()
    print_verdicts(list(verify(shop).values()), Console(file=out, width=200))
    assert "\x1b" not in out.getvalue()
    assert "\\x1b[31mred" in out.getvalue()
    assert "\\x1b]0;owned" in out.getvalue()


def test_an_equal_mirror_is_left_alone(
    catalogue: Sandbox, catalogue_mirror: Path, verify: Verify, ask: Ask
) -> None:
    """Every product of every category is equal; no snapshot, file or staged page is left."""
    before, files = snapshot(ask), set((catalogue_mirror / "data").rglob("*"))
    verdicts = verify(catalogue, repair=True)
    assert {(one.status, one.error) for one in verdicts.values()} == {("equal", None)}
    equal = {name: one.comparison.equal_count for name, one in verdicts.items() if one.comparison}
    listed = ask("SELECT category, count(*) FROM product_categories GROUP BY category")
    assert dict(listed) == equal
    sampled = verify(catalogue, sample=60).values()
    assert {one.status for one in sampled} == {"equal"}
    assert sum(one.comparison.equal_count for one in sampled if one.comparison) == 60
    assert before == snapshot(ask)
    assert set((catalogue_mirror / "data").rglob("*")) == files
    assert list((catalogue_mirror / "staging").rglob("walk.json")) == []


@pytest.mark.usefixtures("catalogue_mirror")
def test_hashes_tell_that_nothing_differs(ask: Ask) -> None:
    """A row hashes to what it was merged with: columns are compared only where it does not."""
    hashed = hashed_row(CARRIED_BY[V1_JSON])
    query = f"SELECT count(*) FROM products WHERE content_hash <> hash(record_source, {hashed})"
    assert ask(query) == [(0,)]


def test_a_mirror_of_one_way_compared_in_another(
    catalogue: Sandbox, catalogue_mirror: Path, verify: Verify
) -> None:
    """Only what both carry is compared: XML has no specifications."""
    alter(catalogue_mirror, "UPDATE products SET specifications = NULL")
    by_xml = verify(catalogue, settings={"format": "xml"}).values()
    by_json = verify(catalogue).values()
    columns = {name for one in by_xml if one.comparison for name in one.comparison.column_counts}
    assert columns <= {"title", "description"}  # what XML cannot spell
    assert {tuple(one.comparison.column_counts) for one in by_json if one.comparison} == {
        ("specifications",)
    }


def test_a_day_ahead_is_behind_and_not_wrong(refresh: Refresh, verify: Verify, ask: Ask) -> None:
    """Changes, arrivals and departures that the delta names are news; a repair merges them."""
    with Sandbox(products=1000, categories=2, rules=Rules(quota=0)) as sandbox:
        refresh(sandbox)
        stood = sandbox.versions()
        stands = sandbox.next_day()
        # All of the category that changed: a smaller sample may meet none of its ten changes.
        sampled = {one.status for one in verify(sandbox, sample=400).values()}
        assert "behind" in sampled <= {"equal", "behind"}
        repaired = verify(sandbox, repair=True)
        assert {one.status for one in verify(sandbox).values()} == {"equal"}
    for name, one in repaired.items():
        assert figures(one) == {}
        moved = stood[name] != stands[name]
        said = [f"the mirror stands at {stood[name]}, the upstream at {stands[name]}"]
        assert (one.status, one.notes) == (("repaired", said) if moved else ("equal", []))
    kinds = {kind for one in repaired.values() for kind in figures(one, "behind")}
    assert kinds == {"missing_here", "missing_there", "different"}
    assert dict(ask("SELECT category, version FROM category_status")) == stands


def test_a_repair_that_would_lose_too_much_is_refused(
    shop: Scripted, mirror: Path, verify: Verify, ask: Ask
) -> None:
    """The guards of a refresh hold here too."""
    listed = "SELECT 'X' || range, 'shoes', now(), NULL FROM range(37)"
    alter(mirror, f"INSERT INTO product_categories {listed}")
    before = snapshot(ask)
    assert figures(verify(shop, "shoes")["shoes"]) == {"missing_there": 37}
    verdict = verify(shop, "shoes", repair=True)["shoes"]
    assert verdict.status == "failed"
    assert verdict.error
    assert "lost 37 of 40" in verdict.error
    assert before == snapshot(ask)
    allowed = verify(shop, "shoes", repair=True, settings={"max_loss": "100%"})
    assert allowed["shoes"].status == "repaired"


def test_two_categories_that_do_not_agree(
    shop: Scripted, mirror: Path, refresh: Refresh, verify: Verify
) -> None:
    """A row as another category says it is not wrong, unless it was altered since."""
    shop.put(shop.link("feeds", "hats"), record("A", 12), record("H1"))
    refresh(shop, "hats", full=True)
    verdicts = verify(shop)
    assert [one.status for one in verdicts.values()] == ["equal", "equal"]
    assert figures(verdicts["shoes"], "elsewhere") == {"different": 1}
    alter(mirror, "UPDATE products SET selling_price = 1 WHERE product_id = 'A'")
    assert [one.status for one in verify(shop).values()] == ["wrong", "wrong"]


@pytest.mark.usefixtures("mirror")
def test_a_category_that_was_never_mirrored(shop: Scripted, verify: Verify) -> None:
    """Its name is refused before anything is asked."""
    asked = list(shop.asked)
    with pytest.raises(CategoryMissingError, match="no category 'shoe'; did you mean shoes"):
        verify(shop, "shoe")
    assert shop.asked == asked


def test_a_sample_is_looked_up(shop: Scripted, mirror: Path, verify: Verify, ask: Ask) -> None:
    """The look-ups are compared and nothing is walked; a repair merges them as look-ups."""
    alter(mirror, "DELETE FROM product_categories WHERE product_id <> 'A'")
    alter(mirror, "UPDATE products SET title = 'x' WHERE product_id = 'A'")
    shop.put_json("/affiliate/1.0/product.json", record("A", 9))
    verdict = verify(shop, sample=5)["shoes"]
    assert shop.path("feeds", "shoes") not in shop.asked
    columns = {
        "title": ("x", "Product A"),
        "selling_price": (10, 9),
        "special_price": (10, 9),
    }
    assert wrong_rows(verdict) == [Mismatch("A", "different", "wrong", columns)]
    assert verify(shop, sample=5, repair=True)["shoes"].status == "repaired"
    state = "SELECT selling_price::INT, title, category, feed FROM products WHERE product_id = 'A'"
    assert ask(state) == [(9, "Product A", "shoes", "lookup")]
    assert verify(shop, sample=1)["shoes"].status == "equal"
    shop.answers["/affiliate/1.0/product.json"] = [404]
    gone = verify(shop, sample=1, repair=True)["shoes"]  # no look-up can delist it
    assert (gone.status, figures(gone)) == ("wrong", {"missing_there": 1})


def test_the_command(
    account: Mapping[str, str],
    mirror: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Status 1 with the column while it differs, 0 when it was repaired."""
    for name, value in account.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("FEEDLAKE_LAKE", str(mirror))
    alter(mirror, "UPDATE products SET selling_price = 1 WHERE product_id = 'A'")
    with pytest.raises(typer.Exit) as failed:
        command_verify(["shoes"])
    assert failed.value.exit_code == 1
    assert "wrong columns: selling_price 1" in capsys.readouterr().out
    command_verify(upstream=True, repair=True, as_json=True)
    report = json.loads(capsys.readouterr().out)
    hats, shoes = report["categories"]
    assert (report["status"], hats["status"], shoes["status"]) == ("ok", "equal", "repaired")
    assert shoes["wrong"] == {"missing_here": 0, "missing_there": 0, "different": 1}
    assert shoes["rows"][0]["columns"] == {"selling_price": {"here": "1.00", "there": "10.00"}}
