"""What wants a person's attention this morning, and how each category stands."""

from __future__ import annotations

from datetime import datetime, timedelta

from flows.report.facts import Facts, Row
from flows.report.words import span, when
from flows.unlisted import warnings

FRESH = ("good", "fresh")
"""How a category stands that nobody needs to look after."""

_LATE = timedelta(hours=36)
_LAG_HOURS = 24
_MOST_NAMED = 8


def standing(category: Row, now: datetime) -> tuple[str, str]:
    """Return how a category stands: `good`, `warn` or `bad`, and a word for it."""
    if category["unlisted_at"]:
        return "warn", "unlisted"
    if category["failed_count"]:
        return "bad", "failing"
    if category["checked_at"] is None:
        return "warn", "never checked"
    if (category["lag_hours"] or 0) >= _LAG_HOURS:
        return "warn", "behind"
    if now - category["checked_at"] > _LATE:
        return "warn", "old"
    return FRESH


def attention(facts: Facts, now: datetime) -> list[str]:
    """Return sentences, the gravest first; empty where all is well."""
    checked_at = facts.totals["checked_at"]
    if checked_at is None:
        return ["Nothing was mirrored yet; feedlake refresh does it."]
    found = []
    if now - checked_at > _LATE:
        found.append(
            f"The last check was {span((now - checked_at).total_seconds())} ago, at "
            f"{when(checked_at)} UTC; see that refreshes still run."
        )
    failing = [row for row in facts.categories if row["failed_count"] and not row["unlisted_at"]]
    found += [_failing(row) for row in failing[:_MOST_NAMED]]
    unlisted = [row["category"] for row in facts.categories if row["unlisted_at"]]
    found += [f"{line}." for line in warnings(unlisted[:_MOST_NAMED])]
    if behind := [row["category"] for row in facts.categories if _is_behind(row)]:
        found.append(
            f"More than a day behind the others: {', '.join(behind[:_MOST_NAMED])}"
            f"{' and more' if len(behind) > _MOST_NAMED else ''}."
        )
    if facts.runs and (rejected := facts.runs[0]["rejected_count"]):
        found.append(f"The last run rejected {rejected:,} records; feedlake quarantine shows them.")
    return found


def _failing(row: Row) -> str:
    times = "once" if row["failed_count"] == 1 else f"{row['failed_count']} times"
    error = row["last_error"] or "it does not say why"
    return f"{row['category']} failed {times} since its last check: {error}"


def _is_behind(row: Row) -> bool:
    return (
        not row["failed_count"] and not row["unlisted_at"] and (row["lag_hours"] or 0) >= _LAG_HOURS
    )
