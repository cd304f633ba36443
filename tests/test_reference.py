"""The reference says what there is."""

from __future__ import annotations

import pytest

from tests.reference import DOCS, PAGES


@pytest.mark.parametrize("file", PAGES)
def test_the_reference_is_what_the_commands_and_comments_say(file: str) -> None:
    """`make reference` writes it anew."""
    assert PAGES[file]() == (DOCS / file).read_text(encoding="utf-8")


def test_every_command_and_table_says_what_it_is() -> None:
    """No option, table or column is left without a word."""
    for page in PAGES.values():
        assert "None" not in page()
        assert "| |\n" not in page().replace("| column | type | |\n", "").replace("| | |\n", "")
