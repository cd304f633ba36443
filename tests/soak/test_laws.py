"""Laws of a mirror: short lives, and pages in any order."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.scripted import Scripted, record
from tests.soak.contents import contents
from tests.soak.life import Life, quickly

Refresh = Callable[..., Any]


def test_a_life_keeps_the_laws() -> None:
    """Whatever happens, in whatever order, the mirror is what the upstream is."""
    short = settings(quickly(lives=3, steps=5), derandomize=True)
    run_state_machine_as_test(Life, settings=short)


def test_the_order_of_pages_does_not_matter(refresh: Refresh, tmp_path: Path) -> None:
    """The same pages in another order, no id in two of them, make the same products."""
    draw = random.Random(6)  # noqa: S311 - the same seed shuffles alike
    pages = [[record(f"P{page}{place}", 10.0 + place) for place in range(4)] for page in range(5)]
    found = []
    for number in range(3):
        lake = tmp_path / str(number)
        with Scripted() as shop:
            for place, records in enumerate(pages):
                cursor = f"page{place}" if place else None
                shop.page(cursor, *records, to=f"page{place + 1}" if place < 4 else None)
            refresh(shop, into=lake)
        found.append({name: one for name, one in contents(lake).items() if name != "versions"})
        draw.shuffle(pages)
    assert found[0] == found[1] == found[2]
