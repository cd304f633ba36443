"""How a sandbox behaves towards its callers."""

from dataclasses import dataclass
from typing import Literal

from feeds.sandbox.markup import XmlLayout


@dataclass(frozen=True, slots=True)
class Rules:
    """The account, the limits and the spellings of one sandbox.

    Attributes:
        affiliate_id: The only tracking id that is let in.
        token: The only token that is let in.
        url_life_seconds: How long a signed link lives; the vendor's live ten hours.
        quota: Requests that may arrive within any one second; 0 switches the limit off.
        latency_seconds: How long every answer is held back.
        list_key: What a page calls its list: `productInfoList`, or `products` as since 2018. In
            XML as it was captured, `products` is around the records, called `productInfoList`.
        xml_layout: How XML is laid out: as in captured answers, or as in the vendor's reference.
        secret: The key of the signatures.
        misquoted_every: In dumps, every how many rows one has quotes that are not doubled, so that
            it comes apart; 0 for never. About 40 rows of a million did in a dump of 2017.
        tells_deletions: Whether deltas list deleted products, with `isAvailable` false. No captured
            v1.1.0 record says `isAvailable`, so the vendor's may leave them out.
        stray_byte_every: In dumps, every how many rows one has a byte that is not UTF-8.
    """

    affiliate_id: str = "sandbox"
    token: str = "sandbox-token"  # noqa: S105 - opens nothing but a sandbox
    url_life_seconds: float = 36_000
    quota: int = 20
    latency_seconds: float = 0
    list_key: Literal["productInfoList", "products"] = "productInfoList"
    xml_layout: XmlLayout = "captured"
    secret: str = "sandbox-secret"  # noqa: S105 - signs nothing but a sandbox's links
    misquoted_every: int = 25_000
    stray_byte_every: int = 5_000
    tells_deletions: bool = True
