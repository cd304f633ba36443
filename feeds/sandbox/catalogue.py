"""What a sandbox serves: categories of products in numbered places, moving on by whole days."""

from collections.abc import Iterator, Mapping, Sequence
from threading import RLock
from typing import TYPE_CHECKING, Any, Protocol

from feeds.sandbox.traits import Traits

if TYPE_CHECKING:
    from feeds.sandbox.library import Library

Record = dict[str, Any]
"""A product as v1.1.0 answers it: the values that JSON holds."""


class Category(Protocol):
    """One category: products stand in places that never move, so that cursors stay valid.

    A product that goes leaves its place empty; a new one is put at the end.
    """

    @property
    def name(self) -> str:
        """Its name in the directory, such as `mens_footwear`."""

    @property
    def code(self) -> str:
        """Its code in links, such as `fwm-t3k`."""

    @property
    def traits(self) -> Traits:
        """Its habits of spelling."""

    @property
    def version(self) -> int:
        """Its current delta version."""

    @property
    def edition(self) -> int:
        """A count that goes up whenever anything in it changes, resets of the version included."""

    def __len__(self) -> int:
        """How many places it has, empty ones included."""

    def record(self, slot: int) -> Record | None:
        """The product in one place as a full feed lists it, or None for an empty place."""

    def changed(self, since: int) -> Sequence[int]:
        """The places whose product changed, came or went after a version, in ascending order."""

    def change(self, slot: int) -> Record:
        """The product of a changed place as a delta lists it, `isAvailable` included."""

    def top(self) -> list[Record]:
        """Its best sellers, best first."""

    def truth(self) -> Iterator[Record]:
        """Its products as they are today: each id once, without the repeats that answers hold."""


class Catalogue(Protocol):
    """Everything that one sandbox serves."""

    @property
    def categories(self) -> Mapping[str, Category]:
        """Its categories by code, in the directory's order."""

    @property
    def books(self) -> "Library":
        """Its bookshop, apart from the categories."""

    @property
    def page_size(self) -> int:
        """How many places a page covers; the vendor's is 500."""

    @property
    def day(self) -> int:
        """How many days it has moved on."""

    @property
    def lock(self) -> RLock:
        """Held while anything reads places or moves a day, so that no page mixes two days."""

    def find(self, product_id: str) -> Record | None:
        """The product or book with this id as it is today, or None."""

    def next_day(self, days: int = 1) -> None:
        """Move every category on by whole days; a replay stays as it is."""

    def reset_version(self, code: str) -> None:
        """Let one category's version fall, as after a rebuild at the vendor.

        Raises:
            KeyError: There is no category with this code.
        """
