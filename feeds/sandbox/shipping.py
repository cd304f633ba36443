"""How a made-up product is delivered, and by whom."""

# ruff: noqa: PLR2004 - the numbers are measured rates; a name would only repeat the line

from datetime import timedelta
from random import Random

from feeds.sandbox.catalogue import Record
from feeds.sandbox.days import DAY_ZERO
from feeds.sandbox.template import words

_DELIVERY = [
    f"{DAY_ZERO + timedelta(days=ahead):%a %b %d} 23:59:59 IST {DAY_ZERO.year}"
    for ahead in range(2, 22)
]


def shipping(draw: Random) -> Record:
    """Make up what one record says about its delivery and its seller."""
    ratings = draw.choice((0, 12, 60, 340, 340, 2100, 2100, 9000, 39_000, 5_800_000))
    rating = _rating(draw, ratings)
    return {
        "shippingCharges": {"amount": float(draw.choice(words().shipping)), "currency": "INR"},
        "estimatedDeliveryTime": _delivery(draw),
        "sellerName": draw.choice(words().sellers),
        "sellerAverageRating": rating,
        "sellerNoOfRatings": 0 if rating is None else ratings + draw.randrange(ratings + 1),
        "sellerNoOfReviews": 0 if rating is None else ratings // 12,
    }


def _rating(draw: Random, ratings: int) -> float | int | None:
    if not ratings:
        return None
    chance, rating = draw.random(), 2.5 + 2.5 * draw.random()
    if chance < 0.5:
        return round(rating, 7)
    return round(rating, 1) if chance < 0.91 else round(rating)


def _delivery(draw: Random) -> str:
    chance = draw.random()
    if chance < 0.4:
        return ""
    if chance < 0.96:
        first = draw.randrange(len(_DELIVERY) - 4)
        last = first + draw.randint(1, 4)
        return f"Usually Delivered in {_DELIVERY[first]} - {_DELIVERY[last]} days."
    if chance < 0.98:
        return f"Usually Delivered within {draw.randint(0, 9)} days."
    return f"Usually Delivered in {draw.randint(2, 4)} - {draw.randint(5, 9)} business days."
