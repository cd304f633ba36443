"""The command as a person runs it: a process of its own, its output and its exit status."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from feeds.sandbox.rules import Rules
from feeds.sandbox.server import Sandbox
from storage.lake import LakeFolder, open_for_writing
from tests.conftest import ROOT, command_environment
from tests.waiting import wait_for

Command = Callable[..., "subprocess.CompletedProcess[str]"]
Refresh = Callable[..., Any]

pytestmark = pytest.mark.command

FEEDLAKE = str(Path(sys.executable).parent / "feedlake")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """Serve 1,000 products in four categories."""
    with Sandbox(products=1000, categories=4, rules=Rules(quota=0)) as running:
        yield running


@pytest.fixture
def account(sandbox: Sandbox, prefect_api: str) -> dict[str, str]:
    """Return the environment of an operator of the sandbox, with a Prefect server running."""
    return {
        "FK_AFFILIATE_ID": sandbox.affiliate_id,
        "FK_AFFILIATE_TOKEN": sandbox.token,
        "FEEDLAKE_API_URL": sandbox.url,
        "FEEDLAKE_QUOTA": "0",
        "PREFECT_API_URL": prefect_api,
    }


def complaint(done: subprocess.CompletedProcess[str]) -> str:
    """Return the one line that a failed command says."""
    (line,) = done.stderr.splitlines()
    assert line.startswith("feedlake: ")
    assert done.stdout == ""
    return line


def test_refresh_and_then_nothing_to_do(
    command: Command, account: Mapping[str, str], sandbox: Sandbox
) -> None:
    """A whole mirror through Prefect, as JSON; then a run that skips everything."""
    first = command("refresh", "--feed", "product", "--json", env=account)
    assert (first.returncode, first.stderr.count("Traceback")) == (0, 0)
    summary = json.loads(first.stdout)
    versions = {one["category"]: one["to_version"] for one in summary["feeds"]}
    assert summary["status"] == "done"
    assert versions == sandbox.versions()
    assert {one["mode"] for one in summary["feeds"]} == {"full"}

    second = command("refresh", "--feed", "product", env=account)
    assert second.returncode == 0
    assert second.stderr == ""
    assert "5 requests" in second.stdout
    for category in versions:
        assert re.search(rf"{category} +product +skip", second.stdout)

    status = command("status", "--json")
    assert status.returncode == 0
    figures = json.loads(status.stdout)
    assert figures["product_count"] > 900
    assert {one["category"]: one["version"] for one in figures["categories"]} == versions


def test_one_category_only(command: Command, account: Mapping[str, str], sandbox: Sandbox) -> None:
    """Named categories are refreshed and no others."""
    name = next(iter(sandbox.versions()))
    done = command("refresh", name, "--feed", "product", "--json", env=account)
    assert [one["category"] for one in json.loads(done.stdout)["feeds"]] == [name]


def test_a_failed_category_is_named_and_the_status_is_1(command: Command, prefect_api: str) -> None:
    """The other categories are mirrored; the run says which was not, and why."""
    from tests.scripted import Scripted, record

    with Scripted(categories=("hats", "shoes")) as upstream:
        upstream.put(upstream.link("feeds", "hats"), record("H"))
        account = {
            "FK_AFFILIATE_ID": upstream.affiliate_id,
            "FK_AFFILIATE_TOKEN": upstream.token,
            "FEEDLAKE_API_URL": upstream.url,
            "PREFECT_API_URL": prefect_api,
        }
        done = command("refresh", env=account)
    assert done.returncode == 1
    assert "shoes failed: " in done.stdout
    assert "answered 404" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert upstream.token not in done.stdout + done.stderr
    products = command("sql", "SELECT product_id FROM products", "--format", "csv")
    assert products.stdout == "product_id\nH\n"


def test_no_credentials(command: Command) -> None:
    """The message names the settings and the demo, which needs none."""
    done = command("refresh")
    assert done.returncode == 2
    assert "FK_AFFILIATE_ID and FK_AFFILIATE_TOKEN not set" in complaint(done)


def test_the_version_and_a_wrong_command(command: Command) -> None:
    """Both are said in a line."""
    assert command("--version").stdout == f"feedlake {version('feedlake')}\n"
    wrong = command("nonsense")
    assert complaint(wrong) == "feedlake: No such command 'nonsense'; see feedlake --help"
    assert wrong.returncode == 2


def test_a_wrong_token(command: Command, account: Mapping[str, str]) -> None:
    """Said at once, without the token."""
    done = command("refresh", env={**account, "FK_AFFILIATE_TOKEN": "wrong-token-4711"})
    assert done.returncode == 1
    assert "refused; check FK_AFFILIATE_ID and FK_AFFILIATE_TOKEN" in complaint(done)
    assert "4711" not in done.stderr


def test_an_unreachable_host(command: Command, account: Mapping[str, str]) -> None:
    """A host that does not answer is named after a few tries."""
    done = command("refresh", env={**account, "FEEDLAKE_API_URL": "http://127.0.0.1:1"})
    assert done.returncode == 1
    assert "http://127.0.0.1:1 cannot be reached" in complaint(done)


def test_plain_http_to_another_machine_is_refused(
    command: Command, account: Mapping[str, str]
) -> None:
    """The token would travel in the clear."""
    done = command("refresh", env={**account, "FEEDLAKE_API_URL": "http://api.example"})
    assert done.returncode == 2
    assert "FEEDLAKE_API_URL must be https" in complaint(done)


@pytest.mark.parametrize("arguments", [("refresh",), ("status",), ("sql", "SELECT 1")])
def test_a_folder_that_is_no_lake(
    command: Command, account: Mapping[str, str], lake: Path, arguments: tuple[str, ...]
) -> None:
    """Somebody's photos are not touched."""
    lake.mkdir()
    (lake / "holiday.jpg").write_bytes(b"")
    done = command(*arguments, env=account)
    assert done.returncode == 2
    assert "is not a lake (it holds 'holiday.jpg')" in complaint(done)
    assert [one.name for one in lake.iterdir()] == ["holiday.jpg"]


