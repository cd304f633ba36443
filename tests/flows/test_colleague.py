"""A lake is read by who may not write to it: another user, and through a read-only mount."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from storage.lake import LakeFolder, open_for_reading, open_for_writing
from storage.reader import open_lake
from storage.transaction import transaction
from storage.upkeep import check_nobody_reads
from tests.conftest import command_environment
from tests.left_log import log_left
from tests.scripted import Scripted, record

Refresh = Callable[..., Any]
Colleague = Callable[..., Any]

COUNT = "SELECT count(*) FROM products"

COMMANDS = """
import contextlib, io, json, sys
from flows.cli import main

def run(arguments):
    sys.argv = ["feedlake", *arguments]
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as ended:
            return [ended.code, out.getvalue(), err.getvalue()]

print(json.dumps([run(arguments) for arguments in json.load(sys.stdin)]))
"""

ASK = """
import json, sys
from storage.reader import open_lake
with open_lake() as lake:
    print(json.dumps(lake.sql(json.load(sys.stdin)).fetchall()))
"""

WATCH = """
import json, sys
from pathlib import Path
from storage.reader import open_lake
ended, rows = Path(sys.argv[1]), []
print("watching", flush=True)
while not ended.exists():
    with open_lake() as lake:
        for _ in range(2):
            rows += lake.sql(
                "SELECT min(version), max(version), (SELECT count(*) FROM products) "
                "FROM category_versions"
            ).fetchall()
