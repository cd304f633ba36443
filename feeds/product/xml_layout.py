"""How a record is laid out in XML, and reading one into a row of cells.

A map is a row of `<entry><key/><value/></entry>`, a list repeats its element, and null is an
absent element (vendor's reference). A layout says so once and is used in two ways. A record with
its elements in the layout's order is matched by one regular expression, which costs a fraction
of a tree; the expression fits whole records only, so what it takes it takes exactly. Any other
record is walked as a tree, where order, blanks and unknown elements do not matter.

Cells are texts as they stand in the markup, references and all: `xml_cells` reads them column by
column. An empty cell is null, as everywhere in the product schema.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from xml.sax.saxutils import escape

import msgspec

from feeds.product.xml_parser import Element, local_name

Row = Sequence[str]
"""A cell for every slot of the layout: a text, or the elements of a list or of a map."""

Reader = Callable[[Element, list[str]], None]

_TEXT = "[^<]*+"
_LINE_ENDS = re.compile(r"\r\n?")


@dataclass(frozen=True, slots=True)
class Text:
    """An element that holds a text, a number or a flag: one slot."""

    name: str


@dataclass(frozen=True, slots=True)
class Texts:
    """A list: one slot.

    Attributes:
        inner: an element that each text may be wrapped in, such as an offer's `title`.
    """

    name: str
    inner: str = ""


@dataclass(frozen=True, slots=True)
class Pairs:
    """A map of texts: one slot."""

    name: str


@dataclass(frozen=True, slots=True)
class Path:
    """The category paths of v0.1.0: one slot, for the first path's names joined with `>`.

    Each path is a `categoryPath` with a `title`, bare or in an `item` (read so by a client of the
    time).
    """

    name: str


@dataclass(frozen=True, slots=True)
class Group:
    """An element that holds others; their slots are called `group/field`."""

    name: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the record; the slots of its fields carry no prefix."""

    name: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Ignored:
    """Elements that say nothing a product has: no slot."""

    name: str


Field = Text | Texts | Pairs | Path | Group | Part | Ignored


def texts(*names: str) -> tuple[Text, ...]:
    """Return a field for each name."""
    return tuple(map(Text, names))


def price(name: str) -> Group:
    """Return the field of an amount and its currency."""
    return Group(name, texts("amount", "currency"))


class Layout:
    """The fields of a record, in the order in which the vendor writes them.

    Attributes:
        slots: what each cell of a row is, such as `title` or `maximumRetailPrice/amount`.
        nesting: the elements that each element can hold; those of the record itself under "".
    """

    def __init__(self, *fields: Field) -> None:
        """Work out the slots, the expression and the readers."""
        compiled = _Compiled()
        expression = "".join(compiled.add(one, "", compiled.readers) for one in fields)
        self.slots = compiled.slots
        self.nesting: dict[str, set[str]] = {}
        _note_nesting("", fields, self.nesting)
        self._readers = compiled.readers
        self._match = re.compile(rf"<\w++>{expression}\s*+</\w++>").fullmatch
        self._blanks = re.compile(rf">\s++(?=<(?:[^/]|/(?:{'|'.join(compiled.holders)})>))")

    def match(self, raw: bytes) -> Row | None:
        """Return the row of a well-formed record with this very layout; None for any other.

        Blanks printed between elements are no part of the layout.
        """
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            return None
        if "\r" in text:
            text = _LINE_ENDS.sub("\n", text)
        found = self._match(text) or self._match(self._blanks.sub(">", text))
        return found.groups("") if found else None

    def read(self, record: Element) -> Row:
        """Return the row of a record in any order; what the layout does not know is left out.

        Raises:
            msgspec.ValidationError: there is a text where elements belong.
        """
        row = [""] * len(self.slots)
        _read_group(self._readers, "", record, row)
        return row


