"""What the report says, read from the lake in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from flows.errors import WrongCallError
from flows.plain import plain
from storage.engine import quoted
from storage.lake import LakeFolder, open_for_reading
from storage.statements import statement
from storage.transaction import transaction

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

Row = dict[str, Any]

_MEMORY = "1GB"
_DRAWN_BY_DEFAULT = 6


@dataclass(frozen=True, slots=True)
class Asked:
    """What a report is asked for.

    Attributes:
        affid: whose links they are; empty for links that earn for nobody.
        sub1: their first sub-id; None for none.
        products: ids of the products whose prices are drawn; the largest drops where empty.
    """

    affid: str = ""
    sub1: str | None = None
    products: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """Rows by section, each bounded by its statement under `sql/report`.

    Amounts are `Decimal` in the row's `currency`, times are aware and in UTC, a `link` leads to the
    shop or is None.
    """

    totals: Row
    categories: list[Row]
    activity: list[Row]
    drops: list[Row]
    deals: list[Row]
    chosen: list[Row]
    history: list[Row]
    watched_days: list[Row]
    movers: list[Row]
    books: list[Row]
    restocked: list[Row]
    new_products: list[Row]
    gone_products: list[Row]
    quarantine: list[Row]
    runs: list[Row]
    failures: list[Row]


def read_facts(folder: LakeFolder, asked: Asked) -> Facts:
    """Return what the lake says now, all of it as of one snapshot.

    Args:
        folder: the lake.
        asked: ids that were checked.

    Raises:
        LakeError: there is no lake, or it cannot be read.
        WrongCallError: a product that is asked for is not in it.
    """
    with _opened(folder, asked) as lake:
        drops = _rows(lake, "drops")
        _choose(lake, asked.products or [row["product_id"] for row in drops[:_DRAWN_BY_DEFAULT]])
        return Facts(
            totals=_rows(lake, "totals")[0],
            categories=_rows(lake, "categories"),
            activity=_rows(lake, "activity"),
            drops=drops,
            deals=_rows(lake, "deals"),
            chosen=_rows(lake, "chosen"),
            history=_rows(lake, "history"),
            watched_days=_rows(lake, "watched_days"),
            movers=_rows(lake, "movers"),
            books=_rows(lake, "books"),
            restocked=_rows(lake, "restocked"),
            new_products=_rows(lake, "new_products"),
            gone_products=_rows(lake, "gone_products"),
            quarantine=_rows(lake, "quarantine"),
            runs=_rows(lake, "runs"),
            failures=_rows(lake, "failures"),
        )


@contextmanager
def _opened(folder: LakeFolder, asked: Asked) -> Iterator[duckdb.DuckDBPyConnection]:
    """Hold the lake at one snapshot, in bounded memory: what is more goes to a folder."""
    with (
        TemporaryDirectory(prefix="feedlake-report-") as spill,
        open_for_reading(folder) as lake,
    ):
        lake.execute(f"SET temp_directory = '{quoted(spill)}'")
        lake.execute(f"SET memory_limit = '{_MEMORY}'")
        lake.execute("SET preserve_insertion_order = false")
        lake.execute("SET VARIABLE affid = ?", [asked.affid or None])
        lake.execute("SET VARIABLE sub1 = ?", [asked.sub1])
        with transaction(lake):
            lake.execute(statement("report/macros"))
            lake.execute(statement("report/day_changes"))
            yield lake


def _choose(lake: duckdb.DuckDBPyConnection, products: Sequence[str]) -> None:
    lake.execute("SET VARIABLE chosen = ?::VARCHAR[]", [list(dict.fromkeys(products))])
    if unknown := _rows(lake, "unknown"):
        raise WrongCallError(
            f"{plain(unknown[0]['product_id'], 40)} is not in this lake; "
            "`feedlake search --local WORDS` shows ids that are"
        )


def _rows(lake: duckdb.DuckDBPyConnection, name: str) -> list[Row]:
    found = lake.execute(statement(f"report/{name}"))
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
