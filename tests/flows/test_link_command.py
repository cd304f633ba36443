"""`feedlake link` as a person runs it."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from storage.lake import LakeFolder, open_for_writing
from tests.conftest import command_environment

Command = Callable[..., "subprocess.CompletedProcess[str]"]

pytestmark = pytest.mark.command

ME = {"FK_AFFILIATE_ID": "mine"}
LISTED, BARE, UNKNOWN = "MADEUP0000000001", "MADEUP0000000002", "MADEUP0000000009"
OTHERS = f"http://dl.flipkart.com/dl/made-up/p/itm?pid={LISTED}&affid=other&affExtParam1=x"
CANONICAL = "https://dl.flipkart.com/dl/product/p/itme?pid={}&affid=mine"
PUT = """
    INSERT INTO products BY NAME
    SELECT
        unnest(['MADEUP0000000001', 'MADEUP0000000002']) AS product_id,
        unnest(['http://www.flipkart.com/a?pid=MADEUP0000000001', NULL]) AS product_url,
        unnest(['O''Made', NULL]) AS brand,
        'Made up' AS title, 'made_up' AS category, 100 AS mrp, true AS is_available,
        'product' AS feed, 'made up' AS record_source, 0 AS content_hash,
        now() AS first_seen_at, now() AS changed_at
"""


@pytest.fixture
def filled(lake: Path) -> Path:
    """Make a lake with a product, and with one whose link is not known."""
    with open_for_writing(LakeFolder(lake)) as connection:
        connection.execute(PUT)
    return lake


def piped(lake: Path, given: bytes, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run `feedlake link` with something on its standard input."""
    return subprocess.run(
        [str(Path(sys.executable).parent / "feedlake"), "link", *arguments],
        env=command_environment(lake) | ME,
        input=given,
        capture_output=True,
        timeout=60,
        check=False,
    )


def test_ids_and_links_without_a_lake(command: Command) -> None:
    """A link a line; an id gets the canonical link, and nothing is made in passing."""
    done = command("link", UNKNOWN, OTHERS, "--sub1", "mail", env=ME)
    assert (done.returncode, done.stderr) == (0, "")
    assert [
        CANONICAL.format(UNKNOWN) + "&affExtParam1=mail",
        f"https://dl.flipkart.com/dl/made-up/p/itm?pid={LISTED}&affid=mine&affExtParam1=mail",
    ] == done.stdout.splitlines()


def test_bad_ones_are_named_and_the_rest_is_printed(command: Command) -> None:
    """A line on standard error each, and status 1."""
    done = command(*("link", "no-id", OTHERS, "https://flipkart.com.evil.com/x", UNKNOWN), env=ME)
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 2
    first, second = done.stderr.splitlines()
    assert first.startswith("feedlake: 'no-id' is neither a link nor a product id; ")
    assert second.startswith("feedlake: 'https://flipkart.com.evil.com/x' does not lead to ")


def test_copied_and_short_links(command: Command) -> None:
    """What was copied with a link goes, and a link that cannot earn is refused with the reason."""
    url = f"https://www.flipkart.com/a/p/itm1?pid={LISTED}"
    given = (
        f"{url}\u200b",
        f"({url}&amp;AFFID=other).",
        f"{url}%26affid%3Dother",
        f"{LISTED}\ufeff,",
    )
    refused = ("https://dl.flipkart.com/s/aB3", "fkrt.it/aB3", "https://www.flipkart.com/a.")
    done = command("link", *given, *refused, env=ME)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [f"{url}&affid=mine"] * 3 + [CANONICAL.format(LISTED)]
    reasons = (
        "is a short link, which leads to whoever made it",
        "is a short link",
        "end of a sentence",
    )
    for line, reason in zip(done.stderr.splitlines(), reasons, strict=True):
        assert reason in line