@dataclass(slots=True)
class _Compiled:
    slots: list[str] = field(default_factory=list)
    readers: dict[str, Reader] = field(default_factory=dict)
    holders: list[str] = field(default_factory=list)
    """Elements that hold no text of their own: blanks before their end mean nothing."""

    def add(self, one: Field, prefix: str, readers: dict[str, Reader]) -> str:
        """Take a field and return its expression.

        No part of it can match in two ways, so possessive quantifiers lose nothing, and a record
        that does not fit is given up at once.
        """
        name, slot, expression = one.name, len(self.slots), ""
        empty = f"(?:<{name} ?+/>)"
        match one:
            case Ignored():
                return f"(?:<{name}></{name}>)*+{empty}*+"
            case Part() | Group():
                prefix = f"{prefix}{name}/" if isinstance(one, Group) else ""
                self.holders.append(name)
                inner: dict[str, Reader] = {}
                readers[name] = partial(_read_group, inner, name if prefix else "")
                fields = "".join(self.add(each, prefix, inner) for each in one.fields)
                return f"(?:<{name}>{fields}</{name}>)?+{empty}?+"
            case Text():
                readers[name] = partial(_read_text, slot)
                expression = f"(?:<{name}>({_TEXT})</{name}>)?+{empty}?+"
            case Texts(inner=wrapper):
                readers[name] = partial(_read_texts, slot, name, wrapper)
                start, end = (f"(?:<{wrapper}>)?+", f"(?:</{wrapper}>)?+") if wrapper else ("", "")
                expression = f"((?:<{name}>{start}{_TEXT}{end}</{name}>)*+)"
            case Pairs():
                self.holders += [name, "entry"]
                readers[name] = partial(_read_pairs, slot)
                entry = f"<entry><key>{_TEXT}</key><value>{_TEXT}</value></entry>"
                expression = f"(?:<{name}>((?:{entry})*+)</{name}>)?+{empty}?+"
            case Path():
                self.holders += [name, "categoryPath", "item"]
                readers[name] = partial(_read_path, slot)
                title = f"(?:<item>)?+<title>({_TEXT})</title>(?:</item>)?+"
                path = f"<categoryPath>{title}</categoryPath>"
                expression = f"(?:<{name}>{path}</{name}>)?+{empty}?+"
        self.slots.append(prefix + name)
        return expression


def _note_nesting(parent: str, fields: Iterable[Field], nesting: dict[str, set[str]]) -> None:
    nesting.setdefault(parent, set()).update(one.name for one in fields)
    for one in fields:
        match one:
            case Part() | Group():
                _note_nesting(one.name, one.fields, nesting)
            case Text():
                _note_nesting(one.name, (), nesting)
            case Texts():
                _note_nesting(one.name, texts(one.inner) if one.inner else (), nesting)
            case Pairs():
                _note_nesting(one.name, (Group("entry", texts("key", "value")),), nesting)
            case Path():
                item = Group("item", texts("title"))
                path = Group("categoryPath", (item, *texts("title")))
                _note_nesting(one.name, (path,), nesting)


def _read_group(readers: dict[str, Reader], group: str, element: Element, row: list[str]) -> None:
    if group and element.text and not element.text.isspace():
        raise msgspec.ValidationError(f"Expected elements, got a text - at `$.{group}`")
    for child in element:
        if reader := readers.get(local_name(child)):
            reader(child, row)


def _read_text(slot: int, element: Element, row: list[str]) -> None:
    # Of an element that comes twice, the first that says anything counts.
    row[slot] = row[slot] or _text(element)


def _read_texts(slot: int, name: str, wrapper: str, element: Element, row: list[str]) -> None:
    wrapped = next((child for child in element if local_name(child) == wrapper), element)
    row[slot] += f"<{name}>{_text(wrapped)}</{name}>"


def _read_pairs(slot: int, element: Element, row: list[str]) -> None:
    row[slot] += "".join(_entries(element))


def _read_path(slot: int, element: Element, row: list[str]) -> None:
    first = next(iter(element), element)
    names = [_text(one) for one in first.iter() if local_name(one) in {"title", "node_name"}]
    row[slot] = row[slot] or "&gt;".join(names)


def _entries(element: Element) -> Iterator[str]:
    for entry in element:
        parts = {local_name(part): _text(part) for part in entry}
        if "key" in parts:
            value = f"<value>{parts['value']}</value>" if "value" in parts else ""
            yield f"<entry><key>{parts['key']}</key>{value}</entry>"


def _text(element: Element) -> str:
    # Markup inside a text is unescaped HTML: its words are the text's.
    text = "".join(map(str, element.itertext())) if len(element) else element.text or ""
    return escape(text)
