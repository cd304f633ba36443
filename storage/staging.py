"""Staging: the pages of a walk on disk until they are merged.

A walk has a folder of its own, named by a hash: what the upstream calls a category is data and
never a path. A delta and a walk of what is in stock have others than the category's whole walk:
each goes on where it was. In the folder are `walk.json` (what is walked), Parquet files of one page
or several, and `pages.jsonl` (a line a file, written after the file is safe). A walk that dies goes
on after its last line. No link is kept, only paths and cursors: a signature never reaches a file.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

import duckdb
import msgspec
import polars as pl

from storage.errors import LakeUnwritableError
from storage.page_file import write_page

_APART = {"delta", "in_stock", "replay"}
"""Modes whose walks are kept apart from those of their feed."""


class WalkPlan(msgspec.Struct, frozen=True):
    """What one refresh of a category is to walk.

    Attributes:
        refresh_id: unique id of the refresh.
        run_id: the command's run it belongs to.
        category: its name in the directory.
        feed: `product`, `top`, `books`, `dump` or `lookup`.
        mode: `full`, `delta`, `in_stock`, `list`, `dump` or `replay`.
        from_version: the version the mirror stands at; None before the first full walk.
        to_version: the version to stand at when merged; None where the feed has none.
        started_at: when the walk began, UTC.
        path: the path of the first page.
        record_source: API version and format of the records, where a page says nothing else.
        carried: the columns that are hashed of each record.
        header: the first line of a dump; None for other feeds.
        made_after: the earliest moment at which a dump may have been made; None for other feeds.
    """

    refresh_id: str
    run_id: str
    category: str
    feed: str
    mode: str
    from_version: int | None
    to_version: int | None
    started_at: datetime
    path: str
    record_source: str
    carried: tuple[str, ...]
    header: str | None = None
    made_after: datetime | None = None

    def continues(self, other: WalkPlan) -> bool:
        """Return whether pages staged for the other plan serve this one."""
        return (
            self.path == other.path
            and self.record_source == other.record_source
            and self.carried == other.carried
            and self.mode == other.mode
            and self.from_version == other.from_version
            and (other.to_version or 0) <= (self.to_version or 0)
        )


class StagedPage(msgspec.Struct, frozen=True):
    """One page of a walk, without its records; a row of `walk_pages`.

    Attributes:
        next_path: the path of the page after it; None at the end of the walk.
    """

    page_number: int
    cursor: str
    next_cursor: str | None
    next_path: str | None
    last_product_id: str | None
    record_count: int
    rejected_count: int
    byte_count: int
    content_hash: str
    fetched_at: datetime
    path: str


class Reject(Protocol):
    """What staging needs to know of a rejected record."""

    @property
    def reason(self) -> str:
        """The reason code."""

    @property
    def detail(self) -> str:
        """What was wrong."""

    @property
    def product_id(self) -> str | None:
        """The id, where one shows."""

    @property
    def record_number(self) -> int:
        """Place in the page, from 0."""

    @property
    def line(self) -> int | None:
        """Where it begins in a file, from 1; None where there are no lines."""

    @property
    def raw(self) -> bytes:
        """The bytes that are kept."""

    @property
    def raw_byte_count(self) -> int:
        """The length before the cut."""


@dataclass(frozen=True, slots=True)
class ReadPage:
    """One page of a walk with its records.

    Attributes:
        row: the page itself.
        frame: the records that fit; they are as old as the page, unless `fetched_at` is among its
            columns.
        rejected: the records that do not.
    """

    row: StagedPage
    frame: pl.DataFrame
    rejected: Sequence[Reject] = ()


PAGE_SCHEMA = pl.Schema(
    {
        "page_number": pl.Int32(),
        "cursor": pl.String(),
        "next_cursor": pl.String(),
        "next_path": pl.String(),
        "last_product_id": pl.String(),
        "record_count": pl.Int32(),
        "rejected_count": pl.Int32(),
        "byte_count": pl.Int64(),
        "content_hash": pl.String(),
        "fetched_at": pl.Datetime("us", "UTC"),
        "path": pl.String(),
    }
)

REJECT_SCHEMA = pl.Schema(
    {
        "reason": pl.String(),
        "detail": pl.String(),
        "product_id": pl.String(),
        "page_number": pl.Int32(),
        "cursor": pl.String(),
        "record_number": pl.Int32(),
        "line": pl.Int64(),
        "raw": pl.Binary(),
        "raw_byte_count": pl.Int64(),
        "rejected_at": pl.Datetime("us", "UTC"),
    }
)


class StagedWalk:
    """The pages of one walk.

    Attributes:
        plan: what is walked; an older plan where the walk is resumed.
    """

    def __init__(self, folder: Path, plan: WalkPlan, batches: Sequence[list[StagedPage]]) -> None:
        """Use `Staging.open`."""
        self.plan = plan
        self._batches = list(batches)
        self._folder = folder

    @property
    def pages(self) -> list[StagedPage]:
        """The pages staged so far, in order."""
        return [page for batch in self._batches for page in batch]

    @property
    def is_complete(self) -> bool:
        """Whether the last page staged is the end of the walk."""
        return bool(self._batches) and self._batches[-1][-1].next_path is None

    @property
    def touched_at(self) -> datetime:
        """When its last page came, or when it was begun."""
        return self._batches[-1][-1].fetched_at if self._batches else self.plan.started_at

    @property
    def page_files(self) -> list[str]:
        """The Parquet files of the records that fit; none where no page is staged."""
        return [str(self._page_file(batch)) for batch in self._batches]

    def file_of(self, page_number: int) -> str:
        """Return the Parquet file that holds a page.

        Raises:
            KeyError: the page is not staged.
        """
        for batch in self._batches:
            if any(page.page_number == page_number for page in batch):
                return str(self._page_file(batch))
        raise KeyError(page_number)

    @property
    def rejects(self) -> pl.DataFrame:
        """Every rejected record, with where it stood."""
        rejecting = [one for one in self._batches if any(page.rejected_count for page in one)]
        files = map(self._reject_file, rejecting)
        return pl.concat([REJECT_SCHEMA.to_frame(), *map(pl.read_parquet, files)])

    def add(self, *pages: ReadPage) -> None:
        """Keep some pages in one file; they count from the moment its line is written.

        Raises:
            LakeUnwritableError: there is no room; the pages before them are kept.
        """
        batch = [page.row for page in pages]
        rejects = [_reject_frame(page.row, page.rejected) for page in pages if page.rejected]
        with _writing(self._folder):
            with _whole(self._page_file(batch)) as part:
                write_page(pl.concat(map(self._placed, pages)), self.plan.carried, part)
            if rejects:
                with _whole(self._reject_file(batch)) as part:
                    pl.concat(rejects).write_parquet(part)
            with (self._folder / "pages.jsonl").open("ab") as file:
                file.write(_line(batch))
        self._batches.append(batch)

    def mend(self) -> None:
        """Cut off a line that a kill or a full disk left short: the next one must not join it.

        Raises:
            LakeUnwritableError: it cannot be cut off.
        """
        file = self._folder / "pages.jsonl"
        lines = b"".join(map(_line, self._batches))
        if file.exists() and file.read_bytes() != lines:
            with _writing(self._folder), _whole(file) as part:
                part.write_bytes(lines)

    def discard(self) -> None:
        """Forget the walk."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _placed(self, page: ReadPage) -> pl.DataFrame:
        """Return the records with what tells them from those of other pages, which comes last."""
        place = {
            "page_number": pl.lit(page.row.page_number, pl.Int32),
            "record_source": pl.lit(self.plan.record_source),
            "fetched_at": pl.lit(page.row.fetched_at),
        }
        frame = page.frame
        told = {name: pl.col(name) if name in frame.columns else one for name, one in place.items()}
        return frame.select(pl.exclude(*place), **told)

    def _page_file(self, batch: Sequence[StagedPage]) -> Path:
        return self._folder / f"page-{batch[0].page_number:07}.parquet"

    def _reject_file(self, batch: Sequence[StagedPage]) -> Path:
        return self._folder / f"rejected-{batch[0].page_number:07}.parquet"


