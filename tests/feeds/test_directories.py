"""Directories of feeds, dumps and books with an entry that cannot be used."""

from __future__ import annotations

import json
from typing import Any

import pytest

from feeds.books import BookTree, decode_books_directory, decode_xml_books_directory
from feeds.directory import Listing, decode_directory, decode_xml_directory
from feeds.dump.directory import decode_dump_directory
from feeds.errors import BrokenEntryError, FeedError, PageBrokenError

LINK = "https://h.example/affiliate/1.0/feeds/me/category/{}.json?expiresAt=1&sig=ab"


def variant(code: str, **changes: Any) -> dict[str, Any]:
    """Return the links of a category."""
    links = {"get": LINK.format(code), "deltaGet": LINK.format(f"d-{code}")}
    return links | {"top": None} | changes


def listing(links: Any, version: str = "v1.1.0") -> dict[str, Any]:
    """Return a category with one version."""
    return {"availableVariants": {version: links}, "apiName": "x"}


def directory(*, group: Any = None, **entries: Any) -> bytes:
    """Return a JSON directory of two good categories and these."""
    good = {"bags": listing(variant("a")), "hats": listing(variant("b"))}
    groups = {"affiliate": {"apiListings": good | entries}}
    return json.dumps({"apiGroups": groups | ({"promo": group} if group else {})}).encode()


NO_LINKS = [
    "N/A",
    "null",
    " ",
    "-",
    "http://h.example/a\nb",
    "ftp://h",
]
ODD: list[tuple[Any, str]] = [
    (None, "null"),
    ({}, "availableVariants"),
    ({"availableVariants": None}, "null"),
    ({"availableVariants": []}, "array"),
    ("text", "str"),
    (listing(None), "null"),
    (listing([]), "array"),
    (listing(variant("c", get=5)), "int"),
    (listing(variant("c", get=None)), "it has no link"),
    (listing(variant("c", get="")), "it has no link"),
    *((listing(variant("c", get=link)), repr(link)) for link in NO_LINKS),
]


def error_of(one: Listing) -> str:
    """Return why a category cannot be used, in one line."""
    with pytest.raises(BrokenEntryError) as raised:
        _ = one.product
    assert "\n" not in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize(("odd", "says"), ODD)
def test_an_odd_entry_fails_alone(odd: Any, says: str) -> None:
    """The others are as they were; that one says what is wrong when it is asked for."""
    body = directory(odd=odd)
    found = decode_directory(body)
    assert list(found) == ["bags", "hats", "odd"]
    assert str(found["bags"].product) == LINK.format("a")
    assert str(found["hats"].delta) == LINK.format("d-b")
    message = error_of(found["odd"])
    assert "the directory's entry of 'odd' cannot be used" in message
    assert says in message
    dumps = decode_dump_directory(body)
    assert [one.code for one in dumps.values() if one.category != "odd"] == ["a", "b"]
    with pytest.raises(BrokenEntryError, match="'odd'"):
        _ = dumps["odd"].url


@pytest.mark.parametrize("link", [*NO_LINKS, 5])
def test_an_odd_link_fails_what_needs_it(link: Any) -> None:
    """A wrong link to the top sellers costs the products nothing."""
    found = decode_directory(directory(odd=listing(variant("c", top=link))))
    if isinstance(link, str):
        assert str(found["odd"].product) == LINK.format("c")
        assert found["odd"].has_top
    with pytest.raises(BrokenEntryError, match="'odd'"):
        _ = found["odd"].top
    found = decode_directory(directory(odd=listing(variant("c", deltaGet=link))))
    with pytest.raises(BrokenEntryError, match="'odd'"):
        _ = found["odd"].delta


@pytest.mark.parametrize("entry", [{"availableVariants": {}}, listing(variant("c"), "v0.1.0")])
def test_a_category_of_another_version_is_not_listed(entry: Any) -> None:
    """It has nothing to be read in this one."""
    assert list(decode_directory(directory(odd=entry))) == ["bags", "hats"]


