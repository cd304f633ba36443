"""When a scheduled job runs: every so often, at the times of a cron expression, or never."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from flows.errors import WrongCallError

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_SPAN = re.compile(
    r"(?:every )?(\d{1,8}) ?(s|m|h|d|w|sec(?:ond)?s?|min(?:ute)?s?|hours?|days?|weeks?)",
    re.ASCII | re.IGNORECASE,
)
_NEVER = {"0", "never", "off"}
_CRON_FIELDS = 5


@dataclass(frozen=True, slots=True)
class When:
    """One of the two, or neither for a job that is off.

    Attributes:
        every: from one run to the next.
        cron: the times, as five fields.
    """

    every: timedelta | None = None
    cron: str | None = None

    def __str__(self) -> str:
        """Return it for a person."""
        return f"every {self.every}" if self.every else self.cron or "off"

    @classmethod
    def parse(cls, text: str, name: str) -> When:
        """Read `off`, `30m` or `30 2 * * *`.

        Args:
            text: what was typed.
            name: what it is for.

        Raises:
            WrongCallError: it is none of them.
        """
        bare = " ".join(text.split())
        if bare == "off":
            return cls()
        if _SPAN.fullmatch(bare):
            return cls(every=parse_span(bare, name))
        if len(bare.split(" ")) == _CRON_FIELDS:
            return cls(cron=bare)
        raise WrongCallError(
            f"{name}: {text!r} is no time; use off, a span such as 30m, 1h or 1d, or five fields "
            "of cron such as '30 2 * * *'"
        )


def parse_span(text: str, name: str) -> timedelta:
    """Read a span such as `90s`, `30m`, `26h`, `7d` or `7 days`.

    Raises:
        WrongCallError: it is none.
    """
    try:
        return _span(text)
    except ValueError as error:
        raise WrongCallError(f"{name}: {error}") from error


def span_or_never(text: str) -> timedelta | None:
    """Read a span; None for `0`, `never` or `off`.

    Raises:
        ValueError: it is neither.
    """
    bare = " ".join(text.split())
    found = _SPAN.fullmatch(bare)
    is_never = bare.lower() in _NEVER or (found is not None and not int(found[1]))
    return None if is_never else _span(bare)


def _span(text: str) -> timedelta:
    found = _SPAN.fullmatch(" ".join(text.split()))
    if found is None or not int(found[1]):
        raise ValueError(f"{text[:40]!a} is no span; use such as 30m, 26h or 7d")
    return timedelta(seconds=int(found[1]) * _UNITS[found[2][0].lower()])
