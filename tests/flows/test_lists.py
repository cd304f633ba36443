"""Top sellers and books: ranks with time, and the tree."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from feeds.sandbox.rules import Rules
from feeds.sandbox.server import Sandbox
from flows.feed import Feed
from tests.scripted import Scripted, record

Refresh = Callable[..., Any]
Ask = Callable[..., list[tuple[Any, ...]]]

TOP = {"feeds": (Feed.TOP,)}
BOOKS = {"feeds": (Feed.BOOKS,)}


def put_top(upstream: Scripted, *records: Any, **other: Any) -> None:
    """Put the top sellers of `shoes`."""
    upstream.put(upstream.link("topFeeds", "shoes"), *records, **other)


def ranks(ask: Ask) -> list[tuple[Any, ...]]:
    """Return every list observed: which, rank and product, oldest first."""
    return ask("SELECT category, rank, product_id FROM top_products ORDER BY observed_at, rank")


def test_a_list_is_written_when_it_changes(refresh: Refresh, ask: Ask) -> None:
    """The same list again writes nothing; another order writes the whole list."""
    with Scripted(tops=True) as upstream:
        put_top(upstream, record("A"), record("B"))
        assert refresh(upstream, **TOP)["shoes"].mode == "list"
        first = [("shoes", 1, "A"), ("shoes", 2, "B")]
        assert ranks(ask) == first
        before = ask("SELECT max(snapshot_id), count(*) FROM lake.snapshots()")
        assert refresh(upstream, **TOP)["shoes"].mode == "skip"
        ((snapshots, count),) = before
        assert ask("SELECT max(snapshot_id), count(*) FROM lake.snapshots()") == [
            (snapshots + 1, count + 1)
        ]
        assert ranks(ask) == first
        put_top(upstream, record("B"), record("A"), record("C"))
        row = refresh(upstream, **TOP)["shoes"]
        assert (row.mode, row.new_count) == ("list", 1)
        assert ranks(ask) == [*first, ("shoes", 1, "B"), ("shoes", 2, "A"), ("shoes", 3, "C")]


def test_an_empty_list_is_normal(refresh: Refresh, ask: Ask) -> None:
    """It is kept as a rank 0, once; a list that fills again is written again."""
    with Scripted(tops=True) as upstream:
        for records in ([], [], [record("A")], [], []):
            put_top(upstream, *records)
            assert refresh(upstream, **TOP)["shoes"].status == "done"
    assert ranks(ask) == [("shoes", 0, None), ("shoes", 1, "A"), ("shoes", 0, None)]


def test_a_rejected_record_keeps_its_rank(refresh: Refresh, ask: Ask) -> None:
    """The ranks of the others are the vendor's."""
    with Scripted(tops=True) as upstream:
        put_top(upstream, record("A"), record(""), record("C"))
        row = refresh(upstream, **TOP)["shoes"]
    assert row.rejected_count == 1
    assert ranks(ask) == [("shoes", 1, "A"), ("shoes", 3, "C")]


def test_top_sellers_are_a_walk(refresh: Refresh, ask: Ask) -> None:
    """Each page leads to the next, as eight of nine captured ones do, and the ranks run on."""
    with Scripted(tops=True) as upstream:
        second, last = (upstream.link("topFeeds", "shoes", cursor) for cursor in ("c2", "c3"))
        put_top(upstream, record("A"), record("B"), link=second)
        upstream.put(second, record(""), record("D"), link=last)
        upstream.put(last)
        row = refresh(upstream, **TOP)["shoes"]
    assert (row.status, row.page_count, row.rejected_count) == ("done", 3, 1)
    assert ranks(ask) == [("shoes", 1, "A"), ("shoes", 2, "B"), ("shoes", 4, "D")]


def test_a_top_seller_enters_products_and_delists_nothing(refresh: Refresh, ask: Ask) -> None:
    """A list of some products is no statement about the others."""
    with Scripted(tops=True) as upstream:
        upstream.page(None, record("A", 10), record("B", 20))
        refresh(upstream)
        put_top(upstream, record("B", 19), record("Z", 5))
        row = refresh(upstream, **TOP)["shoes"]
    assert (row.new_count, row.changed_count, row.delisted_count) == (1, 1, 0)
    assert ask("SELECT product_id, selling_price::DOUBLE, feed FROM products ORDER BY 1") == [
        ("A", 10, "product"),
        ("B", 19, "top"),
        ("Z", 5, "top"),
    ]
    assert ask("SELECT product_id FROM product_categories ORDER BY 1") == [("A",), ("B",)]