print(json.dumps(rows))
"""


@pytest.fixture
def mirror(refresh: Refresh, original: Path, lake: Path) -> Path:
    """Mirror two products, and a rule file beside the lake."""
    if not original.exists():
        with Scripted() as shop:
            shop.page(None, record("ABCDEFGH"), record("B"))
            refresh(shop, into=original)
            shop.version(2)
            shop.delta(1, record("ABCDEFGH", 80.0))
            refresh(shop, into=original)
    shutil.copytree(original, lake)
    return lake


@pytest.fixture
def colleague(lake: Path, tmp_path: Path) -> Iterator[Colleague]:
    """Return what runs Python without the right to write to the lake; the answer is JSON's.

    Root may write everywhere, unless it gives its capabilities up.
    """
    own = tmp_path / "colleague"
    (own / "tmp").mkdir(parents=True)
    (own / "alerts.toml").write_text('[[rule]]\nname = "tenth"\nkind = "drop"\npercent = 10\n')
    unprivileged = ["setpriv", "--bounding-set=-all"] if os.getuid() == 0 else []

    def run(script: str, value: Any = None, *, at: Path = lake) -> Any:
        subprocess.run(["chmod", "-R", "a-w", str(lake)], check=False)
        done = subprocess.run(
            [*unprivileged, sys.executable, "-c", script],
            env=command_environment(at) | {"TMPDIR": str(own / "tmp"), "FEEDLAKE_WAIT": "0"},
            cwd=own,
            input=json.dumps(value),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.stderr == ""
        # Nothing stays of the copy of the catalogue.
        assert list((own / "tmp").iterdir()) == []
        return json.loads(done.stdout.splitlines()[-1])

    yield run
    subprocess.run(["chmod", "-R", "u+w", str(lake)], check=True)


def test_every_reading_command_reads(mirror: Path, colleague: Colleague) -> None:
    """And leaves nothing in the lake."""
    names = sorted(one.name for one in mirror.iterdir())
    commands = [
        ["sql", COUNT, "--format", "csv"],
        ["sql", COUNT, "--at", "1", "--format", "csv"],
        ["status"],
        ["verify"],
        ["snapshots"],
        ["diff", "2"],
        ["search", "--local", "product"],
        ["link", "ABCDEFGH", "--affid", "me", "--sub1", "{category}"],
        ["report", "-o", "report.html"],
        ["publish", "public"],
        ["export", "FROM products", "-o", "out.parquet"],
        ["quarantine"],
        ["alerts", "--dry-run"],
        ["alerts", "check"],
    ]
    done = colleague(COMMANDS, commands)
    assert [one[2] for one in done] == [""] * len(commands)
    assert [one[0] or 0 for one in done] == [0] * len(commands)
    assert done[0][1].split() == ["count_star()", "2"]
    assert done[1][1].split() == ["count_star()", "0"]
    assert sorted(one.name for one in mirror.iterdir()) == names


def test_writing_commands_say_that_they_need_the_right(mirror: Path, colleague: Colleague) -> None:
    """In one line, with status 1."""
    commands = [
        ["maintain"],
        ["maintain", "--alone"],
        ["rollback", "shoes", "--to", "2"],
        ["quarantine", "replay"],
        ["alerts"],
        ["alerts", "forget", "tenth"],
    ]
    done = colleague(COMMANDS, commands)
    assert [one[:2] for one in done] == [[1, ""]] * len(commands)
    for _, _, errors in done:
        (line,) = errors.splitlines()
        assert str(mirror) in line
        assert "needs the right to write there" in line


def add_product(connection: duckdb.DuckDBPyConnection, product_id: str) -> None:
    """Add a product that is like another."""
    connection.execute(
        "INSERT INTO products SELECT * REPLACE (? AS product_id) FROM products "
        "WHERE product_id = 'B'",
        [product_id],
    )


def remove_logs(folder: LakeFolder) -> None:
    """Leave the catalogue alone, as a writer does that was the last."""
    for end in ("wal", "shm"):
        folder.catalog.with_name(f"catalog.sqlite-{end}").unlink(missing_ok=True)


def touch_logs(folder: LakeFolder) -> None:
    """Leave an empty log, as a reader does that was the last."""
    remove_logs(folder)
    with open_for_reading(folder):
        pass
    assert folder.catalog.with_name("catalog.sqlite-wal").stat().st_size == 0


def leave_log(folder: LakeFolder) -> None:
    """Leave the last commit in the log, as a writer does that was killed."""
    with log_left(folder.catalog), open_for_writing(folder) as connection:
        add_product(connection, "C")


def leave_log_alone(folder: LakeFolder) -> None:
    """Leave the log without its index, as a copy may."""
    leave_log(folder)
    folder.catalog.with_name("catalog.sqlite-shm").unlink()


@pytest.mark.parametrize(
    ("prepare", "expected"),
    [(remove_logs, 2), (touch_logs, 2), (leave_log, 3), (leave_log_alone, 3)],
)
def test_whatever_the_last_writer_left_is_read(
    mirror: Path, colleague: Colleague, prepare: Callable[[LakeFolder], None], expected: int
) -> None:
    """The last commit is seen wherever it stands."""
    prepare(LakeFolder(mirror))
    assert colleague(ASK, COUNT) == [[expected]]


def test_who_may_not_read_is_told_whom_to_ask(mirror: Path, colleague: Colleague) -> None:
    """The catalogue, a data file or the folder itself may be closed to others."""
    query = ["sql", "FROM products", "--format", "csv"]
    products = mirror / "data" / "main" / "products"
    for closed in (mirror, mirror / "catalog.sqlite", products):
        rights = closed.stat().st_mode
        closed.chmod(0)
        ((status, output, errors),) = colleague(COMMANDS, [query])
        closed.chmod(rights)
        (line,) = errors.splitlines()
        assert (status, output) == (1, "")
        assert "Permission denied" in line
        assert "chmod -R go+rX" in line
        assert "docs/sharing.md" in line


@pytest.fixture
def mounted(mirror: Path, tmp_path: Path) -> Iterator[Path]:
    """Mount the lake read-only elsewhere; skipped where this process may not mount."""
    there = tmp_path / "there"
    there.mkdir()
    if subprocess.run(
        ["mount", "--bind", str(mirror), str(there)], check=False, capture_output=True
    ).returncode:
        pytest.skip("this process may not mount a folder")
    subprocess.run(["mount", "-o", "remount,ro,bind", str(there)], check=True)
    yield there
    subprocess.run(["umount", "-l", str(there)], check=True)


@pytest.mark.parametrize("prepare", [remove_logs, touch_logs, leave_log_alone])
def test_a_read_only_mount_is_read(
    mirror: Path, mounted: Path, prepare: Callable[[LakeFolder], None]
) -> None:
    """By `open_lake` too, whose copy is gone with the connection."""
    prepare(LakeFolder(mirror))
    expected = 3 if prepare is leave_log_alone else 2
    with open_lake(mounted) as lake:
        assert lake.sql(COUNT).fetchall() == [(expected,)]
        with open_for_writing(LakeFolder(mirror)) as connection:
            add_product(connection, "D")
        # It is the lake as it was when it was opened.
        assert lake.sql(COUNT).fetchall() == [(expected,)]
    with open_lake(mounted) as lake:
        assert lake.sql(COUNT).fetchall() == [(expected + 1,)]


def test_a_writer_beside_a_colleague(mirror: Path, colleague: Colleague, tmp_path: Path) -> None:
    """Each sees whole commits, in their order; the writer waits for nobody, and no lock stays."""
    if os.getuid():
        pytest.skip("only root may write where nobody else may")
    assert colleague(ASK, COUNT) == [[2]]
    folder, ended = LakeFolder(mirror), tmp_path / "ended"
    with subprocess.Popen(
        ["setpriv", "--bounding-set=-all", sys.executable, "-c", WATCH, str(ended)],
        env=command_environment(mirror),
        stdout=subprocess.PIPE,
        text=True,
    ) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "watching\n"
        try:
            for number in range(25):
                # Some writers commit often, some come and go.
                with open_for_writing(folder) as connection:
                    for step in range(number % 3 + 1):
                        with transaction(connection):
                            connection.execute("UPDATE category_versions SET version = version + 1")
                            add_product(connection, f"{number}.{step}")
        finally:
            ended.touch()
        rows = json.loads(reader.stdout.read())
    assert reader.returncode == 0
    # At first there are versions 1 and 2, and two products; each commit adds one to all of them.
    assert all((newest, count) == (oldest + 1, oldest + 1) for oldest, newest, count in rows)
    assert rows == sorted(rows)
    check_nobody_reads(folder)
