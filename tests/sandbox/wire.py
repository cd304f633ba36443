"""Talking to a sandbox over HTTP the plain way, for its tests."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from feeds.sandbox.server import Sandbox

Record = dict[str, Any]


@dataclass(frozen=True)
class Wire:
    """A client that is let in by one sandbox."""

    sandbox: Sandbox
    client: httpx.Client

    def get(self, url: str) -> httpx.Response:
        """Ask for a whole address or a path."""
        return self.client.get(url)

    def variants(self, api: str = "v1.1.0") -> dict[str, Record]:
        """The directory's entries of one version, by category name."""
        listing = self.get(f"/affiliate/api/{self.sandbox.affiliate_id}.json").json()
        entries = listing["apiGroups"]["affiliate"]["apiListings"]
        return {name: entry["availableVariants"][api] for name, entry in entries.items()}

    def pages(self, url: str) -> Iterator[Record]:
        """Every page of a walk, as JSON; the text "null" ends it too."""
        following: str | None = url
        while following and following != "null":
            answer = self.get(following)
            assert answer.status_code == 200, answer.text
            page: Record = answer.json()
            yield page
            following = page.get("nextUrl")

    def walk(self, url: str, key: str = "productInfoList") -> list[Record]:
        """Every record of a walk."""
        return [record for page in self.pages(url) for record in page[key]]


def since(link: str, version: object) -> str:
    """A delta link with a version inserted."""
    return link.replace(".json?", f"/fromVersion/{version}.json?")


def base(record: Record) -> Record:
    """A v1.1.0 record's base information."""
    part: Record = record["productBaseInfoV1"]
    return part


def ids(records: list[Record]) -> list[str]:
    """The records' product ids, in order."""
    return [base(record)["productId"] for record in records]
