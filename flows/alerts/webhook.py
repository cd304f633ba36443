"""Sending events to a webhook: JSON by POST, patiently, and counted only when accepted.

The address may hold a secret: it is in no message and no log, only its host is.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from urllib.parse import urlsplit

import httpx
import msgspec
import stamina

from flows.alerts.event import Event
from flows.alerts.sentence import sentence
from flows.errors import CommandError
from flows.settings import LOOPBACK

# Retries are told of once, at their end; stamina would log each, and httpx each whole address.
stamina.instrumentation.set_on_retry_hooks([])

_LATER = {httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_MANY_REQUESTS}
_MOST_EVENTS = 100


class WebhookError(CommandError):
    """The webhook did not accept events; they are kept."""


class _TryAgainError(Exception):
    """Worth another try."""


class Webhook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where events go.

    Attributes:
        url: https; http for this machine only.
        timeout_seconds: for one try, from the connection to the answer's headers.
        attempts: tries of one request, the first included.
    """

    url: str
    timeout_seconds: float = 10.0
    attempts: int = 4

    def __post_init__(self) -> None:
        """Refuse what cannot be used, without repeating the address."""
        if self.timeout_seconds <= 0 or self.attempts < 1:
            raise ValueError("timeout_seconds and attempts must be more than 0")
        try:
            parts = urlsplit(self.url)
            is_local = parts.scheme == "http" and parts.hostname in LOOPBACK
            is_good = bool(parts.hostname) and (parts.scheme == "https" or is_local)
        except ValueError:
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
        WebhookError: it did not.
    """
    logging.getLogger("httpx").setLevel(logging.WARNING)
    body = msgspec.json.Encoder(decimal_format="number").encode(
        {"text": "\n".join(map(sentence, events)), "events": events}
    )
    async with httpx.AsyncClient(follow_redirects=False, timeout=None) as client:  # noqa: S113 - below
        try:
            async for attempt in stamina.retry_context(
                on=_TryAgainError,
                attempts=webhook.attempts,
                timeout=None,
                wait_initial=0.5,
                wait_max=10.0,
            ):
                with attempt:
                    await _post(client, webhook, body)
        except _TryAgainError as error:
            raise WebhookError(
                f"the webhook at {webhook.host} {error}, {webhook.attempts} times; the events are "
                "kept: run the same command again"
            ) from None


def parts(events: Sequence[Event]) -> list[Sequence[Event]]:
    """Return the events in as many parts as requests are sent."""
    return [events[at : at + _MOST_EVENTS] for at in range(0, len(events), _MOST_EVENTS)]


async def _post(client: httpx.AsyncClient, webhook: Webhook, body: bytes) -> None:
    headers = {"Content-Type": "application/json", "User-Agent": "feedlake"}
    request = client.stream("POST", webhook.url, content=body, headers=headers)
    try:
        # What it says beside its status is of no interest, and may be endless.
        async with asyncio.timeout(webhook.timeout_seconds), request as response:
            status = response.status_code
    except TimeoutError:
        raise _TryAgainError("did not answer in time") from None
    except httpx.HTTPError as error:
        raise _TryAgainError(f"could not be reached ({type(error).__name__})") from None
    except httpx.InvalidURL:
        raise WebhookError("the webhook's url cannot be asked for; mend it") from None
    if httpx.codes.is_success(status):
        return
    if httpx.codes.is_server_error(status) or status in _LATER:
        raise _TryAgainError(f"answered {status}")
    raise WebhookError(
        f"the webhook at {webhook.host} refused the events ({status}); they are kept: mend its "
        "url, then run the same command again"
    )
