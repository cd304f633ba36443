"""How one category's answers differ from another's: the vendor was never consistent.

Every spelling here was met in captured answers or in the vendor's reference; a category keeps its
own, so that a walk through several of them meets all.
"""

# ruff: noqa: PLR2004 - the numbers only spread the habits over the categories

from dataclasses import dataclass
from typing import Literal

BIG_VERSION = 136_625_296
_ENDS: tuple[Literal["absent", "null", "empty", "text"], ...] = ("absent", "null", "empty", "text")
_VERSIONS: tuple[Literal["int", "float", "text"], ...] = ("int", "float", "text")
_HOLES = (0.012, 0.0, 0.03, 0.06, 0.004)
_NAMED_SPECS = (0.35, 0.15, 0.6, 0.3, 0.45)


@dataclass(frozen=True, slots=True)
class Traits:
    """One category's habits.

    Attributes:
        end: How the last page says that there is no next: no key, null, "" or the text "null".
        trailing_empty: Whether the last page is an empty one after all products.
        empty_middle: Whether a page in the middle is empty and has a next page.
        swapped_next: Whether a next link spells `/1.0/affiliate/` for `/affiliate/1.0/`.
        lost_version_next: Whether a delta's next link lost its `1.0/`.
        colon_cursor: Whether cursors have the form of 2015, `v1:code:ID`.
        version: How a delta spells the version; "java" is the way Java prints a double.
        first_version: The version on day 0.
        json_path: Whether category paths are JSON text instead of names joined with `>`.
        titled_offers: Whether offers are objects with a title.
        holes: Share of places that no answer shows, so that pages are shorter than a batch.
        named_specs: Share of records whose specifications are keyed by their own names.
        top: Whether the category has a list of top sellers.
        trailing_top: Whether that list ends with an empty page, as eight of nine captured do.
    """

    end: Literal["absent", "null", "empty", "text"] = "absent"
    trailing_empty: bool = False
    empty_middle: bool = False
    swapped_next: bool = False
    lost_version_next: bool = False
    colon_cursor: bool = False
    version: Literal["int", "float", "text", "java"] = "int"
    first_version: int = 1
    json_path: bool = False
    titled_offers: bool = False
    holes: float = 0.0
    named_specs: float = 0.0
    top: bool = True
    trailing_top: bool = True


def traits_of(index: int) -> Traits:
    """The habits of the category with this number; the first four already differ in most."""
    big = index == 3
    return Traits(
        end=_ENDS[index % 4],
        trailing_empty=index % 3 == 1,
        empty_middle=index % 6 == 0,
        swapped_next=index % 7 == 2,
        lost_version_next=index % 5 == 3,
        colon_cursor=index % 8 == 1,
        version="java" if big else _VERSIONS[index % 3],
        first_version=BIG_VERSION if big else 65 + index * 331 % 1375,
        json_path=index % 22 == 2,
        titled_offers=index % 6 == 1,
        holes=_HOLES[index % 5],
        named_specs=_NAMED_SPECS[index % 5],
        top=index % 11 != 10,
        trailing_top=index % 9 != 8,
    )
