"""What a scheduled job did, as Prefect shows it: a state, a table, and events to act on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from prefect.artifacts import acreate_link_artifact, acreate_table_artifact
from prefect.client.schemas import State
from prefect.events import emit_event
from prefect.states import Completed, Failed

from feeds.signed_url import redact
from flows.plain import plain


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that a person should hear of.

    Attributes:
        event: its name, such as `feedlake.feed.failed`.
        about: the category or job.
        said: why.
        is_failure: whether the run has failed because of it.
    """

    event: str
    about: str
    said: str
    is_failure: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a job did.

    Attributes:
        message: in one line.
        rows: a table of it.
        troubles: none where all went well.
        file: what it wrote for a person to open; None for nothing.
    """

    message: str
    rows: Sequence[dict[str, Any]] = ()
    troubles: Sequence[Trouble] = ()
    file: Path | None = None


async def tell(job: str, outcome: Outcome) -> State[None]:
    """Leave the outcome with Prefect and return the state that the run ends in."""
    await leave_table(job, outcome.message, outcome.rows)
    if outcome.file:
        link, said = outcome.file.absolute().as_uri(), _line(outcome.message)
        await acreate_link_artifact(link=link, key=f"feedlake-{job}", description=said)
    for trouble in outcome.troubles:
        emit_event(
            event=trouble.event,
            resource={
                "prefect.resource.id": f"feedlake.{plain(trouble.about, 200)}",
                "prefect.resource.name": plain(trouble.about, 200),
            },
            payload={"job": job, "message": _line(trouble.said)},
        )
    ended = Failed if any(one.is_failure for one in outcome.troubles) else Completed
    return ended(message=_line(outcome.message))


async def leave_table(job: str, message: str, rows: Sequence[dict[str, Any]]) -> None:
    """Leave a table as an artifact of the run; none for no rows."""
    if rows:
        table = [{name: _cell(value) for name, value in row.items()} for row in rows]
        description = f"{job}: {_line(message)}"
        await acreate_table_artifact(table=table, key=f"feedlake-{job}", description=description)


def _line(text: str) -> str:
    return plain(redact(" ".join(text.split())), 1000)


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    return _line(value) if isinstance(value, str) else value
