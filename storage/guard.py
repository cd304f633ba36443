"""Guards: a walk that looks like an outage is not merged until a person says so."""

from __future__ import annotations

from dataclasses import dataclass

from storage.errors import MergeRefusedError

_FEW = 20
"""Products that may leave a category, or be rejected, in one walk whatever its size."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A bound, as a count or as a share.

    Attributes:
        count: at most so many; None where a share is meant.
        share: at most this part of the whole, 0 to 1.
    """

    count: int | None = None
    share: float = 1.0

    @classmethod
    def parse(cls, text: str) -> Limit:
        """Read `50` or `2%`.

        Raises:
            ValueError: it is neither.
        """
        bare = text.strip()
        if bare.endswith("%"):
            share = float(bare.removesuffix("%")) / 100
            if not 0 <= share <= 1:
                raise ValueError(f"{text!r} is no share; use 0% to 100%")
            return cls(share=share)
        if not bare.isdecimal():
            raise ValueError(f"{text!r} is neither a count such as 50 nor a share such as 2%")
        return cls(count=int(bare))

    def allows(self, part: int, whole: int) -> bool:
        """Return whether so many of so many are within the bound."""
        return part <= (self.share * whole if self.count is None else self.count)

    def __str__(self) -> str:
        """Return the bound as it is typed."""
        return f"{self.share * 100:g}%" if self.count is None else str(self.count)


@dataclass(frozen=True, slots=True)
class Guards:
    """What a merge may do without being asked.

    Attributes:
        max_loss: products that may leave a category in one full walk.
        max_rejects: records of a walk that may be rejected.
    """

    max_loss: Limit = Limit(share=0.2)
    max_rejects: Limit = Limit(share=0.1)

    def check_loss(self, category: str, lost: int, listed: int, seen: int) -> None:
        """Refuse a full walk that lost too much; a few are never too many, unless they are all.

        Args:
            category: what was walked.
            lost: products that would leave it.
            listed: products that were listed in it.
            seen: records that the walk met.

        Raises:
            MergeRefusedError: it lost more than the bound, or met nothing at all.
        """
        is_plausible = lost <= _FEW and seen > 0
        if is_plausible or self.max_loss.allows(lost, listed):
            return
        raise MergeRefusedError(
            f"the walk of {category} lost {lost:,} of {listed:,} products, more than --max-loss "
            f"{self.max_loss} allows, and was not merged; if that is right, run "
            f"`feedlake refresh {category} --full --max-loss 100%`"
        )

    def check_rejects(self, category: str, rejected: int, seen: int) -> None:
        """Refuse a walk of which too much was rejected; of a share, a few are never too many.

        Raises:
            MergeRefusedError: more than the bound.
        """
        is_few = rejected <= _FEW and self.max_rejects.count is None
        if not is_few and not self.max_rejects.allows(rejected, seen):
            raise MergeRefusedError(
                f"{rejected:,} of {seen:,} records of {category} were rejected, more than "
                f"--max-rejects {self.max_rejects} allows, and nothing was merged; if that is "
                "right, raise the bound and run the same command again"
            )
