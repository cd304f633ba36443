"""The sandbox as an ASGI application: every address that it answers, in one table."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route, Router
from starlette.types import ASGIApp

from feeds.sandbox.catalogue import Catalogue
from feeds.sandbox.control import Controls
from feeds.sandbox.directory import directory
from feeds.sandbox.feed import FeedAnswers
from feeds.sandbox.gate import Gate
from feeds.sandbox.ledger import Ledger
from feeds.sandbox.link import Links
from feeds.sandbox.rules import Rules
from feeds.sandbox.signature import Signer

Faults = Callable[[ASGIApp], ASGIApp]
"""Wraps the upstream answers, behind the gate, so that a test can make some of them fail."""


def create_app(
    catalogue: Catalogue, rules: Rules | None = None, faults: Faults | None = None
) -> Starlette:
    """Put the application together.

    Args:
        catalogue: What to serve.
        rules: How to treat callers.
        faults: An ASGI middleware around every upstream answer.

    Returns:
        The application; its lifespan drops the pages it kept on disk.
    """
    rules = rules or Rules()
    signer, ledger = Signer(rules.secret, rules.url_life_seconds), Ledger()
    answers = FeedAnswers(catalogue, rules, signer)
    routes = [_directory_route(catalogue, rules, signer), *_feed_routes(answers)]
    # Refusals become answers in here, so that the gate's ledger sees them.
    upstream: ASGIApp = ExceptionMiddleware(Router(routes))
    upstream = faults(upstream) if faults else upstream

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        answers.close()

    return Starlette(
        routes=[
            Mount("/_sandbox", routes=Controls(catalogue, ledger, answers.warm).routes()),
            Mount("/", app=Gate(upstream, rules, ledger)),
        ],
        lifespan=lifespan,
    )


def _feed_routes(answers: FeedAnswers) -> list[Route]:
    rooms = {"feeds": answers.feed, "deltaFeeds": answers.delta, "topFeeds": answers.top}
    prefixes = ("/affiliate/1.0", "/1.0/affiliate", "/affiliate")
    return [
        Route(f"{prefix}/{room}/{{affiliate_id}}/category/{{rest:path}}", endpoint)
        for prefix in prefixes
        for room, endpoint in rooms.items()
    ]


def _directory_route(catalogue: Catalogue, rules: Rules, signer: Signer) -> Route:
    async def endpoint(request: Request) -> Response:
        if request.path_params["affiliate_id"] != rules.affiliate_id:
            raise HTTPException(403, "Not your directory")
        base = str(request.base_url).rstrip("/")
        links = Links(base, rules.affiliate_id, signer)
        listing = directory(catalogue.categories.values(), links, "json")
        return Response(orjson.dumps(listing), media_type="application/json")

    return Route("/affiliate/api/{affiliate_id}.json", endpoint)
