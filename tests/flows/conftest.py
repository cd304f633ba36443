"""A shop that is mirrored once a module, and copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.scripted import Scripted

Refresh = Callable[..., Any]


@pytest.fixture
def mirror(shop: Scripted, refresh: Refresh, original: Path, lake: Path) -> Path:
    """Mirror the module's `shop` at version 1."""
    if not original.exists():
        refresh(shop, into=original)
    shutil.copytree(original, lake)
    return lake
