"""The answers to signed links: full feeds, deltas and top sellers."""

import re
from dataclasses import dataclass
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from feeds.sandbox.access import Access
from feeds.sandbox.catalogue import Catalogue, Category
from feeds.sandbox.cursor import Cursors
from feeds.sandbox.envelope import Envelope, Head, Room, spelled_version
from feeds.sandbox.form import Form, written_in
from feeds.sandbox.link import Links
from feeds.sandbox.markup import Markup
from feeds.sandbox.pages import Pages
from feeds.sandbox.rules import Rules
from feeds.sandbox.signature import Signer
from feeds.sandbox.spool import Sheet

_REST = re.compile(
    r"(?P<code>[^/]+?)(?:/fromVersion/(?P<since>[^/]+?))?(?:/(?P<cursor>[^/]+?))?"
    r"\.(?P<format>json|xml)"
)


@dataclass(frozen=True, slots=True)
class Call:
    """What one request asks for; `place` is where its page starts."""

    category: Category
    pages: Pages
    form: Form
    links: Links
    in_stock: bool
    since: int | None
    since_text: str
    cursor: str | None


class FeedAnswers:
    """Answers requests for feeds, deltas and top sellers of a catalogue."""

    def __init__(self, catalogue: Catalogue, rules: Rules, signer: Signer) -> None:
        """Serve this catalogue by these rules."""
        self._catalogue, self._rules, self._signer = catalogue, rules, signer
        self._access = Access(rules, signer)
        self._pages = {
            code: Pages(catalogue, category, tells_deletions=rules.tells_deletions)
            for code, category in catalogue.categories.items()
        }
        self._cursors = {
            code: Cursors(rules.secret, code, colon=category.traits.colon_cursor)
            for code, category in catalogue.categories.items()
        }

    async def feed(self, request: Request) -> Response:
        """One page of a full feed."""
        call = self._read(request, "feeds")
        place = self._place(call)
        if not call.pages.starts_page(place) and place:
            raise HTTPException(404, "No such page")
        sheet = call.pages.kept(("feed", call.form, place, call.in_stock))
        if sheet is None:
            encode = self._envelope(call.form, "feeds").body
            work = partial(call.pages.feed, in_stock=call.in_stock, encode=encode)
            sheet = await run_in_threadpool(work, call.form, place)
        return self._answer(call, "feeds", sheet)

    async def delta(self, request: Request) -> Response:
        """The current version of a category, or one page of the changes since another."""
        call = self._read(request, "deltaFeeds")
        version = call.category.version
        encode = self._envelope(call.form, "deltaFeeds").body
        if call.since is None:
            return self._answer(call, "deltaFeeds", Sheet(encode([], ""), None), version)
        place = self._place(call)
        sheet = call.pages.kept(("delta", call.form, call.since, place, call.in_stock))
        if sheet is None:
            work = partial(call.pages.delta, in_stock=call.in_stock, encode=encode)
            sheet = await run_in_threadpool(work, call.form, call.since, place)
        return self._answer(call, "deltaFeeds", sheet, version)

    async def top(self, request: Request) -> Response:
        """One page of the best sellers of a category."""
        call = self._read(request, "topFeeds")
        place = self._place(call)
        sheet = call.pages.kept(("top", call.form, self._catalogue.day, place, call.in_stock))
        if sheet is None:
            encode = self._envelope(call.form, "topFeeds").body
            work = partial(call.pages.top, in_stock=call.in_stock, encode=encode)
            sheet = await run_in_threadpool(work, call.form, place)
        return self._answer(call, "topFeeds", sheet)

    def warm(self) -> int:
        """Encode every page of every full feed; return how many there are."""
        encoded = 0
        form = Form()
        encode = self._envelope(form, "feeds").body
        for pages in self._pages.values():
            for place in pages.starts():
                if pages.kept(("feed", form, place, False)) is None:
                    pages.feed(form, place, in_stock=False, encode=encode)
                encoded += 1
        return encoded

    def close(self) -> None:
        """Drop what was kept on disk."""
        for pages in self._pages.values():
            pages.close()

    def _read(self, request: Request, room: Room) -> Call:
        found = _REST.fullmatch(request.path_params["rest"])
        category = self._catalogue.categories.get(found["code"]) if found else None
        if found is None or category is None:
            raise HTTPException(404, "No such category")
        api = self._access.signed(request, room, category.code)
        return Call(
            category=category,
            pages=self._pages[category.code],
            form=Form(api, written_in(found["format"])),
            links=Links.of(request, self._rules.affiliate_id, self._signer),
            in_stock=request.query_params.get("inStock") == "true",
            since=None if found["since"] is None else _version(found["since"]),
            since_text=found["since"] or "",
            cursor=found["cursor"],
        )

    def _place(self, call: Call) -> int:
        if call.cursor is None:
            return 0
        place = self._cursors[call.category.code].read(call.cursor)
        if place is None:
            raise HTTPException(404, "No such page")
        return place

    def _envelope(self, form: Form, room: Room) -> Envelope:
        return Envelope(form, room, self._rules.list_key, Markup(self._rules.xml_layout))

    def _answer(self, call: Call, room: Room, sheet: Sheet, version: int | None = None) -> Response:
        expires_at = self._signer.expiry()
        link = self._next(call, room, sheet.next_place, expires_at)
        content = self._envelope(call.form, room).page(
            Head(link, expires_at, version), call.category.traits, sheet.body
        )
        return Response(content, media_type=f"application/{call.form.format}")

    def _next(self, call: Call, room: Room, place: int | None, expires_at: int) -> str | None:
        if place is None:
            return None
        category = call.category
        rest = self._cursors[category.code].write(place)
        if call.since is not None:
            rest = f"fromVersion/{spelled_version(call.since, category.traits)}/{rest}"
        return call.links.following(
            room,
            category.code,
            call.form,
            expires_at,
            rest=rest,
            in_stock=call.in_stock,
            swapped=room == "feeds" and category.traits.swapped_next,
            lost_version=room == "deltaFeeds" and category.traits.lost_version_next,
        )


def _version(text: str) -> int:
    try:
        return int(float(text))
    except (ValueError, OverflowError) as error:
        raise HTTPException(400, "Not a version") from error
