"""Every command with a lake that holds no product: there is nothing to tell, and nothing fails."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.cli import main
from flows.feed import Feed
from storage.statements import statement, statement_names
from tests.conftest import ROOT
from tests.feeds.dumps import zipped
from tests.scripted import Scripted

Refresh = Callable[..., Any]
Ask = Callable[..., list[tuple[Any, ...]]]
Run = Callable[..., None]

WITHOUT_REQUESTS = (
    "status",
    "status --json",
    "sql 'FROM products'",
    "sql 'FROM products' --format csv",
    "sql 'FROM products' --format json",
    "sql 'FROM products' --format parquet",
    "snapshots",
    "snapshots --json",
    "diff 1",
    "diff 1 --format json",
    "diff 1 --format csv",
    "export 'FROM products' -o products.csv",
    "export 'FROM products' -o products.parquet",
    "export 'FROM products' -o products.json",
    "export --deals 10 -o deals.csv --affid me",
    "export --merchant -o merchant.xml --affid me",
    "export --merchant -o merchant.tsv --affid me",
    "link --from-sql 'FROM products' --affid me",
    "report -o report.html",
    "publish published",
    "publish published --json",
    "alerts",
    "alerts --json",
    "quarantine list",
    "quarantine list --json",
    "quarantine show",
    "quarantine show --json",
    "quarantine replay",
    "quarantine replay --json",
    "search --local shoe",
    "search --local shoe --json",
    "verify",
    "verify --json",
    "maintain",
    "maintain --alone --json",
)
WITH_REQUESTS = (
    "verify shoes",
    "verify shoes --repair",
    "verify --sample 3",
    "reconcile shoes",
    "plan --feed product",
)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Scripted]:
    """Serve a category without a product, and a dump of it without a row."""
    with Scripted() as scripted:
        scripted.page(None)
        scripted.dump(zipped(tmp_path / "shoes.zip", []).read_bytes())
        yield scripted


@pytest.fixture
def run(
    lake: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsysbinary: pytest.CaptureFixture[bytes],
) -> Run:
    """Return what runs a command, which must succeed without a word on standard error."""

    def command(line: str, upstream: Scripted | None = None) -> None:
        if upstream:
            monkeypatch.setenv("FEEDLAKE_API_URL", upstream.url)
            monkeypatch.setenv("FK_AFFILIATE_ID", upstream.affiliate_id)
            monkeypatch.setenv("FK_AFFILIATE_TOKEN", upstream.token)
        monkeypatch.setattr("sys.argv", ["feedlake", *shlex.split(line)])
        with pytest.raises(SystemExit) as done:
            main()
        answer = (line, done.value.code or 0, capsysbinary.readouterr().err.decode())
        assert answer == (line, 0, "")

    monkeypatch.setenv("FEEDLAKE_LAKE", str(lake))
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "docs" / "examples" / "alerts.toml", tmp_path)
    return command


def test_a_lake_that_was_just_made(made_lake: Path, lake: Path, run: Run) -> None:
    """Nothing was ever refreshed."""
    shutil.copytree(made_lake, lake)
    for line in ("status", "report -o report.html", "alerts", "verify", "maintain"):
        run(line)


def test_a_lake_of_an_empty_category(shop: Scripted, refresh: Refresh, ask: Ask, run: Run) -> None:
    """Its walk and its dump met no record."""
    refresh(shop, feeds=(Feed.PRODUCT, Feed.DUMP))
    for line in WITHOUT_REQUESTS:
        run(line)
    for line in WITH_REQUESTS:
        run(line, shop)
    ((number,),) = ask("SELECT id FROM lake.current_snapshot()")
    run(f"rollback shoes --to {number}")


def test_the_examples_of_a_lake_without_products(made_lake: Path, lake: Path, run: Run) -> None:
    """They answer no row."""
    shutil.copytree(made_lake, lake)
    for name in statement_names("examples"):
        run(f"sql -- {shlex.quote(statement(f'examples/{name}'))}")
