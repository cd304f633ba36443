"""Sending events to a webhook: JSON by POST, patiently, and counted only when accepted.

The address may hold a secret: it is in no message and no log, only its host is.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Sequence
from urllib.parse import urlsplit

import httpx
import msgspec
import stamina

from feeds.invisible import stripped
from feeds.retry_after import retry_after
from flows.alerts.event import Event
from flows.alerts.sentence import sentence
from flows.errors import CommandError
from flows.handwritten import hidden_character
from flows.proxies import proxy_for, tls_context
from flows.settings import is_local

# Retries are told of once, at their end; stamina would log each, and httpx each whole address.
stamina.instrumentation.set_on_retry_hooks([])

_LATER = {httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_MANY_REQUESTS}
_TOO_MUCH = {
    httpx.codes.BAD_REQUEST,
    httpx.codes.REQUEST_ENTITY_TOO_LARGE,
    httpx.codes.REQUEST_URI_TOO_LONG,
    httpx.codes.UNPROCESSABLE_ENTITY,
}
"""What receivers answer to a post that is too long: chats answer 400 to 2,000 characters."""

EVENTS_PER_POST = 100


class WebhookError(CommandError):
    """The webhook did not accept events; they are kept."""


class PostRefusedError(WebhookError):
    """The webhook refused what was posted, and may accept less of it.

    Attributes:
        status: its answer.
        character_count: how long the post's `text` was.
    """

    def __init__(
        self, webhook: Webhook, status: int, event_count: int, character_count: int
    ) -> None:
        """Say how much was refused."""
        self.status, self.character_count = status, character_count
        events = "1 event" if event_count == 1 else f"{event_count:,} events"
        super().__init__(
            f"the webhook at {webhook.host} refused {events} with {character_count:,} characters "
            f"of text ({status}); they are kept: see what it takes, then run the same command again"
        )


class _TryAgainError(Exception):
    """Worth another try, after so many seconds where the webhook says."""

    def __init__(self, message: str, pause: float | None = None) -> None:
        super().__init__(message)
        self.pause = pause


class Webhook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where events go.

    Attributes:
        url: https; http for this machine only.
        timeout_seconds: for one try, from the connection to the answer's headers.
        attempts: tries of one request, the first included.
        events_per_post: the most events in one request.
    """

    url: str
    timeout_seconds: float = 10.0
    attempts: int = 4
    events_per_post: int = EVENTS_PER_POST

    def __post_init__(self) -> None:
        """Refuse what cannot be used, without repeating the address."""
        if not 0 < self.timeout_seconds < math.inf or self.attempts < 1 or self.events_per_post < 1:
            raise ValueError("timeout_seconds, attempts and events_per_post must be more than 0")
        msgspec.structs.force_setattr(self, "url", stripped(self.url))
        if " " in self.url or hidden_character(self.url):
            raise ValueError("url holds a blank or a character that nobody sees; copy it anew")
        try:
            httpx.URL(self.url)
            parts = urlsplit(self.url)
            is_good = bool(parts.hostname) and (parts.scheme == "https" or is_local(self.url))
        except (ValueError, httpx.InvalidURL):
            is_good = False
        if not is_good:
            raise ValueError("url must be https (http only for this machine)")

    def __repr__(self) -> str:
        """Show the host alone."""
        return f"Webhook({self.host!r})"

    @property
    def host(self) -> str:
        """The host: what may be shown of the address."""
        return urlsplit(self.url).hostname or ""


async def post_events(webhook: Webhook, events: Sequence[Event]) -> None:
    """Post events until the webhook accepts them, in one request.

    Raises:
        PostRefusedError: it did not; fewer of them it may accept.
        WebhookError: it did not.
        SettingsError: the environment names a proxy that cannot be used.
    """
    logging.getLogger("httpx").setLevel(logging.WARNING)
    text = "\n".join(map(sentence, events))
    body = msgspec.json.Encoder(decimal_format="number").encode({"text": text, "events": events})
    try:
        status = await _status(webhook, body)
    except _TryAgainError as error:
        raise WebhookError(
            f"the webhook at {webhook.host} {error}, {webhook.attempts} times; the events are "
            "kept: run the same command again"
        ) from None
    if httpx.codes.is_success(status):
        return
    if status in _TOO_MUCH:
        raise PostRefusedError(webhook, status, len(events), len(text))
    raise WebhookError(
        f"the webhook at {webhook.host} refused the events ({status}); they are kept: mend its "
        "url, then run the same command again"
    )


async def _status(webhook: Webhook, body: bytes) -> int:
    """Return what the webhook answers, asked as often as it says to come later."""
    proxy = proxy_for(webhook.url)
    way = f" through the proxy {proxy.url.netloc.decode()}" if proxy else ""

    def pause(error: Exception) -> bool | float:
        if not isinstance(error, _TryAgainError):
            return False
        return True if error.pause is None else error.pause

    async with httpx.AsyncClient(
        follow_redirects=False,
        timeout=None,  # noqa: S113 - below
        trust_env=False,
        proxy=proxy,
        verify=tls_context(),
    ) as client:
        async for attempt in stamina.retry_context(
            on=pause,
            attempts=webhook.attempts,
            timeout=None,
            wait_initial=0.5,
            wait_max=10.0,
        ):
            with attempt:
                return await _post(client, webhook, body, way)
    raise AssertionError("a retry context ends by return or raise")


async def _post(client: httpx.AsyncClient, webhook: Webhook, body: bytes, way: str) -> int:
    headers = {"Content-Type": "application/json", "User-Agent": "feedlake"}
    request = client.stream("POST", webhook.url, content=body, headers=headers)
    try:
        # What it says beside its status is of no interest, and may be endless.
        async with asyncio.timeout(webhook.timeout_seconds), request as response:
            status = response.status_code
            asked_pause = retry_after(response.headers.get("retry-after"))
    except TimeoutError:
        raise _TryAgainError("did not answer in time") from None
    except httpx.HTTPError as error:
        kind = type(error).__name__
        raise _TryAgainError(f"could not be reached ({kind}{way})") from None
    if httpx.codes.is_server_error(status) or status in _LATER:
        raise _TryAgainError(f"answered {status}", asked_pause)
    return status
