"""The answers about books: their tree, and the best books of a category."""

import re
from functools import partial

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from feeds.sandbox.access import Access
from feeds.sandbox.catalogue import Catalogue, Record
from feeds.sandbox.envelope import Envelope, Head
from feeds.sandbox.form import Form, written_in
from feeds.sandbox.library import Node
from feeds.sandbox.link import Links
from feeds.sandbox.markup import Markup
from feeds.sandbox.rules import Rules
from feeds.sandbox.signature import Signer
from feeds.sandbox.spool import Sheet, Spool
from feeds.sandbox.traits import Traits

_REST = re.compile(r"(?P<code>[^/]+)\.(?P<format>json|xml)")


class BookAnswers:
    """Answers requests for the tree and the best books of a catalogue's library."""

    def __init__(self, catalogue: Catalogue, rules: Rules, signer: Signer) -> None:
        """Serve the books of this catalogue by these rules."""
        self._catalogue, self._rules, self._signer = catalogue, rules, signer
        self._access = Access(rules, signer)
        self._spool = Spool()

    async def directory(self, request: Request) -> Response:
        """The tree of book categories, each node with its signed link and its own part of a code.

        The full code, such as `bks-fnf-ch7`, stands only in the link (captured answer of 2017).
        """
        self._access.own_directory(request)
        written = written_in(request.path_params["format"])
        links = Links.of(request, self._rules.affiliate_id, self._signer)
        listing = {
            "title": "Sandbox Affiliate Books API Directory",
            "description": "Every category of books in the sandbox, with its best 500.",
            "booksCategory": self._entry(
                self._catalogue.books.root, links, Form(format=written), self._signer.expiry()
            ),
        }
        if written == "xml":
            content = Markup(self._rules.xml_layout).document("BooksApiDirectory", listing)
        else:
            content = orjson.dumps(listing)
        return Response(content, media_type=f"application/{written}")

    async def top(self, request: Request) -> Response:
        """The best books of a category, on one page without a next link."""
        found = _REST.fullmatch(request.path_params["rest"])
        node = self._catalogue.books.nodes.get(found["code"]) if found else None
        if found is None or node is None:
            raise HTTPException(404, "No such category of books")
        form = Form(format=written_in(found["format"]))
        self._access.signed(request, "booksFeeds", node.code)
        sheet = self._spool.get(self._catalogue.day, (node.code, form))
        if sheet is None:
            sheet = await run_in_threadpool(partial(self._page, node, form))
        head = Head(None, self._signer.expiry())
        content = self._envelope(form).page(head, Traits(), sheet.body)
        return Response(content, media_type=f"application/{form.format}")

    def close(self) -> None:
        """Drop what was kept on disk."""
        self._spool.close()

    def _page(self, node: Node, form: Form) -> Sheet:
        with self._catalogue.lock:
            books = self._catalogue.books.top(node)
            last = books[-1]["productBaseInfoV1"]["productId"] if books else ""
            sheet = Sheet(self._envelope(form).body(books, last), None)
            self._spool.put(self._catalogue.day, (node.code, form), sheet)
        return sheet

    def _envelope(self, form: Form) -> Envelope:
        return Envelope(form, "booksFeeds", self._rules.list_key, Markup(self._rules.xml_layout))

    def _entry(self, node: Node, links: Links, form: Form, expires_at: int) -> Record:
        return {
            "name": node.name,
            "url": links.first("booksFeeds", node.code, form, expires_at),
            "id": node.id,
            "subCategories": [
                self._entry(child, links, form, expires_at) for child in node.children
            ],
        }
