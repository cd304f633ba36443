"""When jobs run: times as they are typed, and which of four places goes first."""

from __future__ import annotations

import os
import socket
from datetime import timedelta
from pathlib import Path

import pytest

from flows.errors import WrongCallError
from flows.scheduled import JOBS
from flows.standing_server import standing_server
from flows.timetable import TIMES, hand_on, read_timetable, times_of
from flows.when import When, parse_span


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Begin with no file and no variable; what a test sets is taken back."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("FEEDLAKE_SERVE_", "PREFECT_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(os, "environ", os.environ.copy())


def test_every_job_has_a_time() -> None:
    """A job that is added has both its work and its time."""
    assert list(JOBS) == list(TIMES)
    assert set(read_timetable().times) == set(JOBS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("off", When()),
        ("90s", When(every=timedelta(seconds=90))),
        ("30m", When(every=timedelta(minutes=30))),
        ("every 1 h", When(every=timedelta(hours=1))),
        ("7d", When(every=timedelta(days=7))),
        ("2 weeks", When(every=timedelta(days=14))),
        ("30  2 * * 1-5", When(cron="30 2 * * 1-5")),
    ],
)
def test_times(text: str, expected: When) -> None:
    """Never, every so often, or by cron."""
    assert When.parse(text, "job") == expected


@pytest.mark.parametrize("text", ["", "0m", "1 hour 5 minutes", "60", "-5m", "2 * * *", "now"])
def test_what_is_no_time(text: str) -> None:
    """The message names the job and shows what would be one."""
    with pytest.raises(WrongCallError, match=r"^deltas: .*use"):
        When.parse(text, "deltas")
    with pytest.raises(WrongCallError, match=r"^stale_after: "):
        parse_span(text, "stale_after")


def test_flags_go_before_the_environment_before_the_file() -> None:
    """What none of them says is the default."""
    Path("serve.toml").write_text(
        'port = 4300\ntimezone = "Asia/Kolkata"\n[times]\ndeltas = "2h"\ntop = "3h"\nbooks = "4h"\n'
    )
    os.environ["FEEDLAKE_SERVE_TOP"] = "5h"
    os.environ["FEEDLAKE_SERVE_BOOKS"] = "6h"
    hand_on(None, times_of(["books=off"]))
    found = read_timetable()
    assert {job: str(found.times[job]) for job in ("deltas", "top", "books", "dumps")} == {
        "deltas": "every 2:00:00",
        "top": "every 5:00:00",
        "books": "off",
        "dumps": "0 4 * * 0",
    }
    assert (found.port, found.timezone) == (4300, "Asia/Kolkata")
    Path("other.toml").write_text('[times]\ndeltas = "off"\n')
    hand_on(Path("other.toml"), {})
    assert (read_timetable().times["deltas"], read_timetable().port) == (When(), 4200)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[times]\ndelta = '1h'", r"\[times\] has no key 'delta'; use deltas, top"),
        ("times = 5", "times must be a table"),
        ("ports = 5", "the file has no key 'ports'; use port, timezone"),
        ("port = 'x'", "port: 'x' is none"),
        ("port = 70000", "port: '70000' is none"),
        ("timezone = 'Mars'", "timezone: 'Mars' is none"),
        ("stale_after = 5", "stale_after must be a text in quotes"),
        ("stale_after = 'soon'", "stale_after: 'soon' is no span"),
        ("[times]\ndeltas = '1 * *'", "deltas: '1 . .' is no time"),
        ("[times", "serve.toml is no TOML"),
    ],
)
def test_a_wrong_file_is_told_in_one_line(text: str, said: str) -> None:
    """With the key and what it may be."""
    Path("serve.toml").write_text(text)
    with pytest.raises(WrongCallError, match=said) as raised:
        read_timetable()
    assert "\n" not in str(raised.value)


def test_a_file_that_was_named_must_be_there() -> None:
    """Only the default may be missing."""
    hand_on(Path("none.toml"), {})
    with pytest.raises(WrongCallError, match="name another with --config"):
        read_timetable()


@pytest.mark.parametrize("given", ["deltas", "delta=1h", "=1h"])
def test_a_wrong_flag(given: str) -> None:
    """It names the jobs there are."""
    with pytest.raises(WrongCallError, match="use deltas, top, books"):
        times_of([given])


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    """Said before anything is started."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with (
            pytest.raises(WrongCallError, match=f"port {port} is taken: choose another"),
            standing_server(tmp_path / "home", port),
        ):
            pass
    assert not (tmp_path / "home").exists()
