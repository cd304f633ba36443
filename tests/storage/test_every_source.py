"""Whatever the feeds say, in whatever order: after each walk every check of the lake holds."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from xml.sax.saxutils import escape

import duckdb
import polars as pl
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from feeds.dialect import DIALECTS
from feeds.dump.age import Age
from feeds.page import Page
from feeds.product.source import CARRIED_BY
from feeds.raw_records import read_again
from flows.staged_walk import read_page
from storage.commit import Source, merge_walk
from storage.definitions import create_definitions
from storage.guard import Guards, Limit
from storage.staging import ReadPage, Staging, WalkPlan
from storage.statements import statement, statement_names, statements
from storage.transaction import transaction

CATEGORIES = ("hats", "shoes")
LENIENT = Guards(Limit(share=1), Limit(share=1))


@dataclass(frozen=True)
class Said:
    """What one record says; `flag` is `isAvailable`, and `is_broken` makes it a rejected one."""

    product_id: str
    price: float | None
    flag: bool | None
    in_stock: bool | None
    is_broken: bool


@dataclass(frozen=True)
class Step:
    """One walk.

    Attributes:
        feed: `product`, `top`, `books`, `lookup` or `dump`.
        pages: what its pages say.
        hours: how old its pages are; negative where the clock was ahead when they were fetched.
        member_hours: how old the zip of a dump says that it is.
        modified_hours: how old its `Last-Modified` says that it is; None for none.
        has_flag: whether a dump has the column `isAvailable`.
    """

    feed: str
    mode: str
    category: str
    written: str
    pages: tuple[tuple[Said, ...], ...]
    hours: int
    member_hours: int
    modified_hours: int | None
    has_flag: bool


SAID = st.builds(
    Said,
    product_id=st.sampled_from("ABCD"),
    price=st.sampled_from([None, 0.0, 10.0, 20.0]),
    flag=st.sampled_from([True, False, False, None]),
    in_stock=st.sampled_from([True, False, None]),
    is_broken=st.integers(0, 9).map(lambda number: number == 0),
)
KINDS = st.sampled_from(
    [
        ("product", "full"),
        ("product", "delta"),
        ("product", "in_stock"),
        ("top", "list"),
        ("books", "list"),
        ("lookup", "list"),
        ("dump", "dump"),
        ("dump", "dump"),
        ("product", "replay"),
        ("dump", "replay"),
    ]
)
_PLACES = {"books": "books", "lookup": "lookup"}


@st.composite
def steps(draw: st.DrawFn) -> Step:
    """Draw one walk of some feed."""
    feed, mode = draw(KINDS)
    return Step(
        feed=feed,
        mode=mode,
        category=_PLACES.get(feed) or draw(st.sampled_from(CATEGORIES)),
        written=draw(st.sampled_from(["json", "xml"])),
        pages=tuple(
            tuple(page)
            for page in draw(st.lists(st.lists(SAID, max_size=4), min_size=1, max_size=2))
        ),
        hours=draw(st.sampled_from([0, 0, 0, 5, 30, -30])),
        member_hours=draw(st.sampled_from([0, 5, 30, -5, -700_000, 400_000])),
        modified_hours=draw(st.sampled_from([None, 0, 6, 20, -900])),
        has_flag=draw(st.booleans()),
    )


@settings(
    max_examples=60,
    phases=(Phase.generate,),
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(st.lists(steps(), min_size=4, max_size=12))
def test_no_source_breaks_a_check(life: list[Step]) -> None:
    """Full walks, deltas, lists, look-ups, dumps and replays, JSON and XML, of shared products."""
    with TemporaryDirectory() as folder, duckdb.connect(config={"threads": 1}) as connection:
        lake = Lake(connection, Staging(Path(folder) / "lake" / "staging"))
        for step in life:
            lake.merge(step)
            broken = lake.broken_checks()
            assert broken == {}, step
            assert lake.listed_though_gone(step) == []


@dataclass
class Lake:
    """The tables of a lake in memory, which are merged into by what merges into a lake."""

    connection: duckdb.DuckDBPyConnection
    staging: Staging
    versions: dict[str, int] = field(default_factory=dict)
    count: int = 0

    def __post_init__(self) -> None:
        """Make the tables, with the macros and views."""
        for text in statements("schema"):
            self.connection.execute(text)
        create_definitions(self.connection)
        tree = {"code": ["bks"], "name": ["Books"], "parent_code": [None], "depth": [0]}
        kinds = {"parent_code": pl.String, "depth": pl.Int32}
        path = pl.Series("path", [["Books"]])
        self.connection.register(
            "book_tree",
            pl.DataFrame(tree, kinds | {"code": pl.String, "name": pl.String}).with_columns(path),
        )

    def merge(self, step: Step) -> None:
        """Stage a walk and merge it."""
        self.count += 1
        now = datetime.now(UTC)
        source, reads, made_after = _read(step, now)
        plan = self._plan(step, source, now, made_after)
        walk = self.staging.begin(plan)
        for read in reads:
            walk.add(read)
        with transaction(self.connection):
            merge_walk(self.connection, walk, source, LENIENT)
        if plan.to_version is not None:
            self.versions[step.category] = plan.to_version

    def broken_checks(self) -> dict[str, Any]:
        """Return the rows that break a check, by its name."""
        found = {
            name: self.connection.execute(statement(f"checks/{name}")).fetchall()
            for name in statement_names("checks")
        }
        return {name: rows for name, rows in found.items() if rows}

    def listed_though_gone(self, step: Step) -> list[str]:
        """Return the products that a walk said have gone, and that its category still lists."""
        said = [one for page in step.pages for one in page]
        gone = {one.product_id for one in said if one.flag is False}
        gone -= {one.product_id for one in said if one.flag is not False or one.is_broken}
        if step.mode not in {"full", "delta", "list"}:
            return []
        rows = self.connection.execute(
            "SELECT product_id, category FROM product_categories WHERE delisted_at IS NULL"
        ).fetchall()
        is_general = step.category in _PLACES
        return [
            one for one, place in rows if one in gone and (is_general or place == step.category)
        ]

    def _plan(
        self, step: Step, source: Source, now: datetime, made_after: datetime | None
    ) -> WalkPlan:
        mirrored = self.versions.get(step.category)
        moves = step.mode in {"full", "delta"}
        return WalkPlan(
            refresh_id=f"refresh-{self.count}",
            run_id="run",
            category=step.category,
            feed=step.feed,
            mode=step.mode,
            from_version=mirrored,
            to_version=self.count if moves else mirrored,
            started_at=now - timedelta(hours=step.hours),
            path="/",
            record_source=source.name,
            carried=source.carried,
            header="" if step.feed == "dump" else None,
            made_after=made_after,
        )


def _read(step: Step, now: datetime) -> tuple[Source, list[ReadPage], datetime | None]:
    """Return a walk's source, its pages, and the earliest moment that a dump may be of."""
    if step.feed == "dump":
        return _read_dump(step, now)
    source = Source(f"v1.1.0 {step.written}", CARRIED_BY)
    decode = DIALECTS["v1.1.0", step.written].decode_page
    body = _json if step.written == "json" else _xml
    pages = [decode(body(page)) for page in step.pages]
    return source, _chained(pages, now - timedelta(hours=step.hours)), None


