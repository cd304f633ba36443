"""Writing the report: `write_report` is what the command and the nightly run call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from feeds.link import LinkError, checked
from flows.errors import WrongCallError
from flows.report.facts import Asked, read_facts
from flows.report.page import render
from flows.whole_file import whole_file
from storage.lake import LakeFolder

MOST_DRAWN = 50
"""Products whose prices one page draws at most."""


@dataclass(frozen=True, slots=True)
class Written:
    """A report that was written.

    Attributes:
        file: where it is.
        byte_count: its size.
        checked_at: as of when, UTC; None where nothing was mirrored yet.
        listed_count: products that the catalogue lists.
        drop_count: falls of prices in the last day.
    """

    file: Path
    byte_count: int
    checked_at: datetime | None
    listed_count: int
    drop_count: int


def write_report(
    folder: LakeFolder, file: Path, asked: Asked | None = None, *, now: datetime | None = None
) -> Written:
    """Write the report of a lake to a file, whole or not at all; a refresh may run meanwhile.

    Args:
        folder: the lake.
        file: where to; its folder must be there.
        asked: whose links they are, and which products' prices are drawn.
        now: what the page takes for now, in UTC.

    Raises:
        LakeError: there is no lake, or it cannot be read.
        CommandError: an id makes no sense or is not in the lake, or the file cannot be written.
    """
    asked = asked or Asked()
    _check(asked)
    with whole_file(file) as out:
        facts = read_facts(folder, asked)
        name = folder.root.resolve().name
        page = render(facts, asked, name, now or datetime.now(UTC)).encode()
        out.write(page)
    totals = facts.totals
    return Written(
        file=file,
        byte_count=len(page),
        checked_at=totals["checked_at"],
        listed_count=totals["listed_count"],
        drop_count=totals["drop_count"],
    )


def _check(asked: Asked) -> None:
    try:
        if asked.affid:
            checked("affid", asked.affid)
        if asked.sub1 is not None:
            checked("affExtParam1", asked.sub1)
    except LinkError as error:
        raise WrongCallError(str(error)) from None
    if asked.sub1 is not None and not asked.affid:
        raise WrongCallError("a sub-id needs an affid; set FK_AFFILIATE_ID, or give --affid")
    if len(asked.products) > MOST_DRAWN:
        raise WrongCallError(f"a report draws the prices of {MOST_DRAWN} products at most")
