"""Starting and stopping a sandbox."""

import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp

from feeds.sandbox.rules import Rules
from feeds.sandbox.server import Sandbox

ROOT = Path(__file__).parents[2]


def test_thread_and_process_serve_the_same() -> None:
    """A sandbox in a process of its own differs in nothing that a caller sees."""
    answers = []
    for process in (False, True):
        rules = Rules(affiliate_id="me", list_key="products", quota=0)
        with Sandbox(products=30, categories=2, rules=rules, process=process) as sandbox:
            assert "127.0.0.1" in sandbox.url
            sandbox.next_day()
            answers.append(sandbox.truth("mens_footwear"))
            listing = f"{sandbox.url}/affiliate/api/me.json"
            found = httpx.get(listing, headers=sandbox.headers, trust_env=False).json()
            link = found["apiGroups"]["affiliate"]["apiListings"]["mens_footwear"]
            page = httpx.get(
                link["availableVariants"]["v1.1.0"]["get"],
                headers=sandbox.headers,
                trust_env=False,
            )
            assert page.json()["products"]

    assert answers[0] == answers[1]
    assert "affid=me" in answers[0][0]["productBaseInfoV1"]["productUrl"]


def test_stopping_gives_the_port_back() -> None:
    """After the context nobody listens, and the same port can be taken again."""
    with Sandbox(products=1, categories=1) as sandbox:
        url = sandbox.url
    with pytest.raises(httpx.ConnectError):
        httpx.get(url, trust_env=False)
    with Sandbox(products=1, categories=1, port=int(url.rsplit(":", 1)[1])) as again:
        assert url == again.url


def test_taken_port_is_an_error() -> None:
    """A port that is in use is told at once."""
    with Sandbox(products=1, categories=1) as sandbox:
        port = int(sandbox.url.rsplit(":", 1)[1])
        with pytest.raises(OSError, match="in use"), Sandbox(port=port):
            pass


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_foreground_stops_quietly(stop: signal.Signals) -> None:
    """The command prints its address once and leaves no trace when it is stopped."""
    command = [sys.executable, "-m", "feeds.sandbox", "--products=10", "--categories=1"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    ) as running:
        assert running.stdout
        url = running.stdout.readline().strip()
        assert httpx.get(f"{url}/affiliate/api/sandbox.json", trust_env=False).status_code == 401
        running.send_signal(stop)
        rest, errors = running.communicate(timeout=20)

    assert rest == ""
    assert errors == ""


@pytest.mark.parametrize("wrong", ["--replay=/nowhere", "--categories=0", "--port=x"])
def test_wrong_call_is_one_line(wrong: str) -> None:
    """A folder that is not there or an impossible size ends with status 2 and no traceback."""
    ended = subprocess.run(
        [sys.executable, "-m", "feeds.sandbox", wrong],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
        check=False,
    )

    assert ended.returncode == 2
    assert "error:" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_faults_stand_behind_the_gate() -> None:
    """A middleware can replace upstream answers; the account is still asked for first."""

    def broken(_: ASGIApp) -> ASGIApp:
        return PlainTextResponse("maintenance", 503)

    with Sandbox(products=1, categories=1, faults=broken) as sandbox:
        path = f"{sandbox.url}/affiliate/api/sandbox.json"

        assert httpx.get(path, trust_env=False).status_code == 401
        let_in = httpx.get(path, headers=sandbox.headers, trust_env=False)
        assert let_in.status_code == 503
        asked = sandbox.stats()
        assert asked["by_kind"]["directory"] == {"401": 1, "503": 1}
        assert 0 < asked["seconds"] < 60


def test_warming_encodes_every_page() -> None:
    """Every page of every category is made ahead."""
    with Sandbox(products=250, categories=2, page_size=50) as sandbox:
        assert 6 <= sandbox.warm() <= 8


def test_faults_need_this_process() -> None:
    """A middleware cannot be handed to another process."""
    with pytest.raises(ValueError, match="this process"):
        Sandbox(faults=lambda app: app, process=True)