def test_a_list_brings_no_delisted_product_back(refresh: Refresh, ask: Ask) -> None:
    """Only its category's own feed can; what the list says of it is kept all the same."""
    with Scripted(tops=True) as upstream:
        upstream.page(None, record("A", 10), record("B", 20))
        refresh(upstream)
        upstream.page(None, record("B", 20))
        refresh(upstream, full=True)
        put_top(upstream, record("A", 7))
        refresh(upstream, **TOP)
    columns = "selling_price::DOUBLE, is_available, delisted_at IS NULL"
    assert ask(f"SELECT {columns} FROM products WHERE product_id = 'A'") == [(7, False, False)]
    last = ask(
        "SELECT selling_price::DOUBLE, is_available FROM price_history "
        "WHERE product_id = 'A' ORDER BY observed_at"
    )
    assert last == [(10, True), (10, False), (7, False)]


def test_the_tree_of_books_and_its_lists(refresh: Refresh, ask: Ask) -> None:
    """Five levels with codes, parents and paths; each node's ranks; a day changes some lists."""
    with Sandbox(products=200, categories=1, books=400, rules=Rules(quota=0)) as sandbox:
        assert refresh(sandbox, **BOOKS)["books"].status == "done"
        assert ask("SELECT min(depth), max(depth) FROM book_categories") == [(0, 4)]
        wrong = ask("""
            SELECT node.code
            FROM book_categories AS node
            LEFT JOIN book_categories AS parent ON parent.code = node.parent_code
            WHERE (node.depth > 0 AND (
                    node.code NOT LIKE parent.code || '-%'
                    OR node.depth <> parent.depth + 1
                    OR node.path[:-2] <> parent.path))
                OR (node.depth = 0 AND node.parent_code IS NOT NULL)
                OR node.path[-1] <> node.name
                OR len(node.path) <> node.depth + 1
        """)
        assert wrong == []
        listed = "SELECT code, rank, product_id FROM top_books ORDER BY observed_at, code, rank"
        first = ask(listed)
        assert len(first) > 400
        assert ask(
            "SELECT count(*) FROM top_books AS one ANTI JOIN products USING (product_id)"
        ) == [(0,)]
        assert refresh(sandbox, **BOOKS)["books"].mode == "skip"
        assert ask(listed) == first
        sandbox.next_day()
        row = refresh(sandbox, **BOOKS)["books"]
        assert row.mode == "list"
        assert len(ask(listed)) > len(first)
        lists = ask(
            "SELECT count(DISTINCT code), (SELECT count(*) FROM book_categories) "
            "FROM top_books WHERE refresh_id = (SELECT max(refresh_id) FROM top_books)"
        )
    ((changed, nodes),) = lists
    assert 0 < changed < nodes


def test_books_in_xml_are_the_same_books(refresh: Refresh, ask: Ask, tmp_path: Path) -> None:
    """The tree and the ranks do not depend on the format."""
    tables = (
        "SELECT code, name, parent_code, depth, path FROM book_categories ORDER BY code",
        "SELECT code, rank, product_id FROM top_books ORDER BY code, rank",
        "SELECT product_id, title, book FROM products ORDER BY product_id",
    )
    with Sandbox(products=200, categories=1, books=300, rules=Rules(quota=0)) as sandbox:
        refresh(sandbox, **BOOKS)
        refresh(sandbox, into=tmp_path / "xml", format="xml", **BOOKS)
    for table in tables:
        assert ask(table) == ask(table, of=tmp_path / "xml")
        assert ask(table)


def test_books_that_changed_nothing_write_no_file(refresh: Refresh, lake: Path) -> None:
    """Neither Parquet nor history."""
    with Sandbox(products=200, categories=1, books=400, rules=Rules(quota=0)) as sandbox:
        refresh(sandbox, **BOOKS)
        files = set((lake / "data").rglob("*.parquet"))
        refresh(sandbox, **BOOKS)
    assert set((lake / "data").rglob("*.parquet")) == files


