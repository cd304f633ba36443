"""Which products an alert rule is about."""

from __future__ import annotations

from contextlib import closing

import duckdb
import msgspec

from storage.errors import QueryError, first_line
from storage.statements import statement, statements


class Selection(msgspec.Struct, frozen=True):
    """What a product must fulfil, all of it; nothing given is every product.

    Attributes:
        categories: it is or was listed in one of them.
        brands: it is of one of them, in any case of letters.
        products: its id is one of them.
        title: its title holds this text, in any case of letters.
        where: an SQL condition over the columns of `products`.
    """

    categories: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    title: str = ""
    where: str = ""


def select(
    connection: duckdb.DuckDBPyConnection, selection: Selection, *, lists: bool = False
) -> None:
    """Put the products of table `touched` that are selected into table `selected`.

    Args:
        connection: the lake.
        selection: what they must fulfil.
        lists: whether the categories are those of lists, which were chosen by them already.

    Raises:
        QueryError: the condition fails on some product.
    """
    set_texts(connection, "products", selection.products)
    set_texts(connection, "brands", [one.lower() for one in selection.brands])
    set_texts(connection, "categories", () if lists else selection.categories)
    connection.execute("SET VARIABLE title = ?", [selection.title.lower()])
    try:
        connection.execute(_statement(selection.where))
    except duckdb.Error as error:
        raise QueryError(first_line(error)) from error


def set_texts(
    connection: duckdb.DuckDBPyConnection, name: str, texts: tuple[str, ...] | list[str]
) -> None:
    """Set a variable to a list of texts, which may be empty."""
    connection.execute(f"SET VARIABLE {name} = ?::VARCHAR[]", [list(texts)])


def check_condition(text: str) -> None:
    """Check a condition against empty tables; no lake is needed.

    Raises:
        QueryError: it is no condition over the columns of `products`.
    """
    with closing(
        duckdb.connect(":memory:", config={"enable_external_access": False})
    ) as connection:
        for made in statements("schema"):
            connection.execute(made)
        connection.execute("CREATE TEMP TABLE touched (product_id VARCHAR)")
        try:
            alone = connection.extract_statements(f"SELECT (\n{text}\n)")
            if len(alone) != 1 or alone[0].type != duckdb.StatementType.SELECT:
                raise QueryError("it is more than one condition")
            select(connection, Selection(where=text))
        except duckdb.Error as error:
            raise QueryError(first_line(error)) from error


def _statement(where: str) -> str:
    return statement("alerts/selected", condition=where or "true")
