"""Category templates and the vocabulary, read from the two TOML files beside this module."""

import re
from functools import cache
from importlib.resources import files
from random import Random

import msgspec

_VARIANTS = 24


class Kind(msgspec.Struct, frozen=True):
    """A kind of thing that a category sells.

    Attributes:
        id: Three letters that start its product ids.
        slug: Its part of an image's address.
        noun: What its titles end with.
        path: Its category path, joined with `>`.
    """

    id: str
    slug: str
    noun: str
    path: str


class Template(msgspec.Struct, frozen=True):
    """What a category's products are called, cost (whole rupees, lowest and highest) and specify.

    `specs` maps a group to its names and each name to the values it can have; a run of `#` in a
    value becomes a number.
    """

    name: str
    code: str
    price: tuple[int, int]
    brands: list[str]
    kinds: list[Kind]
    specs: dict[str, dict[str, list[str]]]
    sizes: list[str] = []
    size_unit: str = ""
    coloured: bool = False
    ideal_for: list[list[str]] = []
    sleeves: list[str] = []
    necks: list[str] = []
    storages: list[str] = []
    displays: list[str] = []


class Words(msgspec.Struct, frozen=True):
    """The vocabulary that all categories share; `shipping` is in whole rupees."""

    colours: list[str]
    adjectives: list[str]
    sellers: list[str]
    offers: list[str]
    shipping: list[int]
    sentences: list[str]
    long_notes: list[str]


class _Templates(msgspec.Struct, frozen=True):
    template: list[Template]


@cache
def words() -> Words:
    """The shared vocabulary."""
    return msgspec.toml.decode(_text("words.toml"), type=Words)


@cache
def templates() -> list[Template]:
    """Every category template, with numbered values spelled out into some variants each."""
    read = msgspec.toml.decode(_text("templates.toml"), type=_Templates).template
    return [msgspec.structs.replace(one, specs=_numbered(one)) for one in read]


def _text(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")


def _numbered(template: Template) -> dict[str, dict[str, list[str]]]:
    draw = Random(template.code)  # noqa: S311 - made-up specifications
    return {
        group: {
            name: [
                variant
                for value in values
                for variant in (_variants(value, draw) if "#" in value else [value])
            ]
            for name, values in names.items()
        }
        for group, names in template.specs.items()
    }


def _variants(value: str, draw: Random) -> list[str]:
    def number(run: re.Match[str]) -> str:
        width = len(run[0])
        return str(draw.randint(10 ** (width - 1), 10**width - 1))

    return [re.sub("#+", number, value) for _ in range(_VARIANTS)]
