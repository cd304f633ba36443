"""The one HTTP client: fenced to the configured host, paced by the budget, patient.

Every request carries `Fk-Affiliate-Id` and `Fk-Affiliate-Token` (vendor's reference). They are
put on a request only after its URL was checked, so no directory, `nextUrl` or redirect can
carry them elsewhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Self, TypeVar
from urllib.parse import urljoin

import httpx
import stamina

from feeds.budget import Budget, Slot
from feeds.errors import (
    CredentialsError,
    ForeignLinkError,
    LinkExpiredError,
    LinkRefusedError,
    PageBrokenError,
    RequestRefusedError,
    RetryError,
    UnreachableError,
    UpstreamBusyError,
    UpstreamFailedError,
)
from feeds.signed_url import SignedUrl

T = TypeVar("T")

VENDOR_URL = "https://affiliate-api.flipkart.net"
QUOTA_PER_SECOND = 20.0
# Retries are counted here and shown by the caller; stamina would log each to standard error.
stamina.instrumentation.set_on_retry_hooks([])

_MAX_REDIRECTS = 3
_CONNECTIONS = 64
_LONGEST_RETRY_AFTER = 120.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to keep asking.

    Attributes:
        attempts: tries of one request, the first included.
        first_wait: seconds before the second try; doubles from there.
        longest_wait: seconds that no pause exceeds.
        timeout: seconds that one try may be silent.
        broken_attempts: tries of a page whose body is broken.
    """

    attempts: int = 6
    first_wait: float = 0.5
    longest_wait: float = 30.0
    timeout: float = 60.0
    broken_attempts: int = 4


