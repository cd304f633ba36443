"""The answers about dumps: their directory, the zip itself, or a redirect to it.

A zip is written once for each state of its category and then served from disk, whole or in ranges.
"""

from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

from feeds.sandbox.access import Access
from feeds.sandbox.catalogue import Catalogue, Category, Record
from feeds.sandbox.days import DAY_ZERO
from feeds.sandbox.directory import late, listing, variant
from feeds.sandbox.dump import Flaws, write_dump
from feeds.sandbox.form import VERSIONS, Api, written_in
from feeds.sandbox.link import Links
from feeds.sandbox.markup import Markup
from feeds.sandbox.rules import Rules
from feeds.sandbox.signature import Signer


class DumpAnswers:
    """Answers requests for the dumps of a catalogue."""

    def __init__(self, catalogue: Catalogue, rules: Rules, signer: Signer) -> None:
        """Serve this catalogue by these rules."""
        self._catalogue, self._rules, self._signer = catalogue, rules, signer
        self._access = Access(rules, signer)
        self._flaws = Flaws(rules.misquoted_every, rules.stray_byte_every)
        self._folder: TemporaryDirectory[str] | None = None
        self._lock = Lock()

    async def directory(self, request: Request) -> Response:
        """The categories with links to their dumps, in the shape of the feeds' directory."""
        self._access.own_directory(request)
        written = written_in(request.path_params["format"])
        links = Links.of(request, self._rules.affiliate_id, self._signer)
        expires_at = self._signer.expiry()
        found = listing(
            "Sandbox Feeds Download Listing",
            "Every category of the sandbox, with links to its zipped raw file.",
            {
                category.name: {
                    api: self._entry(category, links, api, expires_at) for api in VERSIONS
                }
                for category in self._catalogue.categories.values()
            },
        )
        if written == "xml":
            content = Markup(self._rules.xml_layout).document("ApiDirectory", found)
        else:
            content = orjson.dumps(found)
        return Response(content, media_type=f"application/{written}")

    async def raw_file(self, request: Request) -> Response:
        """A category's zip; every second category answers with a redirect to it instead."""
        category = self._category(request)
        api = self._access.signed(request, "rawfiles", category.code)
        if self._redirected(category):
            links = Links.of(request, self._rules.affiliate_id, self._signer)
            return RedirectResponse(links.stored(category.code, api, self._signer.expiry()), 302)
        return await self._zip(category, api)

    async def stored_file(self, request: Request) -> Response:
        """The zip that a redirect leads to; its signature is enough, no account is asked for."""
        category = self._category(request)
        api = self._access.signed(request, "rawfiles", category.code)
        return await self._zip(category, api)

    def close(self) -> None:
        """Delete every zip."""
        with self._lock:
            if self._folder:
                self._folder.cleanup()
                self._folder = None

    def _category(self, request: Request) -> Category:
        category = self._catalogue.categories.get(request.path_params["code"])
        if category is None:
            raise HTTPException(404, "No such category")
        return category

    def _redirected(self, category: Category) -> bool:
        return list(self._catalogue.categories).index(category.code) % 2 == 1

    def _entry(self, category: Category, links: Links, api: Api, expires_at: int) -> Record:
        expires_at += late(category.name, api == "v0.1.0")
        return variant(category.name, links.raw_file(category.code, api, expires_at))

    async def _zip(self, category: Category, api: Api) -> Response:
        file = await run_in_threadpool(partial(self._written, category, api))
        return FileResponse(file, media_type="application/zip", filename=f"{category.code}.zip")

    def _written(self, category: Category, api: Api) -> Path:
        with self._lock, self._catalogue.lock:
            self._folder = self._folder or TemporaryDirectory(prefix="sandbox-dumps-")
            stem = f"{category.code}-{api}"
            file = Path(self._folder.name) / f"{stem}-{category.edition}.zip"
            if not file.exists():
                for older in file.parent.glob(f"{stem}-*.zip"):
                    with suppress(FileNotFoundError):
                        older.unlink()
                today = DAY_ZERO + timedelta(days=self._catalogue.day)
                unfinished = file.with_suffix(".part")
                write_dump(category, api, unfinished, today, self._flaws)
                unfinished.rename(file)
            return file
