"""The page of errors is complete, and says what is really printed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import feeds.errors
import flows.errors
import storage.errors
from flows.alerts.rule_file import RuleFileError
from flows.alerts.telling import EventsRefusedError
from flows.alerts.webhook import PostRefusedError, WebhookError
from flows.cli import FAILED, WRONG_CALL, WRONG_CALLS
from tests.conftest import ROOT

_OF_COMMANDS = (RuleFileError, WebhookError, PostRefusedError, EventsRefusedError)
ROW = re.compile(r"^\| `(\w+Error)` \| (.+) \| [^|]+ \| [^|]+ \| (\d) \|$", re.MULTILINE)
PAGE = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
ROWS = {name: (printed, int(status)) for name, printed, status in ROW.findall(PAGE)}


def errors() -> dict[str, type[Exception]]:
    """Return every error that a command can end with, by name: those of which no kind is known."""
    found: dict[str, type[Exception]] = {
        one.__name__: one
        for module in (feeds.errors, storage.errors, flows.errors)
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, Exception)
    }
    found |= {one.__name__: one for one in _OF_COMMANDS}
    raised = set(re.findall(r"raise (\w+Error)\(", "".join(sources().values())))
    return {name: one for name, one in found.items() if name in raised or not one.__subclasses__()}


def sources() -> dict[str, str]:
    """Return the text of every module by its path."""
    return {
        str(file): file.read_text(encoding="utf-8")
        for room in ("feeds", "flows", "storage")
        for file in (ROOT / room).rglob("*.py")
    }


def texts() -> Iterator[str]:
    """Yield every text of the modules as written, with `...` where a value is put in."""
    for source in sources().values():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.JoinedStr):
                yield "".join(
                    str(part.value) if isinstance(part, ast.Constant) else "..."
                    for part in node.values
                )
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def test_every_error_has_its_line() -> None:
    """And no line names an error that is gone."""
    assert sorted(ROWS) == sorted(errors())


def test_every_status_is_that_of_the_command() -> None:
    """2 for what the same call always ends with."""
    expected = {
        name: WRONG_CALL if issubclass(one, WRONG_CALLS) else FAILED
        for name, one in errors().items()
    }
    assert {name: status for name, (_, status) in ROWS.items()} == expected


def test_every_message_is_printed_somewhere() -> None:
    """A message that was reworded is reworded in the page as well."""
    printed = [text for text in texts() if "\n\n" not in text]
    stale = [
        message
        for messages, _ in ROWS.values()
        for message in re.findall(r"`([^`]+)`", messages)
        if not any(matches(message, text) for text in printed)
    ]
    assert stale == []


def matches(message: str, text: str) -> bool:
    """Tell whether a text of a module is the page's message; `...` is anything."""
    parts = [re.escape(part) for part in message.split("...")]
    return re.search(".*".join(parts), text, re.DOTALL) is not None