def test_no_lake_yet(command: Command) -> None:
    """The message names the command that makes one."""
    done = command("sql", "SELECT 1")
    assert done.returncode == 1
    assert "run `feedlake refresh`" in complaint(done)


def test_an_unknown_category(command: Command, account: Mapping[str, str]) -> None:
    """The nearest names are offered."""
    done = command("refresh", "mens_footware", env=account)
    assert done.returncode == 2
    assert "'mens_footware'; did you mean mens_footwear" in complaint(done)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("SELECT pric FROM products", "pric"),
        ("SELEC 1", "syntax error"),
        ("SELECT 1; SELECT 2", "one query at a time"),
        ("", "one query at a time"),
        ("DELETE FROM products", "read-only"),
        ("CREATE TABLE x (y INTEGER)", "read-only"),
        ("COPY products TO 'stolen.csv'", "read-only"),
        ("SELECT * FROM read_text('/etc/hostname')", "Cannot access file"),
        ("SELECT * FROM no_such_table", "no_such_table"),
    ],
)
def test_a_wrong_query(command: Command, lake: Path, query: str, says: str) -> None:
    """One line with the engine's reason; nothing but the lake can be read."""
    with open_for_writing(LakeFolder(lake)):
        pass
    done = command("sql", query)
    assert done.returncode == 2
    assert says in complaint(done)


def test_two_refreshes_at_once(command: Command, account: Mapping[str, str], lake: Path) -> None:
    """The second is told who writes, and, unless it may wait, touches nothing."""
    with open_for_writing(LakeFolder(lake)):
        done = command("refresh", env={**account, "FEEDLAKE_WAIT": "0"})
    assert done.returncode == 1
    assert f"process {os.getpid()} is writing" in complaint(done)


