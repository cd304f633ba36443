"""What the morning's report says is what the lake says."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from feeds.link import affiliate_url
from flows.cli import main
from flows.errors import WrongCallError
from flows.report.facts import Asked
from flows.report.write import write_report
from storage.lake import LakeFolder, open_for_reading
from tests.report.reading import DASH, MINUS, Page, cards, read, table, text, tiles
from tests.report.shop import NOW, day, product, refresh, seen, shop, write

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return what runs `feedlake report` in an empty folder: exit status and what it printed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FK_AFFILIATE_ID", raising=False)

    def run(lake: LakeFolder, *arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(
            sys, "argv", ["feedlake", "report", "--lake", str(lake.root), *arguments]
        )
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out + said.err

    return run


def test_the_head_counts_the_lake(shop_page: Page) -> None:
    """Products listed and in stock, categories, changes of the last day, and as of when."""
    assert tiles(shop_page) == {
        "Products listed": "7 1 new, 1 gone, last day",
        "In stock": "6 86%, 1 came back",
        "Categories": "2 1 fresh",
        "Price changes, last day": "4 3 down, 1 up",
    }
    assert text(shop_page.find(".//h1")) == "shop"
    assert shop_page.xpath("//header//time/@datetime")[0] == "2026-11-10T06:10:00Z"


def test_it_says_what_wants_attention(shop_page: Page) -> None:
    """A category that failed is named with its error."""
    notes = [text(one) for one in shop_page.xpath("//section[@class='attention']//li")]
    assert notes == [
        "kettles failed once since its last check: the upstream answered 500 three times"
    ]


def test_drops_are_those_of_the_macro(shop_page: Page, shop_lake: LakeFolder) -> None:
    """The largest first, by what they cost now; what cannot be bought is left out."""
    with open_for_reading(shop_lake) as lake:
        rows = lake.execute(
            "SELECT title, price, old_price, -percent FROM price_drops(1) WHERE in_stock "
            "ORDER BY percent"
        ).fetchall()
    assert cards(shop_page) == [
        (title, f"₹{price:,.0f}", f"was ₹{old:,.0f}", f"{MINUS}{percent:.0f}%")
        for title, price, old, percent in rows
    ]
    assert len(rows) == 2


def test_a_price_that_rose_again_is_no_drop(made_lake: Path, tmp_path: Path) -> None:
    """A drop counts by what the product costs now, from the highest price of the day."""
    lake = LakeFolder(shutil.copytree(made_lake, tmp_path / "lake"))
    up, partly = "SHOE0000000000B1", "SHOE0000000000B2"
    prices = {up: (100, 60, 110), partly: (100, 40, 80)}
    write(
        lake,
        {
            "refreshes": [refresh("shoes", 0, "done", mode="full")],
            "products": [product(one, costs[-1]) for one, costs in prices.items()],
            "price_history": [
                seen(one, place / 1000, cost)
                for one, costs in prices.items()
                for place, cost in enumerate(costs)
            ],
        },
    )
    write_report(lake, tmp_path / "report.html", now=NOW)
    page = read(tmp_path / "report.html")
    assert cards(page) == [("Shoe B2", "₹80", "was ₹100", f"{MINUS}20%")]


def test_links_earn(shop_page: Page) -> None:
    """Every link to a product carries the affid and the sub-id, a bare product's too."""
    links = shop_page.xpath("//a[@rel]/@href")
    assert len(links) == 16
    for link in links:
        query = parse_qs(urlsplit(link).query)
        assert (query["affid"], query["affExtParam1"]) == (["me"], ["morning"])
    first = shop()["products"][0]["product_url"]
    assert links[0] == affiliate_url(first, "me", "morning")


def test_links_without_an_affid(shop_lake: LakeFolder, tmp_path: Path) -> None:
    """They lead to the product and earn for nobody, and the page says so."""
    write_report(shop_lake, tmp_path / "report.html", now=NOW)
    page = read(tmp_path / "report.html")
    assert page.xpath("//a[@rel]/@href")[0] == shop()["products"][0]["product_url"]
    assert "FK_AFFILIATE_ID" in text(page.find(".//footer"))


def test_deals_are_those_of_the_macro(shop_page: Page, shop_lake: LakeFolder) -> None:
    """Price and average as the lake works them out."""
    with open_for_reading(shop_lake) as lake:
        rows = lake.execute(
            "SELECT title, price::INT, average_30_days FROM deals(10) "
            "ORDER BY percent_below_average DESC"
        ).fetchall()
    shown = [(row[0], row[2], row[3]) for row in table(shop_page, "deals")]
    assert shown == [
        (title, f"₹{price}", f"₹{average:,.2f}".removesuffix(".00"))
        for title, price, average in rows
    ]
    assert shown


def test_the_catalogue(shop_page: Page) -> None:
    """Size, stock, freshness, last full walk and lag of every category, the largest first."""
    rows = table(shop_page, "categories")
    assert [row[:6] for row in rows] == [
        ["shoes", "fresh", "6", "83%", "2", "1"],
        ["kettles", "failing", "1", "100%", "1", "0"],
    ]
    assert [row[6:] for row in rows] == [
        ["30 minutes ago", "9 days ago", "none", "9"],
        ["1 day ago", "9 days ago", "1 day", "9"],
    ]