def test_a_book_list_that_fails_keeps_what_it_was(refresh: Refresh, ask: Ask) -> None:
    """The other lists are merged, and the row names the one that was not."""
    with Scripted() as upstream:
        leaf = {"name": "Crime", "url": upstream.link("booksFeeds", "bks-fic"), "id": "fic"}
        root = {"name": "Books", "url": upstream.link("booksFeeds", "bks"), "id": "bks"}
        tree: dict[str, Any] = {
            "booksCategory": root | {"subCategories": [leaf | {"subCategories": []}]}
        }
        upstream.put_json("/affiliate/1.0/booksApi/me.json", tree)
        upstream.put(upstream.link("booksFeeds", "bks"), record("A"))
        row = refresh(upstream, **BOOKS)["books"]
    assert row.status == "failed"
    assert row.error.startswith("1 of 2 lists kept as they were; bks-fic: ")
    assert ask("SELECT code, rank, product_id FROM top_books") == [("bks", 1, "A")]
    assert ask("SELECT code, path FROM book_categories ORDER BY 1") == [
        ("bks", ["Books"]),
        ("bks-fic", ["Books", "Crime"]),
    ]


def test_an_odd_node_takes_nothing_out_of_the_tree(refresh: Refresh, ask: Ask) -> None:
    """It fails the run by name; what it was stays, and what is below it is read."""
    nodes = "SELECT code, path, delisted_at IS NULL FROM book_categories ORDER BY code"
    whole = [
        ("bks", ["Books"], True),
        ("bks-fic", ["Books", "Fiction"], True),
        ("bks-fic-cri", ["Books", "Fiction", "Crime"], True),
    ]
    with Scripted() as upstream:
        links = [upstream.link("booksFeeds", code) for code, *_ in whole]
        crime = {"name": "Crime", "url": links[2]}
        fiction: dict[str, Any] = {"name": "Fiction", "url": links[1], "subCategories": [crime]}
        tree = {"booksCategory": {"name": "Books", "url": links[0], "subCategories": [fiction]}}
        for number, link in enumerate(links):
            upstream.put(link, record(f"A{number}"))
        upstream.put_json("/affiliate/1.0/booksApi/me.json", tree)
        assert refresh(upstream, **BOOKS)["books"].status == "done"
        assert ask(nodes) == whole
        fiction["url"] = "N/A"
        new = {"name": "Poems", "url": upstream.link("booksFeeds", "bks-poe")}
        tree["booksCategory"]["subCategories"] = [fiction, new]
        upstream.put_json("/affiliate/1.0/booksApi/me.json", tree)
        upstream.put(new["url"], record("P"))
        upstream.put(links[2], record("A9"))
        row = refresh(upstream, **BOOKS)["books"]
        assert row.status == "failed"
        assert row.error.startswith("1 of 4 lists kept as they were; Books > Fiction: ")
        assert ask(nodes) == [*whole, ("bks-poe", ["Books", "Poems"], True)]
        listed = "SELECT code, product_id FROM bestselling_books ORDER BY code, product_id"
        assert ask(listed) == [
            ("bks", "A0"),
            ("bks-fic", "A1"),
            ("bks-fic-cri", "A9"),
            ("bks-poe", "P"),
        ]


def test_the_captured_branch_of_the_tree(captures: Path) -> None:
    """Five levels deep, with full codes out of the links."""
    from feeds.books import decode_books_directory

    body = (captures / "listings" / "books_directory_2017-01.json").read_bytes()
    tree = decode_books_directory(body).nodes
    assert [(node.code, node.depth, node.parent_code) for node in tree] == [
        ("bks", 0, None),
        ("bks-fnf", 1, "bks"),
        ("bks-fnf-fs6", 2, "bks-fnf"),
        ("bks-fnf-fs6-mak", 3, "bks-fnf-fs6"),
        ("bks-fnf-fs6-mak-8lf", 4, "bks-fnf-fs6-mak"),
        ("bks-fnf-fs6-mak-4zk", 4, "bks-fnf-fs6-mak"),
    ]
    assert tree[4].path == (
        "Books",
        "Fiction & Non-Fiction Books",
        "Children Books",
        "Activity Books",
        "Cursive Writing",
    )
