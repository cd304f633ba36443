"""What links are wanted to: ids and links that were typed or stand in a file, or a query's rows."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, TextIO

from feeds.invisible import stripped
from feeds.link import LinkError, copied, read_link
from flows.errors import WrongCallError
from flows.handwritten import LONGEST_MARK, HandwrittenError, encoding_of, standard_input


@dataclass(frozen=True, slots=True)
class Wanted:
    """One link that is wanted.

    Attributes:
        subject: a link, or a product id.
        row: what is said about it already, by name; it goes into the output as it is.
        fault: why no link can be made of it; None where that is not known yet.
    """

    subject: str
    row: dict[str, Any]
    fault: LinkError | None = None

    @property
    def is_link(self) -> bool:
        """Whether the subject is meant as a link, a good one or not."""
        return "/" in self.subject or ":" in self.subject

    @property
    def product_id(self) -> str | None:
        """The id that the row gives or the subject is or holds."""
        given = self.row.get("product_id")
        if given is not None:
            return str(given)
        return _pid(self.subject) if self.is_link else self.subject


def typed(texts: Iterable[str], file: Path | None) -> Iterator[Wanted]:
    """Yield what was typed, then what a file names, one a line; `-` is standard input.

    Raises:
        WrongCallError: the file cannot be read.
    """
    for text in [*texts, *(_lines(file) if file is not None else ())]:
        if subject := stripped(text):
            yield _typed(subject)


@contextmanager
def rows(lake: Path, query: str) -> Iterator[Iterator[Wanted]]:
    """Hold the rows of a query; each gives a `product_url` or else a `product_id`.

    They are held in a file, so that a long answer does not have to fit in memory.

    Raises:
        WrongCallError: while they are read, where the query gives neither.
        LakeError: there is no lake, or the query is wrong.
    """
    from storage.lake import LakeFolder
    from storage.query import open_query

    with TemporaryFile("w+", encoding="utf-8") as answer:
        with open_query(LakeFolder(lake), query) as asked:
            asked.write_json(answer)
        answer.seek(0)
        yield (Wanted(_subject(row), row) for row in _objects(answer))


def _typed(text: str) -> Wanted:
    row = {"input": text}
    try:
        wanted = Wanted(copied(text), row)
    except LinkError as error:
        return Wanted(text, row | {"product_id": None}, error)
    return Wanted(wanted.subject, row | {"product_id": wanted.product_id})


def _lines(file: Path) -> Iterator[str]:
    try:
        with standard_input() if str(file) == "-" else file.open("rb") as opened:
            encoding = encoding_of(opened.peek(LONGEST_MARK)[:LONGEST_MARK])
            # A byte that is no text spoils its own line alone.
            errors = "replace" if encoding else "surrogateescape"
            with io.TextIOWrapper(opened, encoding or "utf-8", errors=errors) as lines:
                for line in lines:
                    yield line.removeprefix("\ufeff")
    except OSError as error:
        raise WrongCallError(
            f"{file} cannot be read ({error.strerror}); name a file with an id or a link a line"
        ) from error
    except HandwrittenError as error:
        raise WrongCallError(str(error)) from None


def _objects(answer: TextIO) -> Iterator[dict[str, Any]]:
    """Read an array of objects, a line each."""
    for line in answer:
        if line.startswith("{"):
            yield json.loads(line.rstrip(",\n"), parse_constant=_no_number)


def _no_number(_: str) -> None:
    """Return null for NaN and infinity, which DuckDB writes and JSON does not have."""


def _subject(row: Mapping[str, Any]) -> str:
    if not row.keys() & {"product_id", "product_url"}:
        raise WrongCallError(
            f"the query gives {', '.join(row)}; let it give product_id or product_url too"
        )
    return str(row.get("product_url") or row.get("product_id") or "")


def _pid(link: str) -> str | None:
    try:
        return read_link(link).product_id
    except LinkError:
        return None
