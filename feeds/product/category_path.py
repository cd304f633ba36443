"""Category paths: names joined with `>`, whichever way they are written.

Captured answers write `Lifestyle>Jewellery>Rings`; the vendor's reference writes lists of nodes,
as JSON or as a text that holds JSON; v0.1.0 wraps the joined names in a node of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from feeds.product.record import PathNode

Path = str | list[list[PathNode]] | None

_paths = msgspec.json.Decoder(list[list[PathNode]])


def all_joined(paths: Iterable[Path]) -> list[str | None]:
    """Return the first path of each record; null for none.

    Raises:
        msgspec.ValidationError: a text holds JSON, and not that of nodes.
    """
    # Nearly all are joined already, and a call for each would cost three times as much.
    return [path if isinstance(path, str) and path[:1] != "[" else joined(path) for path in paths]


def joined(path: Path) -> str | None:
    """Return the first of the paths; null for none.

    Raises:
        msgspec.ValidationError: a text holds JSON, and not that of nodes.
    """
    if isinstance(path, str):
        return _read(path) if path.startswith("[[") else path
    return _first(path or ())


def _read(text: str) -> str | None:
    try:
        return _first(_paths.decode(text))
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        return text  # a name that begins with brackets


def _first(paths: Sequence[Sequence[PathNode]]) -> str | None:
    if not paths:
        return None
    names = ">".join(node.node_name or node.title or "" for node in paths[0])
    return _read(names) if names.startswith("[[") else names
