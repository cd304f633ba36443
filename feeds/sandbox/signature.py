"""Signed links: `expiresAt` in epoch milliseconds and `sig` of 32 hex digits.

A signature covers who asks, the category, the API version and the expiry, not the rest of the
path; so a version can be inserted and `inStock` added without a new one (captured answers of 2016:
`get` and `deltaGet` of a category share a signature whenever their expiry is equal).
"""

import hmac
import time
from dataclasses import dataclass
from hashlib import sha256

from starlette.exceptions import HTTPException

from feeds.sandbox.form import Api

_DIGITS = 32


@dataclass(frozen=True, slots=True)
class Subject:
    """What a link gives access to.

    Attributes:
        affiliate_id: The tracking id in the link.
        code: The category's code.
        api: The API version, `v1.1.0` or `v0.1.0`.
        scope: `feed` for feeds and deltas together; every other kind of link has its own.
    """

    affiliate_id: str
    code: str
    api: Api = "v1.1.0"
    scope: str = "feed"


class Signer:
    """Signs links and refuses those that were altered or are too old."""

    def __init__(self, secret: str, life_seconds: float) -> None:
        """Sign with this key, for links that live this long."""
        self._key, self._life = secret.encode(), life_seconds
        self._latest = 0

    def expiry(self) -> int:
        """When a link made now stops working, in epoch milliseconds; never twice the same."""
        self._latest = max(self._latest + 1, int((time.time() + self._life) * 1000))
        return self._latest

    def query(self, subject: Subject, expires_at: int) -> str:
        """The query of a link to this subject, without the question mark."""
        return f"expiresAt={expires_at}&sig={self._sign(subject, str(expires_at))}"

    def signed_for(self, subject: Subject, expires_at: str, signature: str) -> bool:
        """Whether the signature belongs to this subject and expiry, old or not."""
        return hmac.compare_digest(
            self._sign(subject, expires_at).encode(), signature.encode("utf-8", "replace")
        )

    def refuse_expired(self, expires_at: str) -> None:
        """Refuse a link whose time is over.

        Raises:
            HTTPException: 410, it is.
        """
        if int(expires_at) <= time.time() * 1000:
            raise HTTPException(410, "URL expired")

    def _sign(self, subject: Subject, expires_at: str) -> str:
        said = f"{subject.affiliate_id}|{subject.code}|{subject.api}|{subject.scope}|{expires_at}"
        return hmac.new(self._key, said.encode(), sha256).hexdigest()[:_DIGITS]
