"""Who is let in: account, signatures, expiry and quota."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from feeds.sandbox.rules import Rules
from feeds.sandbox.server import Sandbox
from tests.sandbox.wire import Wire, since


@contextmanager
def small(**rules: float) -> Iterator[Wire]:
    """A tiny sandbox with rules of its own."""
    own = Rules(**{"quota": 0, **rules})  # type: ignore[arg-type]
    with (
        Sandbox(products=40, categories=1, rules=own) as sandbox,
        httpx.Client(base_url=sandbox.url, headers=sandbox.headers, trust_env=False) as client,
    ):
        yield Wire(sandbox, client)


@pytest.mark.parametrize("header", ["Fk-Affiliate-Id", "Fk-Affiliate-Token"])
def test_wrong_account_is_refused(wire: Wire, header: str) -> None:
    """A wrong or missing id or token is answered with 401."""
    wrong = wire.client.get("/affiliate/api/sandbox.json", headers={header: "other"})
    missing = httpx.get(f"{wire.sandbox.url}/affiliate/api/sandbox.json", trust_env=False)

    assert wrong.status_code == 401
    assert missing.status_code == 401


def test_another_accounts_link_is_refused(wire: Wire) -> None:
    """A link that names another tracking id does not fit its signature."""
    link = wire.variants()["mens_footwear"]["get"]

    assert wire.get(link.replace("/sandbox/", "/someone/")).status_code == 403
    assert wire.get("/affiliate/api/someone.json").status_code == 403


@pytest.mark.parametrize("part", ["expiresAt", "sig"])
def test_altered_link_is_refused(wire: Wire, part: str) -> None:
    """Touching expiry or signature is answered with 403."""
    link = wire.variants()["mens_footwear"]["get"]
    value = parse_qs(urlsplit(link).query)[part][0]
    altered = link.replace(value, ("1" if value[0] != "1" else "2") + value[1:])

    assert wire.get(altered).status_code == 403
    assert wire.get(link.split("?")[0]).status_code == 403


def test_signature_covers_the_category(wire: Wire) -> None:
    """A signature of one category opens no other."""
    variants = wire.variants()
    query = variants["mens_footwear"]["get"].split("?")[1]
    other = variants["womens_clothing"]["get"].split("?")[0]

    assert wire.get(f"{other}?{query}").status_code == 403


def test_feed_and_delta_share_a_signature(wire: Wire) -> None:
    """Expiry and signature of `get` open `deltaGet` with a version, and not `top`."""
    entry = wire.variants()["mens_footwear"]
    query = entry["get"].split("?")[1]
    paths = {kind: entry[kind].split("?")[0] for kind in ("deltaGet", "top")}

    assert wire.get(since(f"{paths['deltaGet']}?{query}", 1)).status_code == 200
    assert wire.get(f"{paths['top']}?{query}").status_code == 403


def test_signature_is_32_hex_digits(wire: Wire) -> None:
    """Links carry an expiry in epoch milliseconds about ten hours ahead, and a short signature."""
    query = parse_qs(urlsplit(wire.variants()["mens_footwear"]["get"]).query)
    ahead = int(query["expiresAt"][0]) / 1000 - time.time()

    assert list(query) == ["expiresAt", "sig"]
    assert len(query["sig"][0]) == 32
    assert 35_900 < ahead < 36_100


def test_expired_link_is_gone() -> None:
    """A genuine link whose time is over is answered with 410; a forged one stays 403."""
    with small(url_life_seconds=-1) as wire:
        link = wire.variants()["mens_footwear"]["get"]

        assert wire.get(link).status_code == 410
        assert wire.get(link + "0").status_code == 403


def test_unknown_address_is_not_found(wire: Wire) -> None:
    """Unknown paths, categories and cursors are answered with 404."""
    link = wire.variants()["mens_footwear"]["get"]

    assert wire.get("/affiliate/nothing").status_code == 404
    assert wire.get(link.replace("fwm-t3k", "xxx-yyy")).status_code == 404
    assert wire.get(link.replace(".json", "/0123456789abcdef01234567.json")).status_code == 404


def test_version_that_is_no_number_is_a_bad_request(wire: Wire) -> None:
    """A delta since something that is no number is answered with 400."""
    link = wire.variants()["mens_footwear"]["deltaGet"]

    assert wire.get(since(link, "yesterday")).status_code == 400


def test_quota_is_a_sliding_second() -> None:
    """The request over the quota gets 429 with whole seconds; refused ones do not count."""
    with small(quota=3) as wire:
        path = "/affiliate/api/sandbox.json"
        started = time.monotonic()
        statuses = [wire.get(path).status_code for _ in range(3)]
        refused = [wire.get(path) for _ in range(5)]
        assert time.monotonic() - started < 0.9
        time.sleep(1.05 - (time.monotonic() - started))
        after = wire.get(path).status_code

        assert statuses == [200, 200, 200]
        assert [answer.status_code for answer in refused] == [429] * 5
        assert refused[0].headers["Retry-After"] == "1"
        assert after == 200
        assert wire.sandbox.stats()["over_quota"] == 5


def test_wrong_account_uses_no_quota() -> None:
    """Requests that are refused with 401 leave the quota to the account."""
    with small(quota=2) as wire:
        path = f"{wire.sandbox.url}/affiliate/api/sandbox.json"
        for _ in range(5):
            httpx.get(path, trust_env=False)

        assert wire.get(path).status_code == 200


def test_latency_holds_answers_back() -> None:
    """Every upstream answer waits as long as the rules say."""
    with small(latency_seconds=0.2) as wire:
        started = time.monotonic()
        wire.get("/affiliate/api/sandbox.json")

        assert time.monotonic() - started >= 0.2
