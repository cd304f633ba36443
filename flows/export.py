"""Exporting a query, the deals or the whole catalogue to one file, with links that earn."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TextIO

from feeds.link import TRACKING, LinkError, checked
from flows.errors import SettingsError, WrongCallError
from flows.export_format import ExportFormat
from flows.whole_file import whole_file
from storage.lake import LakeFolder
from storage.query import Query, open_query

DEALS = "FROM deals({:f}) ORDER BY percent_below_average DESC, product_id"
PRODUCTS = "SELECT product_id FROM products"
NO_AFFID = "FK_AFFILIATE_ID is not set; set it in the environment or .env, or give --affid"


@dataclass(frozen=True, slots=True)
class Export:
    """What the command was asked for.

    Attributes:
        query: SQL whose rows are wanted.
        fmt: how they are written; a merchant feed is TSV where the file's name ends so, else XML.
        file: where to.
        ids: affid and up to two sub-ids; an empty affid where none is known.
        needs_links: whether rows without links are of no use.
    """

    query: str
    fmt: ExportFormat
    file: Path
    ids: tuple[str, str | None, str | None]
    needs_links: bool


def export(folder: LakeFolder, asked: Export) -> str:
    """Write the file, whole or not at all.

    Returns:
        A line that says what is not in it; empty where there is nothing to say.

    Raises:
        LakeError: the lake or the query cannot be read.
        CommandError: the call makes no sense, or the file cannot be written.
    """
    ids = _checked(asked)
    with open_query(folder, asked.query) as query, whole_file(asked.file) as out:
        if asked.fmt is ExportFormat.MERCHANT:
            return _write_merchant(query, ids or {}, out, tsv=asked.file.suffix.lower() == ".tsv")
        linked = _linked(query, ids) if ids else query
        match asked.fmt:
            case ExportFormat.PARQUET:
                linked.write_parquet(out)
            case ExportFormat.CSV:
                with _text(out) as text:
                    linked.write_csv(text)
            case ExportFormat.JSON:
                with _text(out) as text:
                    linked.write_json(text)
        return "" if linked is query else _unlinked(linked)


def _checked(asked: Export) -> dict[str, str] | None:
    """Return the ids as SQL text; None where there is no affid and none is needed."""
    if not asked.ids[0]:
        if asked.needs_links or asked.fmt is ExportFormat.MERCHANT or any(asked.ids):
            raise SettingsError(NO_AFFID)
        return None
    try:
        values = [
            None if value is None else checked(name, value)
            for name, value in zip(TRACKING, asked.ids, strict=True)
        ]
    except LinkError as error:
        raise WrongCallError(str(error)) from None
    # What was checked holds no quote.
    texts = ["NULL" if value is None else f"'{value}'" for value in values]
    return dict(zip(("affid", "sub1", "sub2"), texts, strict=True))


def _linked(query: Query, ids: dict[str, str]) -> Query:
    """Return the query with a column `affiliate_url`, where its rows are of products."""
    columns = query.columns()
    if "affiliate_url" in columns or not {"product_id", "product_url"} & set(columns):
        return query
    if "product_url" not in columns:
        return query.within("export/linked_by_id", **ids)
    link = "product_url"
    if "product_id" in columns:
        link = "coalesce(product_url, canonical_url(product_id))"
    return query.within("export/linked", link=link, **ids)


def _unlinked(linked: Query) -> str:
    """Return a line on the rows without a link; empty where every row has one."""
    ((count,),) = linked.within("export/unlinked_count").rows()
    if not count:
        return ""
    return (
        f"{count:,} rows have no affiliate_url: there is no link, or none to the shop, or a short "
        "one, which leads to whoever made it"
    )


def _write_merchant(query: Query, ids: dict[str, str], out: BinaryIO, *, tsv: bool) -> str:
    from flows.merchant import Feed, Listed

    if "product_id" not in query.columns():
        raise WrongCallError("a merchant feed is of products; the query must give a product_id")
    feed = Feed()
    products = (Listed._make(row) for row in query.within("export/merchant", **ids).rows())
    with _text(out) as text:
        (feed.write_tsv if tsv else feed.write_xml)(products, text)
    if not feed.left_out:
        return ""
    reasons = ", ".join(f"{count:,} without {what}" for what, count in feed.left_out.most_common())
    return f"{feed.count:,} items; left out: {reasons}"


@contextmanager
def _text(out: BinaryIO) -> Iterator[TextIO]:
    """Hold text over a file that stays open."""
    text = io.TextIOWrapper(out, encoding="utf-8", newline="")
    try:
        yield text
    finally:
        text.detach()
