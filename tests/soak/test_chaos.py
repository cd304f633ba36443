"""A few seeded runs against an upstream that fails on purpose; `make soak` runs many."""

from __future__ import annotations

from pathlib import Path

import pytest

from feeds.sandbox.faults import Kind
from tests.soak.chaos import run_seed


@pytest.mark.parametrize("seed", range(4))
def test_a_run_ends_whole_or_names_what_failed(seed: int, lake: Path) -> None:
    """With every tenth answer wrong and links that die, no category is silently incomplete."""
    report = run_seed(seed, lake)
    assert report.holes == []
    assert report.outcome in {"whole", "mended", "failed"}
    says = ("try again later", "read the directory", "ask the vendor")
    assert all(any(text in error for text in says) for error in report.errors)


@pytest.mark.parametrize(
    "kind",
    [
        *("empty_page", "repeated_link", "truncated", "half_gzip"),
        *("odd_json", "bare_quote", "two_lists"),
    ],
)
def test_each_fault_alone_leaves_no_hole(kind: Kind, lake: Path) -> None:
    """What is hardest to tell from a good answer costs nothing either."""
    report = run_seed(1, lake, share=0.1, kinds=[kind])
    assert report.holes == []
    assert report.faults[kind] > 0
