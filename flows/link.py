"""Links for ids, for links and for the rows of a query; what cannot be linked is named and left.

Nothing here needs the lake but a query and what only the lake can know: the link behind an id,
and the category and brand for a sub-id. Without a lake an id gets its canonical link, and a
sub-id says `none` for what nobody knows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from feeds.link import TRACKING, LinkError, affiliate_url, canonical_url, checked
from feeds.sub_id import SubIdTemplate
from flows.errors import SettingsError, WrongCallError
from flows.link_format import link_writer
from flows.link_input import Wanted, rows, typed

if TYPE_CHECKING:
    from storage.known import KnownProduct, KnownProducts

# A look-up reads the ids of all products, however few are looked up.
_BATCH = 20_000
_FIELDS = ("product_id", "category", "brand")
_LOOKED_UP = frozenset({"category", "brand"})


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """What the command was asked for.

    Attributes:
        products: ids and links.
        file: a file of more of them, one a line; `-` is standard input.
        query: SQL whose rows are wanted instead, with a `product_id` or a `product_url`.
        affid: whose links they are to be.
        templates: the sub-ids' texts; None for none.
        fmt: table, csv, json or text.
        lake: the lake's folder, where there may be no lake.
    """

    products: list[str]
    file: Path | None
    query: str | None
    affid: str
    templates: tuple[str | None, str | None]
    fmt: str
    lake: Path


def print_links(request: LinkRequest) -> bool:
    """Print the links, and a line on standard error for each that cannot be made.

    Returns:
        Whether every one could be made.

    Raises:
        CommandError: the request makes no sense, or an id in it is malformed.
        LakeError: the lake or the query cannot be read.
    """
    maker = _Maker(request)
    complete = True
    with ExitStack() as held:
        wanted = held.enter_context(_wanted(request))
        write = held.enter_context(link_writer(request.fmt))
        known = _Lake(request.lake, held)
        while batch := list(islice(wanted, _BATCH)):
            found = known.find(maker.ids_to_look_up(batch))
            for one in batch:
                try:
                    row = maker.linked(one, found)
                except LinkError as error:
                    typer.echo(f"feedlake: {error}", err=True)
                    complete = False
                else:
                    write(row)
    return complete


class _Maker:
    """Makes one link after the other."""

    def __init__(self, request: LinkRequest) -> None:
        if not request.affid:
            raise SettingsError(
                "FK_AFFILIATE_ID is not set; set it in the environment or .env, or give --affid"
            )
        try:
            self._affid = checked(TRACKING[0], request.affid)
            self._templates = [
                None if text is None else SubIdTemplate.parse(name, text)
                for name, text in zip(TRACKING[1:], request.templates, strict=True)
            ]
        except LinkError as error:
            raise WrongCallError(str(error)) from None
        # A query's columns are fields as well, and only its rows tell what they are.
        self._checked = request.query is None
        if self._checked:
            self._check_fields(_FIELDS)

    def ids_to_look_up(self, batch: Iterable[Wanted]) -> set[str]:
        """Return the products of which something is wanted that their rows do not say."""
        asked = _LOOKED_UP & {field for one in self._templates if one for field in one.fields}
        return {
            product_id
            for one in batch
            if not one.is_link or asked - one.row.keys()
            # What is no text, such as bytes of another encoding, is no id either.
            if (product_id := one.product_id) and product_id.isprintable()
        }

    def linked(self, wanted: Wanted, found: Mapping[str, KnownProduct]) -> dict[str, Any]:
        """Return the row with its link.

        Raises:
            LinkError: it cannot be made.
        """
        if not self._checked:
            self._check_fields([*_FIELDS, *wanted.row])
            self._checked = True
        if wanted.fault:
            raise wanted.fault
        product_id = wanted.product_id
        known = found.get(product_id or "")
        subject = wanted.subject
        if not wanted.is_link:
            subject = (known and known.product_url) or canonical_url(subject)
        said = {"product_id": product_id, **(known._asdict() if known else {}), **wanted.row}
        sub1, sub2 = (None if one is None else one.fill(said) for one in self._templates)
        return {**wanted.row, "affiliate_url": affiliate_url(subject, self._affid, sub1, sub2)}

    def _check_fields(self, known: Collection[str]) -> None:
        try:
            for one in self._templates:
                if one:
                    one.check(known)
        except LinkError as error:
            raise WrongCallError(str(error)) from None


class _Lake:
    """The lake where there is one, opened when something is first looked up in it."""

    def __init__(self, root: Path, held: ExitStack) -> None:
        self._root, self._held = root, held
        self._known: KnownProducts | None = None
        self._missing = False

    def find(self, product_ids: Collection[str]) -> dict[str, KnownProduct]:
        if not product_ids or self._missing:
            return {}
        if self._known is None:
            from storage.known import open_known
            from storage.lake import LakeFolder

            folder = LakeFolder(self._root)
            self._missing = not folder.exists()
            if self._missing:
                return {}
            self._known = self._held.enter_context(open_known(folder))
        return self._known.find(product_ids)


@contextmanager
def _wanted(request: LinkRequest) -> Iterator[Iterator[Wanted]]:
    named = bool(request.products) or request.file is not None
    if request.query is None:
        if not named:
            raise WrongCallError("no product is named; give ids or links, --file or --from-sql")
        yield typed(request.products, request.file)
    elif named:
        raise WrongCallError("--from-sql names the products itself; leave ids, links, --file out")
    else:
        with rows(request.lake, request.query) as found:
            yield found
