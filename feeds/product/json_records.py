"""A JSON list of records into one typed frame, whichever API version they are of.

A page is decoded in one go. Only where that fails is it taken apart record by record, so that
the bad ones can be told from the good, and those of the other version from both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec
import polars as pl

from feeds.product.rejected import RejectedRecord, reason_for
from feeds.product.sifting import misfits
from feeds.product.source import mixed

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class JsonShape(Generic[T]):
    """How the records of one API version are read.

    Attributes:
        source: what `record_source` says of them.
        record: decodes one.
        records: decodes a list of them, or null.
        frame_of: makes records the typed frame, given their places in the page.
    """

    source: str
    record: msgspec.json.Decoder[T]
    records: msgspec.json.Decoder[list[T] | None]
    frame_of: Callable[[Sequence[T], Sequence[int]], pl.DataFrame]

    def fit(self, records: Sequence[T]) -> None:
        """Raise `msgspec.ValidationError` where one of the records does not fit the frame."""
        self.frame_of(records, range(len(records)))


class _Either(msgspec.Struct, rename="camel"):
    product_base_info: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    product_base_info_v1: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


_PLACE = re.compile(r"\.(\w+)`$")
_raw_records = msgspec.json.Decoder(list[msgspec.Raw])
_either = msgspec.json.Decoder(_Either)


def decode_records(
    body: bytes | msgspec.Raw, own: JsonShape[Any], *guests: JsonShape[Any]
) -> tuple[pl.DataFrame, list[RejectedRecord]]:
    """Return the frame of a JSON list of records, and the records that do not fit.

    Args:
        body: the list.
        own: how the page's records are read.
        guests: how v0.1.0 records in a page of another version are read; none for none.

    Raises:
        msgspec.DecodeError: the list itself is no JSON list.
    """
    try:
        records = own.records.decode(body) or []
        return own.frame_of(records, range(len(records))), []
    except msgspec.ValidationError:
        return _one_by_one(_raw_records.decode(body), own, guests)


def _one_by_one(
    raws: Sequence[msgspec.Raw], own: JsonShape[Any], guests: Sequence[JsonShape[Any]]
) -> tuple[pl.DataFrame, list[RejectedRecord]]:
    places: dict[str, list[int]] = {shape.source: [] for shape in (own, *guests)}
    for number, raw in enumerate(raws):
        guest = guests and _is_older(raw)
        places[guests[0].source if guest else own.source].append(number)
    frames: dict[str, pl.DataFrame] = {}
    rejected: list[RejectedRecord] = []
    for shape in (own, *guests):
        frames[shape.source], bad = _sifted(raws, places[shape.source], shape)
        rejected += bad
    return mixed(frames), sorted(rejected, key=lambda one: one.record_number)


def _is_older(raw: msgspec.Raw) -> bool:
    try:
        found = _either.decode(raw)
    except msgspec.ValidationError:
        return False
    return found.product_base_info_v1 is msgspec.UNSET is not found.product_base_info


def _record(raw: msgspec.Raw, shape: JsonShape[T]) -> T:
    """Decode a record; an empty list, map or text in the place of something else is null.

    Some serialisers write an empty map as a list, or a list without members as a text.
    """
    text = bytes(raw)
    while True:
        try:
            return shape.record.decode(text)
        except msgspec.ValidationError as error:
            place = _PLACE.search(str(error))
            replaced = _without_empty(text, place[1]) if place else text
            if replaced == text:
                raise
            text = replaced


def _without_empty(text: bytes, name: str) -> bytes:
    # A quote inside a text is escaped: what this finds is a member of a map.
    return re.sub(rb'("%b"\s*:\s*)(?:\[\s*\]|\{\s*\}|"")' % name.encode(), rb"\1null", text)


def _sifted(
    raws: Sequence[msgspec.Raw], numbers: Sequence[int], shape: JsonShape[T]
) -> tuple[pl.DataFrame, list[RejectedRecord]]:
    good: dict[int, T] = {}
    bad: dict[int, str] = {}
    for number in numbers:
        try:
            good[number] = _record(raws[number], shape)
        except msgspec.ValidationError as error:
            bad[number] = str(error)
    read = list(good)
    for place, misfit in misfits(list(good.values()), shape.fit):
        bad[read[place]] = str(misfit)
        del good[read[place]]
    rejected = [
        RejectedRecord.of(reason_for(detail), detail, number, bytes(raws[number]))
        for number, detail in bad.items()
    ]
    return shape.frame_of(list(good.values()), list(good)), rejected
