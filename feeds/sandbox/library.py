"""The sandbox's bookshop: a tree of book categories, each with its best 500 books.

A book stands in one leaf of the tree, and every node above it ranks it too. Some leaves are ranked
anew every day, some every third day, some never.
"""

from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files
from itertools import count

import msgspec

from feeds.sandbox.book import BookWords, book, isbn, number_of
from feeds.sandbox.catalogue import Record
from feeds.sandbox.chance import mix

_MOST = 500
_RANK = 14
_PERIODS = (1, 0, 3)


class _Branch(msgspec.Struct, frozen=True):
    id: str
    name: str
    children: list["_Branch"] = []


class _Shop(msgspec.Struct, frozen=True):
    tree: _Branch
    words: BookWords


class Node(msgspec.Struct, frozen=True):
    """A category of books.

    Attributes:
        id: The last part of its code, such as `ch7`.
        code: Its full code, such as `bks-fnf-ch7`.
        name: Its name.
        children: The categories below it.
        leaves: The numbers of the leaves below it, or its own.
    """

    id: str
    code: str
    name: str
    children: list["Node"]
    leaves: list[int]


class Library:
    """A bookshop of one size."""

    def __init__(self, seed: int, books: int, affiliate_id: str, day: Callable[[], int]) -> None:
        """Stock it.

        Args:
            seed: Libraries of one seed and size are the same.
            books: How many books there are; 0 leaves every category empty.
            affiliate_id: The tracking id that product links carry.
            day: Tells the current day, which ranks depend on.
        """
        self._seed, self._books, self._affiliate_id, self._day = seed, books, affiliate_id, day
        numbers = count()
        self.root = _node(_shop().tree, "", numbers)
        self._leaves = next(numbers)
        self.nodes = {node.code: node for node in _all(self.root)}

    def top(self, node: Node) -> list[Record]:
        """The best books of a category today, best first, at most 500."""
        leaves = set(node.leaves)
        own = [one for one in range(self._books) if one % self._leaves in leaves]
        return [self._record(one) for one in sorted(own, key=self._rank)[:_MOST]]

    def find(self, identifier: str) -> Record | None:
        """The book with this ISBN, or None."""
        number = number_of(identifier)
        return self._record(number) if number is not None and number < self._books else None

    def ids(self) -> list[str]:
        """The ISBN of every book."""
        return [isbn(number) for number in range(self._books)]

    def _record(self, number: int) -> Record:
        return book(_shop().words, self._seed, number, self._affiliate_id)

    def _rank(self, number: int) -> int:
        leaf = number % self._leaves
        period = _PERIODS[leaf % len(_PERIODS)]
        turn = (self._day() + leaf) // period if period else 0
        return mix(self._seed, number, _RANK, turn)


@cache
def _shop() -> _Shop:
    text = (files(__package__) / "books.toml").read_text(encoding="utf-8")
    return msgspec.toml.decode(text, type=_Shop)


def _node(branch: _Branch, above: str, numbers: Iterator[int]) -> Node:
    code = f"{above}-{branch.id}" if above else branch.id
    children = [_node(child, code, numbers) for child in branch.children]
    leaves = [leaf for child in children for leaf in child.leaves] or [next(numbers)]
    return Node(branch.id, code, branch.name, children, leaves)


def _all(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _all(child)
