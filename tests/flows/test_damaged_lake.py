"""A lake with a lost or damaged catalogue or data file: each command says so in one line."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from flows.cli import main
from flows.scheduled import JOBS
from flows.settings import Settings, read_settings
from storage.errors import LakeCatalogueError, LakeError
from storage.lake import LakeFolder, open_for_writing
from storage.reader import open_lake
from tests.left_log import log_left
from tests.scripted import Scripted, record

Refresh = Callable[..., Any]
Ask = Callable[..., list[tuple[Any, ...]]]
Run = Callable[..., tuple[int, str, str]]

IDS = "SELECT product_id FROM products ORDER BY product_id"
RULES = '[[rule]]\nname = "tenth"\nkind = "drop"\npercent = 10\nwhere = "mrp > 0"\n'

READING = {
    "sql": ["sql", "SELECT max(title) FROM products"],
    "sql as CSV": ["sql", "FROM products", "--format", "csv"],
    "sql as JSON": ["sql", "FROM products", "--format", "json"],
    "status": ["status"],
    "diff": ["diff", "2"],
    "search": ["search", "--local", "product"],
    "link": ["link", "P01", "--affid", "me", "--sub1", "{category}"],
    "link of a query": ["link", "--from-sql", "FROM products", "--affid", "me"],
    "report": ["report", "-o", "report.html"],
    "publish": ["publish", "public"],
    "export": ["export", "FROM products", "-o", "out.parquet"],
    "merchant": ["export", "--merchant", "--affid", "me", "-o", "out.xml"],
    "quarantine": ["quarantine", "show"],
    "alerts": ["alerts"],
    "alerts --dry-run": ["alerts", "--dry-run"],
}
WRITING = {
    "maintain": ["maintain", "--keep-days", "0"],
    "maintain --alone": ["maintain", "--alone", "--keep-days", "0"],
    "rollback": ["rollback", "shoes", "--to", "2"],
    "replay": ["quarantine", "replay"],
}
OTHER = {
    "snapshots": ["snapshots"],
    "verify": ["verify"],
    "alerts check": ["alerts", "check"],
}
COMMANDS = READING | WRITING | OTHER


@pytest.fixture
def shop() -> Iterator[Scripted]:
    """Serve a category with a bad record."""
    with Scripted() as scripted:
        records = [record(f"P{number:02}") for number in range(40)]
        scripted.page(None, *records, record("bad", inStock="perhaps"))
        yield scripted


@pytest.fixture
def mirror(shop: Scripted, refresh: Refresh, original: Path, lake: Path) -> Path:
    """Mirror the shop and a day of it, on which prices fell."""
    if not original.exists():
        refresh(shop, into=original)
        shop.version(2)
        shop.delta(1, *(record(f"P{number:02}", 60.0) for number in range(30)))
        refresh(shop, into=original)
        assert len(list(LakeFolder(original).data.rglob("*.parquet"))) > 4
    shutil.copytree(original, lake)
    return lake


@pytest.fixture
def run(
    lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Return what runs a command in this process: its status, output and errors."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FEEDLAKE_LAKE", str(lake))
    monkeypatch.setenv("FEEDLAKE_WAIT", "0")
    Path("alerts.toml").write_text(RULES)

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["feedlake", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    return run


def lose(catalog: Path) -> None:
    """Lose it with its log."""
    for file in catalog.parent.glob("catalog.sqlite*"):
        file.unlink()


def empty(catalog: Path) -> None:
    """Leave nothing in it, as a full disk may."""
    lose(catalog)
    catalog.touch()


def cut(file: Path) -> None:
    """Lose its second half."""
    body = file.read_bytes()
    file.write_bytes(body[: len(body) // 2])


def overwrite(file: Path) -> None:
    """Write something else over it."""
    file.write_bytes(b"not what it was" * (file.stat().st_size // 15))


def spoil(file: Path) -> None:
    """Damage its middle; its length and both its ends stay."""
    body = bytearray(file.read_bytes())
    body[100 : len(body) * 3 // 4] = bytes(range(256)) * len(body)
    file.write_bytes(body[: file.stat().st_size])


def replace_by_folder(file: Path) -> None:
    """Have a folder at its place, as a wrong mount does."""
    file.unlink()
    file.mkdir()


def replace_by_other_database(catalog: Path) -> None:
    """Have a database of another program at its place."""
    lose(catalog)
    with closing(sqlite3.connect(catalog)) as other:
        other.execute("CREATE TABLE notes (text)")
        other.commit()


def replace_by_other_lake(catalog: Path) -> None:
    """Have the catalogue of another lake at its place."""
    lose(catalog)
    elsewhere = LakeFolder(catalog.parent.parent / "elsewhere")
    with open_for_writing(elsewhere):
        pass
    shutil.copyfile(elsewhere.catalog, catalog)


CATALOGUE_FAULTS = [
    lose,
    empty,
    cut,
    overwrite,
    spoil,
    replace_by_folder,
    replace_by_other_database,
    replace_by_other_lake,
]


def content(lake: Path) -> dict[str, bytes]:
    """Return the lake's files; what SQLite keeps beside a catalogue that is read is left out."""
    return {
        str(one.relative_to(lake)): one.read_bytes()
        for one in lake.rglob("*")
        if one.is_file() and not one.name.endswith(("-shm", "-wal", ".lock"))
    }


