"""What a reader takes from a report: tables by their id, cards, texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lxml import html

Page = Any
"""What lxml makes of a page; its types tell the results of no XPath."""

Cells = list[list[str]]

DASH = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"


def read(file: Path) -> Page:
    """Return a page, parsed as a browser would."""
    return html.document_fromstring(file.read_bytes())


def text(element: Page) -> str:
    """Return what an element says, in one line."""
    return " ".join(element.text_content().split())


def table(page: Page, name: str) -> Cells:
    """Return the cells of the table whose caption has this id, rows of its body only."""
    found = page.get_element_by_id(f"{name}-table").getparent()
    rows = found.xpath("tbody/tr[not(th[@scope='rowgroup'])]")
    return [[text(cell) for cell in row] for row in rows]


def tiles(page: Page) -> dict[str, str]:
    """Return the figures at the head of the page."""
    return {
        text(one.find("dt")): text(one.find("dd")) for one in page.xpath("//dl[@class='tiles']/div")
    }


def cards(page: Page) -> list[tuple[str, ...]]:
    """Return title, price, old price and fall of every drop."""
    parts = (".//p[@class='name']", ".//strong", ".//s", ".//span[@class='fall']")
    return [
        tuple(text(card.xpath(part)[0]) for part in parts)
        for card in page.xpath("//ul[@class='cards']/li")
    ]
