"""What is strange about some records, at the rates measured in captured answers of 2016.

Rates are shares of all records. Besides, every oddity is forced onto one early place of one of the
first categories, so that even a small catalogue holds nearly all of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from feeds.sandbox.catalogue import Record
from feeds.sandbox.chance import dice
from feeds.sandbox.images import by_size
from feeds.sandbox.price import amount

_WORDS, _PRICES = 6, 7
_FORCED_IN = 3
_OLD_SIZES = (
    "1100x1100", "125x125", "200x200", "400x400", "75x75", "275x275", "40x40", "unknown", "100x100",
)  # fmt: skip
_ODD_KEYS = ("60x12", "8x8", "3x4", "58x16", "22x24", "9x86", "61x14")


@dataclass(frozen=True, slots=True)
class Oddity:
    """One strangeness: the share of records that have it, and what it does to a record."""

    rate: float
    bend: Callable[[Record, Random], None]


def bend(record: Record, seed: int, index: int, slot: int) -> None:
    """Bend what a record says, never its prices."""
    _apply(ODDITIES, record, (seed, index, slot, _WORDS))


def bend_prices(record: Record, seed: int, index: int, slot: int, *, bare: bool) -> None:
    """Bend the prices of a record whose price has not changed since day 0.

    Args:
        record: The record to bend.
        seed: The catalogue's seed.
        index: The category's number.
        slot: The place in the category.
        bare: Whether the record may lose its price and details altogether.
    """
    _apply(PRICE_ODDITIES[0 if bare else 1 :], record, (seed, index, slot, _PRICES))


def strip(record: Record) -> None:
    """Make a record bare, the way the vendor lists some products and many repeated ids."""
    base, shipping = record["productBaseInfoV1"], record["productShippingInfoV1"]
    base.update(productFamily=[], flipkartSellingPrice=None, flipkartSpecialPrice=None, offers=None)
    if base["attributes"]["color"]:
        base["attributes"]["color"] = f"[{base['attributes']['color']}]"
    shipping.update(dict.fromkeys(shipping), sellerNoOfRatings=0, sellerNoOfReviews=0)
    specific = record["categorySpecificInfoV1"]
    specific.update(keySpecs=[], detailedSpecs=[], specificationList=[], lifeStyleInfo=None)
    specific["booksInfo"]["authors"] = None
    _old_images(record, Random(0))  # noqa: S311 - the same keys for every bare record


def make_stale(record: Record) -> None:
    """Make a record the older of two copies: another special price, another offer."""
    base = record["productBaseInfoV1"]
    base["flipkartSpecialPrice"] = base["flipkartSellingPrice"]
    base["offers"] = ["Order today and get a free gift"]


def _apply(oddities: tuple[Oddity, ...], record: Record, place: tuple[int, ...]) -> None:
    _, index, slot, group = place
    draw = dice(*place)
    forced = -1
    if index < _FORCED_IN and slot % 7 == group % 7 and slot // 7 < len(oddities):
        forced = slot // 7
    for number, oddity in enumerate(oddities):
        if draw.random() < oddity.rate or number == forced:
            oddity.bend(record, draw)


def _special_null(record: Record, _: Random) -> None:
    record["productBaseInfoV1"]["flipkartSpecialPrice"] = None


def _unpriced(record: Record, _: Random) -> None:
    base = record["productBaseInfoV1"]
    for name in ("maximumRetailPrice", "flipkartSellingPrice", "flipkartSpecialPrice"):
        base[name] = amount(0)
    base.update(discountPercentage=0.0, inStock=False)


def _unpriced_in_stock(record: Record, draw: Random) -> None:
    _unpriced(record, draw)
    record["productBaseInfoV1"]["inStock"] = True


def _bare(record: Record, _: Random) -> None:
    strip(record)


def _no_images(record: Record, _: Random) -> None:
    record["productBaseInfoV1"]["imageUrls"] = {}


def _one_image(record: Record, _: Random) -> None:
    images = record["productBaseInfoV1"]["imageUrls"]
    record["productBaseInfoV1"]["imageUrls"] = dict(list(images.items())[-1:])


def _old_images(record: Record, draw: Random) -> None:
    images = record["productBaseInfoV1"]["imageUrls"]
    if not images:
        return
    first = next(iter(images.values())).replace("//img.", "//img5a.")
    record["productBaseInfoV1"]["imageUrls"] = by_size(
        first.replace("200x200", "original" if size == "unknown" else size)
        for size in _OLD_SIZES[draw.choice((0, 0, 1)) :]
    )


def _odd_image_key(record: Record, draw: Random) -> None:
    images = record["productBaseInfoV1"]["imageUrls"]
    if original := images.pop("unknown", None):
        odd = original.replace("-original-", f"-{draw.choice(_ODD_KEYS)}-original-")
        record["productBaseInfoV1"]["imageUrls"] = by_size([odd, *images.values()])


def _sized_by_path(record: Record, _: Random) -> None:
    images = record["productBaseInfoV1"]["imageUrls"]
    if not images:
        return
    original = list(images.values())[-1].replace("http://img.", "https://img1.")
    record["productBaseInfoV1"]["imageUrls"] = by_size(
        original.replace("/image/", f"/image/{side}/{side}/") + "?q=90" for side in (200, 400, 800)
    )


def _no_self_in_family(record: Record, _: Random) -> None:
    base = record["productBaseInfoV1"]
    family = base["productFamily"] or []
    others = [one for one in family if base["productId"] not in one]
    base["productFamily"] = others or ["[]"]


def _no_brand(record: Record, _: Random) -> None:
    record["productBaseInfoV1"]["productBrand"] = ""


def _cash_unknown(record: Record, _: Random) -> None:
    record["productBaseInfoV1"]["codAvailable"] = None


def _no_cash(record: Record, _: Random) -> None:
    record["productBaseInfoV1"]["codAvailable"] = False


def _stock_unknown(record: Record, _: Random) -> None:
    record["productBaseInfoV1"]["inStock"] = None


def _number_as_unit(record: Record, _: Random) -> None:
    record["productBaseInfoV1"]["attributes"].update(size="90", sizeUnit="90")


def _printed(record: Record, _: Random) -> None:
    record["categorySpecificInfoV1"]["booksInfo"].update(
        binding="Spiral", publisher="Margin & Rule Press", pages="192", year=2015
    )


def _spec_twice(record: Record, _: Random) -> None:
    for group in record["categorySpecificInfoV1"]["specificationList"][:1]:
        for entry in group.get("values", [])[:1]:
            entry["value"] = [*entry["value"], "Any other"]


def _spec_unnamed(record: Record, _: Random) -> None:
    for group in record["categorySpecificInfoV1"]["specificationList"][-1:]:
        if "key" in group:
            group["key"] = ""


def _texts(field: str, change: Callable[[str, Random], str]) -> Callable[[Record, Random], None]:
    def rewrite(record: Record, draw: Random) -> None:
        base = record["productBaseInfoV1"]
        base[field] = change(base[field] or "Sold as seen.", draw)

    return rewrite


def _inside(inset: str) -> Callable[[str, Random], str]:
    def put(text: str, draw: Random) -> str:
        at = text.find(" ", draw.randrange(len(text)) if text else 0)
        return text[:at] + inset + text[at:] if at >= 0 else text + inset

    return put


def _edged(text: str, _: Random) -> str:
    return f"  {text} "


PRICE_ODDITIES = (
    Oddity(0.0147, _bare),  # a quarter of the places cannot be bare; 1.1 % of the records are
    Oddity(0.0055, _special_null),
    Oddity(0.021, _unpriced),
    Oddity(0.00005, _unpriced_in_stock),
)
"""What can be wrong with prices; the bare records come first."""

ODDITIES = (
    Oddity(0.0006, _no_images),
    Oddity(0.014, _one_image),
    Oddity(0.004, _old_images),
    Oddity(0.02, _odd_image_key),
    Oddity(0.002, _no_self_in_family),
    Oddity(0.0004, _no_brand),
    Oddity(0.0002, _cash_unknown),
    Oddity(0.0018, _no_cash),
    Oddity(0.0002, _stock_unknown),
    Oddity(0.0001, _number_as_unit),
    Oddity(0.0004, _printed),
    Oddity(0.003, _spec_twice),
    Oddity(0.006, _spec_unnamed),
    Oddity(0.0012, _texts("title", _inside("\ufffd\ufffd"))),
    Oddity(0.0003, _texts("title", _inside("\n"))),
    Oddity(0.0005, _texts("title", _inside(" & d&apos;Or"))),
    Oddity(0.004, _texts("title", _inside(' 15" '))),
    Oddity(0.001, _texts("title", _inside("; boxed"))),
    Oddity(0.0005, _texts("title", _edged)),
    Oddity(0.0084, _texts("productDescription", _inside("\ufffd\ufffd_"))),
    Oddity(0.029, _texts("productDescription", _inside(' the so-called "smart" choice'))),
    Oddity(0.014, _texts("productDescription", _inside("; see below; then"))),
    Oddity(0.004, _texts("productDescription", _edged)),
    Oddity(0.003, _texts("productDescription", _inside(" &amp; <b>more</b>&#39;s"))),
    Oddity(0.002, _texts("productDescription", _inside("\r\n\u2022 first\n\u2022 second\t"))),
    Oddity(0.0005, _texts("productDescription", _inside(" \u5c71\u7530 \u8033\u6a5f \U0001f3a7"))),
    Oddity(0.002, _texts("productDescription", _inside("\u00e2\u20ac\u2122s"))),
    Oddity(0.0005, _texts("productDescription", _inside("\x0b\x02\x1f"))),
    Oddity(0.0001, _texts("productBrand", _inside(' "Originals"'))),
    Oddity(0.0002, _texts("productBrand", _edged)),
    Oddity(0.01, _sized_by_path),
)
"""What can be wrong with everything else."""
