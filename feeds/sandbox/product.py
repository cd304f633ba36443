"""One made-up product, as a v1.1.0 record.

The same seed, category, slot and changes always give the same record. Frequencies follow what was
measured in captured answers of 2016; `oddities` then bends some records.
"""

# ruff: noqa: PLR2004 - the numbers are measured rates; a name would only repeat the line

from dataclasses import dataclass
from random import Random

from feeds.sandbox.catalogue import Record
from feeds.sandbox.chance import dice
from feeds.sandbox.identity import product_id
from feeds.sandbox.images import by_size
from feeds.sandbox.oddities import bend, bend_prices
from feeds.sandbox.price import prices
from feeds.sandbox.shipping import shipping
from feeds.sandbox.specification import specifics
from feeds.sandbox.template import Kind, Template, words
from feeds.sandbox.traits import Traits

_BODY = 2
_FAMILY_SIZES = ((0.75, 1, 1), (0.87, 2, 5), (0.955, 6, 20), (0.999, 21, 40), (1.0, 41, 414))


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where a category's products come from; the same for every product of it."""

    seed: int
    index: int
    template: Template
    traits: Traits
    affiliate_id: str

    def kind(self, slot: int) -> Kind:
        """The kind of thing in one place; neighbours in tens are alike, so families make sense."""
        kinds = self.template.kinds
        return kinds[slot // 10 % len(kinds)]

    def id(self, slot: int) -> str:
        """The product id of one place."""
        return product_id(self.kind(slot).id, self.seed, self.index, slot)


@dataclass(frozen=True, slots=True)
class State:
    """What has happened to a product since day 0."""

    repriced: int
    renamed: int
    in_stock: bool
    has_twin: bool = False


def build(shelf: Shelf, slot: int, state: State) -> Record:
    """Make the record of one place."""
    draw = dice(shelf.seed, shelf.index, slot, _BODY)
    kind, template = shelf.kind(slot), shelf.template
    brand = draw.choice(template.brands)
    series = draw.choice(words().adjectives)
    colour = draw.choice(words().colours) if template.coloured and draw.random() < 0.7 else ""
    title = _title(draw, f"{brand} {series}", kind.noun, colour, state.renamed)
    identifier = shelf.id(slot)
    offers = draw.sample(words().offers, draw.choice((0, 0, 0, 1, 1, 1, 2, 2, 2, 3)))
    stem = _stem(brand, series, kind.noun)
    record: Record = {
        "productBaseInfoV1": {
            "productId": identifier,
            "title": title,
            "productDescription": _description(draw, brand, kind.noun, colour or "grey", series),
            "imageUrls": _images(kind.slug, stem, identifier),
            "productFamily": _family(draw, shelf, slot),
            "maximumRetailPrice": None,
            "flipkartSellingPrice": None,
            "flipkartSpecialPrice": None,
            "productUrl": _link(draw, shelf, stem, identifier),
            "productBrand": brand,
            "inStock": state.in_stock,
            "codAvailable": True,
            "discountPercentage": 0.0,
            "offers": [{"title": one} for one in offers] if shelf.traits.titled_offers else offers,
            "categoryPath": _path(shelf, kind),
            "attributes": _attributes(draw, template, colour),
        },
        "productShippingInfoV1": shipping(draw),
        "categorySpecificInfoV1": specifics(draw, template, brand, named=shelf.traits.named_specs),
    }
    place = shelf.seed, shelf.index, slot
    prices(template.price, *place, state.repriced).put_into(record["productBaseInfoV1"])
    if not state.repriced:
        bend_prices(record, *place, bare=not state.has_twin)
    bend(record, *place)
    return record


def _title(draw: Random, line: str, noun: str, colour: str, renamed: int) -> str:
    title = f"{line} {draw.randint(5, 5000)} {noun}"
    ending = draw.random()
    if colour and ending < 0.6:
        title += f"({colour})"
    elif ending > 0.85:
        title += f"(Pack of {draw.randint(2, 6)})"
    return f"{title} - Edition {renamed + 1}" if renamed else title


def _description(draw: Random, brand: str, noun: str, colour: str, series: str) -> str:
    if draw.random() < 0.45:
        return ""
    chosen = draw.sample(words().sentences, draw.randint(2, 10))
    text = " ".join(chosen)
    return text.format(brand=brand, noun=noun.lower(), colour=colour.lower(), series=series)


def _stem(brand: str, series: str, noun: str) -> str:
    return "".join(
        letter if letter.isalnum() else "-" for letter in f"{brand} {series} {noun}".lower()
    )


_SIZES = ("200x200", "400x400", "800x800", "original")


def _images(slug: str, stem: str, identifier: str) -> dict[str, str]:
    low = identifier.lower()
    shelf = f"http://img.feedlake.invalid/image/{slug}/{low[-3]}/{low[-2]}/{low[-1]}/{stem}"
    tail = f"ima{low[4:]}.jpeg"
    return by_size(f"{shelf}-{size}-{tail}" for size in _SIZES)


def _family(draw: Random, shelf: Shelf, slot: int) -> list[str]:
    chance = draw.random()
    size = next(draw.randint(low, high) for limit, low, high in _FAMILY_SIZES if chance < limit)
    first = slot if size == 1 else max(0, slot - draw.randrange(size))
    ids = [shelf.id(member) for member in range(first, first + size)]
    if draw.random() < 0.39:
        # The vendor's server prints Java's list and cuts the text at its commas.
        return f"[{', '.join(ids)}]".split(",")
    return ids


def _link(draw: Random, shelf: Shelf, stem: str, identifier: str) -> str:
    chance = draw.random()
    start = "http://dl.flipkart.com/dl"
    if chance < 0.05:
        start = "https://www.flipkart.com" if chance < 0.02 else "https://dl.flipkart.com/dl"
    item = identifier[4:].lower()
    return f"{start}/{stem}/p/itm{item}?pid={identifier}&affid={shelf.affiliate_id}"


def _path(shelf: Shelf, kind: Kind) -> str:
    if not shelf.traits.json_path:
        return kind.path
    nodes = ", ".join(
        f'{{"node_id": {20_000 + len(name) * 7 + depth}, "node_name": "{name}"}}'
        for depth, name in enumerate(kind.path.split(">"))
    )
    return f"[[{nodes}]]"


def _attributes(draw: Random, template: Template, colour: str) -> dict[str, str]:
    return {
        "size": draw.choice(template.sizes) if template.sizes else "",
        "color": colour,
        "storage": draw.choice(template.storages) if template.storages else "",
        "sizeUnit": template.size_unit if draw.random() < 0.6 else "",
        "displaySize": draw.choice(template.displays) if template.displays else "",
    }
