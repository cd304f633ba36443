"""A catalogue of captured answers: the records of a folder, served as they were.

The folder holds `feeds/*.json.gz` and `topFeeds/*.json.gz`, each a JSON list of v1.1.0 records
named after its category, and `directory_flattened.json`, whose links give the categories' codes.
Nothing ever changes in it: versions are constant and deltas are empty. There are no books in it.
"""

import gzip
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from threading import RLock

import orjson

from feeds.sandbox.catalogue import Record
from feeds.sandbox.chance import mix
from feeds.sandbox.library import Library
from feeds.sandbox.traits import Traits

_CODE = re.compile(r"/category/([^/.]+)\.json")
_LOWEST_VERSION, _VERSIONS = 65, 1375


class ReplayCategory:
    """One captured category; see `Category` for what each member means."""

    def __init__(self, name: str, code: str, feed: list[Record], top: list[Record]) -> None:
        """Serve these records."""
        self.name, self.code = name, code
        self.traits = Traits()
        self.version = _LOWEST_VERSION + mix(*code.encode()) % _VERSIONS
        self.edition = 0
        self._feed, self._top = feed, top

    def __len__(self) -> int:
        """How many records its feed has."""
        return len(self._feed)

    def record(self, slot: int) -> Record | None:
        """The record in one place."""
        return self._feed[slot]

    def changed(self, since: int) -> Sequence[int]:
        """Nothing since the constant version, everything since an earlier one."""
        return range(len(self._feed)) if since < self.version else ()

    def change(self, slot: int) -> Record:
        """The record in one place, as captured."""
        return self._feed[slot]

    def top(self) -> list[Record]:
        """The captured best sellers."""
        return self._top

    def truth(self) -> Iterator[Record]:
        """The records of the feed, as captured."""
        return iter(self._feed)


class ReplayCatalogue:
    """Captured categories; see `Catalogue` for what each member means."""

    def __init__(self, categories: Sequence[ReplayCategory], page_size: int) -> None:
        """Serve these categories in this order."""
        self.categories: Mapping[str, ReplayCategory] = {one.code: one for one in categories}
        self.page_size = page_size
        self.day = 0
        self.lock = RLock()
        self.books = Library(0, 0, "", lambda: self.day)

    def find(self, product_id: str) -> Record | None:
        """The first captured record with this id, or None."""
        for category in self.categories.values():
            for record in [*category.truth(), *category.top()]:
                if record["productBaseInfoV1"]["productId"] == product_id:
                    return record
        return None

    def next_day(self, days: int = 1) -> None:
        """Count the days; captured answers stay as they are."""
        self.day += days

    def reset_version(self, code: str) -> None:
        """Let one category's version fall."""
        category = self.categories[code]
        category.version = category.version // 10 + 1
        category.edition += 1


def replay(folder: Path, page_size: int = 500) -> ReplayCatalogue:
    """Read a folder of captured answers.

    Args:
        folder: The folder; a category is served when it has a file in `feeds` or in `topFeeds`, and
            a side without a file is an empty list.
        page_size: How many records a page covers.

    Returns:
        The catalogue.

    Raises:
        FileNotFoundError: There is no `directory_flattened.json` in the folder.
    """
    listing = orjson.loads((folder / "directory_flattened.json").read_bytes())
    categories = []
    for entry in listing:
        name, found = entry["category"], _CODE.search(entry["get"])
        files = [folder / side / f"{name}.json.gz" for side in ("feeds", "topFeeds")]
        if found and any(file.exists() for file in files):
            feed, top = (_records(file) for file in files)
            categories.append(ReplayCategory(name, found[1], feed, top))
    return ReplayCatalogue(categories, page_size)


def _records(file: Path) -> list[Record]:
    if not file.exists():
        return []
    records: list[Record] = orjson.loads(gzip.decompress(file.read_bytes()))
    return records
