"""The answers to look-ups: one product by its id, and a search by words in the title."""

from collections.abc import Iterator
from functools import partial
from itertools import chain, islice

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from feeds.sandbox.catalogue import Catalogue, Record
from feeds.sandbox.envelope import listed
from feeds.sandbox.form import Api, Format, written_in
from feeds.sandbox.markup import Markup
from feeds.sandbox.older import older
from feeds.sandbox.rules import Rules

_MOST, _USUAL = 10, 5
_SEARCHED = 20_000


class LookupAnswers:
    """Answers look-ups in a catalogue; their links are not signed."""

    def __init__(self, catalogue: Catalogue, rules: Rules) -> None:
        """Look things up in this catalogue."""
        self._catalogue, self._rules = catalogue, rules
        self._markup = Markup(rules.xml_layout)

    async def product(self, request: Request) -> Response:
        """The product with the `id` of the query; 400 without one, 404 for an unknown one."""
        wanted = request.query_params.get("id", "")
        if not wanted:
            raise HTTPException(400, "id is missing")
        record = await run_in_threadpool(partial(self._find, wanted))
        if record is None:
            raise HTTPException(404, "No such product")
        api, written = _form(request)
        root = "ProductInfoV1"
        if api == "v0.1.0":
            root, record = "ProductInfo", older(record)
        if written == "xml":
            return _answer(self._markup.document(root, record), written)
        return _answer(orjson.dumps(record), written)

    async def search(self, request: Request) -> Response:
        """At most `resultCount` products, never more than 10, whose title has all the words.

        Only the first 20,000 places are searched, so that a word which nobody uses does not hold
        a large catalogue up.
        """
        words = request.query_params.get("query", "").lower().split()
        if not words:
            raise HTTPException(400, "query is missing")
        most = _count(request.query_params.get("resultCount", str(_USUAL)))
        records = await run_in_threadpool(partial(self._search, words, most))
        api, written = _form(request)
        list_key: str = self._rules.list_key
        if api == "v0.1.0":
            records, list_key = [older(record) for record in records], "productInfoList"
        if written == "xml":
            products = listed(self._markup, list_key, records)
            return _answer(self._markup.around("ProductSearchFeed", products).encode(), written)
        return _answer(orjson.dumps({list_key: records}), written)

    def _find(self, product_id: str) -> Record | None:
        with self._catalogue.lock:
            return self._catalogue.find(product_id)

    def _search(self, words: list[str], most: int) -> list[Record]:
        def fits(record: Record) -> bool:
            title = record["productBaseInfoV1"]["title"].lower()
            return all(word in title for word in words)

        with self._catalogue.lock:
            return list(islice(filter(fits, islice(self._records(), _SEARCHED)), most))

    def _records(self) -> Iterator[Record]:
        return chain.from_iterable(one.truth() for one in self._catalogue.categories.values())


def _form(request: Request) -> tuple[Api, Format]:
    api: Api = "v1.1.0" if "/1.0/" in request.url.path else "v0.1.0"
    return api, written_in(request.path_params["format"])


def _answer(content: bytes, written: Format) -> Response:
    return Response(content, media_type=f"application/{written}")


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise HTTPException(400, "resultCount is a whole number")
    return min(int(text), _MOST)
