"""What a page of the documentation tells its reader to type, to save and to expect."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"as `([^`]+)`:\s*$")
_PROMPT = "$ "


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that the reader does.

    Attributes:
        typed: a command, without its prompt; empty where a file is saved.
        shown: the answer that the page shows, or the contents of the file.
        file: where the contents are to be saved; None for a command.
    """

    typed: str
    shown: str
    file: str | None = None


def steps(page: str) -> Iterator[Step]:
    """Yield what a page of Markdown says, in order.

    Commands are the lines behind a `$` in blocks named console; the lines below one are its answer.
    A block that follows "as `name`:" is a file.

    Args:
        page: the whole text.
    """
    before = 0
    for found in _BLOCK.finditer(page):
        kind, text = found[1], found[2]
        if kind == "console":
            for part in f"\n{text}".split(f"\n{_PROMPT}")[1:]:
                typed, _, shown = part.partition("\n")
                yield Step(typed, shown)
        elif saved := _FILE.search(page[before : found.start()]):
            yield Step("", text, saved[1])
        before = found.end()