def test_answers_come_in_every_format(command: Command, refresh: Refresh, tmp_path: Path) -> None:
    """CSV, JSON and Parquet hold the same rows; a table is drawn for a person."""
    import polars as pl

    from tests.scripted import Scripted, record

    with Scripted() as upstream:
        upstream.page(None, record("A", 10), record("B", 2.5, title='a "b", c'))
        refresh(upstream)
    query = "SELECT product_id, title, selling_price FROM products ORDER BY product_id"
    csv = command("sql", query, "--format", "csv").stdout
    assert csv == 'product_id,title,selling_price\nA,Product A,10.00\nB,"a ""b"", c",2.50\n'
    rows = json.loads(command("sql", query + ";", "--format", "json").stdout)
    assert rows == [
        {"product_id": "A", "title": "Product A", "selling_price": 10.0},
        {"product_id": "B", "title": 'a "b", c', "selling_price": 2.5},
    ]
    none = command("sql", query.replace("ORDER", "WHERE false ORDER"), "--format", "json")
    assert none.stdout == "[]\n"
    file = tmp_path / "answer.parquet"
    with file.open("wb") as out:
        subprocess.run(
            [FEEDLAKE, "sql", query, "--format", "parquet"],
            stdout=out,
            env=command_environment(tmp_path / "lake"),
            check=True,
        )
    assert pl.read_parquet(file)["product_id"].to_list() == ["A", "B"]
    table = command("sql", query).stdout
    assert "│ A          │ Product A │         10.00 │" in table


@pytest.mark.parametrize("example", ["deals", "price_drops"])
def test_a_query_from_standard_input(made_lake: Path, example: str) -> None:
    """An example is asked as its file stands, comment and all."""
    with (ROOT / "sql" / "examples" / f"{example}.sql").open() as file:
        done = subprocess.run(
            [FEEDLAKE, "sql", "-", "--format", "csv"],
            stdin=file,
            capture_output=True,
            text=True,
            env=command_environment(made_lake),
            check=True,
        )
    assert done.stdout.startswith(("title,price,", "title,category,"))