def _read_dump(step: Step, now: datetime) -> tuple[Source, list[ReadPage], datetime]:
    titles = ["productId", "title", "mrp", "sellingPrice", "specialPrice", "inStock", "isAvailable"]
    header = ",".join(titles if step.has_flag else titles[:-1])
    modified = None if step.modified_hours is None else _ago(now, step.modified_hours)
    age = Age.of(_ago(now, step.member_hours), modified, now)
    pages: list[Page] = []
    carried: dict[str, tuple[str, ...]] = {}
    for said in step.pages:
        answer = read_again(
            "v1.1.0 csv", header, [_row(one, has_flag=step.has_flag) for one in said]
        )
        carried = dict(answer.carried_by) or carried
        pages.append(Page(None, None, None, None, answer.frame, [], 0, ""))
    return Source("v1.1.0 csv", carried), _chained(pages, age.dated_at), age.made_after


def _ago(now: datetime, hours: int) -> datetime:
    return now - timedelta(hours=hours)


def _chained(pages: Sequence[Page], fetched_at: datetime) -> list[ReadPage]:
    """Return pages that lead on to each other, all fetched at one moment."""
    count = len(pages)
    reads = [
        read_page(
            page,
            number=number,
            path=f"/{number}",
            cursor="bks",
            next_path="/next" if number < count else None,
            next_cursor="bks" if number < count else None,
        )
        for number, page in enumerate(pages, start=1)
    ]
    return [_fetched(read, fetched_at) for read in reads]


def _fetched(read: ReadPage, moment: datetime) -> ReadPage:
    return ReadPage(replace(read.row, fetched_at=moment), read.frame, read.rejected)


def _json(page: Sequence[Said]) -> bytes:
    records = [{"productBaseInfoV1": _base(one)} for one in page]
    return json.dumps({"nextUrl": None, "products": records}).encode()


def _base(said: Said) -> dict[str, Any]:
    amount = None if said.price is None else {"amount": said.price, "currency": "INR"}
    base: dict[str, Any] = {
        "productId": said.product_id,
        "title": f"Product {said.product_id}",
        "flipkartSellingPrice": amount,
        "inStock": said.in_stock,
    }
    if said.flag is not None:
        base["isAvailable"] = said.flag
    if said.is_broken:
        base["inStock"] = "perhaps"
    return base


def _xml(page: Sequence[Said]) -> bytes:
    records = "".join(map(_element, page))
    return f"<ProductFeedV1><validTill>0</validTill>{records}</ProductFeedV1>".encode()


def _element(said: Said) -> str:
    cells = {name: value for name, value in _base(said).items() if value is not None}
    price = cells.pop("flipkartSellingPrice", None)
    text = "".join(f"<{name}>{_cell(value)}</{name}>" for name, value in cells.items())
    if price:
        text += (
            f"<flipkartSellingPrice><amount>{price['amount']}</amount>"
            "<currency>INR</currency></flipkartSellingPrice>"
        )
    return f"<productInfoList><productBaseInfoV1>{text}</productBaseInfoV1></productInfoList>"


def _cell(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else escape(str(value))


def _row(said: Said, *, has_flag: bool) -> bytes:
    price = "" if said.price is None else said.price
    flags = ["" if one is None else str(one).lower() for one in (said.in_stock, said.flag)]
    cells = [said.product_id, f"Product {said.product_id}", "999.0", price, price, *flags]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells if has_flag else cells[:-1])
    return out.getvalue().encode()