@pytest.mark.parametrize("group", [{"name": "promo", "apiListings": None}, {"name": "promo"}])
def test_an_empty_group_lists_nothing(group: Any) -> None:
    """The other group is read."""
    assert list(decode_directory(directory(group=group))) == ["bags", "hats"]


def test_a_group_of_another_kind_is_named() -> None:
    """As an entry that cannot be used: nobody knows which categories it had."""
    found = decode_directory(directory(group="soon"))
    assert list(found) == ["bags", "hats", "promo"]
    assert "'promo'" in error_of(found["promo"])


def test_without_one_good_entry_it_is_broken() -> None:
    """Such an answer is asked for again."""
    odd = {name: listing(variant("a", get=name)) for name in ("bags", "hats")}
    for decode in (decode_directory, decode_dump_directory):
        with pytest.raises(PageBrokenError, match="lists no v1"):
            decode(directory(**odd))


@pytest.mark.parametrize(
    ("damage", "category"),
    [
        ((b'"apiName": "odd"', b'"apiName": "o"dd"'), "odd"),
        ((b'"get": "https://x/odd', b'"get": "https://x/o"dd'), "odd"),
        ((b'"odd": {', b'"o"dd": {'), 'o"dd'),
    ],
)
def test_an_entry_that_is_no_json_fails_alone(damage: tuple[bytes, bytes], category: str) -> None:
    """A bare quote inside one entry costs the others nothing, and no name is cut short."""
    odd = listing(variant("c", get="https://x/odd")) | {"apiName": "odd"}
    good = directory(odd=odd)
    body = good.replace(*damage)
    assert body != good
    for decode in (decode_directory, decode_dump_directory):
        assert list(decode(body)) == ["bags", "hats", category]
    assert f"{category!r} cannot be used" in error_of(decode_directory(body)[category])
    with pytest.raises(PageBrokenError):
        decode_directory(body[:-7])


@pytest.mark.parametrize("start", [b"\xef\xbb\xbf", b")]}'\n", b" "])
def test_directories_that_are_almost_json(start: bytes) -> None:
    """A mark before them, a control character in a name, a comma too many, `NaN`, bad escapes."""
    body = start + directory(odd=listing(variant("c"))).replace(b"odd", b"o\td\\'").replace(
        b"}}", b"},}"
    ).replace(b"null", b"NaN")
    for decode in (decode_directory, decode_dump_directory):
        assert list(decode(body)) == ["bags", "hats", "o\td'"]
    body = start + json.dumps(tree()).encode().replace(b"Crime", b"Cr\x1fime").replace(
        b"}]", b"},]"
    )
    assert [one.name for one in decode_books_directory(body).nodes] == ["Books", "Cr\x1fime", "Art"]


XML_ENTRY = (
    "<entry><key>\n {name}\n</key><value><availableVariants><entry><key>"
    "<majorVersion>1</majorVersion><minorVersion> 1 </minorVersion><patchVersion>0</patchVersion>"
    "</key><value><get>{get}</get><deltaGet>\n http://h/d\n</deltaGet></value></entry>"
    "</availableVariants></value></entry>"
)


XML_NO_LINKS = "<availableVariants><entry><key>v1.1.0</key></entry></availableVariants>"


@pytest.mark.parametrize(
    ("odd", "name"),
    [
        (XML_ENTRY.format(name="odd", get="N/A"), "odd"),
        (XML_ENTRY.format(name="odd", get=""), "odd"),
        (XML_ENTRY.format(name="odd", get="null"), "odd"),
        (XML_ENTRY.format(name="", get="http://h/p"), ""),
        ("<entry><key>odd</key></entry>", "odd"),
        ("<entry><key>odd</key><value/></entry>", "odd"),
        ("<entry><value/></entry>", ""),
        (f"<entry><key>odd</key><value>{XML_NO_LINKS}</value></entry>", "odd"),
    ],
)
def test_an_odd_entry_in_xml_fails_alone(odd: str, name: str) -> None:
    """As in JSON; blanks around names and links are none of them."""
    good = XML_ENTRY.format(name="bags", get="\n http://h/p\n")
    body = (
        "<ApiDirectory><apiGroups><entry><key>affiliate</key><value><apiListings>"
        f"{odd}{good}</apiListings></value></entry></apiGroups></ApiDirectory>"
    )
    found = decode_xml_directory(body.encode())
    assert list(found) == [name, "bags"]
    assert (str(found["bags"].product), str(found["bags"].delta)) == ("http://h/p", "http://h/d")
    assert f"entry of {name!r} cannot be used" in error_of(found[name])