def page_frame(pages: Sequence[StagedPage]) -> pl.DataFrame:
    """Return the pages as rows of `PAGE_SCHEMA`, none for none."""
    return pl.DataFrame([msgspec.structs.asdict(page) for page in pages], schema=PAGE_SCHEMA)


class Staging:
    """The staging folder of a lake."""

    def __init__(self, root: Path) -> None:
        """Remember the folder."""
        self.root = root

    def open(self, plan: WalkPlan) -> StagedWalk:
        """Return the walk to go on with: what is staged of it already, or a new one.

        Raises:
            LakeUnwritableError: a new one cannot be begun.
        """
        staged = _read_walk(self._folder(plan))
        if staged and plan.continues(staged.plan):
            staged.mend()
            return staged
        return self.begin(plan)

    def begin(self, plan: WalkPlan) -> StagedWalk:
        """Return a new walk; what is staged for its feed and category is forgotten.

        Raises:
            LakeUnwritableError: it cannot be begun.
        """
        folder = self._folder(plan)
        shutil.rmtree(folder, ignore_errors=True)
        with _writing(folder):
            folder.mkdir(parents=True)
            (folder / "walk.json").write_bytes(msgspec.json.encode(plan))
        return StagedWalk(folder, plan, [])

    def discard_merged(self, refresh_ids: Collection[str]) -> None:
        """Forget walks that were merged and not cleared away, as after a kill."""
        for folder in self.root.glob("walk-*"):
            plan = _read_plan(folder)
            if plan is None or plan.refresh_id in refresh_ids:
                shutil.rmtree(folder, ignore_errors=True)

    def discard_category(self, category: str) -> None:
        """Forget every walk of a category, whatever the feed."""
        for folder in self.root.glob("walk-*"):
            plan = _read_plan(folder)
            if plan and plan.category == category:
                shutil.rmtree(folder, ignore_errors=True)

    def discard_older(self, moment: datetime) -> None:
        """Forget walks that were last added to before the moment."""
        for folder in self.root.glob("walk-*"):
            staged = _read_walk(folder)
            if staged and staged.touched_at < moment:
                staged.discard()

    def refresh_ids(self) -> list[str]:
        """Return the refreshes that have pages here."""
        plans = map(_read_plan, self.root.glob("walk-*"))
        return [plan.refresh_id for plan in plans if plan]

    def _folder(self, plan: WalkPlan) -> Path:
        room = plan.mode if plan.mode in _APART else plan.feed
        name = hashlib.blake2b(f"{room}\n{plan.category}".encode(), digest_size=12).hexdigest()
        return self.root / f"walk-{name}"