def refused(ended: tuple[int, str, str]) -> str:
    """Return the one line of a command that failed and printed nothing else."""
    status, output, errors = ended
    (line,) = errors.splitlines()
    assert (status, output.strip("[\n")) == (1, "")
    assert line.startswith("feedlake: ")
    return line


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_no_command_goes_on_without_the_catalogue(mirror: Path, run: Run, name: str) -> None:
    """Data files without a catalogue are a lake that lost it, for reading and for writing."""
    lose(LakeFolder(mirror).catalog)
    before = content(mirror)
    line = refused(run(*COMMANDS[name]))
    assert "catalog.sqlite is lost; nothing was written: docs/recover.md" in line
    assert content(mirror) == before


@pytest.mark.parametrize("fault", CATALOGUE_FAULTS, ids=lambda fault: fault.__name__)
def test_no_damaged_catalogue_is_replaced(
    mirror: Path, shop: Scripted, refresh: Refresh, run: Run, fault: Callable[[Path], None]
) -> None:
    """Reading, refreshing and upkeep refuse it and leave every file as it is."""
    fault(LakeFolder(mirror).catalog)
    before = content(mirror)
    for name in ("sql", "status", "maintain", "maintain --alone"):
        assert "docs/recover.md" in refused(run(*COMMANDS[name]))
    with pytest.raises(LakeCatalogueError, match=r"docs/recover\.md"):
        refresh(shop, full=True)
    assert content(mirror) == before


@pytest.mark.usefixtures("run")
@pytest.mark.parametrize("job", sorted(JOBS))
def test_no_scheduled_job_replaces_a_lost_catalogue(
    mirror: Path, shop: Scripted, monkeypatch: pytest.MonkeyPatch, job: str
) -> None:
    """What `serve` runs ends with the same line."""
    lose(LakeFolder(mirror).catalog)
    before = content(mirror)
    monkeypatch.setenv("FK_AFFILIATE_ID", shop.affiliate_id)
    monkeypatch.setenv("FK_AFFILIATE_TOKEN", shop.token)
    monkeypatch.setenv("FEEDLAKE_API_URL", shop.url)

    async def work(settings: Settings) -> None:
        await JOBS[job](settings)

    with pytest.raises(LakeCatalogueError, match="is lost"):
        asyncio.run(work(read_settings()))
    assert content(mirror) == before


@pytest.mark.parametrize("name", sorted(READING))
def test_a_damaged_data_file_is_one_error(mirror: Path, run: Run, name: str) -> None:
    """Every command that needs a file names it, and says where it stands what to do."""
    for file in LakeFolder(mirror).data.rglob("*.parquet"):
        cut(file)
    line = refused(run(*READING[name]))
    assert "/data/main/" in line
    assert ".parquet cannot be read (it is damaged); docs/recover.md" in line


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_no_command_ends_in_a_traceback(mirror: Path, run: Run, name: str) -> None:
    """Also where the damage shows only in the middle of a file; some need none of these."""
    for file in LakeFolder(mirror).data.rglob("*.parquet"):
        spoil(file)
    status, _, errors = run(*COMMANDS[name])
    assert len(errors.splitlines()) == (0 if status == 0 or name == "verify" else 1)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Path.unlink, "No such file or directory"),
        (cut, "it is damaged"),
        (overwrite, "it is damaged"),
        (spoil, "it is damaged"),
        (replace_by_folder, "Is a directory"),
    ],
)
def test_the_error_names_the_file(
    mirror: Path, run: Run, fault: Callable[[Path], None], reason: str
) -> None:
    """And what is wrong with it."""
    file = products_file(mirror)
    fault(file)
    line = refused(run("sql", "FROM products", "--format", "csv"))
    assert f"{file} cannot be read ({reason}); docs/recover.md" in line


