"""The tree of book categories, and where each one's best books are.

The directory nests `{name, url, id, subCategories}` five levels deep; a node's `id` is only the
last part of its code, the whole of which, such as `bks-fnf-fs6`, stands in its link (captured
branch of 2017). A category's list is one page of at most 500, without a `nextUrl` (vendor's
reference).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import msgspec

from feeds.errors import PageBrokenError
from feeds.json_text import without_zeros
from feeds.page_markup import parsed_or_mended
from feeds.product.xml_parser import Element, local_name
from feeds.signed_url import SignedUrl

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


class _Node(msgspec.Struct, rename="camel"):
    name: str
    url: str
    sub_categories: list[_Node] | None = None


class _Directory(msgspec.Struct, rename="camel"):
    books_category: _Node


_decoder = msgspec.json.Decoder(_Directory)


def books_directory_path(affiliate_id: str, extension: str = "json") -> str:
    """Return the path of the books directory for one tracking id."""
    return f"/affiliate/1.0/booksApi/{affiliate_id}.{extension}"


def decode_books_directory(body: bytes) -> list[BookCategory]:
    """Return every node, breadth first: a parent always comes before its children.

    Raises:
        PageBrokenError: the body is no such tree.
    """
    try:
        root = _decoder.decode(without_zeros(body)).books_category
        return _breadth_first(root)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        message = f"the books directory cannot be read ({error}); try again later"
        raise PageBrokenError(message) from error


def decode_xml_books_directory(body: bytes) -> list[BookCategory]:
    """Return every node of the tree as it comes in XML, breadth first.

    Raises:
        PageBrokenError: the body is no such tree.
    """
    root = parsed_or_mended(body)
    top = root.find("booksCategory")
    if local_name(root) != "BooksApiDirectory" or top is None:
        raise PageBrokenError("an answer is no books directory; try again later")
    try:
        return _breadth_first(_xml_node(top))
    except (ValueError, RecursionError) as error:
        message = f"the books directory cannot be read ({error}); try again later"
        raise PageBrokenError(message) from error


def _xml_node(element: Element) -> _Node:
    return _Node(
        name=element.findtext("name") or "",
        url=element.findtext("url") or "",
        sub_categories=[_xml_node(child) for child in element.findall("subCategories")],
    )


def _breadth_first(root: _Node) -> list[BookCategory]:
    categories: dict[str, BookCategory] = {}
    waiting: deque[tuple[_Node, BookCategory | None]] = deque([(root, None)])
    while waiting:
        node, parent = waiting.popleft()
        url = SignedUrl.parse(node.url)
        one = BookCategory(
            code=url.cursor,
            name=node.name,
            parent_code=parent.code if parent else None,
            depth=parent.depth + 1 if parent else 0,
            path=(*(parent.path if parent else ()), node.name),
            url=url,
        )
        if one.code in categories or len(categories) >= _MOST_NODES:
            continue  # listed twice: its first place is the one nearest the root
        categories[one.code] = one
        waiting.extend((child, one) for child in node.sub_categories or ())
    return list(categories.values())
