"""The links that a sandbox hands out: signed, and spelled as inconsistently as the vendor's."""

from dataclasses import dataclass
from typing import Self

from starlette.requests import Request

from feeds.sandbox.form import Api, Form
from feeds.sandbox.signature import Signer, Subject

_PREFIXES = {"v1.1.0": "/affiliate/1.0", "v0.1.0": "/affiliate"}
_SWAPPED = "/1.0/affiliate"


@dataclass(frozen=True, slots=True)
class Links:
    """Makes links to one server for one caller.

    Attributes:
        base: Scheme, host and port, without a slash at the end.
        affiliate_id: The caller's tracking id.
        signer: Signs them.
    """

    base: str
    affiliate_id: str
    signer: Signer

    @classmethod
    def of(cls, request: Request, affiliate_id: str, signer: Signer) -> Self:
        """Links to the server that a request was sent to."""
        return cls(str(request.base_url).rstrip("/"), affiliate_id, signer)

    def first(self, room: str, code: str, form: Form, expires_at: int) -> str:
        """A link in a directory.

        Args:
            room: `feeds`, `deltaFeeds`, `topFeeds` or `booksFeeds`.
            code: The category's code.
            form: The version and format to link to.
            expires_at: Epoch milliseconds.
        """
        query = self._query(room, code, form, expires_at)
        return f"{self._start(room, code, form)}.{form.format}?{query}"

    def following(
        self,
        room: str,
        code: str,
        form: Form,
        expires_at: int,
        *,
        rest: str,
        in_stock: bool = False,
        swapped: bool = False,
        lost_version: bool = False,
    ) -> str:
        """A next link.

        Args:
            room: `feeds` or `deltaFeeds`.
            code: The category's code.
            form: The version and format to link to.
            expires_at: Epoch milliseconds.
            rest: What follows the code: the cursor, and before it a delta's version.
            in_stock: Whether the walk is filtered.
            swapped: Whether to spell `/1.0/affiliate`.
            lost_version: Whether to leave `1.0/` out.
        """
        start = self._start(room, code, form)
        if form.api == "v1.1.0" and (swapped or lost_version):
            prefix = _SWAPPED if swapped else "/affiliate"
            start = start.replace(_PREFIXES[form.api], prefix, 1)
        filtered = "&inStock=true" if in_stock else ""
        query = self._query(room, code, form, expires_at)
        return f"{start}/{rest}.{form.format}?{query}{filtered}"

    def raw_file(self, code: str, api: Api, expires_at: int) -> str:
        """A link to a category's dump, which names no tracking id."""
        query = self._query("rawfiles", code, Form(api), expires_at)
        return f"{self.base}{_PREFIXES[api]}/feeds/rawfiles/{code}?{query}"

    def stored(self, code: str, api: Api, expires_at: int) -> str:
        """A link to the zip behind a dump, as on a file server that knows no accounts."""
        query = self._query("rawfiles", code, Form(api), expires_at)
        return f"{self.base}/stored{_PREFIXES[api].removeprefix('/affiliate')}/{code}.zip?{query}"

    def _start(self, room: str, code: str, form: Form) -> str:
        prefix = _PREFIXES[form.api]
        return f"{self.base}{prefix}/{room}/{self.affiliate_id}/category/{code}"

    def _query(self, room: str, code: str, form: Form, expires_at: int) -> str:
        subject = Subject(self.affiliate_id, code, form.api, SCOPES[room])
        return self.signer.query(subject, expires_at)


SCOPES = {
    "feeds": "feed",
    "deltaFeeds": "feed",
    "topFeeds": "top",
    "booksFeeds": "books",
    "rawfiles": "dump",
}
"""What a signature in each kind of link covers; feeds and deltas share one."""
