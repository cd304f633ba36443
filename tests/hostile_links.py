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
    *(
        "&amp;affid=other",
        "&#38;",
        "&#x26;amp;",
        "\\u0026affid\\u003dother",
        "&#61;",
        "%26affid%3Dother",
    ),
    *("%2526affid%253Dother", ";affid=other", "%3Faffid%3Dx", "%253F", "%23", "%3B", "%26amp%3B"),
    *(
        "&%2561ffid=x",
        "&affid[]=x",
        "+affid=x",
        "affExtParam9%3D",
        "pid%3D",
        "PID=",
        "%3D",
        "%253d",
    ),
    *("url=https%3A%2F%2Fwww.flipkart.com%2Fx%3Faffid%3Dother%26pid%3DA", "https://h/?affid=x"),
    *(
        "/s/",
        "/dl/s/x",
        "/S/",
        "dl/",
        "fkrt.it",
        "https://x.bitli.in./",
        "b\u0131t.ly",
        "amp",
        "25",
    ),
    *("\u200b", "\ufeff", "\u00ad", "\u202e", "\U000e0041"),
    *("a", " ", "\t", "\n", "\x00", "\x85", "\u00a0", "\u00e9", "\u0939", "\U0001f600"),
)

HOSTILE = st.builds(
    lambda start, bits: start + "".join(bits),
    st.sampled_from(STARTS),
    st.lists(st.sampled_from(BITS) | st.text(max_size=3), max_size=10),
)
"""Anything: most begin as a link of the shop's, many are refused."""

IDS_IN_OTHER_SPELLINGS = (
    "&amp;affid=other",
    "&amp;amp;affid=other&amp;affExtParam1=x",
    "&#38;affid=other",
    "&#x26;affid&#61;other",
    "\\u0026affid\\u003dother",
    "&AFFID=other&affextparam1=x&AFFEXTPARAM2=y",
    "&affid%3Dother",
    "&affid%3dother%26affExtParam2%3Dx",
    "&%61%66%66%69%64=other",
    "&%2561ffid=other",
    "&affid[]=other&affid%5B0%5D=other",
    "&+affid=other&%20affid=other",
    "&affExtParam3=other",
    ";affid=other",
    ";affid=other;affExtParam1=x",
    "%26affid%3Dother",
    "%26amp%3Baffid%3Dother",
    "%2526affid%253Dother",
    "%252526affid%25253Dother",
    "%3Baffid%3Dother",
    "%3Faffid%3Dother",
    "#affid=other",
    "#&affid=other",
)
"""What is put behind a link of a product: ids of another's, in every spelling that was met."""
