"""Telling a webhook every event that is owed: in parts that it takes, however small."""

from __future__ import annotations

from collections.abc import Sequence

from flows.alerts.event import Event
from flows.alerts.webhook import PostRefusedError, Webhook, WebhookError, post_events
from flows.plain import plain
from storage.alerts.memory import AlertMemory

MOST_REFUSALS = 3
"""Runs in which an event is refused alone, while others are accepted, before it is given up."""

_MOST_REFUSED_FIRST = 5
"""A webhook that refuses so many events alone and has accepted none refuses everything."""


class EventsRefusedError(WebhookError):
    """The webhook refused some events even alone, and accepted the others.

    Attributes:
        events: those that were refused.
    """

    def __init__(
        self,
        webhook: Webhook,
        refused: Sequence[tuple[Event, PostRefusedError]],
        given_up: Sequence[str],
    ) -> None:
        """Name the first, how many there are, and how many are given up."""
        self.events = [event for event, _ in refused]
        event, first = refused[0]
        more = f" and {len(refused) - 1:,} more" if refused[1:] else ""
        kept = "it is kept, and the next run tries it again"
        if given_up:
            kept = f"{len(given_up):,} given up after {MOST_REFUSALS} runs, any other kept"
        super().__init__(
            f"the webhook at {webhook.host} refused, even alone, the event of product "
            f"{plain(event.product_id, 60)} by rule {plain(event.rule, 60)!r}{more} "
            f"({first.status}, {first.character_count:,} characters of text), and accepted the "
            f"others; {kept}: see what it takes"
        )


class Telling:
    """What one run tells a webhook.

    Attributes:
        accepted: the events that the webhook accepted, and that nobody is owed any more.
    """

    def __init__(self, webhook: Webhook, memory: AlertMemory) -> None:
        """Begin with nothing told."""
        self.accepted: list[Event] = []
        self._webhook, self._memory = webhook, memory
        self._size = webhook.events_per_post
        self._refused: list[tuple[Event, PostRefusedError]] = []

    async def tell(self, events: Sequence[Event]) -> None:
        """Post events, each until it is accepted or refused alone.

        A post that is refused is posted again in halves. What was refused alone in an earlier run
        goes last and alone: the others do not wait for it.

        Raises:
            EventsRefusedError: some were refused alone.
            WebhookError: the webhook cannot be reached, or refuses everything; what it did not
                accept is owed to the next run.
        """
        suspects = self._memory.refused()
        await self._post_in_parts([one for one in events if one.event_id not in suspects])
        for event in events:
            if event.event_id in suspects:
                await self._post([event])
        if not self._refused:
            return
        if not self.accepted:
            # Nothing is known of the events then: it may be the webhook that is wrong.
            raise self._refused[0][1]
        ids = [event.event_id for event, _ in self._refused]
        given_up = self._memory.count_refusals(ids, MOST_REFUSALS)
        raise EventsRefusedError(self._webhook, self._refused, given_up)

    async def _post(self, events: Sequence[Event]) -> bool:
        """Post events, in halves where they are refused; return whether all were accepted."""
        if len(events) > self._size:
            return await self._post_in_parts(events)
        try:
            await post_events(self._webhook, events)
        except PostRefusedError as error:
            if len(events) == 1:
                self._note(events[0], error)
                return False
            half = (len(events) + 1) // 2
            is_whole = await self._post(events[:half])
            is_whole &= await self._post(events[half:])
            if is_whole:
                self._size = min(self._size, half)
            return is_whole
        self._memory.cross_out([one.event_id for one in events])
        self.accepted += events
        return True

    async def _post_in_parts(self, events: Sequence[Event]) -> bool:
        is_whole, rest = True, events
        while rest:
            # What a part shows of the size counts for the next.
            part, rest = rest[: self._size], rest[self._size :]
            is_whole &= await self._post(part)
        return is_whole

    def _note(self, event: Event, error: PostRefusedError) -> None:
        self._refused.append((event, error))
        if not self.accepted and len(self._refused) >= _MOST_REFUSED_FIRST:
            raise error
