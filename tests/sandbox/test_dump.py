"""The dumps of a sandbox: zips of CSV, a little broken like the real ones."""

import csv
import io
from collections.abc import Iterator
from zipfile import ZipFile

import httpx
import pytest

from feeds.sandbox.rules import Rules
from feeds.sandbox.server import Sandbox
from tests.sandbox.wire import Record, Wire, base

HEADER = (
    "productId,title,description,imageUrlStr,mrp,sellingPrice,specialPrice,productUrl,categories,"
    "productBrand,productFamily,inStock,codAvailable,offers,discount,shippingCharges,deliveryTime,"
    "size,color,sizeUnit,storage,displaySize,keySpecsStr,detailedSpecsStr,specificationList,"
    "sellerName,sellerAverageRating,sellerNoOfRatings,sellerNoOfReviews,sleeve,neck,idealFor"
)


@pytest.fixture(scope="module")
def dumps() -> Iterator[Wire]:
    """A sandbox whose dumps are broken at every hundredth row."""
    rules = Rules(quota=0, misquoted_every=100, stray_byte_every=150)
    with (
        Sandbox(products=1200, categories=3, rules=rules) as sandbox,
        httpx.Client(base_url=sandbox.url, headers=sandbox.headers, trust_env=False) as client,
    ):
        yield Wire(sandbox, client)


def links(wire: Wire, api: str = "v1.1.0") -> dict[str, str]:
    """The dump directory's links by category."""
    listing = wire.get("/affiliate/download/feeds/sandbox.json").json()
    entries = listing["apiGroups"]["affiliate"]["apiListings"]
    return {name: entry["availableVariants"][api]["get"] for name, entry in entries.items()}


def unzipped(content: bytes) -> tuple[str, bytes]:
    """The one member's name and content."""
    with ZipFile(io.BytesIO(content)) as archive:
        (name,) = archive.namelist()
        return name, archive.read(name)


def rows(content: bytes) -> list[list[str]]:
    """The CSV's rows, header included."""
    text = unzipped(content)[1].decode("utf-8", "replace")
    return list(csv.reader(io.StringIO(text, newline="")))


def test_directory_has_the_captured_shape(dumps: Wire) -> None:
    """Each category has a link in both versions, no delta and no best sellers."""
    listing = dumps.get("/affiliate/download/feeds/sandbox.json").json()
    entry = listing["apiGroups"]["affiliate"]["apiListings"]["mens_footwear"]
    new, old = (entry["availableVariants"][api] for api in ("v1.1.0", "v0.1.0"))

    assert f"{dumps.sandbox.url}/affiliate/1.0/feeds/rawfiles/fwm-t3k?expiresAt=" in new["get"]
    assert f"{dumps.sandbox.url}/affiliate/feeds/rawfiles/fwm-t3k?expiresAt=" in old["get"]
    assert new["deltaGet"] is new["top"] is None


def test_dump_holds_every_record(dumps: Wire) -> None:
    """The zip has one CSV named after the code, with a row for each record of the feed."""
    content = dumps.get(links(dumps)["mens_footwear"]).content
    name, text = unzipped(content)
    listed = dumps.walk(dumps.variants()["mens_footwear"]["get"])
    first = [row[0] for row in rows(content)]

    assert name == "fwm-t3k.csv"
    assert text.decode("utf-8", "replace").split("\n", 1)[0] == HEADER
    assert ["productId", *(base(one)["productId"] for one in listed)] == first


def test_row_says_what_the_record_says(dumps: Wire) -> None:
    """Lists are joined, flags are words, links carry no tracking id, brackets are gone."""
    content = dumps.get(links(dumps)["mens_footwear"]).content
    header, *found = rows(content)
    by_id: dict[str, Record] = {
        base(one)["productId"]: one for one in dumps.sandbox.truth("mens_footwear")
    }
    whole = [dict(zip(header, row, strict=True)) for row in found if len(row) == len(header)]
    images = [row for row in whole if row["imageUrlStr"].count(";") == 3]
    for row in images[:50]:
        record = by_id[row["productId"]]
        specific = record["categorySpecificInfoV1"]
        if row["sellingPrice"] and ";" not in row["title"]:
            assert f"{base(record)['productUrl']}" == f"{row['productUrl']}&affid=sandbox"
            assert ";".join(specific["keySpecs"]) == row["keySpecsStr"]
            assert str(base(record)["inStock"]).lower() == row["inStock"]
            original = base(record)["imageUrls"].get("unknown")
            assert original in {None, row["imageUrlStr"].split(";")[0]}
            assert "[" not in row["productFamily"]
            assert " " not in row["productFamily"]


