"""What can go wrong with the upstream, grouped by what to do next.

    FeedError
    ├── RetryError                  ask the same again, later
    │   ├── UpstreamBusyError         429: over the quota
    │   ├── UpstreamPendingError      202: the answer is still being made
    │   ├── UpstreamFailedError       5xx, a broken connection, a time-out
    │   └── PageBrokenError           an answer that is not the page it should be
    ├── RefreshDirectoryError       read the directory again for a fresh link
    │   ├── LinkExpiredError          410: a link lives 10 hours
    │   └── LinkRefusedError          403: the signature does not fit the link
    ├── FailCategoryError           give this category up; the others go on
    │   ├── RequestRefusedError       400, 404 and other answers that a retry cannot mend
    │   ├── OtherProductError         a look-up answered with another product
    │   ├── WalkLoopError             `nextUrl` leads back to a page already read
    │   ├── WalkTooLongError          more pages than any category has
    │   ├── BrokenEntryError          an entry of a directory that cannot be used
    │   ├── ForeignLinkError          a link that leads away from the configured host
    │   └── UnknownCategoryError      the directory does not list this category
    └── StopRunError                nothing more can work in this run
        ├── CredentialsError          401: the id or the token is wrong
        └── UnreachableError          no connection to the host

Every message is one line, ends with what to do next, and holds neither token nor signature.
"""

from __future__ import annotations


class FeedError(Exception):
    """Anything the upstream, or the way to it, did wrong."""


class RetryError(FeedError):
    """Worth asking again after a pause.

    Attributes:
        retry_after: seconds the upstream asked for, or None.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        """Keep how many seconds the upstream asked to wait."""
        super().__init__(message)
        self.retry_after = retry_after


class UpstreamBusyError(RetryError):
    """The quota was exceeded (429)."""


class UpstreamPendingError(RetryError):
    """The upstream is still at work on the answer (202)."""


class UpstreamFailedError(RetryError):
    """A server error, a broken connection or a time-out."""


class PageBrokenError(RetryError):
    """The body of a good answer is not the page it should be."""


class RefreshDirectoryError(FeedError):
    """The link is of no more use; a fresh one is in the directory."""


class LinkExpiredError(RefreshDirectoryError):
    """The link's `expiresAt` has passed (410)."""


class LinkRefusedError(RefreshDirectoryError):
    """The link's signature was refused (403)."""


class FailCategoryError(FeedError):
    """This category cannot be mirrored now."""


class RequestRefusedError(FailCategoryError):
    """An answer that asking again does not change, such as 400 or 404.

    Attributes:
        status: the answer's status; None where it is something else that is wrong with it.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        """Keep the status."""
        super().__init__(message)
        self.status = status


class OtherProductError(FailCategoryError):
    """The upstream answered with another product than the one that was looked up.

    Attributes:
        product_id: the id of the one it answered with.
    """

    def __init__(self, asked: str, product_id: str) -> None:
        """Name both."""
        self.product_id = product_id
        super().__init__(
            f"the vendor answered with product {product_id!r} when it was asked for {asked!r}; "
            "nothing was kept: ask for that id if it is meant"
        )


class WalkLoopError(FailCategoryError):
    """A `nextUrl` leads to a page that this walk has already read."""


class WalkTooLongError(FailCategoryError):
    """A chain of pages that goes on past any plausible category."""


class BrokenEntryError(FailCategoryError):
    """An entry of a directory that names no link, or something else in its place."""

    def __init__(self, name: str, reason: str) -> None:
        """Name the entry and what is wrong with it."""
        super().__init__(
            f"the directory's entry of {name[:100]!r} cannot be used ({reason}); if it stays so, "
            "ask the vendor"
        )


class ForeignLinkError(FailCategoryError):
    """A link or redirect to another host than the configured one: it gets no request."""


class UnknownCategoryError(FailCategoryError):
    """The directory lists no such category.

    Attributes:
        category: the name asked for.
        nearest: listed names that look like it, best first.
    """

    def __init__(self, category: str, nearest: list[str]) -> None:
        """Name the category and what it may have been meant to be."""
        self.category = category
        self.nearest = nearest
        hint = f"did you mean {', '.join(nearest)}?" if nearest else "see `feedlake status`"
        super().__init__(f"the directory lists no category {category!r}; {hint}")


class StopRunError(FeedError):
    """No category can be mirrored now."""


class CredentialsError(StopRunError):
    """The affiliate id or the token was refused (401)."""


class UnreachableError(StopRunError):
    """The host does not answer at all."""