@pytest.mark.usefixtures("filled")
def test_an_id_in_the_lake_gets_its_link(command: Command) -> None:
    """The lake's link where it has one, and the row's fields in the sub-ids."""
    template = "{category}-{brand}-{product_id}"
    done = command("link", LISTED, BARE, UNKNOWN, OTHERS, "--sub2", template, env=ME)
    assert (done.returncode, done.stderr) == (0, "")
    sub_id = f"&affExtParam2=made_up-O-Made-{LISTED}"
    assert [
        f"https://www.flipkart.com/a?pid={LISTED}&affid=mine{sub_id}",
        f"{CANONICAL.format(BARE)}&affExtParam2=made_up-none-{BARE}",
        f"{CANONICAL.format(UNKNOWN)}&affExtParam2=none-none-{UNKNOWN}",
        f"https://dl.flipkart.com/dl/made-up/p/itm?pid={LISTED}&affid=mine{sub_id}",
    ] == done.stdout.splitlines()


@pytest.mark.usefixtures("filled")
def test_rows_of_a_query(command: Command) -> None:
    """The query's columns, and each of them as a field."""
    query = "SELECT product_id, mrp, 'a b' AS shelf FROM products ORDER BY ALL;"
    done = command(
        "link", "--from-sql", query, "--sub1", "{shelf}.{mrp}", "--format", "csv", env=ME
    )
    assert (done.returncode, done.stderr) == (0, "")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert list(rows[0]) == ["product_id", "mrp", "shelf", "affiliate_url"]
    assert [
        f"https://www.flipkart.com/a?pid={LISTED}&affid=mine&affExtParam1=a-b.100.0",
        f"{CANONICAL.format(BARE)}&affExtParam1=a-b.100.0",
    ] == [row["affiliate_url"] for row in rows]


@pytest.mark.usefixtures("filled")
def test_the_macro_and_the_command_agree(command: Command) -> None:
    """A query that makes its own links has the ones that the command makes of its rows."""
    query = "FROM product_links('mine', 'mail') ORDER BY product_id"
    made = command("sql", query, "--format", "json", env=ME)
    linked = command("link", "--from-sql", query, "--sub1", "mail", "--format", "json", env=ME)
    assert json.loads(made.stdout) == json.loads(linked.stdout)


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("fmt", ["csv", "json", "table"])
def test_formats(command: Command, fmt: str) -> None:
    """Every format has the input, the id and the whole link."""
    done = command("link", LISTED, "nothing", "--format", fmt, env=ME | {"COLUMNS": "200"})
    expected = f"https://www.flipkart.com/a?pid={LISTED}&affid=mine"
    assert done.returncode == 1
    match fmt:
        case "csv":
            rows = list(csv.DictReader(io.StringIO(done.stdout)))
        case "json":
            rows = json.loads(done.stdout)
        case _:
            names, _, *cells = (line.split() for line in done.stdout.split("\n") if line.strip())
            rows = [dict(zip(names, one, strict=True)) for one in cells]
    assert [{"input": LISTED, "product_id": LISTED, "affiliate_url": expected}] == rows


@pytest.mark.usefixtures("filled")
def test_odd_values(command: Command) -> None:
    """No value of a row breaks a format: not-a-number is null, brackets are no markup."""
    query = f"SELECT '{LISTED}' AS product_id, 'nan'::DOUBLE AS n, '[/red]' AS t, [1, NULL] AS l"
    printed = {
        fmt: command("link", "--from-sql", query, "--format", fmt, env=ME).stdout
        for fmt in ("csv", "json", "table")
    }
    (row,) = json.loads(printed["json"])
    assert (row["n"], row["t"], row["l"]) == (None, "[/red]", [1, None])
    assert f'{LISTED},,[/red],"[1, null]",https://' in printed["csv"]
    assert "[/red]" in printed["table"]


