"""A catalogue made up from a seed: any size, any number of categories, any number of days."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from threading import RLock

from feeds.sandbox.catalogue import Record
from feeds.sandbox.chance import fraction, mix
from feeds.sandbox.days import advance, quiet
from feeds.sandbox.identity import place
from feeds.sandbox.library import Library
from feeds.sandbox.oddities import make_stale, strip
from feeds.sandbox.product import Shelf, State, build
from feeds.sandbox.slots import Nature, Slots
from feeds.sandbox.template import Template, templates
from feeds.sandbox.traits import traits_of

_STOCK, _RANK, _ORIGIN = 10, 11, 12
_IN_STOCK = 0.62
_TOP_MOST, _TOP_SHARE = 500, 8
_ORIGIN_EVERY, _ORIGIN_AT = 8, 6


class SyntheticCategory:
    """One made-up category; see `Category` for what each member means."""

    def __init__(self, shelf: Shelf, slots: Slots) -> None:
        """Take the places as they are on day 0."""
        self._shelf, self.slots = shelf, slots
        self.name, self.code = shelf.template.name, shelf.template.code
        self.traits, self.version = shelf.traits, shelf.traits.first_version
        self.edition = 0
        self.day = 0
        self.origins: dict[int, tuple[SyntheticCategory, int]] = {}

    def __len__(self) -> int:
        """How many places it has."""
        return len(self.slots)

    def record(self, slot: int) -> Record | None:
        """The product in one place, or None."""
        nature = self.slots.nature[slot]
        if nature == Nature.PLAIN:
            return None if self.slots.gone[slot] else self._build(slot)
        if nature == Nature.ALIAS:
            category, origin = self.origins[slot]
            return category.record(origin)
        return None if nature == Nature.HOLE else self._twin(slot, Nature(nature))

    def changed(self, since: int) -> Sequence[int]:
        """The places that changed after a version."""
        listed = self.slots.listed
        return [
            slot for slot, version in enumerate(self.slots.changed_in)
            if version > since and listed(slot)
        ]  # fmt: skip

    def change(self, slot: int) -> Record:
        """The product of a changed place, `isAvailable` included."""
        if slot in self.origins:
            category, origin = self.origins[slot]
            return category.change(origin)
        record, gone = self._build(slot), bool(self.slots.gone[slot])
        base = record["productBaseInfoV1"]
        base["isAvailable"] = not gone
        if gone:
            base["inStock"] = False
        return record

    def top(self) -> list[Record]:
        """What sells best today, at most 500 and at most an eighth of the places."""
        if not self.traits.top:
            return []
        most = min(_TOP_MOST, max(1, len(self) // _TOP_SHARE))
        ranked = sorted(
            (slot for slot in self.slots.plain() if self._in_stock(slot)),
            key=lambda slot: mix(self._shelf.seed, slot, _RANK, self._rank_day(slot)),
        )
        best: list[Record] = []
        for slot in ranked:
            record = self.record(slot)
            if record and record["productBaseInfoV1"]["inStock"]:
                best.append(record)
            if len(best) == most:
                break
        return best

    def truth(self) -> Iterator[Record]:
        """Its products, without repeated copies."""
        for slot in range(len(self)):
            record = self.record(slot) if self.slots.listed(slot) else None
            if record:
                yield record

    def _rank_day(self, slot: int) -> int:
        return (self.day + slot % 5) // 5  # a fifth of the ranks moves every day

    def _in_stock(self, slot: int) -> bool:
        base = fraction(self._shelf.seed, self._shelf.index, slot, _STOCK) < _IN_STOCK
        return base ^ bool(self.slots.stock_turned[slot]) and not self.slots.gone[slot]

    def _build(self, slot: int) -> Record:
        slots = self.slots
        state = State(
            repriced=slots.repriced[slot],
            renamed=slots.renamed[slot],
            in_stock=self._in_stock(slot),
            has_twin=slot % _ORIGIN_EVERY in (3, 5),
        )
        return build(self._shelf, slot, state)

    def _twin(self, slot: int, nature: Nature) -> Record | None:
        model = slot - 1 if nature is Nature.BARE_AFTER else slot + 1
        record = self.record(model) if model < len(self) else None
        if record is None:
            return None
        if nature is Nature.STALE_BEFORE:
            make_stale(record)
        else:
            strip(record)
            record["productBaseInfoV1"]["inStock"] = False
        return record


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
    """
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