def node(name: Any, code: str | None, *below: Any) -> dict[str, Any]:
    """Return a node of the tree of books."""
    return {"name": name, "url": code and LINK.format(code), "subCategories": list(below)}


def tree(**changes: Any) -> dict[str, Any]:
    """Return a tree of a root and two leaves, the first changed."""
    leaves = node("Crime", "bks-c") | changes, node("Art", "bks-a")
    return {"booksCategory": node("Books", "bks", *leaves)}


def xml(element: str, one: dict[str, Any]) -> str:
    """Return a node in XML."""
    texts = "".join(
        f"<{key}>{value}</{key}>".replace("&", "&amp;")
        for key, value in one.items()
        if isinstance(value, str)
    )
    below = "".join(xml("subCategories", child) for child in one["subCategories"] or ())
    return f"<{element}>{texts}{below}</{element}>"


def both(of: dict[str, Any]) -> list[BookTree]:
    """Return a tree as read from JSON and from XML."""
    top = xml("booksCategory", of["booksCategory"])
    return [
        decode_books_directory(json.dumps(of).encode()),
        decode_xml_books_directory(f"<BooksApiDirectory>{top}</BooksApiDirectory>".encode()),
    ]


@pytest.mark.parametrize(
    ("changes", "where", "says"),
    [
        ({"url": None}, "Books > Crime", "it has no link"),
        ({"url": ""}, "Books > Crime", "it has no link"),
        ({"url": "N/A"}, "Books > Crime", "'N/A'"),
        ({"name": None}, "Books > ?", "it has no name"),
        ({"name": " "}, "Books > ", "it has no name"),
    ],
)
def test_an_odd_node_of_the_books_fails_alone(
    changes: dict[str, Any], where: str, says: str
) -> None:
    """What is below it is read, and hangs from the node above."""
    odd = tree(**changes, subCategories=[node("Noir", "bks-c-n")])
    for found in both(odd):
        assert [(one.code, one.parent_code, one.path) for one in found.nodes] == [
            ("bks", None, ("Books",)),
            ("bks-a", "bks", ("Books", "Art")),
            ("bks-c-n", "bks", ("Books", "Noir")),
        ]
        assert all(one.depth == len(one.path) - 1 for one in found.nodes)
        ((named, error),) = found.faults
        assert named.startswith(where.strip(" "))
        assert says in str(error)


@pytest.mark.parametrize("odd", [None, "text", [], {"name": "x", "subCategories": 5}])
def test_a_node_of_another_kind_fails_alone(odd: Any) -> None:
    """Its neighbours are read."""
    of = {"booksCategory": node("Books", "bks", odd, node("Art", "bks-a"))}
    found = decode_books_directory(json.dumps(of).encode())
    assert ([one.name for one in found.nodes], len(found.faults)) == (["Books", "Art"], 1)


def test_a_root_without_a_link_costs_only_itself() -> None:
    """The first nodes that can be used are then the highest."""
    of = tree()
    of["booksCategory"]["url"] = None
    for found in both(of):
        assert [(one.code, one.parent_code, one.depth) for one in found.nodes] == [
            ("bks-c", None, 0),
            ("bks-a", None, 0),
        ]


def test_a_tree_without_a_good_node_is_broken() -> None:
    """Such an answer is asked for again."""
    with pytest.raises(FeedError, match="lists no category; try again later"):
        decode_books_directory(json.dumps({"booksCategory": node("Books", None)}).encode())
