"""The report in a real browser: quick, quiet, on a phone and a desk, in light and dark."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.report.browser import Tab

LOADED = "performance.getEntriesByType('navigation')[0].loadEventEnd"
WIDTH = "document.documentElement.scrollWidth"

# The least contrast of every text with what is really behind it, as WCAG 2 counts it.
CONTRAST = """(() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgba = text => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = text; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b].map(one => one / 255)
    .map(one => one <= .04045 ? one / 12.92 : ((one + .055) / 1.055) ** 2.4)
    .reduce((sum, one, place) => sum + one * [.2126, .7152, .0722][place], 0);
  const behind = element => {
    for (let one = element; one; one = one.parentElement) {
      const found = rgba(getComputedStyle(one).backgroundColor);
      if (found[3] === 255) return found;
    }
    return [255, 255, 255, 255];
  };
  const ratio = element => {
    const style = getComputedStyle(element);
    const own = element.namespaceURI.endsWith('svg') ? style.fill : style.color;
    const [a, b] = [light(rgba(own)), light(behind(element))].sort((x, y) => y - x);
    return (a + .05) / (b + .05);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (walker.currentNode.data.trim() && element.tagName !== 'title')
      found.push([ratio(element), element.outerHTML.slice(0, 80)]);
  }
  return found.sort((a, b) => a[0] - b[0])[0];
})()"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("name", ["shop_file", "hostile_file"])
def test_it_opens(
    request: pytest.FixtureRequest, tab: Tab, name: str, width: int, *, dark: bool
) -> None:
    """No complaint, no sideways scrolling, nothing of upstream runs, every text can be read."""
    file: Path = request.getfixturevalue(name)
    tab.open(file, width=width, dark=dark)
    assert tab.ask(WIDTH) == width
    assert tab.ask("innerWidth") == width
    assert tab.ask("typeof window.owned") == "undefined"
    assert tab.ask("getComputedStyle(document.body).backgroundColor") == (
        "rgb(14, 17, 22)" if dark else "rgb(244, 245, 247)"
    )
    least, where = tab.ask(CONTRAST)
    assert least >= 4.5, where
    assert tab.complaints() == []


@pytest.mark.alone
def test_it_opens_within_three_seconds(tab: Tab, shop_file: Path) -> None:
    """By the browser's own clock, until everything that it waits for is there."""
    tab.open(shop_file, width=360)
    assert 0 < tab.ask(LOADED) < 3000


def test_it_asks_for_pictures_only(tab: Tab, shop_file: Path) -> None:
    """The page itself is one request; what else it asks for is pictures of products."""
    tab.open(shop_file, width=1280)
    tab.ask("window.scrollTo(0, document.body.scrollHeight)")
    kinds = {kind for kind, url in tab.requests() if not url.startswith("data:")}
    assert kinds <= {"Document", "Image"}
    elsewhere = [url for kind, url in tab.requests() if kind == "Image"]
    allowed = ("https://img.feedlake.invalid/", "data:image/")
    assert all(url.startswith(allowed) for url in elsewhere)


def test_the_skip_link_comes_first_and_is_seen(tab: Tab, shop_file: Path) -> None:
    """A keyboard gets past the head at once; what has the focus shows it."""
    tab.open(shop_file, width=1280)
    tab.press("Tab")
    assert tab.ask("document.activeElement.textContent") == "Skip to the report"
    assert tab.ask("document.activeElement.getBoundingClientRect().left") >= 0
    assert tab.ask("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    tab.press("Enter")
    assert tab.ask("document.activeElement.id") == "main"