def _read_walk(folder: Path) -> StagedWalk | None:
    plan = _read_plan(folder)
    return StagedWalk(folder, plan, _read_batches(folder / "pages.jsonl")) if plan else None


def _read_plan(folder: Path) -> WalkPlan | None:
    try:
        return msgspec.json.decode((folder / "walk.json").read_bytes(), type=WalkPlan)
    except (OSError, msgspec.DecodeError):
        return None


def _line(batch: Sequence[StagedPage]) -> bytes:
    return msgspec.json.encode(batch) + b"\n"


def _read_batches(file: Path) -> list[list[StagedPage]]:
    batches: list[list[StagedPage]] = []
    if not file.exists():
        return batches
    for line in file.read_bytes().splitlines():
        try:
            batch = msgspec.json.decode(line, type=list[StagedPage])
        except msgspec.DecodeError:
            break  # a line cut short by a kill: its pages are asked for again
        batches.append(batch)
    return batches


def _reject_frame(page: StagedPage, rejected: Sequence[Reject]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "reason": [one.reason for one in rejected],
            "detail": [one.detail for one in rejected],
            "product_id": [one.product_id for one in rejected],
            "page_number": [page.page_number] * len(rejected),
            "cursor": [page.cursor] * len(rejected),
            "record_number": [one.record_number for one in rejected],
            "line": [one.line for one in rejected],
            "raw": [one.raw for one in rejected],
            "raw_byte_count": [one.raw_byte_count for one in rejected],
            "rejected_at": [page.fetched_at] * len(rejected),
        },
        schema=REJECT_SCHEMA,
    )


@contextmanager
def _whole(file: Path) -> Iterator[Path]:
    """Write to a part, which becomes the file when it is whole."""
    part = file.with_suffix(".part")
    yield part
    part.replace(file)


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, duckdb.Error, pl.exceptions.PolarsError) as error:
        raise LakeUnwritableError(folder.parent.parent, error) from error
