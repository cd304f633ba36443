"""Specifications: two shapes on the wire, one in the table.

Captured pages mix `[{"key": group, "values": [{"key": name, "value": [..]}]}]` with
`[{group: [{name: [..]}]}]`, sometimes inside one record. Both become (group, name, values).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import pyarrow as pa

from feeds.product import columns
from feeds.product.record import KeyedGroup, NamedGroup

_keyed = msgspec.json.Decoder(list[KeyedGroup] | None)
_any_shape = msgspec.json.Decoder(list[NamedGroup] | None)

_KEYED_FIELDS = {"key", "values"}


class SpecificationColumn:
    """Collects the specifications of a page's records, flat, as Arrow wants them."""

    def __init__(self) -> None:
        """Start with no record."""
        self._ends = [0]
        self._value_ends = [0]
        self._groups: list[str | None] = []
        self._names: list[str | None] = []
        self._values: list[str | None] = []

    def add(self, raw: msgspec.Raw) -> None:
        """Take one record's `specificationList`.

        Raises:
            msgspec.ValidationError: it has neither shape.
        """
        try:
            groups = _keyed.decode(raw)
        except msgspec.ValidationError:
            for group in _any_shape.decode(raw) or ():
                self._add_any_shape(group)
        else:
            for one in groups or ():
                pairs = [(value.key, value.value or ()) for value in one.values or ()]
                self._extend(one.key, pairs)
        self._ends.append(len(self._groups))

    def array(self) -> pa.Array:
        """Return list<struct<group, name, values>>, one entry a record; nothing is null."""
        values = pa.ListArray.from_arrays(
            pa.array(self._value_ends, pa.int32()), pa.array(self._values, pa.string())
        )
        entries = pa.StructArray.from_arrays(
            [pa.array(self._groups, pa.string()), pa.array(self._names, pa.string()), values],
            ["group", "name", "values"],
        )
        return columns.listed(entries, self._ends)

    def _add_any_shape(self, group: dict[str, Any]) -> None:
        if group.keys() <= _KEYED_FIELDS and "key" in group:
            regular = msgspec.convert(group, KeyedGroup)
            self._extend(regular.key, [(one.key, one.value or ()) for one in regular.values or ()])
            return
        named = msgspec.convert(group, dict[str, list[dict[str, list[str | None] | str | None]]])
        for name, entries in named.items():
            self._extend(name, [pair for entry in entries for pair in entry.items()])

    def _extend(
        self,
        group: str | None,
        pairs: Iterable[tuple[str | None, Iterable[str | None] | str | None]],
    ) -> None:
        empty = True
        for name, values in pairs:
            empty = False
            self._groups.append(group)
            self._names.append(name)
            self._values.extend([values] if isinstance(values, str) else values or ())
            self._value_ends.append(len(self._values))
        if empty:
            self._groups.append(group)
            self._names.append(None)
            self._value_ends.append(len(self._values))
