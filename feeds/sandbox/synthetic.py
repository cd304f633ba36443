"""A catalogue made up from a seed: any size, any number of categories, any number of days."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from threading import RLock

from feeds.sandbox.catalogue import Record
from feeds.sandbox.category import SyntheticCategory
from feeds.sandbox.chance import mix
from feeds.sandbox.days import advance, quiet
from feeds.sandbox.identity import place
from feeds.sandbox.library import Library
from feeds.sandbox.product import Shelf
from feeds.sandbox.slots import Nature, Slots
from feeds.sandbox.template import Template, templates
from feeds.sandbox.traits import traits_of

_ORIGIN = 12
_ORIGIN_EVERY, _ORIGIN_AT = 8, 6


class SyntheticCatalogue:
    """Made-up categories that share a seed; see `Catalogue` for what each member means."""

    def __init__(
        self,
        categories: Sequence[SyntheticCategory],
        seed: int,
        page_size: int,
        library: Callable[[Callable[[], int]], Library],
    ) -> None:
        """Take the categories as they are on day 0, and stock the library that follows the days."""
        self._ordered, self._seed = list(categories), seed
        self.categories: Mapping[str, SyntheticCategory] = {one.code: one for one in categories}
        self.page_size = page_size
        self.day = 0
        self.lock = RLock()
        self.books = library(lambda: self.day)
        self._shown_elsewhere = [self._borrow(index) for index in range(len(self._ordered))]

    def find(self, product_id: str) -> Record | None:
        """The product or book with this id as it is today, or None."""
        index, slot = place(product_id, self._seed) or (-1, -1)
        if 0 <= index < len(self._ordered):
            category = self._ordered[index]
            record = category.record(slot) if slot < len(category) else None
            if record and record["productBaseInfoV1"]["productId"] == product_id:
                return record
        return self.books.find(product_id)

    def next_day(self, days: int = 1) -> None:
        """Move every category on by whole days."""
        with self.lock:
            for _ in range(days):
                self.day += 1
                self._move()

    def reset_version(self, code: str) -> None:
        """Let one category's version fall to a tenth, all of it changed in that version."""
        with self.lock:
            category = self.categories[code]
            category.version = category.version // 10 + 1
            category.edition += 1
            for slot in range(len(category)):
                category.slots.changed_in[slot] = category.version

    def _move(self) -> None:
        still = quiet(self._seed, self.day, len(self._ordered))
        for index, category in enumerate(self._ordered):
            category.day = self.day
            if index == still:
                continue
            category.edition += 1
            # A product that a quiet category shows too stays as it is, or that one would change.
            spared = self._shown_elsewhere[index] if index + 1 == still else {}
            category.version = advance(
                category.slots, category.version, self.day, spared=spared.__contains__
            )
        for index, shown in enumerate(self._shown_elsewhere):
            if index != still:
                self._carry_over(index, shown)

    def _carry_over(self, index: int, shown: Mapping[int, int]) -> None:
        """Changes of a product count in the next category that shows it as well."""
        origin = self._ordered[index]
        for slot, copy in shown.items():
            if origin.slots.changed_in[slot] == origin.version:
                other = self._ordered[index + 1]
                other.slots.changed_in[copy] = other.version

    def _borrow(self, index: int) -> dict[int, int]:
        """Give the next category's aliases a product of this one; return origin to alias."""
        if index + 1 == len(self._ordered):
            return {}
        origin, borrower = self._ordered[index], self._ordered[index + 1]
        shown: dict[int, int] = {}
        for slot, nature in enumerate(borrower.slots.nature):
            if nature != Nature.ALIAS:
                continue
            found = self._origin(origin, slot)
            if found is None or found in shown:
                borrower.slots.nature[slot] = Nature.HOLE
            else:
                shown[found] = slot
                borrower.origins[slot] = origin, found
        return shown

    def _origin(self, category: SyntheticCategory, slot: int) -> int | None:
        turns = len(category) // _ORIGIN_EVERY
        if not turns:
            return None
        found = mix(self._seed, slot, _ORIGIN) % turns * _ORIGIN_EVERY + _ORIGIN_AT
        return found if category.slots.nature[found] == Nature.PLAIN else None


def synthetic(
    products: int = 2000,
    categories: int = 4,
    *,
    seed: int = 7,
    page_size: int = 500,
    affiliate_id: str = "sandbox",
    books: int = 1200,
) -> SyntheticCatalogue:
    """Make up a catalogue.

    Args:
        products: How many different products there are on day 0.
        categories: How many categories they stand in; the first is the largest.
        seed: Two catalogues of one seed and size are the same, on every day.
        page_size: How many places a page covers.
        affiliate_id: The tracking id that product links carry.
        books: How many books the bookshop has.

    Returns:
        The catalogue on day 0. Nothing is generated until a page is asked for.

    Raises:
        ValueError: A size is negative, or there is no category or no room on a page.
    """
    if min(products, books) < 0 or min(categories, page_size) < 1:
        raise ValueError("a catalogue needs a category, a page size and no negative number")
    made = []
    for index, size in enumerate(_sizes(products, categories)):
        traits = traits_of(index)
        shelf = Shelf(seed, index, _template(index), traits, affiliate_id)
        made.append(SyntheticCategory(shelf, Slots(seed, index, traits, size, page_size)))
    library = partial(Library, seed, books, affiliate_id)
    return SyntheticCatalogue(made, seed, page_size, library)


def _sizes(products: int, categories: int) -> list[int]:
    weights = [(index + 1) ** -0.7 for index in range(categories)]
    sizes = [int(products * weight / sum(weights)) for weight in weights]
    sizes[0] += products - sum(sizes)
    return sizes


def _template(index: int) -> Template:
    known = templates()
    template, turn = known[index % len(known)], index // len(known)
    if not turn:
        return template
    import msgspec

    return msgspec.structs.replace(
        template, name=f"{template.name}_{turn + 1}", code=f"{template.code}-{turn + 1:02}x"
    )
