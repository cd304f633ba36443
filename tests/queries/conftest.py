"""One lake with a month in it, made once for all tests of queries."""

from __future__ import annotations

import pytest

from storage.lake import LakeFolder
from tests.queries.month import make_month


@pytest.fixture(scope="session")
def month(tmp_path_factory: pytest.TempPathFactory) -> LakeFolder:
    """Return a lake in which a small catalogue was mirrored for a month; nobody writes to it."""
    folder = tmp_path_factory.mktemp("month")
    make_month(folder / "lake", folder / "scratch")
    return LakeFolder(folder / "lake")
