"""A made-up product's prices, in rupees: selling never above the maximum, special never above it.

Amounts are floats on the wire. About a quarter of the discounts cannot be derived from the prices,
as in the captured answers of 2016.
"""

import math
from dataclasses import dataclass

from feeds.sandbox.catalogue import Record
from feeds.sandbox.chance import dice

_LIST, _TODAY = 4, 5
_UNREDUCED, _SPECIAL, _ODD_DISCOUNT = 0.26, 0.18, 0.23


@dataclass(frozen=True, slots=True)
class Prices:
    """Whole rupees, and the discount that the vendor claims, in percent."""

    maximum: int
    selling: int
    special: int
    discount: int

    def put_into(self, base: Record) -> None:
        """Write them into a record's base information."""
        base["maximumRetailPrice"] = amount(self.maximum)
        base["flipkartSellingPrice"] = amount(self.selling)
        base["flipkartSpecialPrice"] = amount(self.special)
        base["discountPercentage"] = float(self.discount)


def amount(rupees: int) -> Record:
    """An amount as the wire holds it."""
    return {"amount": float(rupees), "currency": "INR"}


def prices(limits: tuple[int, int], seed: int, index: int, slot: int, repriced: int) -> Prices:
    """The prices of one place after some price changes.

    Args:
        limits: The category's lowest and highest maximum price, in whole rupees.
        seed: The catalogue's seed.
        index: The category's number.
        slot: The place in the category.
        repriced: How often the price has changed since day 0.
    """
    low, high = math.log(limits[0]), math.log(limits[1])
    draw = dice(seed, index, slot, _LIST)
    maximum = int(math.exp(low + (high - low) * draw.random() ** 1.6)) // 10 * 10 + 9
    draw = dice(seed, index, slot, _TODAY, repriced)
    selling = maximum
    if draw.random() > _UNREDUCED:
        selling = max(1, int(maximum * (0.3 + 0.68 * draw.random())))
    special = selling
    if draw.random() < _SPECIAL:
        special = max(1, int(selling * (0.84 + 0.14 * draw.random())))
    discount = int(100 * (maximum - selling) / maximum)
    if draw.random() < _ODD_DISCOUNT:
        discount = draw.choice((0, discount + 1, int(100 * (maximum - special) / maximum)))
    return Prices(maximum, selling, special, discount)