@pytest.mark.parametrize(
    ("fmt", "expected"), [("text", ""), ("csv", ""), ("json", "[]\n"), ("table", "")]
)
def test_nothing_to_print(command: Command, fmt: str, expected: str) -> None:
    """With every input bad, what is printed can still be read."""
    done = command("link", "nothing", "--format", fmt, env=ME)
    assert (done.returncode, done.stdout) == (1, expected)


def test_a_file_and_standard_input(lake: Path, tmp_path: Path) -> None:
    """A line each, blanks around it and empty lines ignored, bytes that are no text named."""
    file = tmp_path / "ids.txt"
    file.write_bytes(b"\xef\xbb\xbf" + LISTED.encode() + b"\r\n\r\n  " + UNKNOWN.encode() + b" ")
    done = piped(lake, b"", "--file", str(file))
    expected = [CANONICAL.format(LISTED), CANONICAL.format(UNKNOWN)]
    assert expected == done.stdout.decode().splitlines()

    done = piped(lake, b"caf\xe9caf\xe9\n" + file.read_bytes()[3:], "--file", "-", BARE)
    assert [CANONICAL.format(BARE), *expected] == done.stdout.decode().splitlines()
    assert done.returncode == 1
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith(r"feedlake: 'caf\udce9caf\udce9' is neither ")


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "no product is named"),
        ((LISTED, "--from-sql", "SELECT 1"), "--from-sql names the products itself"),
        (("--file", "absent.txt"), "absent.txt cannot be read"),
        (("--file", "."), ". cannot be read"),
        ((LISTED, "--affid", "a&b"), "affid 'a&b' cannot stand in a link"),
        ((LISTED, "--affid", ""), "FK_AFFILIATE_ID is not set"),
        ((LISTED, "--sub1", "{title}"), "no field 'title'; use brand, category, product_id"),
        ((LISTED, "--sub2", "a b"), "affExtParam2 'a b' is no template"),
        (("--from-sql", "SELECT 1 AS one"), "the query gives one; let it give product_id"),
        (("--from-sql", "SELECT product_id FROM products", "--sub1", "{x}"), "no field 'x'"),
        (("--from-sql", "SELECT nothing FROM products"), "nothing"),
        (("--from-sql", "DROP TABLE products"), "read-only"),
        (("--from-sql", "FROM read_csv('ids.txt')"), "disabled"),
    ],
)
def test_wrong_calls(command: Command, arguments: tuple[str, ...], said: str) -> None:
    """One line that says what to do, nothing printed, status 2."""
    done = command("link", *arguments, env=ME)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert said in line


def test_a_query_needs_a_lake(command: Command) -> None:
    """Without one there is nothing to ask."""
    done = command("link", "--from-sql", "SELECT product_id FROM products", env=ME)
    assert (done.returncode, done.stdout) == (1, "")
    assert "there is no lake" in done.stderr


@pytest.mark.usefixtures("filled")
def test_nothing_heavy_is_imported(command: Command) -> None:
    """Neither Prefect nor polars nor httpx, whichever way the products are named."""
    for arguments in ([LISTED, OTHERS], ["--from-sql", "FROM products", "--format", "json"]):
        done = command("link", *arguments, env=ME | {"PYTHONPROFILEIMPORTTIME": "1"})
        assert done.returncode == 0
        imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
        assert "feeds.link" in imported
        assert not {"prefect", "polars", "httpx"} & imported


@pytest.mark.usefixtures("filled")
def test_more_rows_than_a_batch(command: Command) -> None:
    """Every row of a long answer is linked, in its order."""
    query = "SELECT printf('MADEUP%010d', n) AS product_id FROM range(2500) AS t (n) ORDER BY n"
    done = command("link", "--from-sql", query, env=ME)
    links = done.stdout.splitlines()
    assert (done.returncode, len(links)) == (0, 2500)
    assert f"https://www.flipkart.com/a?pid={LISTED}&affid=mine" == links[1]
    assert CANONICAL.format("MADEUP0000002499") == links[-1]
