"""The rules that alerts follow, one class a kind; each has a name of its own."""

from __future__ import annotations

from decimal import Decimal

from storage.alerts.selection import Selection


class _Rule(Selection, frozen=True, forbid_unknown_fields=True, tag_field="kind", kw_only=True):
    name: str

    @property
    def kind(self) -> str:
        """The kind, as it is written in the file."""
        return str(type(self).__struct_config__.tag)


class DropRule(_Rule, frozen=True, tag="drop"):
    """A price fell by so much from what was told last.

    Attributes:
        percent: at least so many per cent.
        amount: at least so much money, in the product's currency; with `percent`, both.
    """

    percent: float | None = None
    amount: float | None = None

    def is_drop(self, old: Decimal, new: Decimal) -> bool:
        """Return whether a price that fell from `old` to `new` fell far enough."""
        fell = old - new
        if fell <= 0:
            return False
        if self.percent is not None and fell * 100 < exact(self.percent) * old:
            return False
        return self.amount is None or fell >= exact(self.amount)


class LowRule(_Rule, frozen=True, tag="low", kw_only=True):
    """A price is below every price of so many days.

    Attributes:
        days: for how long; the product must have been known for as long.
        percent: how much lower than the last low that was told, within the days.
    """

    days: float
    percent: float = 1.0


class StockRule(_Rule, frozen=True, tag="back_in_stock"):
    """A product that could not be bought can be bought."""


class DelistedRule(_Rule, frozen=True, tag="delisted"):
    """A product left the catalogue."""


class RankRule(_Rule, frozen=True, tag="rank"):
    """A product came to the top of a category's top sellers, or moved among them.

    Attributes:
        top: tell what enters the first so many.
        leave: a product has left them when it falls below this rank; half as many again by
            default.
        moves: tell what moved by so many ranks since it was told last.
    """

    top: int | None = None
    leave: int | None = None
    moves: int | None = None

    @property
    def last_rank(self) -> int:
        """The rank down to which a product that entered has not left."""
        top = self.top or 0
        return self.leave or top + (top + 1) // 2


Rule = DropRule | LowRule | StockRule | DelistedRule | RankRule


def exact(number: float) -> Decimal:
    """Return a number as it was typed."""
    return Decimal(str(number))
