"""The sandbox as an ASGI application: every address that it answers, in one table."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import orjson
from starlette.applications import Starlette
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route, Router
from starlette.types import ASGIApp

from feeds.sandbox.access import Access
from feeds.sandbox.bookshop import BookAnswers
from feeds.sandbox.catalogue import Catalogue
from feeds.sandbox.control import Controls
from feeds.sandbox.directory import directory
from feeds.sandbox.feed import FeedAnswers
from feeds.sandbox.form import written_in
from feeds.sandbox.gate import Gate
from feeds.sandbox.ledger import Ledger
from feeds.sandbox.link import Links
from feeds.sandbox.lookup import LookupAnswers
from feeds.sandbox.markup import Markup
from feeds.sandbox.rawfile import DumpAnswers
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
        The application; its lifespan drops the pages and dumps that it kept on disk.
    """
    rules = rules or Rules()
    signer, ledger = Signer(rules.secret, rules.url_life_seconds), Ledger()
    feeds = FeedAnswers(catalogue, rules, signer)
    books = BookAnswers(catalogue, rules, signer)
    dumps = DumpAnswers(catalogue, rules, signer)
    routes = [
        _directory(catalogue, rules, signer),
        *_feed_routes(feeds),
        *_book_routes(books),
        *_lookup_routes(LookupAnswers(catalogue, rules)),
        *_dump_routes(dumps),
    ]
    # Refusals become answers in here, so that the gate's ledger sees them.
    upstream: ASGIApp = ExceptionMiddleware(Router(routes))
    upstream = faults(upstream) if faults else upstream

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        for answers in (feeds, books, dumps):
            answers.close()

    return Starlette(
        routes=[
            Mount("/_sandbox", routes=Controls(catalogue, ledger, feeds.warm).routes()),
            Route("/stored/{code}.zip", dumps.stored_file),
            Route("/stored/1.0/{code}.zip", dumps.stored_file),
            Mount("/", app=Gate(upstream, rules, ledger)),
        ],
        lifespan=lifespan,
    )


def _directory(catalogue: Catalogue, rules: Rules, signer: Signer) -> Route:
    async def endpoint(request: Request) -> Response:
        Access(rules, signer).own_directory(request)
        written = written_in(request.path_params["format"])
        links = Links.of(request, rules.affiliate_id, signer)
        found = directory(catalogue.categories.values(), links, written)
        if written == "xml":
            content = Markup(rules.xml_layout).document("ApiDirectory", found)
        else:
            content = orjson.dumps(found)
        return Response(content, media_type=f"application/{written}")

    return Route("/affiliate/api/{affiliate_id}.{format}", endpoint)


def _feed_routes(answers: FeedAnswers) -> list[Route]:
    rooms = {"feeds": answers.feed, "deltaFeeds": answers.delta, "topFeeds": answers.top}
    prefixes = ("/affiliate/1.0", "/1.0/affiliate", "/affiliate")
    return [
        Route(f"{prefix}/{room}/{{affiliate_id}}/category/{{rest:path}}", endpoint)
        for prefix in prefixes
        for room, endpoint in rooms.items()
    ]


def _book_routes(answers: BookAnswers) -> list[Route]:
    return [
        Route("/affiliate/1.0/booksApi/{affiliate_id}.{format}", answers.directory),
        Route("/affiliate/1.0/booksFeeds/{affiliate_id}/category/{rest:path}", answers.top),
    ]


def _lookup_routes(answers: LookupAnswers) -> list[Route]:
    return [
        Route("/affiliate/1.0/search.{format}", answers.search),
        Route("/affiliate/1.0/product.{format}", answers.product),
        Route("/affiliate/search/{format}", answers.search),
        Route("/affiliate/product/{format}", answers.product),
    ]


def _dump_routes(answers: DumpAnswers) -> list[Route]:
    return [
        Route("/affiliate/download/feeds/{affiliate_id}.{format}", answers.directory),
        Route("/affiliate/1.0/feeds/rawfiles/{code}", answers.raw_file),
        Route("/affiliate/feeds/rawfiles/{code}", answers.raw_file),
    ]
