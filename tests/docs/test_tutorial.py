"""The tutorial, followed to its end in a lake of two days."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from feeds.sandbox.rules import Rules
from feeds.sandbox.server import Sandbox
from flows.cli import app, main
from tests.conftest import ROOT
from tests.docs.walkthrough import Step, steps

Refresh = Callable[..., Any]
Ask = Callable[..., list[tuple[Any, ...]]]

TUTORIAL = list(steps((ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")))
ADDRESS = "http://127.0.0.1:8765"
MADE_ALREADY = {"make mirror", ". .venv/bin/activate", "export FEEDLAKE_LAKE=demo"}


@pytest.fixture
def shop() -> Iterator[Sandbox]:
    """Serve the demo's catalogue, but smaller: with the categories that the tutorial names."""
    with Sandbox(products=1200, categories=6, rules=Rules(quota=0)) as sandbox:
        yield sandbox


@pytest.fixture
def reader(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> Callable[[str], str]:
    """Return what types one command of the tutorial, and gives its answer back."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "110")

    def run(typed: str) -> str:
        words = shlex.split(typed)
        status: object = 0
        if words[0] == "export":
            for name, value in (word.split("=", 1) for word in words[1:]):
                monkeypatch.setenv(name, value)
        elif words[0] == "feedlake":
            with monkeypatch.context() as changed:
                changed.setattr(sys, "argv", words)
                # A command's own settings must not outlive it.
                changed.setattr(os, "environ", os.environ.copy())
                with pytest.raises(SystemExit) as ended:
                    main()
            status = ended.value.code
        else:
            program = sys.executable if words[0] == "python" else words[0]
            status = subprocess.run([program, *words[1:]], timeout=60, check=False).returncode
        out, err = capfd.readouterr()
        assert (typed, status or 0, err if status else "") == (typed, 0, "")
        return out + err

    return run


def test_every_step_works_as_written(
    shop: Sandbox, reader: Callable[[str], str], refresh: Refresh, ask: Ask, lake: Path
) -> None:
    """Each command succeeds, and answers with the words that the tutorial shows.

    The lake, `feedlake refresh` and the sandbox in the second terminal are made here, without
    Prefect and smaller; whatever depends on their size has another number.
    """
    refresh(shop)
    ((first_day,),) = ask("SELECT max(snapshot_id) FROM lake.snapshots()")
    shop.next_day()
    refresh(shop)
    ((product,),) = ask("SELECT any_value(product_id) FROM price_drops(1)")
    reader(f"export FEEDLAKE_LAKE={lake}")
    followed = 0
    for step in TUTORIAL:
        if step.file:
            Path(step.file).write_text(step.shown, encoding="utf-8")
        elif step.typed == "feedlake refresh":
            # More days than the tutorial lets pass: fewer products have fewer news.
            shop.next_day(9)
            refresh(shop)
        elif step.typed not in MADE_ALREADY and " sandbox " not in step.typed:
            typed = re.sub(r"\b[A-Z0-9]{16}\b", product, step.typed)
            typed = typed.replace(ADDRESS, shop.url).replace(" 34", f" {first_day}")
            assert missing_words(step, reader(typed)) == []
            followed += 1
    assert followed > 15
    assert sorted(one.name for one in Path("out").iterdir()) == [
        "alerts.toml",
        "deals.csv",
        "feed.xml",
        "report.html",
        "shop",
    ]


def missing_words(step: Step, answer: str) -> list[str]:
    """Return the lines of the tutorial's answer without figures that are not in this one."""
    given = [line.split() for line in answer.splitlines()]
    shown = [line for line in step.shown.splitlines() if re.search(r"[a-z]", line)]
    return [line for line in shown if not re.search(r"\d", line) and line.split() not in given]


def test_the_second_terminal_is_where_the_first_one_looks() -> None:
    """The sandbox starts at the address, with the account and on the day that the tutorial says."""
    command: Any = get_command(app)
    (typed,) = [one.typed for one in TUTORIAL if " sandbox " in one.typed]
    given = command.commands["sandbox"].make_context("sandbox", shlex.split(typed)[2:]).params
    assert (given["port"], given["days"], given["products"]) == (8765, 1, 20_000)
    rules = Rules()
    (exported,) = [one.typed for one in TUTORIAL if ADDRESS in one.typed and "export" in one.typed]
    assert exported == (
        f"export FEEDLAKE_API_URL={ADDRESS} FK_AFFILIATE_ID={rules.affiliate_id} "
        f"FK_AFFILIATE_TOKEN={rules.token}"
    )
