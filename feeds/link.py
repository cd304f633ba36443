"""Links that earn: a product's link with the tracking id, and up to two sub-ids, in its query.

A link is taken apart, never glued: it is split into host, path, parameters and fragment, the
tracking parameters in it are dropped whoever they name, as `feeds.product_url` says, and the asked
ones go to the end. So building twice changes nothing, and a link says exactly what was asked for;
sub-ids that stood there belonged to the affid beside them and go with it.

What the vendor says, and what is only a habit:

- Fact (vendor's reference, captured answers of 2016-2018): a link earns with `affid=<tracking
  id>`; `affExtParam1` and `affExtParam2` come back in the affiliate's reports. All 19,958
  different captured `productUrl`s read `http(s)://dl.flipkart.com/dl/<slug>/p/<itm id>?pid=<product
  id>&affid=<id>`, and their product ids are 16 capital letters and digits.
- Convention: the link of a bare product id, see `canonical_url`. No reference describes it.

Which links are taken, the rest being refused:

- `http` or `https`, which leave as `https`; no user before the host; no port but the scheme's
  own, which is left out.
- The hosts of `HOSTS`, letter for letter in ASCII: case is ignored, one dot at the end is left
  out, and a host that merely looks alike is another host.
- No short or share links, on the shop's own hosts either: they lead to whoever made them, and an
  affid on them changes nothing.
- No control or invisible characters inside; at the ends they are stripped.
- No `affid=` glued to the path or the product id without `?` or `&`, and nothing glued to the
  affid: nobody can say what was meant, and such links have cost people their commission.

Other parameters keep their order and their bytes, but that `&amp;` becomes `&`. Only what cannot
stand in a URL is escaped: a blank, a letter beyond ASCII (as UTF-8), a `%` that begins no escape. A
link without `pid` is a link as well: any of the vendor's pages can carry an affid.

The lake's macro `affiliate_url` follows the same rules in SQL.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, unquote, unquote_plus, urlsplit

from feeds.invisible import INVISIBLE, stripped
from feeds.product_url import is_short_link, tracking_ids, with_plain_signs, without_ids
from feeds.signed_url import redact

HOSTS = ("flipkart.com", "www.flipkart.com", "dl.flipkart.com")
"""The shop's own hosts: every captured link leads to `dl.`, the vendor's reference writes `www.`
as well, and the bare name is what people type."""

TRACKING = ("affid", "affExtParam1", "affExtParam2")
"""The parameters that say who earns, in the order in which they are written."""

_ID = re.compile(r"[A-Za-z0-9_.-]{1,100}", re.ASCII)
_PRODUCT_ID = re.compile(r"[A-Za-z0-9]{8,32}", re.ASCII)
_NEVER_INSIDE = re.compile(rf"(?! )[{INVISIBLE}\ud800-\udfff]")
_AUTHORITY = re.compile(r"([a-z0-9.-]+?)\.?(:[0-9]*)?", re.IGNORECASE | re.ASCII)
_PORTS = {"http": (None, ":", ":80"), "https": (None, ":", ":443")}
_GLUED = re.compile(
    r"[^?#]*(?:affid=|\?(?:[^#]*&)?(?:pid=[^&;#]*affid=|affid=[^&;#]*[?=]))",
    re.IGNORECASE | re.ASCII,
)
_SCHEME = re.compile(r"https?://[^/?#]+[/?#]", re.IGNORECASE | re.ASCII)
_ENDS_SENTENCE = ".,;:!'"
_PUNCTUATION = rf"[{_ENDS_SENTENCE}\"`<>()\[\]{{}}*\u2018-\u201f\u2026\u00ab\u00bb]"
_AROUND = rf"(?:{_PUNCTUATION}|[{INVISIBLE}])"
_BEFORE_LINK = re.compile(rf"^{_AROUND}+(?=https?://)", re.IGNORECASE | re.ASCII)
_ID_IN_TEXT = re.compile(rf"{_AROUND}*([A-Za-z0-9]{{8,32}}){_AROUND}*")
_PID_AT_END = re.compile(rf"([?&]pid=[A-Za-z0-9]+){_AROUND}+$", re.IGNORECASE)
_ID_AT_END = re.compile(r"[?&](?:affid|affextparam[12])=[^&#]*$", re.IGNORECASE | re.ASCII)
_PUNCTUATION_AT_END = re.compile(rf"{_PUNCTUATION}+$")
_ESCAPES_AT_END = re.compile(r"(?:%[0-9A-Fa-f]{2})+$")
_OPENED_BY = {")": "(", "]": "[", "}": "{"}
_UNFIT = re.compile(r"%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9._~!$&'()*+,;=:@/?#%-]")
_SHOWN_CHARACTERS = 120


class LinkError(ValueError):
    """No link can be made of this; the message is one line and says what to do."""


@dataclass(frozen=True, slots=True)
class AffiliateLink:
    """What a link says.

    Attributes:
        product_id: its `pid`; None where it has none.
        affid: whose link it is; None where it earns for nobody.
        sub_ids: `affExtParam1` and `affExtParam2`; None for one that is absent.
    """

    product_id: str | None
    affid: str | None
    sub_ids: tuple[str | None, str | None]


def affiliate_url(
    product_url: str, affid: str, sub1: str | None = None, sub2: str | None = None
) -> str:
    """Return the link with this affid and these sub-ids, and with nobody else's.

    Args:
        product_url: any link to the shop, with or without tracking parameters.
        affid: the tracking id; see `checked`.
        sub1: `affExtParam1`; None for none.
        sub2: `affExtParam2`; None for none.

    Raises:
        LinkError: the link is none of the shop's, or an id is malformed.
    """
    asked = zip(TRACKING, (affid, sub1, sub2), strict=True)
    added = [f"{name}={checked(name, value)}" for name, value in asked if value is not None]
    parts = _parse(product_url)
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    return f"https://{parts.host}{parts.path}?{'&'.join(parts.parameters + added)}{fragment}"


def canonical_url(product_id: str) -> str:
    """Return a link to the product with this id, without an affid.

    `https://dl.flipkart.com/dl/product/p/itme?pid=<id>`: host, `/dl/` and `pid` are as captured
    links have them. `product` and `itme` stand where those have a name and an item id, which
    the product id does not tell; that the shop goes by `pid` then is a habit of public link
    builders and not documented. A link from the mirror is the better one.

    Raises:
        LinkError: it is no product id, which has 8 to 32 ASCII letters and digits: wide enough
            for the 16 of captured ids and the ISBNs of books, narrow enough to show a slip.
    """
    if not is_product_id(product_id):
        raise LinkError(
            f"{shown(product_id)} is neither a link nor a product id; "
            "use a link from https:// on, or 8 to 32 letters and digits"
        )
    return f"https://dl.flipkart.com/dl/product/p/itme?pid={product_id}"


def read_link(url: str) -> AffiliateLink:
    """Return what a link says, decoded; of a repeated parameter the first that is not empty.

    Raises:
        LinkError: the link is none of the shop's.
    """
    parameters = [parameter.partition("=") for parameter in _parse(url).parameters]
    pids = (unquote_plus(value) for name, _, value in parameters if unquote(name).lower() == "pid")
    ids = tracking_ids(with_plain_signs(url))
    affid, sub1, sub2 = (ids.get(name.lower()) for name in TRACKING)
    return AffiliateLink(next(filter(None, pids), None), affid, (sub1, sub2))


def copied(text: str) -> str:
    """Return a link or an id without what was copied with it from the text around it.

    Invisible characters at its ends go, also where they were percent-encoded; so do brackets and
    quotes around it, a closing bracket that nothing in the link opens, with what stands behind
    it, and any punctuation behind a product id, which has none.

    Raises:
        LinkError: a link ends in punctuation that may belong to it or to the text around it.
    """
    subject = _BEFORE_LINK.sub("", with_plain_signs(text))
    if bare_id := _ID_IN_TEXT.fullmatch(subject):
        return bare_id[1]
    while (ended := _end_of_link(subject)) != subject:
        subject = ended
    is_unclear = _SCHEME.match(subject) and subject[-1] in _ENDS_SENTENCE
    if is_unclear and not _ID_AT_END.search(subject):
        raise LinkError(
            f"{shown(text)} ends in {subject[-1]!r}, which may be the end of a sentence; "
            f"leave it out, or write %{ord(subject[-1]):02X} where the link has it"
        )
    return subject


def is_product_id(text: str) -> bool:
    """Return whether the text has a product id's form."""
    return _PRODUCT_ID.fullmatch(text) is not None


