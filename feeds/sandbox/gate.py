"""The gate before every upstream answer: who asks, how often, and how slowly it is answered."""

import asyncio
import hmac

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from feeds.sandbox.ledger import Ledger
from feeds.sandbox.quota import Quota
from feeds.sandbox.rules import Rules


class Gate:
    """Lets requests through to an application and notes how each was answered.

    401 for a wrong id or token, which uses up no quota; 429 with `Retry-After` in whole seconds for
    one request too many. The vendor documents no 429: it may end the account instead.
    """

    def __init__(self, app: ASGIApp, rules: Rules, ledger: Ledger) -> None:
        """Stand before this application."""
        self._app, self._rules, self._ledger = app, rules, ledger
        self._quota = Quota(rules.quota)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._ledger.note(scope["path"], message["status"])
            await send(message)

        answer = self._refusal(Headers(scope=scope)) or self._app
        if self._rules.latency_seconds:
            await asyncio.sleep(self._rules.latency_seconds)
        await answer(scope, receive, noting)

    def _refusal(self, headers: Headers) -> ASGIApp | None:
        if not self._known(headers):
            return PlainTextResponse("Unauthorized", 401)
        if wait := self._quota.wait():
            return PlainTextResponse("Too many requests", 429, {"Retry-After": str(wait)})
        return None

    def _known(self, headers: Headers) -> bool:
        said = headers.get("fk-affiliate-id", ""), headers.get("fk-affiliate-token", "")
        wanted = self._rules.affiliate_id, self._rules.token
        return all(
            hmac.compare_digest(one.encode(), other.encode())
            for one, other in zip(said, wanted, strict=True)
        )
