"""What the pages of the documentation name is there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from flows.cli import app
from tests.conftest import ROOT
from tests.docs.walkthrough import steps

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BY_NAME = pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])


@BY_NAME
def test_every_command_that_a_reader_types_is_one(page: Path) -> None:
    """With the arguments and options that it is given; nothing is run."""
    for typed in typed_commands(page.read_text(encoding="utf-8")):
        command: Any = get_command(app)
        words = shlex.split(re.split(r" [<>|] ", typed)[0], comments=True)[1:]
        words = [word for word in words if word != "..."]
        while words and words[0] in getattr(command, "commands", {}):
            command = command.commands[words.pop(0)]
        # A wrong option or a missing argument raises here.
        command.make_context(typed, words)


def typed_commands(text: str) -> Iterator[str]:
    """Yield the lines of blocks to type that start with feedlake, however it is found."""
    for step in steps(text):
        if found := re.match(r"(?:\.venv/bin/)?(feedlake .*)", step.typed):
            yield found[1]


@BY_NAME
def test_every_link_within_leads_somewhere(page: Path) -> None:
    """To a file of this repository."""
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    within = [one for one in links if not one.startswith("http")]
    assert [one for one in within if not (page.parent / one).exists()] == []


def test_every_page_is_in_the_index() -> None:
    """docs/README.md leads to each of them."""
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    pages = {page.name for page in PAGES if page.parent.name == "docs"} - {"README.md"}
    assert sorted(one for one in pages if f"({one})" not in index) == []