def is_sub_id(text: str) -> bool:
    """Return whether the text can be a sub-id or an affid; `checked` says the rule."""
    return _ID.fullmatch(text) is not None


def checked(name: str, value: str) -> str:
    """Return the affid or sub-id where it is well-formed: 1 to 100 of `A-Z a-z 0-9 _ . -`.

    The vendor documents no rule. These characters mean themselves wherever a link or a report
    goes (URLs, CSV, mail), so that none is ever escaped twice or cut off; every affid in the
    captured answers is lower-case letters and digits. 100 keeps a link with two sub-ids well
    within what mail programs and chats leave whole.

    Raises:
        LinkError: it is not.
    """
    if not is_sub_id(value):
        raise LinkError(
            f"{name} {shown(value)} cannot stand in a link; "
            "use 1 to 100 letters, digits, dots, dashes and underscores"
        )
    return value


def shown(text: str) -> str:
    """Return the text quoted for a message: one line, in ASCII, not too long, no signature."""
    return ascii(redact(text[:_SHOWN_CHARACTERS]) + ("..." if text[_SHOWN_CHARACTERS:] else ""))


@dataclass(frozen=True, slots=True)
class _Parts:
    """A link of the shop's, every part fit to be written out."""

    host: str
    path: str
    parameters: list[str]
    fragment: str


