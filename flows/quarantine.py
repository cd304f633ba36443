"""The quarantine for a person and for a script, and what a replay did."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from feeds.raw_records import read_again
from flows.plain import cell, plain
from storage.lake import LakeFolder
from storage.quarantine import Group, Rejected, Wanted
from storage.replay import Replay, replay

_RAW_SHOWN = 300
"""Characters of a record that are shown on a terminal."""

_RAW_READ = 4 * _RAW_SHOWN
"""Bytes that so many characters have at most."""


def replay_quarantine(folder: LakeFolder, wanted: Wanted) -> Replay:
    """Take the wanted records that the decoders of today can read.

    Raises:
        LakeError: there is no lake, it is busy, or nothing could be written.
    """
    return replay(folder, wanted, read_again)


def print_groups(groups: Sequence[Group], console: Console) -> None:
    """Print a row a reason, category and feed."""
    if not groups:
        console.print("no rejected record", highlight=False)
        return
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("reason", "category", "feed"):
        table.add_column(name, overflow="fold")
    for name in ("records", "products", "cut off", "overtaken"):
        table.add_column(name, justify="right")
    for name in ("first", "last"):
        table.add_column(name, no_wrap=True)
    for one in groups:
        counts = (one.record_count, one.product_count, one.capped_count, one.overtaken_count)
        table.add_row(
            *(cell(text) for text in (one.reason, one.category, one.feed)),
            *(f"{count:,}" for count in counts),
            f"{one.first_rejected_at:%Y-%m-%d}",
            f"{one.last_rejected_at:%Y-%m-%d}",
        )
    console.print(table)
    console.print(
        "`feedlake quarantine show` shows the records, `feedlake quarantine replay` takes those "
        "that can be read today",
        highlight=False,
        soft_wrap=True,
    )


def groups_object(groups: Sequence[Group]) -> dict[str, Any]:
    """Return the same as an object: `record_count`, `groups`."""
    return {
        "record_count": sum(one.record_count for one in groups),
        "groups": [
            msgspec.structs.asdict(one) | {"whole_count": one.record_count - one.capped_count}
            for one in groups
        ],
    }


def print_records(records: Sequence[Rejected], console: Console) -> None:
    """Print some lines a record; its bytes cut, and made fit for a terminal."""
    if not records:
        console.print("no rejected record", highlight=False)
    for one in records:
        for line in _lines(one):
            console.print(line, highlight=False, markup=False, soft_wrap=True)
        console.print()


def records_object(records: Sequence[Rejected]) -> dict[str, Any]:
    """Return the same as an object: `records`, each with all bytes that are kept.

    They are text in `raw`; where they are no UTF-8, `raw` is null and `raw_base64` has them.
    """
    return {"records": [_object(one) for one in records]}


def print_replay(done: Replay, console: Console) -> None:
    """Print a line of counts."""
    taken = f"{done.taken_count:,} taken ({done.new_count:,} new, {done.changed_count:,} changed)"
    left = {
        "overtaken by what the mirror knows": done.overtaken_count,
        "of products that have left": done.delisted_count,
        "that take a product away": done.deletion_count,
        "still cannot be read": done.unread_count,
        "cut off when they were kept": done.capped_count,
    }
    stay = [f"{count:,} {why}" for why, count in left.items() if count]
    line = "; ".join([taken, *stay])
    console.print(line, highlight=False, markup=False, soft_wrap=True)


def replay_object(done: Replay) -> dict[str, Any]:
    """Return the same as an object; `merged` has what went where."""
    counts = ("taken", "new", "changed", "overtaken", "delisted", "deletion", "unread", "capped")
    return {
        "run_id": done.run_id,
        **{f"{name}_count": getattr(done, f"{name}_count") for name in counts},
        "merged": [
            {
                "category": row.category,
                "feed": row.feed,
                "refresh_id": row.refresh_id,
                "taken_count": row.seen_count,
                "new_count": row.new_count,
                "changed_count": row.changed_count,
            }
            for row in done.rows
        ],
    }


def _lines(one: Rejected) -> Iterator[str]:
    shown_id = plain(one.product_id, 100) if one.product_id else "no product id"
    names = f"{plain(one.category, 100)} {plain(one.feed, 20)}"
    yield f"{plain(one.reason, 40)}: {shown_id} in {names}, {one.rejected_at:%Y-%m-%d %H:%M}"
    yield f"  why    {plain(one.detail)}"
    line = "" if one.line is None else f", line {one.line:,}"
    place = f"page {one.page_number:,}, record {one.record_number:,}{line}"
    yield f"  where  {place}, cursor {plain(one.cursor, 100)}, refresh {plain(one.refresh_id, 60)}"
    kept = f", of which {len(one.raw):,} are kept: it cannot be replayed" if one.is_capped else ""
    overtaken = "; the mirror has read its product or category since" if one.is_overtaken else ""
    yield f"  bytes  {one.raw_byte_count:,} of {plain(one.record_source, 40)}{kept}{overtaken}"
    yield f"  {plain(one.raw[:_RAW_READ].decode('utf-8', 'replace'), _RAW_SHOWN)}"


def _object(one: Rejected) -> dict[str, Any]:
    text: str | None = None
    encoded: str | None = None
    try:
        text = one.raw.decode()
    except UnicodeDecodeError:
        encoded = b64encode(one.raw).decode()
    return msgspec.structs.asdict(one) | {"raw": text, "raw_base64": encoded}
