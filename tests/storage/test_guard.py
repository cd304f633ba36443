"""Guards: what looks like an outage is not merged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from storage.errors import MergeRefusedError
from storage.guard import Guards, Limit
from tests.scripted import Scripted, record

Refresh = Callable[..., Any]
Ask = Callable[..., list[tuple[Any, ...]]]

AVAILABLE = "SELECT count(*) FROM products WHERE is_available"


@pytest.fixture
def upstream() -> Iterator[Scripted]:
    """Serve a hundred shoes."""
    with Scripted() as scripted:
        scripted.page(None, *(record(f"P{number:03}") for number in range(100)))
        yield scripted


def test_a_full_walk_that_lost_much_is_not_merged(
    upstream: Scripted, refresh: Refresh, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row says how to accept it, and accepting asks for no page again."""
    refresh(upstream)
    upstream.page(None, *(record(f"P{number:03}") for number in range(50)))
    row = refresh(upstream, full=True)["shoes"]
    assert row.status == "failed"
    assert "lost 50 of 100 products" in row.error
    assert "`feedlake refresh shoes --full --max-loss 100%`" in row.error
    assert ask(AVAILABLE) == [(100,)]
    upstream.asked.clear()
    monkeypatch.setenv("FEEDLAKE_MAX_LOSS", "100%")
    assert refresh(upstream, full=True)["shoes"].delisted_count == 50
    assert ask(AVAILABLE) == [(50,)]
    assert [path for path in upstream.asked if "/feeds/" in path] == []


def test_a_few_may_always_leave_but_not_all(upstream: Scripted, refresh: Refresh, ask: Ask) -> None:
    """A small category may lose half; one that comes back empty is an outage."""
    upstream.page(None, record("A"), record("B"))
    refresh(upstream)
    upstream.page(None, record("B"))
    assert refresh(upstream, full=True)["shoes"].delisted_count == 1
    upstream.page(None)
    assert refresh(upstream, full=True)["shoes"].status == "failed"
    assert ask(AVAILABLE) == [(1,)]


def test_too_many_rejects_fail_the_category(upstream: Scripted, refresh: Refresh, ask: Ask) -> None:
    """A feed whose records stopped fitting is not half a mirror."""
    refresh(upstream)
    upstream.version(2)
    bad = [record(f"Q{number}", inStock="perhaps") for number in range(30)]
    upstream.delta(1, record("P001", 5), *bad)
    row = refresh(upstream)["shoes"]
    assert row.status == "failed"
    assert "30 of 31 records of shoes were rejected" in row.error
    assert ask("SELECT version FROM category_status") == [(1,)]


@pytest.mark.parametrize(
    ("text", "part", "whole", "allowed"),
    [
        ("20%", 20, 100, True),
        ("20%", 21, 100, False),
        ("5", 5, 10, True),
        ("5", 6, 1000, False),
        ("0", 1, 10, False),
        ("100%", 10, 10, True),
    ],
)
def test_bounds_are_counts_or_shares(text: str, part: int, whole: int, allowed: bool) -> None:  # noqa: FBT001
    """`5` is a count, `5%` a share."""
    assert Limit.parse(text).allows(part, whole) is allowed
    assert str(Limit.parse(text)) == text


@pytest.mark.parametrize("text", ["", "x", "-1", "101%", "1.5", "%", "nan%"])
def test_what_is_no_bound_is_refused(text: str) -> None:
    """With a message that shows how to write one."""
    with pytest.raises(ValueError, match=r"is no|is neither|could not"):
        Limit.parse(text)


def test_the_guard_names_the_category() -> None:
    """The message is one line to copy the command from."""
    with pytest.raises(MergeRefusedError, match="the walk of shoes lost 90 of 100"):
        Guards().check_loss("shoes", 90, 100, 10)