def _parse(url: str) -> _Parts:
    link = with_plain_signs(url)
    _check_signs(url, link)
    host = _host(url, _split(url, link))
    if _GLUED.match(link):
        raise LinkError(
            f"{shown(url)} has an affid glued on without ? or &; copy the link again from the shop"
        )
    split = urlsplit(stripped(without_ids(link)))
    return _Parts(
        host=host,
        path=_fit(split.path or "/"),
        parameters=[_fit(one) for one in split.query.split("&") if one],
        fragment=_fit(split.fragment),
    )


def _check_signs(url: str, link: str) -> None:
    if unseen := _NEVER_INSIDE.search(link):
        raise LinkError(
            f"{shown(url)} holds the control or invisible character U+{ord(unseen[0]):04X}; "
            "copy the link again"
        )
    if is_short_link(link):
        raise LinkError(
            f"{shown(url)} is a short link, which leads to whoever made it; "
            "open it and use the address of the product's own page"
        )


def _split(url: str, link: str) -> SplitResult:
    try:
        return urlsplit(link)
    except ValueError:
        raise LinkError(f"{shown(url)} is no link; copy it again from the shop") from None


def _end_of_link(link: str) -> str:
    """Return the link without the last thing at its end that surely is no part of it."""
    if (escapes := _ESCAPES_AT_END.search(link)) and not stripped(unquote(escapes[0])):
        return link[: escapes.start()]
    if pid := _PID_AT_END.search(link):
        return link[: pid.end(1)]
    link = stripped(link)
    end = _PUNCTUATION_AT_END.search(link)
    for place in range(end.start() if end else len(link), len(link)):
        sign, before = link[place], link[:place]
        opening = _OPENED_BY.get(sign)
        is_closed = opening is not None and before.count(opening) > before.count(sign)
        if not is_closed and sign not in f"{_ENDS_SENTENCE}(*":
            return before
    return link


def _host(url: str, split: SplitResult) -> str:
    scheme, netloc = split.scheme, split.netloc
    if scheme not in _PORTS or not netloc:
        raise LinkError(f"{shown(url)} is no http or https link; begin it with https://")
    if "@" in netloc:
        raise LinkError(
            f"{shown(url)} names a user before its host; copy the link again from the shop"
        )
    found = _AUTHORITY.fullmatch(netloc)
    host = found[1].lower() if found else ""
    if not found or host not in HOSTS:
        known = f"{', '.join(HOSTS[:-1])} or {HOSTS[-1]}"
        raise LinkError(f"{shown(url)} does not lead to {known}; use a link to one of them")
    if found[2] not in _PORTS[scheme]:
        raise LinkError(f"{shown(url)} names the port {found[2][1:]}; leave it out")
    return host


def _fit(text: str) -> str:
    return _UNFIT.sub(lambda found: quote(found[0], safe=""), text)
