"""The examples of docs/examples are good as they stand."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from flows.timetable import TIMES, read_timetable
from tests.conftest import ROOT

EXAMPLES = ROOT / "docs" / "examples"


def test_the_units_are_good(tmp_path: Path) -> None:
    """Checked by systemd itself, with a program that is there."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed")
    units = [one for one in EXAMPLES.iterdir() if one.suffix in {".service", ".timer"}]
    for unit in units:
        text = unit.read_text().replace(
            "/opt/feedlake/.venv/bin/feedlake", shutil.which("true") or ""
        )
        (tmp_path / unit.name).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", *(str(tmp_path / unit.name) for unit in units)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    assert len(units) == 3


def test_the_container_copies_what_there_is() -> None:
    """Every file that it copies is in the repository, every package among them."""
    copied = re.findall(r"^COPY (.+) \S+$", (EXAMPLES / "Containerfile").read_text(), re.MULTILINE)
    names = {name for line in copied for name in line.split()}
    assert [name for name in sorted(names) if not (ROOT / name).exists()] == []
    assert names >= {"feeds", "flows", "storage", "sql", "requirements.txt"}


def test_the_container_installs_the_lock_as_it_is() -> None:
    """By itself pip would resolve anew: the lock holds a release back that its package allows."""
    lines = (EXAMPLES / "Containerfile").read_text().splitlines()
    installs = [line for line in lines if "pip install" in line]
    assert len(installs) == 2
    assert all("--no-deps" in line for line in installs)


def test_the_timetable_says_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing changes for who copies it."""
    monkeypatch.setenv("FEEDLAKE_SERVE_CONFIG", "")
    defaults = read_timetable()
    monkeypatch.setenv("FEEDLAKE_SERVE_CONFIG", str(EXAMPLES / "serve.toml"))
    assert read_timetable() == defaults
    text = (EXAMPLES / "serve.toml").read_text()
    assert [job for job in TIMES if f"\n{job} = " not in text] == []
