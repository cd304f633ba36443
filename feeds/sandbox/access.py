"""Whether a link opens what it asks for: its account, its signature and its expiry."""

from starlette.exceptions import HTTPException
from starlette.requests import Request

from feeds.sandbox.form import VERSIONS, Api
from feeds.sandbox.link import SCOPES
from feeds.sandbox.rules import Rules
from feeds.sandbox.signature import Signer, Subject


class Access:
    """Checks links to one account."""

    def __init__(self, rules: Rules, signer: Signer) -> None:
        """Check links for this account that this signer has signed."""
        self._rules, self._signer = rules, signer

    def own_directory(self, request: Request) -> None:
        """Let the account see its own directory only.

        Raises:
            HTTPException: 403, the path names another tracking id.
        """
        if request.path_params["affiliate_id"] != self._rules.affiliate_id:
            raise HTTPException(403, "Not your directory")

    def signed(self, request: Request, room: str, code: str) -> Api:
        """The version of a link whose signature fits; a path without `1.0` is of v0.1.0.

        A delta's next link can have lost its `1.0/`, so a signature of v1.1.0 is good there too.

        Raises:
            HTTPException: 403, the signature fits neither; 410, the link's time is over.
        """
        query = request.query_params
        expires_at, signature = query.get("expiresAt", ""), query.get("sig", "")
        own = self._rules.affiliate_id
        versions: tuple[Api, ...] = ("v1.1.0",) if "/1.0/" in request.url.path else VERSIONS
        for api in versions if request.path_params.get("affiliate_id", own) == own else ():
            subject = Subject(own, code, api, SCOPES[room])
            if self._signer.signed_for(subject, expires_at, signature):
                self._signer.refuse_expired(expires_at)
                return api
        raise HTTPException(403, "The signature does not fit this URL")
