"""The forms an answer can take: an API version and a format, read off a link's path."""

from dataclasses import dataclass
from typing import Literal

from starlette.exceptions import HTTPException

Api = Literal["v1.1.0", "v0.1.0"]
Format = Literal["json", "xml"]
VERSIONS: tuple[Api, ...] = ("v1.1.0", "v0.1.0")
"""Both versions; the older one is deprecated."""


@dataclass(frozen=True, slots=True)
class Form:
    """An API version and a format."""

    api: Api = "v1.1.0"
    format: Format = "json"


def written_in(ending: str) -> Format:
    """The format that a path's ending asks for.

    Raises:
        HTTPException: 404, there is no answer in any other format.
    """
    if ending == "json":
        return "json"
    if ending == "xml":
        return "xml"
    raise HTTPException(404, "Only json and xml")
