"""The places of a made-up category and what has happened to each since day 0.

Some bytes per place are kept and nothing else, so that millions of places fit; a product itself
is made anew, from the seed and these, whenever a page shows it.
"""

from array import array
from collections.abc import Iterator
from enum import IntEnum

from feeds.sandbox.chance import mix
from feeds.sandbox.traits import Traits

_TWIN_EVERY, _TWIN_AT, _TWIN_SHARE = 8, 4, 0.005
_ALIAS_AT, _ALIAS_SHARE = 1, 0.03
_FIRST_TWIN, _FIRST_ALIAS = 12, 9
_NATURE = 1


class Nature(IntEnum):
    """What a place is, fixed by the seed."""

    PLAIN = 0
    HOLE = 1
    """No answer ever shows it: the vendor filters records after a batch is cut."""
    BARE_AFTER = 2
    """Repeats the place before it, without prices and details."""
    BARE_BEFORE = 3
    """Repeats the place after it, without prices and details."""
    STALE_BEFORE = 4
    """Repeats the place after it, with an older special price and other offers."""
    ALIAS = 5
    """Shows a product of another category."""


class Slots:
    """The state of every place: how often repriced and renamed, in stock or not, gone or not."""

    def __init__(self, seed: int, index: int, traits: Traits, plain: int, page_size: int) -> None:
        """Lay out places until `plain` of them hold a product of the category's own."""
        self.seed, self.index = seed, index
        self._holes, self._page_size = traits.holes, page_size
        self._empty_page = self._middle(plain) if traits.empty_middle else None
        self.nature = bytearray()
        self.repriced = array("H")
        self.renamed = array("H")
        self.stock_turned = bytearray()
        self.gone = bytearray()
        self.changed_in = array("q")
        self._lay(plain, traits.first_version)

    def __len__(self) -> int:
        """How many places there are."""
        return len(self.nature)

    def append(self, version: int) -> int:
        """Add one place at the end, changed in this version; return its number."""
        slot = len(self)
        nature = self._nature(slot)
        self.nature.append(Nature.HOLE if nature is Nature.ALIAS else nature)
        self._extend(version)
        return slot

    def listed(self, slot: int) -> bool:
        """Whether the place holds a product that changes are told about."""
        return self.nature[slot] in (Nature.PLAIN, Nature.ALIAS)

    def plain(self) -> Iterator[int]:
        """The places with a product of the category's own, gone ones included."""
        return (slot for slot, nature in enumerate(self.nature) if nature == Nature.PLAIN)

    def _lay(self, plain: int, version: int) -> None:
        while plain > 0:
            nature = self._nature(len(self))
            plain -= nature is Nature.PLAIN
            self.nature.append(nature)
            self._extend(version)

    def _extend(self, version: int) -> None:
        self.repriced.append(0)
        self.renamed.append(0)
        self.stock_turned.append(0)
        self.gone.append(0)
        self.changed_in.append(version)

    def _middle(self, plain: int) -> int | None:
        pages = -(-plain // self._page_size)
        return pages // 2 if pages > 2 else None  # noqa: PLR2004 - a middle needs two sides

    def _nature(self, slot: int) -> Nature:
        chance = mix(self.seed, self.index, slot, _NATURE)
        if slot // self._page_size == self._empty_page or self._is_hole(chance):
            return Nature.HOLE
        rest = (chance >> 24 & 0xFFFF) / 0x10000
        if slot % _TWIN_EVERY == _TWIN_AT and (rest < _TWIN_SHARE or slot == _FIRST_TWIN):
            return self._twin(slot, chance >> 40)
        aliased = rest < _ALIAS_SHARE or slot == _FIRST_ALIAS
        if self.index and slot % _TWIN_EVERY == _ALIAS_AT and aliased:
            return Nature.ALIAS
        return Nature.PLAIN

    def _is_hole(self, chance: int) -> bool:
        return (chance & 0xFFFFFF) / 0x1000000 < self._holes

    def _twin(self, slot: int, chance: int) -> Nature:
        kinds = (Nature.BARE_AFTER, Nature.BARE_BEFORE, Nature.STALE_BEFORE)
        nature = kinds[chance % 3]
        model = slot - 1 if nature is Nature.BARE_AFTER else slot + 1
        same_page = model // self._page_size == slot // self._page_size
        model_hidden = self._is_hole(mix(self.seed, self.index, model, _NATURE))
        return nature if same_page and not model_hidden else Nature.HOLE
