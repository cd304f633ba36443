"""Links as people and attackers put them together, for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

AFFIDS = st.from_regex(r"[A-Za-z0-9_.-]{1,100}", fullmatch=True)
SUB_IDS = st.none() | AFFIDS

STARTS = (
    "https://dl.flipkart.com/dl/x/p/itm?pid=MADEUP0000000001",
    "http://www.flipkart.com/x/p/itm",
    "https://flipkart.com",
    "HTTP://DL.Flipkart.COM.:80/",
    "https://www.flipkart.com:443?",
    "https://www.flipkart.com#",
    "",
)

BITS = (
    *("http://", "https://", "http\u017f://", "//", "www.", "dl.", "flipkart.com", "evil.com"),
    *("flip\u212aart.com", "FLIPKART.COM", ".", ":", ":80", ":443", ":8443", "@", "/", "\\"),
    *("?", "#", "&", "=", "+", ";", "amp;", "%", "%41", "%zz", "%FF", "%2F", "%26", "%00", "|"),
    *("affid", "AFFID", "%61ffid", "aff%69D", "&affid=other", "affid=other", "aff\u0131d"),
    *("aff%C4%B0d", "affExtParam1", "AFFEXTPARAM2", "affExtParam%31=x", "&affid&", "affid=a=b"),
    *("pid", "?pid=", "&pid=MADEUP0000000002", "x=1", "&&", "~", "..", "[", "]", '"', "'", "<"),
    *("a", " ", "\t", "\n", "\x00", "\x85", "\u00a0", "\u00e9", "\u0939", "\U0001f600"),
)

HOSTILE = st.builds(
    lambda start, bits: start + "".join(bits),
    st.sampled_from(STARTS),
    st.lists(st.sampled_from(BITS) | st.text(max_size=3), max_size=10),
)
"""Anything: most begin as a link of the shop's, many are refused."""
