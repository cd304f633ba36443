"""How a record is laid out in XML, and reading one into a row of cells.

A map is a row of `<entry><key/><value/></entry>`, a list repeats its element, and null is an
absent element (vendor's reference). A layout says so once and is used in two ways. A record with
its elements in the layout's order is matched by one regular expression, which costs a fraction
of a tree; the expression fits whole records only, so what it takes it takes exactly. Any other
record is walked as a tree, where order, blanks and unknown elements do not matter. A record that is
printed with its elements on lines of their own may have its texts on such lines too: the line
ends and blanks around them are the printer's.

Cells are texts as they stand in the markup, references and all: `xml_cells` reads them column by
column. An empty cell is null, as everywhere in the product schema.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
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
_BEGINNING = re.compile(r"<[^<>]++>(\s++)<")
_MARKED_UP = {"title", "productDescription", "offers", "keySpecs", "detailedSpecs"}
"""Texts in which HTML can stand; anywhere else it would change what is said."""

_ON_LINES = re.compile(r"\n([ \t]*)(?:(.*)\n([ \t]*))?", re.DOTALL).fullmatch
_LEAF = re.compile(r">([^<]++)</")


class AmbiguousRecordError(ValueError):
    """A record says two things where there is one, as two do whose tags between them were lost."""


@dataclass(frozen=True, slots=True)
class Text:
    """An element that holds a text, a number or a flag: one slot.

    Attributes:
        can_repeat: whether there may be several, of which the first counts.
    """

    name: str
    can_repeat: bool = False


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
    """

    def __init__(self, *fields: Field) -> None:
        """Work out the slots, the expression and the readers."""
        compiled = _Compiled()
        expression = "".join(compiled.add(one, "", compiled.readers) for one in fields)
        self.slots = compiled.slots
        self._readers = compiled.readers
        self._names, self._leaves = compiled.names, compiled.leaves
        self._match = re.compile(rf"<(\w++)>{expression}\s*+</\1>").fullmatch
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
        found = self._match(text) or self._match(self._blanks.sub(">", _without_lines(text)))
        return found.groups("")[1:] if found else None

    def read(self, record: Element) -> Row:
        """Return the row of a record in any order; what the layout does not know is left out.

        Raises:
            msgspec.ValidationError: there is a text where elements belong.
            AmbiguousRecordError: a part stands in it twice, a field with two different texts, or
                a field inside another.
        """
        self._refuse_fields_in_texts(record)
        if _is_printed(record.text or ""):
            leaves = [one for one in record.iter() if len(one) == 0 and one.text]
            inner = _off_lines([leaf.text or "" for leaf in leaves])
            for leaf, text in zip(leaves, inner, strict=True):
                leaf.text = text
        row = [""] * len(self.slots)
        _read_group(self._readers, "", record, row)
        return row

    def _refuse_fields_in_texts(self, record: Element) -> None:
        """Tell HTML in a text from a field that is there since a tag was lost."""
        for element in record.iter():
            name = local_name(element)
            if len(element) == 0 or name not in self._leaves:
                continue
            inside = {local_name(one) for one in element.iterdescendants()}
            if name not in _MARKED_UP or inside & self._names - {self._leaves[name]}:
                raise AmbiguousRecordError(f"there are elements in the text of {name}")


@dataclass(slots=True)
class _Compiled:
    slots: list[str] = field(default_factory=list)
    readers: dict[str, Reader] = field(default_factory=dict)
    holders: list[str] = field(default_factory=list)
    """Elements that hold no text of their own: blanks before their end mean nothing."""
    names: set[str] = field(default_factory=lambda: {"entry", "key", "value", "item"})
    """Every element's name."""
    leaves: dict[str, str] = field(default_factory=lambda: {"key": "", "value": ""})
    """Elements that hold a text, each with the one that the text may be wrapped in."""

    def add(self, one: Field, prefix: str, readers: dict[str, Reader]) -> str:
        """Take a field and return its expression.

        No part of it can match in two ways, so possessive quantifiers lose nothing, and a record
        that does not fit is given up at once.
        """
        name, slot, expression = one.name, len(self.slots), ""
        self.names.add(name)
        empty = f"(?:<{name} ?+/>)"
        match one:
            case Ignored():
                return f"(?:<{name}></{name}>)*+{empty}*+"
            case Part() | Group():
                prefix = f"{prefix}{name}/" if isinstance(one, Group) else ""
                self.holders.append(name)
                inner: dict[str, Reader] = {}
                readers[name] = (
                    partial(_read_group, inner, name)
                    if isinstance(one, Group)
                    else partial(_read_part, name, inner)
                )
                fields = "".join(self.add(each, prefix, inner) for each in one.fields)
                return f"(?:<{name}>{fields}</{name}>)?+{empty}?+"
            case Text():
                self.leaves[name] = ""
                readers[name] = partial(_read_text, slot, one)
                expression = f"(?:<{name}>({_TEXT})</{name}>)?+{empty}?+"
            case Texts(inner=wrapper):
                self.leaves[name] = wrapper
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


def _read_group(readers: dict[str, Reader], group: str, element: Element, row: list[str]) -> None:
    if group and element.text and not element.text.isspace():
        raise msgspec.ValidationError(f"Expected elements, got a text - at `$.{group}`")
    for child in element:
        if reader := readers.get(local_name(child)):
            reader(child, row)


def _read_part(name: str, readers: dict[str, Reader], element: Element, row: list[str]) -> None:
    before = element.itersiblings(preceding=True)
    if any(local_name(one) == name for one in before):
        raise AmbiguousRecordError(f"two elements {name} in one record")
    _read_group(readers, "", element, row)


def _read_text(slot: int, one: Text, element: Element, row: list[str]) -> None:
    text = _text(element)
    if row[slot] and text and text != row[slot] and not one.can_repeat:
        raise AmbiguousRecordError(f"two different texts of {one.name} in one record")
    row[slot] = row[slot] or text


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


def _without_lines(text: str) -> str:
    """Return a record without the lines that a printer put its texts on."""
    begins = _BEGINNING.match(text)
    if begins is None or not _is_printed(begins[1]):
        return text
    leaves = _LEAF.findall(text)
    inner = iter(_off_lines(leaves))
    return _LEAF.sub(lambda _: f">{next(inner)}</", text)


def _is_printed(blanks: str) -> bool:
    """Tell by what stands before a record's first element whether each is on a line of its own."""
    return "\n" in blanks and blanks.isspace()


def _off_lines(texts: Sequence[str]) -> list[str]:
    """Return the texts of one record; those that stand on lines of their own without these.

    A printer indents all texts alike, further than the end tags behind them by so many blanks. What
    a text has more is its own.
    """
    lines = [_ON_LINES(text) for text in texts]
    further = min((len(one[1]) - len(one[3]) for one in lines if one and one[2]), default=0)
    return [
        (one[1][max(0, len(one[3]) + further) :] + one[2] if one[2] else "") if one else text
        for text, one in zip(texts, lines, strict=True)
    ]
