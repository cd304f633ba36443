"""One run of the alerts: evaluate the rules, then hand over every event that is owed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from flows.alerts.evaluate import decoded, evaluate
from flows.alerts.event import Event
from flows.alerts.rule_file import RuleFile
from flows.alerts.telling import Telling
from flows.alerts.webhook import Webhook
from flows.errors import CommandError
from storage.alerts.memory import AlertMemory, copy_memory, open_memory
from storage.lake import LakeFolder

Show = Callable[[Sequence[Event]], Awaitable[None]]


async def run_alerts(folder: LakeFolder, file: RuleFile, show: Show) -> list[Event]:
    """Evaluate the rules, send what is owed to the webhook where there is one, and show it.

    Args:
        folder: the lake.
        file: the rules.
        show: shows events to a person; without a webhook they are told by that.

    Returns:
        The events that were told.

    Raises:
        LakeError: the lake cannot be read, or another run holds what the rules remember.
        WebhookError: it did not accept all; the rest is owed to the next run.
    """
    folder.require()
    with open_memory(folder.root) as memory:
        evaluate(folder, file.rules, memory).record(memory)
        owed = [decoded(event) for _, event in memory.owed()]
        if file.webhook:
            await _send(file.webhook, owed, memory, show)
        await show(owed)
        _cross_out(memory, owed)
    return owed


async def _send(webhook: Webhook, owed: Sequence[Event], memory: AlertMemory, show: Show) -> None:
    telling = Telling(webhook, memory)
    try:
        await telling.tell(owed)
    except CommandError:
        if telling.accepted:
            await show(telling.accepted)
        raise


def preview(folder: LakeFolder, file: RuleFile) -> list[Event]:
    """Return what a run would tell; nothing is remembered and nothing sent.

    Raises:
        LakeError: as `run_alerts`.
    """
    folder.require()
    with copy_memory(folder.root) as memory:
        owed = [decoded(event) for _, event in memory.owed()]
        return owed + evaluate(folder, file.rules, memory).events


def _cross_out(memory: AlertMemory, events: Sequence[Event]) -> None:
    memory.cross_out([one.event_id for one in events])
