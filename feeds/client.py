"""The one HTTP client: fenced to the configured host, paced by the budget, patient.

Every request carries `Fk-Affiliate-Id` and `Fk-Affiliate-Token` (vendor's reference). They are
put on a request only after its URL was checked, so no directory, `nextUrl` or redirect can
carry them elsewhere.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Self, TypeVar
from urllib.parse import urljoin

import httpx
import stamina

from feeds.budget import Budget, Slot
from feeds.content_coding import CodingError, TooLongError, unpacked
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
    UpstreamPendingError,
)
from feeds.line import Desk
from feeds.retry_after import retry_after
from feeds.signed_url import SignedUrl

T = TypeVar("T")

MayLeave = Callable[[SignedUrl, SignedUrl], bool]
"""Whether a redirect from the first link may be followed to the second, on another host."""

QUOTA_PER_SECOND = 20.0
# Retries are counted here and shown by the caller; stamina would log each to standard error.
stamina.instrumentation.set_on_retry_hooks([])

_MAX_REDIRECTS = 3
_CONNECTIONS = 64
_ATTEMPTS_UNANSWERED = 3
"""Tries where nothing has ever answered: mostly the address or the network is wrong."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to keep asking.

    Attributes:
        attempts: tries of one request, the first included.
        first_wait: seconds before the second try; doubles from there.
        longest_wait: seconds that no pause exceeds.
        timeout: seconds that one try may be silent.
        longest_answer: seconds that an answer's headers may take in all, and a page's body again:
            an upstream that sends a byte now and then is never silent.
        broken_attempts: tries of a page whose body is broken.
    """

    attempts: int = 6
    first_wait: float = 0.5
    longest_wait: float = 30.0
    timeout: float = 60.0
    longest_answer: float = 300.0
    broken_attempts: int = 4


class Client:
    """Asks one host as one account.

    Args:
        api_url: the host, `https://...`; http only for loopback.
        affiliate_id: the tracking id.
        token: the account's secret.
        budget: shared by every client of the process; 20 a second by default.
        patience: when to give up.
        max_body_bytes: a longer answer is refused, unzipped size counted. The longest captured
            page has 3 MB.
        proxy: what leads to the host; None where it is asked directly. The environment is not
            asked.
        tls: what connections are encrypted with; the usual certificates by default.

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
        max_body_bytes: int = 64 * 1024 * 1024,
        proxy: httpx.Proxy | None = None,
        tls: ssl.SSLContext | None = None,
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
        # Whoever has the best place is next; an answer at hand already would go before them.
        self._decoding = Desk(1)
        self._secrets = {"Fk-Affiliate-Id": affiliate_id, "Fk-Affiliate-Token": token}
        # httpx takes the name and the password out of a proxy's address.
        self._way = f" through the proxy {proxy.url.netloc.decode()}" if proxy else ""
        self._http = httpx.AsyncClient(
            verify=tls or httpx.create_ssl_context(),
            proxy=proxy,
            trust_env=False,
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

        async def once() -> T:
            body, coding = await self._body(url)

            def read() -> T:
                return decode(self._unpacked(body, coding, url))

            loop = asyncio.get_running_loop()
            async with self._decoding.seat():
                return await loop.run_in_executor(self._decoder, read)

        return await self.patiently(once)

    async def patiently(self, once: Callable[[], Awaitable[T]]) -> T:
        """Call `once` until it returns, as often as the patience allows.

        Raises:
            FeedError: what `once` raised the last time, where asking again is of no use.
        """
        broken = failed = 0

        def worth_it(error: Exception) -> bool | float:
            nonlocal broken, failed
            broken += isinstance(error, PageBrokenError)
            failed += isinstance(error, UpstreamFailedError)
            if not isinstance(error, RetryError) or broken >= self._patience.broken_attempts:
                return False
            if not was_answered and failed >= _ATTEMPTS_UNANSWERED:
                return False
            return True if error.retry_after is None else error.retry_after

        was_answered = self._answered
        try:
            async for attempt in stamina.retry_context(
                on=worth_it,
                attempts=self._patience.attempts,
                timeout=None,
                wait_initial=self._patience.first_wait,
                wait_max=self._patience.longest_wait,
                wait_jitter=self._patience.first_wait,
            ):
                with attempt:
                    self.retry_count += attempt.num > 1
                    return await once()
        except UpstreamFailedError as error:
            if not self._answered:
                raise UnreachableError(self._how_to_reach_it()) from error
            raise
        raise AssertionError("a retry context ends by return or raise")

    @asynccontextmanager
    async def answer(
        self,
        url: SignedUrl,
        *,
        headers: Mapping[str, str] | None = None,
        accepted: Collection[int] = (httpx.codes.OK,),
        may_leave: MayLeave | None = None,
    ) -> AsyncIterator[httpx.Response]:
        """Ask once, follow redirects, and hand over the answer with its body still to be read.

        Args:
            url: a link of the configured host.
            headers: what to send besides the account's headers.
            accepted: statuses that are no error.
            may_leave: says which other hosts a redirect may lead to; none by default. Nobody but
                the configured host is sent the account's headers.

        Raises:
            FeedError: there is no such answer, or its body broke off while it was read.
        """
        url = url.at_home(self.origin)
        at, is_home = url, True
        for _ in range(_MAX_REDIRECTS + 1):
            if at is url or not (may_leave and may_leave(url, at)):
                self._fence(at)
            # Whoever was led away stays a stranger: nobody else may choose what the token opens.
            is_home = is_home and at.origin == self.origin
            shown = at if is_home else SignedUrl(at.origin, at.path, "")
            sent = {**(headers or {}), **(self._secrets if is_home else {})}
            slot = await self.budget.slot()
            self.request_count += 1
            try:
                async with (
                    asyncio.timeout(self._patience.longest_answer) as limit,
                    self._http.stream(
                        "GET", str(at), headers=sent, extensions={"trace": _noting(slot)}
                    ) as response,
                ):
                    limit.reschedule(None)
                    self._answered = True
                    if not response.has_redirect_location:
                        self._check(response, shown, accepted, is_home=is_home)
                        yield response
                        return
                    target = response.headers["location"]
            except httpx.HTTPError as error:
                kind = type(error).__name__
                message = f"{shown!r} broke off ({kind}{self._way}); try again later"
                raise UpstreamFailedError(message) from error
            except TimeoutError as error:
                raise UpstreamFailedError(f"{shown!r} took too long; try again later") from error
            except httpx.InvalidURL as error:
                raise RequestRefusedError(
                    f"{shown!r} cannot be asked for ({error}); try again later"
                ) from error
            at = _target(target, at, shown).at_home(self.origin)
        raise RequestRefusedError(f"{url!r} is redirected without end; try again later")

    def _how_to_reach_it(self) -> str:
        if self._way:
            return (
                f"{self.origin} cannot be reached{self._way}; check HTTPS_PROXY and ALL_PROXY, or "
                "put the host into NO_PROXY"
            )
        return f"{self.origin} cannot be reached; check the network and FEEDLAKE_API_URL"

    async def _body(self, url: SignedUrl) -> tuple[bytes, str]:
        """Return a body as it came, and what its header says of its coding."""
        async with (
            self.answer(url) as response,
            asyncio.timeout(self._patience.longest_answer),
        ):
            return await self._read(response, url), response.headers.get("content-encoding", "")

    def _fence(self, url: SignedUrl) -> None:
        if url.origin != self.origin:
            raise ForeignLinkError(
                f"a link leads from {self.origin} to {url.origin} and was not followed; "
                "if the vendor moved, set FEEDLAKE_API_URL"
            )

    def _check(
        self, response: httpx.Response, url: SignedUrl, accepted: Collection[int], *, is_home: bool
    ) -> None:
        status = response.status_code
        if status in accepted:
            return
        if status == httpx.codes.UNAUTHORIZED and is_home:
            raise CredentialsError(
                "the affiliate id or the token was refused; check FK_AFFILIATE_ID and "
                "FK_AFFILIATE_TOKEN"
            )
        if status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
            raise LinkRefusedError(f"{url!r} was refused; read the directory again")
        if status == httpx.codes.GONE:
            raise LinkExpiredError(f"{url!r} has expired; read the directory again")
        if status == httpx.codes.TOO_MANY_REQUESTS:
            pause = retry_after(response.headers.get("retry-after"))
            if is_home:
                self.budget.pause(pause or 1.0)
            raise UpstreamBusyError(f"{url!r}: over the quota; try again later", pause)
        if status == httpx.codes.ACCEPTED:
            pause = retry_after(response.headers.get("retry-after"))
            raise UpstreamPendingError(f"{url!r} is not ready yet (202); try again later", pause)
        if status >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise UpstreamFailedError(f"{url!r} answered {status}; try again later")
        raise RequestRefusedError(f"{url!r} answered {status}; try again later", status)

    async def _read(self, response: httpx.Response, url: SignedUrl) -> bytes:
        chunks: list[bytes] = []
        size = 0
        async for chunk in response.aiter_raw():
            size += len(chunk)
            if size > self._max_body_bytes:
                raise self._too_long(url)
            chunks.append(chunk)
        return b"".join(chunks)

    def _unpacked(self, body: bytes, coding: str, url: SignedUrl) -> bytes:
        try:
            plain = unpacked(body, coding, self._max_body_bytes)
        except CodingError as error:
            raise PageBrokenError(f"{url!r} {error}; try again later") from error
        except TooLongError as error:
            raise self._too_long(url) from error
        self.received_bytes += len(plain)
        return plain

    def _too_long(self, url: SignedUrl) -> RequestRefusedError:
        limit = self._max_body_bytes // 1024**2
        return RequestRefusedError(
            f"{url!r} is over {limit} MiB long and was cut off; try again later"
        )


def _noting(slot: Slot) -> Callable[[str, object], Awaitable[None]]:
    async def note(event: str, _: object) -> None:
        if event == "http11.send_request_headers.started":
            slot.leave()

    return note


def _target(location: str, source: SignedUrl, shown: SignedUrl) -> SignedUrl:
    try:
        return SignedUrl.parse(urljoin(str(source), location))
    except ValueError as error:
        raise ForeignLinkError(f"{shown!r} is redirected to no link; try again later") from error
