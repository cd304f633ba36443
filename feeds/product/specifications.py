"""Specifications: two shapes on the wire, one in the table.

Captured pages mix `[{"key": group, "values": [{"key": name, "value": [..]}]}]` with
`[{group: [{name: [..]}]}]`, sometimes inside one record. Both become (group, name, values).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

import msgspec
import pyarrow as pa

from feeds.product import columns
from feeds.product.record import KeyedGroup, KeyedValue, NamedGroup

_keyed = msgspec.json.Decoder(list[KeyedGroup] | None)
_named = msgspec.json.Decoder(list[NamedGroup] | None)
_any_shape = msgspec.json.Decoder(list[dict[str, Any]] | dict[str, Any] | str | None)

_KEYED_FIELDS = {"key", "values"}
_KEYED_START = b'[{"key":'
_NO_ENTRIES = (KeyedValue(None, None),)
_NO_PAIRS = ((None, None),)


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
            # How it begins tells the shape of nearly every one, and a wrong guess is dear.
            if bytes(raw).startswith(_KEYED_START):
                self._add_keyed(_keyed.decode(raw) or ())
            else:
                self._add_named(_all_named(raw))
        except msgspec.ValidationError:
            for group in _groups(raw):
                self._add_any_shape(group)
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
            self._add_keyed([msgspec.convert(group, KeyedGroup)])
        else:
            self._add_named([msgspec.convert(group, NamedGroup)])

    def _add_keyed(self, groups: Iterable[KeyedGroup]) -> None:
        names, values, ends = self._names, self._values, self._value_ends
        for group in groups:
            entries = group.values or _NO_ENTRIES
            self._groups += [group.key] * len(entries)
            for one in entries:
                names.append(one.key)
                values += one.value or ()
                ends.append(len(values))

    def _add_named(self, groups: Iterable[NamedGroup]) -> None:
        names, values, ends = self._names, self._values, self._value_ends
        for group, entries in chain.from_iterable(map(dict.items, groups)):
            pairs = [pair for entry in entries for pair in entry.items()] or _NO_PAIRS
            self._groups += [group] * len(pairs)
            for name, said in pairs:
                names.append(name)
                values += [said] if isinstance(said, str) else said or ()
                ends.append(len(values))


def _groups(raw: msgspec.Raw) -> Sequence[dict[str, Any]]:
    """Return groups of any shape; what is empty has none, whatever it is."""
    groups = _any_shape.decode(raw) or ()
    if isinstance(groups, dict | str):
        raise msgspec.ValidationError("Expected `array` - at `$.specificationList`")
    return groups


def _all_named(raw: msgspec.Raw) -> list[NamedGroup]:
    groups = _named.decode(raw) or []
    if any("key" in group for group in groups):
        raise msgspec.ValidationError("one of them may be of the regular shape")
    return groups