def test_some_rows_come_apart(dumps: Wire) -> None:
    """About every hundredth row has more fields than the header, or is shifted within them."""
    content = dumps.get(links(dumps)["mens_footwear"]).content
    _, *found = rows(content)
    apart = [row for row in found if len(row) != 32]
    raw = unzipped(content)[1]

    assert 0 < len(apart) <= len(found) / 100
    assert all(len(row) > 32 for row in apart)
    with pytest.raises(UnicodeDecodeError):
        raw.decode()


def test_unbroken_dump_is_clean() -> None:
    """With the flaws switched off every row has as many fields as the header."""
    rules = Rules(quota=0, misquoted_every=0, stray_byte_every=0)
    with (
        Sandbox(products=600, categories=1, rules=rules) as sandbox,
        httpx.Client(base_url=sandbox.url, headers=sandbox.headers, trust_env=False) as client,
    ):
        wire = Wire(sandbox, client)
        content = wire.get(links(wire)["mens_footwear"]).content

        assert {32} == {len(row) for row in rows(content)}
        assert unzipped(content)[1].decode()


def test_older_columns(dumps: Wire) -> None:
    """The older dump has one price, and size and colour variants."""
    header = rows(dumps.get(links(dumps, "v0.1.0")["mens_footwear"]).content)[0]

    assert {"price", "emiAvailable", "cashBack", "sizeVariants", "styleCode"} <= set(header)
    assert "specialPrice" not in header


def test_ranges_can_be_asked_for(dumps: Wire) -> None:
    """Parts of a zip put together are the zip."""
    link = links(dumps)["mens_footwear"]
    whole = dumps.get(link)
    half = len(whole.content) // 2
    parts = [
        dumps.client.get(link, headers={"Range": f"bytes={part}"})
        for part in (f"0-{half - 1}", f"{half}-")
    ]

    assert whole.headers["accept-ranges"] == "bytes"
    assert [part.status_code for part in parts] == [206, 206]
    assert whole.content == parts[0].content + parts[1].content
    assert whole.headers["etag"] == parts[0].headers["etag"]


def test_every_second_category_redirects(dumps: Wire) -> None:
    """The link can lead to the zip by a redirect, which asks for no account."""
    answer = dumps.get(links(dumps)["womens_clothing"])
    target = answer.headers["location"]
    stored = httpx.get(target, trust_env=False)

    assert answer.status_code == 302
    assert stored.status_code == 200
    assert unzipped(stored.content)[0] == "2wq-k1r.csv"
    assert httpx.get(target + "0", trust_env=False).status_code == 403


def test_dump_follows_the_days() -> None:
    """A day later the zip is another and its member carries the new date."""
    rules = Rules(quota=0)
    with (
        Sandbox(products=100, categories=1, rules=rules) as sandbox,
        httpx.Client(base_url=sandbox.url, headers=sandbox.headers, trust_env=False) as client,
    ):
        wire, dates = Wire(sandbox, client), []
        for _ in range(2):
            content = wire.get(links(wire)["mens_footwear"]).content
            with ZipFile(io.BytesIO(content)) as archive:
                dates.append(archive.infolist()[0].date_time[:3])
            sandbox.next_day()

        assert dates == [(2024, 3, 1), (2024, 3, 2)]


def test_dump_signature_is_its_own(dumps: Wire) -> None:
    """A feed's signature does not open the dump of the same category."""
    query = dumps.variants()["mens_footwear"]["get"].split("?")[1]
    path = links(dumps)["mens_footwear"].split("?")[0]

    assert dumps.get(f"{path}?{query}").status_code == 403
    assert dumps.get(path.replace("fwm-t3k", "nothing")).status_code == 404
