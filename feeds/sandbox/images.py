"""Pictures of a product: a map by size, whose keys follow from the links.

A key is the first `<number>x<number>` in the link, wherever it stands, so that a file name with
`60x12` makes one too; a link without any is the original, `unknown`. It is so in every captured
record of 2016.
"""

import re
from collections.abc import Iterable

_SIZE = re.compile(r"[0-9]+x[0-9]+")


def by_size(links: Iterable[str]) -> dict[str, str]:
    """Return the map; of two links with one key the later one stands."""
    return {(found[0] if (found := _SIZE.search(link)) else "unknown"): link for link in links}
