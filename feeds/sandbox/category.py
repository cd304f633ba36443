"""One made-up category."""

from collections.abc import Iterator, Sequence

from feeds.sandbox.catalogue import Record
from feeds.sandbox.chance import fraction, mix
from feeds.sandbox.oddities import make_stale, strip
from feeds.sandbox.product import Shelf, State, build
from feeds.sandbox.slots import Nature, Slots

_STOCK, _RANK = 10, 11
_IN_STOCK = 0.62
_TOP_MOST, _TOP_SHARE = 500, 8
_NEIGHBOURS = 8


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
            has_twin=slot % _NEIGHBOURS in (3, 5),
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
