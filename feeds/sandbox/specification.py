"""A made-up product's specifications and what else is special to its category."""

# ruff: noqa: PLR2004 - the numbers are measured rates; a name would only repeat the line

from collections.abc import Sequence
from random import Random
from typing import TypeVar

from feeds.sandbox.catalogue import Record
from feeds.sandbox.template import Template, words

_Value = TypeVar("_Value")


def specifics(draw: Random, template: Template, brand: str, *, named: float) -> Record:
    """Make up what one record says beyond its price and its seller.

    Args:
        draw: Where chance comes from.
        template: The category's template.
        brand: The product's brand, which some values name.
        named: The share of records whose specifications are keyed by their own names.
    """
    specs = _chosen(draw, template, brand)
    lines = [
        value if len(value) > 24 or not name.strip() else f"{name}: {value}"
        for names in specs.values()
        for name, value in names.items()
        if len(value) < 80
    ]
    key_specs = lines[: draw.randint(0, 5)]
    return {
        "keySpecs": key_specs,
        "detailedSpecs": key_specs if draw.random() < 0.8 else [],
        "specificationList": _listed(specs, named=draw.random() < named),
        "booksInfo": {
            "language": "English" if draw.random() < 0.006 else None,
            "binding": None,
            "pages": None,
            "publisher": None,
            "year": 0,
            "authors": [],
        },
        "lifeStyleInfo": {
            "sleeve": _maybe(draw, template.sleeves),
            "neck": _maybe(draw, template.necks),
            "idealFor": _maybe(draw, template.ideal_for),
        },
    }


def _chosen(draw: Random, template: Template, brand: str) -> dict[str, dict[str, str]]:
    if draw.random() < 0.035:
        return {}
    left_out = draw.choice((0.0, 0.1, 0.2, 0.35))
    chosen: dict[str, dict[str, str]] = {}
    for group, names in template.specs.items():
        kept = {
            name: values[int(draw.random() * len(values))]
            for name, values in names.items()
            if draw.random() >= left_out
        }
        if kept:
            chosen[group] = kept
    for entries in chosen.values():
        for name, value in entries.items():
            if "{" in value:
                note = draw.choice(words().long_notes)
                entries[name] = value.format(brand=brand, note=note)
    return chosen


def _listed(specs: dict[str, dict[str, str]], *, named: bool) -> list[Record]:
    """Write specifications in one of the two shapes that the vendor mixes inside a page."""
    if named:
        return [
            {group: [{name: [value]} for name, value in names.items()]}
            for group, names in specs.items()
        ]
    return [
        {
            "key": group,
            "values": [{"key": name, "value": [value]} for name, value in names.items()],
        }
        for group, names in specs.items()
    ]


def _maybe(draw: Random, choices: Sequence[_Value]) -> _Value | None:
    return draw.choice(choices) if choices and draw.random() < 0.9 else None
