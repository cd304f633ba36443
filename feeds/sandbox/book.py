"""One made-up book, as a v1.1.0 record: book details, and no category path."""

from random import Random

import msgspec

from feeds.sandbox.catalogue import Record
from feeds.sandbox.chance import dice
from feeds.sandbox.price import prices

_BOOK = 13
_PRICES = (99, 2499)
_SHELF = 1_000_000
_ISBN_STEP = 7_654_321


class BookWords(msgspec.Struct, frozen=True):
    """The words that made-up books are written with."""

    openings: list[str]
    middles: list[str]
    endings: list[str]
    given: list[str]
    family: list[str]
    publishers: list[str]
    languages: list[str]
    bindings: list[str]


def isbn(number: int) -> str:
    """The ISBN, and product id, of the book with this number; 13 digits, different for each."""
    digits = f"97893{number * _ISBN_STEP % 10**7:07}"
    total = sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


def number_of(identifier: str) -> int | None:
    """The number of the book with this ISBN, or None for a foreign one."""
    if not (identifier.isascii() and identifier.isdigit() and identifier.startswith("97893")):
        return None
    number = int(identifier[5:12] or 0) * pow(_ISBN_STEP, -1, 10**7) % 10**7
    return number if isbn(number) == identifier else None


def book(words: BookWords, seed: int, number: int, affiliate_id: str) -> Record:
    """Make the record of one book."""
    draw = dice(seed, number, _BOOK)
    identifier = isbn(number)
    details = _details(draw, words)
    title = " ".join(map(draw.choice, (words.openings, words.middles, words.endings)))
    stem = title.lower().replace(" ", "-").replace("'", "")
    image = f"http://img.feedlake.invalid/image/book/{identifier[-3:]}/{stem}"
    record: Record = {
        "productBaseInfoV1": {
            "productId": identifier,
            "title": title,
            "productDescription": "",
            "imageUrls": {size: f"{image}-{size}.jpeg" for size in ("200x200", "400x400")},
            "productFamily": [identifier],
            "maximumRetailPrice": None,
            "flipkartSellingPrice": None,
            "flipkartSpecialPrice": None,
            "productUrl": f"http://dl.flipkart.com/dl/{stem}/p/itm{identifier[-9:]}"
            f"?pid={identifier}&affid={affiliate_id}",
            "productBrand": "",
            "inStock": draw.random() < 0.8,  # noqa: PLR2004 - a share
            "codAvailable": True,
            "discountPercentage": 0.0,
            "offers": [],
            "categoryPath": None,
            "attributes": dict.fromkeys(
                ("size", "color", "storage", "sizeUnit", "displaySize"), ""
            ),
        },
        "productShippingInfoV1": {
            "shippingCharges": {"amount": float(draw.choice((0, 0, 40))), "currency": "INR"},
            "estimatedDeliveryTime": "",
            "sellerName": "Peepal Enterprises",
            "sellerAverageRating": round(3 + 2 * draw.random(), 1),
            "sellerNoOfRatings": draw.randrange(90_000),
            "sellerNoOfReviews": draw.randrange(900),
        },
        "categorySpecificInfoV1": _specifics(details),
    }
    # Books are priced like one more category, with a number that no category reaches.
    prices(_PRICES, seed, _SHELF, number, 0).put_into(record["productBaseInfoV1"])
    return record


def _details(draw: Random, words: BookWords) -> Record:
    authors = [
        f"{draw.choice(words.given)} {draw.choice(words.family)}"
        for _ in range(draw.choice((0, 1, 1, 1, 1, 2, 3)))
    ]
    pages = draw.randint(16, 1200)
    return {
        "language": draw.choice(words.languages),
        "binding": draw.choice(words.bindings),
        "pages": draw.choice((pages, pages, pages, str(pages), None)),
        "publisher": draw.choice(words.publishers),
        "year": draw.choice((0, *range(1998, 2024))),
        "authors": authors,
    }


def _specifics(details: Record) -> Record:
    shown = {
        "Language": details["language"],
        "Binding": details["binding"],
        "Publisher": details["publisher"],
    }
    lines = [f"{name}: {value}" for name, value in shown.items()]
    return {
        "keySpecs": lines,
        "detailedSpecs": lines,
        "specificationList": [
            {
                "key": "Book Details",
                "values": [{"key": name, "value": [value]} for name, value in shown.items()],
            }
        ],
        "booksInfo": details,
        "lifeStyleInfo": {"sleeve": None, "neck": None, "idealFor": None},
    }