class Client:
    """Asks one host as one account.

    Args:
        api_url: the host, `https://...`; http only for loopback.
        affiliate_id: the tracking id.
        token: the account's secret.
        budget: shared by every client of the process; 20 a second by default.
        patience: when to give up.
        max_body_bytes: a longer answer is refused, unzipped size counted.

    Attributes:
        request_count: requests sent so far, retries included.
        retry_count: of those, the repeated ones.
        received_bytes: sum of the bodies' sizes.
    """

    def __init__(
        self,
        api_url: str,
        affiliate_id: str,
        token: str,
        *,
        budget: Budget | None = None,
        patience: Patience | None = None,
        max_body_bytes: int = 256 * 1024 * 1024,
    ) -> None:
        """Prepare the connection pool; nothing is sent yet."""
        self.origin = SignedUrl.parse(api_url).origin
        self.affiliate_id = affiliate_id
        self.budget = budget or Budget(QUOTA_PER_SECOND)
        self.request_count = 0
        self.retry_count = 0
        self.received_bytes = 0
        self._patience = patience or Patience()
        self._max_body_bytes = max_body_bytes
        self._answered = False
        # Beside the event loop, so that slots are kept while a page is decoded; one thread, since
        # more would only wait for each other and hold the loop up.
        self._decoder = ThreadPoolExecutor(1, thread_name_prefix="decode")
        self._secrets = {"Fk-Affiliate-Id": affiliate_id, "Fk-Affiliate-Token": token}
        self._http = httpx.AsyncClient(
            timeout=self._patience.timeout,
            limits=httpx.Limits(max_connections=_CONNECTIONS),
            headers={"User-Agent": "feedlake", "Accept-Encoding": "gzip"},
            follow_redirects=False,
        )

    async def __aenter__(self) -> Self:
        """Return the client itself."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close every connection."""
        await self._http.aclose()
        self._decoder.shutdown(cancel_futures=True)

    async def fetch(self, url: SignedUrl, decode: Callable[[bytes], T]) -> T:
        """Ask for `url` until `decode` accepts the body, and return what it made of it.

        A body that `decode` refuses with `PageBrokenError` is asked for again, as is an answer
        that says to come back later.

        Raises:
            FeedError: one of the tree in `feeds.errors`.
        """
        broken = 0

        def worth_it(error: Exception) -> bool | float:
            nonlocal broken
            broken += isinstance(error, PageBrokenError)
            if not isinstance(error, RetryError) or broken >= self._patience.broken_attempts:
                return False
            return True if error.retry_after is None else error.retry_after

        try:
            async for attempt in stamina.retry_context(
                on=worth_it,
                attempts=self._patience.attempts if self._answered else 3,
                timeout=None,
                wait_initial=self._patience.first_wait,
                wait_max=self._patience.longest_wait,
                wait_jitter=self._patience.first_wait,
            ):
                with attempt:
                    self.retry_count += attempt.num > 1
                    body = await self._body(url)
                    loop = asyncio.get_running_loop()
                    return await loop.run_in_executor(self._decoder, decode, body)
        except UpstreamFailedError as error:
            if not self._answered:
                message = f"{self.origin} cannot be reached; check the network and FEEDLAKE_API_URL"
                raise UnreachableError(message) from error
            raise
        raise AssertionError("a retry context ends by return or raise")

    async def _body(self, url: SignedUrl) -> bytes:
        for _ in range(_MAX_REDIRECTS + 1):
            self._fence(url)
            slot = await self.budget.slot()
            self.request_count += 1
            try:
                async with self._http.stream(
                    "GET", str(url), headers=self._secrets, extensions={"trace": _noting(slot)}
                ) as response:
                    self._answered = True
                    if not response.has_redirect_location:
                        self._check(response, url)
                        return await self._read(response, url)
                    target = urljoin(str(url), response.headers["location"])
            except httpx.DecodingError as error:
                raise PageBrokenError(f"{url!r} came garbled; try again later") from error
            except httpx.HTTPError as error:
                kind = type(error).__name__
                raise UpstreamFailedError(f"{url!r} broke off ({kind}); try again later") from error
            url = SignedUrl.parse(target)
        raise RequestRefusedError(f"{url!r} is redirected without end; try again later")

    def _fence(self, url: SignedUrl) -> None:
        if url.origin != self.origin:
            raise ForeignLinkError(
                f"a link leads from {self.origin} to {url.origin} and was not followed; "
                "if the vendor moved, set FEEDLAKE_API_URL"
            )

    def _check(self, response: httpx.Response, url: SignedUrl) -> None:
        status = response.status_code
        if status == httpx.codes.OK:
            return
        if status == httpx.codes.UNAUTHORIZED:
            raise CredentialsError(
                "the affiliate id or the token was refused; check FK_AFFILIATE_ID and "
                "FK_AFFILIATE_TOKEN"
            )
        if status == httpx.codes.FORBIDDEN:
            raise LinkRefusedError(f"{url!r} was refused; read the directory again")
        if status == httpx.codes.GONE:
            raise LinkExpiredError(f"{url!r} has expired; read the directory again")
        if status == httpx.codes.TOO_MANY_REQUESTS:
            pause = _retry_after(response.headers.get("retry-after"))
            self.budget.pause(pause or 1.0)
            raise UpstreamBusyError(f"{url!r}: over the quota; try again later", pause)
        if status >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise UpstreamFailedError(f"{url!r} answered {status}; try again later")
        raise RequestRefusedError(f"{url!r} answered {status}; try again later")

    async def _read(self, response: httpx.Response, url: SignedUrl) -> bytes:
        chunks: list[bytes] = []
        size = 0
        async for chunk in response.aiter_bytes():
            size += len(chunk)
            if size > self._max_body_bytes:
                limit = self._max_body_bytes // 1024**2
                raise RequestRefusedError(f"{url!r} is over {limit} MiB long and was cut off")
            chunks.append(chunk)
        self.received_bytes += size
        return b"".join(chunks)


def _noting(slot: Slot) -> Callable[[str, object], Awaitable[None]]:
    async def note(event: str, _: object) -> None:
        if event == "http11.send_request_headers.started":
            slot.leave()

    return note


def _retry_after(value: str | None) -> float | None:
    """Read the header's seconds or date; None where it is absent or makes no sense."""
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
        except (TypeError, ValueError):
            return None
    return min(max(seconds, 0.0), _LONGEST_RETRY_AFTER)
