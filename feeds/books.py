"""The tree of book categories, and where each one's best books are.

The directory nests `{name, url, id, subCategories}` five levels deep; a node's `id` is only the
last part of its code, the whole of which, such as `bks-fnf-fs6`, stands in its link (captured
branch of 2017). A category's list is one page of at most 500, without a `nextUrl` (vendor's
reference).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import msgspec

from feeds.errors import BrokenEntryError, PageBrokenError
from feeds.json_text import read
from feeds.page_markup import parsed_or_mended
from feeds.product.xml_parser import Element, local_name
from feeds.signed_url import SignedUrl

T = TypeVar("T")

_MOST_NODES = 100_000


@dataclass(frozen=True, slots=True)
class BookCategory:
    """A node of the tree.

    Attributes:
        code: the full code.
        name: what the vendor calls it.
        parent_code: the code of the node above; None for the root.
        depth: steps from the root, which is 0.
        path: the names from the root to the node.
        url: the link to its list.
    """

    code: str
    name: str
    parent_code: str | None
    depth: int
    path: tuple[str, ...]
    url: SignedUrl


@dataclass(frozen=True, slots=True)
class BookTree:
    """The tree, without the nodes that cannot be used.

    Attributes:
        nodes: breadth first: a parent always comes before its children. What is below a node that
            cannot be used hangs from the one above it.
        faults: the nodes that cannot be used, each by the names that lead to it, and why.
    """

    nodes: list[BookCategory] = field(default_factory=list)
    faults: list[tuple[str, BrokenEntryError]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Entry(Generic[T]):
    """A node as it came; what is below it is in the directory's own format."""

    name: object = None
    url: object = None
    below: Sequence[T] = ()
    fault: str = ""


class _Node(msgspec.Struct, rename="camel"):
    name: Any = None
    url: Any = None
    sub_categories: list[msgspec.Raw] | None = None


class _Directory(msgspec.Struct, rename="camel"):
    books_category: msgspec.Raw


_directory = msgspec.json.Decoder(_Directory)
_node = msgspec.json.Decoder(_Node)


def books_directory_path(affiliate_id: str, extension: str = "json") -> str:
    """Return the path of the books directory for one tracking id."""
    return f"/affiliate/1.0/booksApi/{affiliate_id}.{extension}"


def decode_books_directory(body: bytes) -> BookTree:
    """Return the tree of a JSON directory.

    Raises:
        PageBrokenError: the body is no such tree, or has no node that can be used.
    """
    try:
        return read(body, lambda text: _tree(_directory.decode(text).books_category, _json_entry))
    except (msgspec.DecodeError, RecursionError) as error:
        message = f"the books directory cannot be read ({error}); try again later"
        raise PageBrokenError(message) from error


def decode_xml_books_directory(body: bytes) -> BookTree:
    """Return the tree as it comes in XML.

    Raises:
        PageBrokenError: the body is no such tree, or has no node that can be used.
    """
    root = parsed_or_mended(body)
    top = root.find("booksCategory")
    if local_name(root) != "BooksApiDirectory" or top is None:
        raise PageBrokenError("an answer is no books directory; try again later")
    return _tree(top, _xml_entry)


def _json_entry(raw: msgspec.Raw) -> _Entry[msgspec.Raw]:
    try:
        node = _node.decode(raw)
    except msgspec.ValidationError as error:
        return _Entry(fault=str(error))
    return _Entry(node.name, node.url, node.sub_categories or ())


def _xml_entry(element: Element) -> _Entry[Element]:
    name = (element.findtext("name") or "").strip()
    # An element with nothing in it is how some serialisers spell an empty list.
    below = [one for one in element.findall("subCategories") if len(one)]
    return _Entry(name, element.findtext("url"), below)


def _tree(root: T, entry_of: Callable[[T], _Entry[T]]) -> BookTree:
    tree = BookTree()
    codes: set[str] = set()
    waiting: deque[tuple[T, BookCategory | None]] = deque([(root, None)])
    while waiting and len(tree.nodes) + len(tree.faults) < _MOST_NODES:
        source, above = waiting.popleft()
        entry = entry_of(source)
        node = _placed(entry, above, tree)
        if node and node.code in codes:
            continue  # listed twice: its first place is the one nearest the root
        if node:
            codes.add(node.code)
            tree.nodes.append(node)
        waiting.extend((below, node or above) for below in entry.below)
    if not tree.nodes:
        raise PageBrokenError("the books directory lists no category; try again later")
    return tree


def _placed(entry: _Entry[T], above: BookCategory | None, tree: BookTree) -> BookCategory | None:
    """Return the node below another one; None for one that cannot be used, and note why."""
    before = above.path if above else ()
    try:
        url = _link(entry)
    except ValueError as error:
        where = " > ".join((*before, str(entry.name or "?")))
        tree.faults.append((where, BrokenEntryError(where, str(error))))
        return None
    return BookCategory(
        code=url.cursor,
        name=str(entry.name),
        parent_code=above.code if above else None,
        depth=len(before),
        path=(*before, str(entry.name)),
        url=url,
    )


def _link(entry: _Entry[T]) -> SignedUrl:
    if entry.fault:
        raise ValueError(entry.fault)
    if not isinstance(entry.name, str) or not entry.name.strip():
        raise ValueError("it has no name")
    if not isinstance(entry.url, str) or not entry.url.strip():
        raise ValueError("it has no link")
    return SignedUrl.parse(entry.url)
