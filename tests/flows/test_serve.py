"""`feedlake serve` as it runs for months, in a minute: its runs, its page, its end."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from feeds.sandbox.rules import Rules
from feeds.sandbox.server import Sandbox
from flows.alerts.rule_file import read_rules
from flows.alerts.run import preview, run_alerts
from flows.turn import in_turn
from storage.lake import LakeFolder, open_for_writing
from tests.alerts.hook import into
from tests.conftest import command_environment
from tests.scripted import Scripted, record

pytestmark = pytest.mark.command

Command = Callable[..., "subprocess.CompletedProcess[str]"]
Refresh = Callable[..., Any]

TOKEN = "very-secret-token-4711"  # noqa: S105 - opens nothing but a sandbox
QUIET = (
    "top=off",
    "books=off",
    "dumps=off",
    "maintain=off",
    "report=off",
    "freshness=off",
    "alerts=off",
)
STOPPED = "stopped; what was fetched is kept"


class Served:
    """A running `feedlake serve`."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        """Ask Prefect's API at the port."""
        self.process, self.page = process, f"http://127.0.0.1:{port}"
        self._client = httpx.Client(base_url=f"{self.page}/api", timeout=20)

    def ask(self, path: str, **body: Any) -> Any:
        """Return what Prefect's API answers; nothing while it does not answer."""
        try:
            return self._client.post(path, json=body).raise_for_status().json()
        except httpx.TransportError:
            return []

    def runs(self, job: str, *states: str) -> list[dict[str, Any]]:
        """Return the runs of a job that are in one of the states."""
        found = self.ask(
            "/flow_runs/filter",
            deployments={"name": {"any_": [job]}},
            flow_runs={"state": {"type": {"any_": list(states)}}},
        )
        return list(found)

    def close(self) -> None:
        """Ask no more."""
        self._client.close()

    def artifacts(self, key: str) -> list[dict[str, Any]]:
        """Return the artifacts of a key, the oldest first."""
        found = self.ask(
            "/artifacts/filter", artifacts={"key": {"any_": [key]}}, sort="UPDATED_DESC"
        )
        return list(reversed(found))

    def events(self, name: str) -> list[dict[str, Any]]:
        """Return the events of a name."""
        found = self.ask("/events/filter", filter={"event": {"name": [name]}})
        return list(found["events"]) if found else []

    def wait_for(self, condition: Callable[[], object], seconds: float = 100) -> None:
        """Wait until something holds; the process must live."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert self.process.poll() is None, self.process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.5)

    def stop(self, how: signal.Signals) -> str:
        """End it as a person or the system does, and return all that it printed."""
        began = time.monotonic()
        os.killpg(self.process.pid, how) if how == signal.SIGINT else self.process.send_signal(how)
        said, _ = self.process.communicate(timeout=60)
        assert time.monotonic() - began < 30
        return said


@contextmanager
def serving(env: Mapping[str, str], folder: Path, *arguments: str) -> Iterator[Served]:
    """Run `feedlake serve` in a process group of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    times = [part for one in arguments for part in ("--at", one)]
    with subprocess.Popen(
        [str(Path(sys.executable).parent / "feedlake"), "serve", "--port", str(port), *times],
        env=env,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        served = Served(process, port)
        try:
            yield served
        finally:
            served.close()
            process.terminate()


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Serve 300 products in two categories."""
    rules = Rules(quota=0, token=TOKEN)
    with Sandbox(products=300, categories=2, books=1, rules=rules) as running:
        yield running


def test_it_runs_by_itself(sandbox: Sandbox, lake: Path, tmp_path: Path) -> None:
    """Intervals pass, failures are told, runs wait for another writer, and Ctrl-C ends it cleanly.

    What each run did is a table in Prefect, with its page; no secret is kept, nothing stays behind.
    """
    env = command_environment(lake) | {
        "FK_AFFILIATE_ID": sandbox.affiliate_id,
        "FEEDLAKE_API_URL": sandbox.url,
        "FEEDLAKE_QUOTA": "0",
    }
    token = tmp_path / ".env"
    token.write_text("FK_AFFILIATE_TOKEN=wrong-token-0815\n")
    with serving(env, tmp_path, "deltas=5s", *QUIET) as served:
        served.wait_for(lambda: served.events("feedlake.job.failed"))
        (run, *_) = served.runs("deltas", "FAILED")
        assert "check FK_AFFILIATE_ID and FK_AFFILIATE_TOKEN" in run["state"]["message"]

        token.write_text(f"FK_AFFILIATE_TOKEN={TOKEN}\n")
        served.wait_for(lambda: served.runs("deltas", "COMPLETED"))
        sandbox.next_day(5)
        served.wait_for(lambda: len(served.runs("deltas", "COMPLETED")) >= 2)
        with open_for_writing_in_turn(lake):
            _check_what_was_left(served, sandbox)
            _check_page(served)
            done = len(served.runs("deltas", "COMPLETED"))
            # What is due while a run waits for the lake gives way to it.
            served.wait_for(lambda: served.runs("deltas", "RUNNING"))
            served.wait_for(lambda: served.runs("deltas", "CANCELLED"))
            assert len(served.runs("deltas", "RUNNING", "PENDING")) == 1
            assert len(served.runs("deltas", "COMPLETED")) == done
            said = served.stop(signal.SIGINT)
    assert (served.process.returncode, said.splitlines()[-1]) == (0, STOPPED)
    assert "Traceback" not in said
    assert f"Prefect's page: {served.page}" in said
    home = lake / "prefect" / "serve"
    kept = b"".join(one.read_bytes() for one in home.rglob("*") if one.is_file())
    assert TOKEN.encode() not in kept
    assert b"wrong-token-0815" not in kept
    assert b"Traceback" not in (home / "server.log").read_bytes()
    left = subprocess.run(["pgrep", "-f", str(lake)], capture_output=True, text=True, check=False)
    assert left.stdout == ""


def test_wrong_calls_are_told_at_once(command: Command) -> None:
    """No credentials, and no such job: one line, and nothing is started."""
    done = command("serve")
    assert done.returncode == 2
    assert "FK_AFFILIATE_ID and FK_AFFILIATE_TOKEN not set" in done.stderr


def _check_what_was_left(served: Served, sandbox: Sandbox) -> None:
    tables = [json.loads(one["data"]) for one in served.artifacts("feedlake-deltas")]
    assert {row["category"] for row in tables[0]} == set(sandbox.versions())
    assert {row["mode"] for table in tables for row in table} >= {"full", "delta"}
    runs = served.runs("deltas", "COMPLETED", "FAILED")
    assert [run["parameters"] for run in runs] == [{"job": "deltas"}] * len(runs)
    (event, *_) = served.events("feedlake.job.failed")
    assert event["resource"]["prefect.resource.name"] == "deltas"


def _check_page(served: Served) -> None:
    page = httpx.get(served.page, follow_redirects=True)
    script = re.search(r'src="(/[^"]+\.js)"', page.text)
    assert script is not None
    assert httpx.get(served.page + script[1]).status_code == 200
    settings = httpx.get(f"{served.page}/ui-settings").json()
    assert settings["api_url"] == f"{served.page}/api"


@contextmanager
def open_for_writing_in_turn(lake: Path) -> Iterator[None]:
    """Hold the lake for writing, as another command does."""
    with ExitStack() as stack:
        in_turn(lambda: stack.enter_context(open_for_writing(LakeFolder(lake))), 60)
        yield


def test_what_the_other_jobs_leave(
    refresh: Refresh, lake: Path, tmp_path: Path, prefect_api: str
) -> None:
    """A table of alerts, told by that; a link to the report; an event of what is stale."""
    rules = '[[rule]]\nname = "any"\nkind = "drop"\namount = 1\n'
    (tmp_path / "alerts.toml").write_text(rules)
    file, folder = read_rules(tmp_path / "alerts.toml"), LakeFolder(lake)
    with Scripted() as upstream:
        upstream.page(None, record("A", 100))
        refresh(upstream)
        assert asyncio.run(run_alerts(folder, file, into([]))) == []
        upstream.version(2)
        upstream.delta(1, record("A", 90))
        refresh(upstream)
    code = (
        "import asyncio; from flows.scheduled import scheduled\n"
        "for job in ('alerts', 'report', 'maintain', 'freshness'):\n"
        "    print(asyncio.run(scheduled(job, return_state=True)).message)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=command_environment(lake)
        | {"PREFECT_API_URL": prefect_api, "FEEDLAKE_SERVE_STALE_AFTER": "1s"},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == [
        "1 events",
        "1 products, 1 drops in the last day",
        "kept up",
        "1 of 1 categories are stale: shoes",
    ]
    wanted = {"key": {"any_": ["feedlake-alerts", "feedlake-report"]}}
    answer = httpx.post(f"{prefect_api}/artifacts/filter", json={"artifacts": wanted})
    left = {one["key"]: one["data"] for one in answer.json()}
    (row,) = json.loads(left["feedlake-alerts"])
    assert (row["rule"], row["product"], row["title"]) == ("any", "A", "Product A")
    assert preview(folder, file) == []
    assert (tmp_path / "report.html").as_uri() in left["feedlake-report"]
    assert (tmp_path / "report.html").exists()
    named = {"event": {"name": ["feedlake.category.stale"]}}
    events: list[dict[str, Any]] = []
    deadline = time.monotonic() + 60
    while not events and time.monotonic() < deadline:  # Prefect keeps them some seconds later
        time.sleep(0.5)
        stale = httpx.post(f"{prefect_api}/events/filter", json={"filter": named})
        events = stale.json()["events"]
    assert [one["payload"]["job"] for one in events] == ["freshness"]
