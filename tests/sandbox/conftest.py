"""A running sandbox for a whole module, and a client for it."""

from collections.abc import Iterator

import httpx
import pytest

from feeds.sandbox.rules import Rules
from feeds.sandbox.server import Sandbox
from tests.sandbox.wire import Wire


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """Six categories on small pages, without a quota."""
    rules = Rules(quota=0)
    with Sandbox(products=1800, categories=6, page_size=100, rules=rules) as running:
        yield running


@pytest.fixture(scope="module")
def wire(sandbox: Sandbox) -> Iterator[Wire]:
    """A client that the sandbox lets in."""
    with httpx.Client(base_url=sandbox.url, headers=sandbox.headers, trust_env=False) as client:
        yield Wire(sandbox, client)
