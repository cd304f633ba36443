"""A small shop, one that means harm, and their reports."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.report.facts import Asked
from flows.report.write import write_report
from storage.lake import LakeFolder
from tests.report.browser import Tab, find_browser, open_tab
from tests.report.reading import Page, read
from tests.report.shop import NOW, hostile_shop, shop, write


@pytest.fixture(scope="session")
def shop_lake(made_lake: Path, tmp_path_factory: pytest.TempPathFactory) -> LakeFolder:
    """Return a lake with a small shop; nobody writes to it."""
    root = shutil.copytree(made_lake, tmp_path_factory.mktemp("shop") / "shop")
    write(LakeFolder(root), shop())
    return LakeFolder(root)


@pytest.fixture(scope="session")
def hostile_lake(made_lake: Path, tmp_path_factory: pytest.TempPathFactory) -> LakeFolder:
    """Return a lake whose texts mean harm, its own name included; nobody writes to it."""
    root = shutil.copytree(made_lake, tmp_path_factory.mktemp("hostile") / "<script>alert(1)<")
    write(LakeFolder(root), hostile_shop())
    return LakeFolder(root)


@pytest.fixture(scope="session")
def shop_file(shop_lake: LakeFolder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the report of the shop, with links that earn for `me`."""
    file = tmp_path_factory.mktemp("report") / "report.html"
    write_report(shop_lake, file, Asked("me", "morning"), now=NOW)
    return file


@pytest.fixture(scope="session")
def hostile_file(hostile_lake: LakeFolder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the report of the lake that means harm."""
    file = tmp_path_factory.mktemp("report") / "report.html"
    write_report(hostile_lake, file, now=NOW)
    return file


@pytest.fixture
def shop_page(shop_file: Path) -> Page:
    """Return the same, read."""
    return read(shop_file)


@pytest.fixture(scope="module")
def tab() -> Iterator[Tab]:
    """Hold a tab of a real browser; a test that needs it is skipped where there is none."""
    browser = find_browser()
    if browser is None:
        pytest.skip("no Chromium here; `apt-get install chromium` brings one")
    with open_tab(browser) as found:
        yield found
