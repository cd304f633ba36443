"""Pictures of a product: a map by size, whose keys follow from the links.

A key is the size that the link's path asks for, as `/image/200/400/` does in links of 2020; else
the first `<number>x<number>` in the link, wherever it stands, so that a file name with `60x12`
makes one too; a link without any is the original, `unknown`. It is so in every captured record.
"""

import re
from collections.abc import Iterable

_PATH = re.compile(r"/image/([0-9]+)/([0-9]+)/")
_SIZE = re.compile(r"[0-9]+x[0-9]+")


def by_size(links: Iterable[str]) -> dict[str, str]:
    """Return the map; of two links with one key the later one stands."""
    return {_size(link): link for link in links}


def _size(link: str) -> str:
    if asked := _PATH.search(link):
        return f"{asked[1]}x{asked[2]}"
    named = _SIZE.search(link)
    return named[0] if named else "unknown"