def test_top_sellers_and_books(shop_page: Page) -> None:
    """Who climbed, came, fell and left; the current list of books."""
    assert [row[:4] for row in table(shop_page, "movers")] == [
        ["Shoe A3", "▲ up 2", "1", "3"],
        ["Shoe A5", "new", "2", DASH],
        ["Shoe A1", "▼ down 3", "4", "1"],
        ["Kettle A2", "▼ down 1", "3", "2"],
        ["Shoe A4", "left", DASH, "4"],
    ]
    assert [row[:3] for row in table(shop_page, "books")] == [
        ["Shoe A8", "1", DASH],
        ["Shoe A7", "2", DASH],
    ]


def test_stock(shop_page: Page) -> None:
    """What came back, what is new, what left."""
    found = {name: table(shop_page, name) for name in ("restocked", "new", "gone")}
    assert {name: [row[:2] for row in rows] for name, rows in found.items()} == {
        "restocked": [["Shoe A5", "₹800"]],
        "new": [["Shoe A7", "₹90"]],
        "gone": [["Shoe A6", "₹900"]],
    }


def test_quarantine_and_runs(shop_page: Page) -> None:
    """Rejects by reason with an example, the last ten runs, and what failed in them."""
    (rejects,) = table(shop_page, "quarantine")
    assert rejects[:2] == ["bad_price", "2"]
    assert rejects[-1] == "record 2: the price is no number"
    runs = table(shop_page, "runs")
    assert [row[0] for row in runs] == [
        f"{number} Nov 2026, 06:10" for number in (10, 9, 8, 7, 6, 5, 3, 2, 1)
    ]
    assert runs[0][3:5] == ["2", "1"]
    (failure,) = table(shop_page, "failures")
    assert failure[0] == "kettles"
    assert failure[-1] == "the upstream answered 500 three times"


def test_prices_of_named_products(shop_lake: LakeFolder, tmp_path: Path) -> None:
    """They are drawn in the order asked for, each once, and their tables have every change."""
    asked = ("SHOE0000000000A4", "SHOE0000000000A5", "SHOE0000000000A4")
    write_report(shop_lake, tmp_path / "report.html", Asked(products=asked), now=NOW)
    page = read(tmp_path / "report.html")
    titles = [text(one) for one in page.xpath("//article/h3")]
    assert titles == ["Shoe A4", "Shoe A5"]
    runs = page.xpath("//article")[1].xpath(".//*[starts-with(@class, 'run')]")
    assert [one.get("class") for one in runs] == ["run", "run", "run out"]
    assert "out of stock" in text(runs[2])
    rows = page.xpath("//article")[0].xpath(".//tbody/tr")
    assert [[text(cell) for cell in row] for row in rows] == [
        ["7 Nov 2026, 06:05", "₹700", "in stock", "listed"],
        ["3 Nov 2026, 06:05", "₹700", "in stock", "not listed"],
        ["1 Nov 2026, 06:05", "₹700", "in stock", "listed"],
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--product", "SHOE0000000000ZZ"), "SHOE0000000000ZZ is not in this lake"),
        (("--affid", "a b"), "affid"),
        (("--sub1", "x"), "give --affid"),
        (("-o", "nowhere/report.html"), "no folder nowhere"),
        (("--product", "'; DROP"), "not in this lake"),
    ],
)
def test_a_wrong_call(
    shop_lake: LakeFolder, run: Run, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    """One line that says what to do, exit status 2, and what was there stays."""
    (tmp_path / "report.html").write_text("yesterday's")
    status, line = run(shop_lake, *arguments)
    assert (status, line.count("\n")) == (2, 1)
    assert said in line
    assert [one.name for one in tmp_path.iterdir()] == ["report.html"]
    assert (tmp_path / "report.html").read_text() == "yesterday's"


def test_the_command(shop_lake: LakeFolder, run: Run, tmp_path: Path) -> None:
    """It writes report.html and says in a line what is in it."""
    status, line = run(shop_lake)
    assert status == 0
    assert line.startswith("report.html: 7 products, 3 drops in the last day, ")
    assert (tmp_path / "report.html").read_bytes().startswith(b"<!doctype html>")


def test_an_empty_lake(made_lake: Path, run: Run, tmp_path: Path) -> None:
    """The page says of every section that there is nothing yet."""
    assert run(LakeFolder(made_lake))[0] == 0
    page = read(tmp_path / "report.html")
    assert tiles(page)["Price changes, last day"] == "0 0 down, 0 up"
    assert "feedlake refresh" in text(page.xpath("//section[@class='attention']")[0])
    assert len(page.xpath("//p[@class='nothing']")) == 11
    assert page.xpath("//table") == []


def test_no_lake(run: Run, tmp_path: Path) -> None:
    """It is said, and no file is left behind."""
    status, line = run(LakeFolder(tmp_path / "none"))
    assert status == 1
    assert "none" in line
    assert list(tmp_path.iterdir()) == []


def test_too_many_products(shop_lake: LakeFolder, tmp_path: Path) -> None:
    """A page stays a page."""
    asked = Asked(products=[f"SHOE{number:012}" for number in range(51)])
    with pytest.raises(WrongCallError, match="50 products at most"):
        write_report(shop_lake, tmp_path / "report.html", asked)


def test_an_old_lake_is_told(shop_lake: LakeFolder, tmp_path: Path) -> None:
    """A mirror that nobody refreshes shows it at the top."""
    write_report(shop_lake, tmp_path / "report.html", now=day(12))
    page = read(tmp_path / "report.html")
    first = text(page.xpath("//section[@class='attention']//li")[0])
    assert first.startswith("The last check was 2 days ago, at 10 Nov 2026, 06:10 UTC")
    assert [row[1] for row in table(page, "categories")] == ["old", "failing"]
