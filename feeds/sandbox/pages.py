"""The pages of one category: a batch of places is cut first and filtered after.

So a page can be short, or empty, in the middle of a walk. Every page is encoded once for each
state of its category and then served from disk.
"""

from collections.abc import Callable, Iterable, Sequence
from threading import RLock

from feeds.sandbox.catalogue import Catalogue, Category, Record
from feeds.sandbox.form import Form
from feeds.sandbox.spool import Sheet, Spool

Encode = Callable[[Sequence[Record], str], bytes]
"""Turns the records of a page and the id of its last product into the page's body."""


class Pages:
    """Cuts, encodes and keeps the pages of one category."""

    def __init__(
        self, catalogue: Catalogue, category: Category, *, tells_deletions: bool = True
    ) -> None:
        """Serve this category of this catalogue; deltas may leave deleted products out."""
        self._catalogue, self._category = catalogue, category
        self._tells_deletions = tells_deletions
        self._lock: RLock = catalogue.lock
        self._spool = Spool()

    def kept(self, key: tuple[object, ...]) -> Sheet | None:
        """The page under a key as it was encoded before, if nothing has changed since."""
        return self._spool.get(self._category.edition, key)

    def feed(self, form: Form, place: int, *, in_stock: bool, encode: Encode) -> Sheet:
        """Encode the page of the full feed that starts at this place, and keep it."""
        with self._lock:
            records = (self._category.record(slot) for slot in self._batch(place))
            shown = [one for one in records if one and (not in_stock or _in_stock(one))]
            sheet = Sheet(_body(shown, encode), self._after(place))
            self._spool.put(self._category.edition, ("feed", form, place, in_stock), sheet)
        return sheet

    def delta(self, form: Form, since: int, place: int, *, in_stock: bool, encode: Encode) -> Sheet:
        """Encode a page of the changes after a version, from this place on, and keep it."""
        with self._lock:
            left = [slot for slot in self._category.changed(since) if slot >= place]
            batch = left[: self._catalogue.page_size]
            changes = (self._category.change(slot) for slot in batch)
            shown = [
                one
                for one in changes
                if (self._tells_deletions or _is_available(one))
                and (not in_stock or _in_stock(one))
            ]
            next_place = batch[-1] + 1 if len(left) > len(batch) else None
            sheet = Sheet(_body(shown, encode), next_place)
            key = ("delta", form, since, place, in_stock)
            self._spool.put(self._category.edition, key, sheet)
        return sheet

    def top(self, form: Form, place: int, *, in_stock: bool, encode: Encode) -> Sheet:
        """Encode the page of the best sellers that starts at this place, and keep it.

        Its length does not say whether it is the last: captured first pages with 7 to 492 records
        carry a next link, which leads to an empty page.
        """
        size = self._catalogue.page_size
        with self._lock:
            batch = self._category.top()[place : place + size]
            shown = [one for one in batch if not in_stock or _in_stock(one)]
            ends = not batch or (len(batch) < size and not self._category.traits.trailing_top)
            sheet = Sheet(_body(shown, encode), None if ends else place + size)
            key = ("top", form, self._catalogue.day, place, in_stock)
            self._spool.put(self._category.edition, key, sheet)
        return sheet

    def starts_page(self, place: int) -> bool:
        """Whether a page of the full feed can start at this place."""
        size, length = self._catalogue.page_size, len(self._category)
        behind = self._category.traits.trailing_empty and place - size < length
        return place % size == 0 and (place < length or behind)

    def starts(self) -> Iterable[int]:
        """Where the pages of the full feed start."""
        return range(0, max(1, len(self._category)), self._catalogue.page_size)

    def close(self) -> None:
        """Drop what was kept."""
        self._spool.close()

    def _batch(self, place: int) -> range:
        return range(place, min(place + self._catalogue.page_size, len(self._category)))

    def _after(self, place: int) -> int | None:
        following = place + self._catalogue.page_size
        more = following < len(self._category)
        behind = self._category.traits.trailing_empty and place < len(self._category)
        return following if more or behind else None


def _body(records: Sequence[Record], encode: Encode) -> bytes:
    last = records[-1] if records else None
    return encode(records, last["productBaseInfoV1"]["productId"] if last else "")


def _is_available(record: Record) -> bool:
    return record["productBaseInfoV1"]["isAvailable"] is not False


def _in_stock(record: Record) -> bool:
    return record["productBaseInfoV1"]["inStock"] is True