def test_yesterday_stays_readable(command: Command, refresh: Refresh) -> None:
    """`--at` takes a snapshot's number or a time."""
    from tests.scripted import Scripted, record

    with Scripted() as upstream:
        upstream.page(None, record("A", 10))
        refresh(upstream)
        snapshot = command("sql", "SELECT id FROM lake.current_snapshot()", "--format", "csv")
        number = snapshot.stdout.split()[1]
        moment = command("sql", "SELECT now()", "--format", "csv").stdout.split("\n")[1]
        upstream.version(2)
        upstream.delta(1, record("A", 9))
        refresh(upstream)
    query = "SELECT selling_price FROM products"
    now = command("sql", query, "--format", "csv").stdout
    then = [command("sql", query, "--format", "csv", "--at", at).stdout for at in (number, moment)]
    assert now == "selling_price\n9.00\n"
    assert then == ["selling_price\n10.00\n"] * 2
    for wrong in ("99999", "yesterday", "2000-01-01"):
        missing = command("sql", query, "--at", wrong)
        assert missing.returncode == 2
        assert f"the lake keeps no snapshot '{wrong}'" in complaint(missing)


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_says_how_to_go_on(
    account: Mapping[str, str], lake: Path, tmp_path: Path, stop: signal.Signals
) -> None:
    """Ctrl-C and SIGTERM end a run within seconds in one line; the next run uses what is staged."""
    rules = Rules(quota=0, latency_seconds=0.3)
    with Sandbox(products=900, categories=1, page_size=50, rules=rules) as slow:
        env = command_environment(lake) | dict(account) | {"FEEDLAKE_API_URL": slow.url}
        with subprocess.Popen(
            [FEEDLAKE, "refresh", "--feed", "product"],
            env=env,
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as running:
            wait_for(lambda: len(list(lake.glob("staging/walk-*/page-*.parquet"))) >= 2)
            running.send_signal(stop)
            stopped = time.monotonic()
            _, said = running.communicate(timeout=30)
        assert time.monotonic() - stopped < 15
        assert said.splitlines()[-1:] == [
            "feedlake: stopped; what was fetched is kept: run the same command again to go on"
        ]
        assert "Traceback" not in said
        assert running.returncode == 1
        (lines,) = lake.glob("staging/walk-*/pages.jsonl")
        staged = sum(len(json.loads(line)) for line in lines.read_text().splitlines())
        before = slow.stats()["by_kind"]["feed"]["200"]
        again = subprocess.run(
            [FEEDLAKE, "refresh", "--feed", "product", "--json"],
            env=env,
            capture_output=True,
            check=True,
            cwd=tmp_path,
        )
        (row,) = json.loads(again.stdout)["feeds"]
        asked = slow.stats()["by_kind"]["feed"]["200"] - before
    # Three more at the most: an empty page is asked for again before it is believed.
    assert row["page_count"] - staged <= asked <= row["page_count"] - staged + 3
    assert staged >= 6


def test_reading_beside_a_running_refresh(
    account: Mapping[str, str], lake: Path, tmp_path: Path, command: Command
) -> None:
    """`sql` and `status` answer while another process writes."""
    rules = Rules(quota=0, latency_seconds=0.2)
    with Sandbox(products=3000, categories=3, page_size=100, rules=rules) as slow:
        env = command_environment(lake) | dict(account) | {"FEEDLAKE_API_URL": slow.url}
        with subprocess.Popen(
            [FEEDLAKE, "refresh", "--feed", "product", "--json"],
            env=env,
            cwd=tmp_path,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as running:
            wait_for(lambda: any(lake.glob("staging/walk-*/page-*.parquet")))
            asked = 0
            while running.poll() is None:
                assert command("sql", "SELECT count(*) FROM products", timeout=10).returncode == 0
                assert command("status", timeout=10).returncode == 0
                asked += 1
        assert running.returncode == 0
    assert asked >= 2


def test_progress_on_a_terminal(account: Mapping[str, str], lake: Path, tmp_path: Path) -> None:
    """A terminal shows categories, pages, products and requests a second while it runs."""
    rules = Rules(quota=0, latency_seconds=0.2)
    with Sandbox(products=1500, categories=3, page_size=100, rules=rules) as slow:
        env = command_environment(lake) | dict(account) | {"FEEDLAKE_API_URL": slow.url}
        env |= {"TERM": "xterm", "COLUMNS": "120", "LINES": "30"}
        mine, theirs = pty.openpty()
        with subprocess.Popen(
            [FEEDLAKE, "refresh", "--feed", "product"],
            env=env,
            cwd=tmp_path,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        ) as running:
            os.close(theirs)
            seen = _read_all(mine)
        assert running.returncode == 0
    for figure in (r"\d+ pages", r"[\d,]+ products/s", r"\d+\.\d requests/s", r"left", "walking"):
        assert re.search(figure, seen), figure
    assert "Traceback" not in seen


def test_the_demo_needs_nothing(command: Command, prefect_api: str, tmp_path: Path) -> None:
    """No credentials: a mirror, a day, a query that shows price drops."""
    done = command(
        "demo", "--products", "1500", "--categories", "4", env={"PREFECT_API_URL": prefect_api}
    )
    assert (done.returncode, done.stderr) == (0, "")
    for line in ("A full mirror", "A day passes", "largest price drops", "drop %"):
        assert line in done.stdout
    assert re.search(r"delta +\d+ +\d+", done.stdout)
    assert (tmp_path / "demo" / "catalog.sqlite").exists()


def test_the_temporary_prefect_server_is_quiet(
    command: Command, account: Mapping[str, str], lake: Path
) -> None:
    """Without a server running one is started, told of, and gone afterwards; no traceback."""
    env = {name: value for name, value in account.items() if name != "PREFECT_API_URL"}
    done = command("refresh", env=env)
    assert (done.returncode, done.stderr) == (0, "")
    assert "starting a temporary Prefect server" in done.stdout
    assert "Traceback" not in done.stdout
    left = subprocess.run(["pgrep", "-f", str(lake)], capture_output=True, text=True, check=False)
    assert left.stdout == ""


def test_sql_and_status_do_without_prefect(refresh: Refresh, lake: Path) -> None:
    """They answer at once: neither Prefect nor Polars nor an HTTP client is imported."""
    from tests.scripted import Scripted, record

    with Scripted() as upstream:
        upstream.page(None, record("A", 10))
        refresh(upstream)
    for arguments in (["sql", "SELECT 1"], ["status"]):
        code = (
            "import sys; from flows.cli import main; sys.argv = ['feedlake', *sys.argv[1:]]\n"
            "try: main()\n"
            "except SystemExit: print({'prefect', 'polars', 'httpx', 'lxml'} & set(sys.modules))"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            env=command_environment(lake),
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.splitlines()[-1] == "set()"


def _read_all(terminal: int) -> str:
    said = b""
    while True:
        try:
            said += os.read(terminal, 65536)
        except OSError:  # the other end is closed
            return said.decode()
