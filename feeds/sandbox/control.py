"""The sandbox's own controls under `/_sandbox/`, for tests; only this machine may use them."""

from collections.abc import Awaitable, Callable
from functools import partial

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from feeds.sandbox.catalogue import Catalogue, Category
from feeds.sandbox.ledger import Ledger

_LOOPBACK = ("127.0.0.1", "::1")


class Controls:
    """Moves days, tells the truth about the catalogue and counts requests."""

    def __init__(self, catalogue: Catalogue, ledger: Ledger, warm: Callable[[], int]) -> None:
        """Control this catalogue."""
        self._catalogue, self._ledger, self._warm = catalogue, ledger, warm

    def routes(self) -> list[Route]:
        """Its addresses, below `/_sandbox`."""
        return [
            Route("/next-day", _local(self.next_day), methods=["POST"]),
            Route("/reset-version", _local(self.reset_version), methods=["POST"]),
            Route("/warm", _local(self.warm), methods=["POST"]),
            Route("/truth/{category}.json", _local(self.truth)),
            Route("/versions", _local(self.versions)),
            Route("/stats", _local(self.stats)),
        ]

    async def next_day(self, request: Request) -> Response:
        """Move on by `days`; answer the day and every category's version."""
        days = request.query_params.get("days", "1")
        if not days.isascii() or not days.isdigit():
            raise HTTPException(400, "days is a whole number")
        await run_in_threadpool(self._catalogue.next_day, int(days))
        return await self.versions(request)

    async def reset_version(self, request: Request) -> Response:
        """Let the version of `category`, a name or a code, fall."""
        category = self._category(request.query_params.get("category", ""))
        await run_in_threadpool(self._catalogue.reset_version, category.code)
        return await self.versions(request)

    async def warm(self, _: Request) -> Response:
        """Encode every page of every full feed ahead; answer how many."""
        return _json({"pages": await run_in_threadpool(self._warm)})

    async def truth(self, request: Request) -> Response:
        """The current products of one category, each id once, as a plain list."""
        category = self._category(request.path_params["category"])
        return await run_in_threadpool(partial(self._truth, category))

    async def versions(self, _: Request) -> Response:
        """The day, and every category's version by name."""
        versions = {one.name: one.version for one in self._catalogue.categories.values()}
        return _json({"day": self._catalogue.day, "versions": versions})

    async def stats(self, _: Request) -> Response:
        """How many requests came, by kind and status."""
        return _json(self._ledger.report())

    def _truth(self, category: Category) -> Response:
        with self._catalogue.lock:
            return _json(list(category.truth()))

    def _category(self, name: str) -> Category:
        for category in self._catalogue.categories.values():
            if name in (category.name, category.code):
                return category
        raise HTTPException(404, "No such category")


def _json(content: object) -> Response:
    return Response(orjson.dumps(content), media_type="application/json")


_Endpoint = Callable[[Request], Awaitable[Response]]


def _local(endpoint: _Endpoint) -> _Endpoint:
    async def guarded(request: Request) -> Response:
        if request.client is None or request.client.host not in _LOOPBACK:
            raise HTTPException(403, "Only from this machine")
        return await endpoint(request)

    return guarded