def test_a_refresh_names_the_file_and_goes_on_once_it_is_back(
    mirror: Path, shop: Scripted, refresh: Refresh
) -> None:
    """The category fails with the same line, and its next refresh merges what it staged."""
    file = products_file(mirror)
    body = file.read_bytes()
    file.unlink()
    shop.version(3)
    shop.delta(2, record("P05", 5.0))
    (row,) = refresh(shop).values()
    assert row.status == "failed"
    assert f"{file} cannot be read" in (row.error or "")
    assert "docs/recover.md" in (row.error or "")
    file.write_bytes(body)
    (row,) = refresh(shop).values()
    assert (row.status, row.mode) == ("done", "delta")


def products_file(lake: Path) -> Path:
    """Return the largest data file of the products."""
    files = (LakeFolder(lake).data / "main" / "products").iterdir()
    return max(files, key=lambda one: one.stat().st_size)


def test_a_wrong_query_is_no_damage(mirror: Path, run: Run) -> None:
    """What is wrong with a query is said of the query."""
    assert mirror.exists()
    status, _, errors = run("sql", "SELECT error('no') FROM products")
    assert (status, "lists the tables" in errors) == (2, True)


def test_a_lake_that_was_never_finished_is_made_again(lake: Path, ask: Ask) -> None:
    """Killed while it was made for the first time: the next command makes it."""
    folder = LakeFolder(lake)
    with open_for_writing(folder):
        pass
    folder.catalog.rename(lake / "new-catalog.sqlite")
    assert len(list(folder.data.rglob("*.parquet"))) == 1
    with open_for_writing(folder):
        pass
    assert ask(IDS) == []


def test_an_old_log_is_not_taken_for_the_new_catalogue(lake: Path, ask: Ask) -> None:
    """The log of a catalogue that was removed before anything was mirrored goes with it."""
    folder = LakeFolder(lake)
    with open_for_writing(folder):
        pass
    version = "INSERT INTO category_versions VALUES ('shoes', 1, 'r', now())"
    with log_left(folder.catalog), open_for_writing(folder) as connection:
        connection.execute(version)
    folder.catalog.unlink()
    with open_for_writing(folder):
        pass
    assert ask("FROM category_versions") == []


def test_a_catalogue_is_put_back(
    mirror: Path, shop: Scripted, refresh: Refresh, ask: Ask, tmp_path: Path
) -> None:
    """As docs/recover.md says: without the log of the one that was lost, then refreshed."""
    folder, backup = LakeFolder(mirror), tmp_path / "backup.sqlite"
    with closing(sqlite3.connect(folder.catalog)) as kept, closing(sqlite3.connect(backup)) as copy:
        kept.backup(copy)
    prices = "SELECT product_id, selling_price::INT FROM products ORDER BY product_id"
    before = ask(prices)
    shop.version(3)
    shop.delta(2, record("N1"), record("P01", 7.0))
    with log_left(folder.catalog):
        refresh(shop)
    after = ask(prices)
    assert before != after
    log = folder.catalog.with_name("catalog.sqlite-wal")
    left = log.read_bytes()
    for file in mirror.glob("catalog.sqlite*"):
        file.unlink()
    shutil.copyfile(backup, folder.catalog)
    assert ask(prices) == before
    assert [row.mode for row in refresh(shop).values()] == ["delta"]
    assert ask(prices) == after
    # With the log of the other one it is neither the one nor the other.
    lose(folder.catalog)
    shutil.copyfile(backup, folder.catalog)
    log.write_bytes(left)
    try:
        restored = ask(prices)
    except LakeError:
        return
    assert restored != before


def test_python_gets_the_same_errors(mirror: Path) -> None:
    """`open_lake` refuses a lake without its catalogue."""
    lose(LakeFolder(mirror).catalog)
    with pytest.raises(LakeError, match=r"docs/recover\.md"):
        open_lake(mirror)
