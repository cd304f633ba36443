"""What `serve` runs and when: flags, then the environment, then `serve.toml`, then the defaults."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flows.env_file import check_readable, written_settings
from flows.errors import WrongCallError
from flows.handwritten import HandwrittenError, read_toml, value_of
from flows.when import When, parse_span

DEFAULT_FILE = Path("serve.toml")

TIMES = {
    "deltas": "1h",
    "top": "30 2 * * *",
    "books": "0 3 * * *",
    "dumps": "0 4 * * 0",
    "maintain": "30 5 * * *",
    "report": "45 5 * * *",
    "freshness": "0 6 * * *",
    "alerts": "1h",
}
"""When each job runs where nothing else is said; UTC unless `timezone` says otherwise."""

_OTHERS = {
    "port": "4200",
    "timezone": "UTC",
    "stale_after": "26h",
    "rules": "alerts.toml",
    "report_file": "report.html",
}
_ENVIRONMENT = "FEEDLAKE_SERVE_"
_LARGEST_PORT = 65_535


@dataclass(frozen=True, slots=True)
class Timetable:
    """What runs when.

    Attributes:
        times: by job.
        timezone: of cron expressions.
        port: of Prefect's web page.
        stale_after: how old the last check of a category may be.
        rules: the alert rules; without that file there are no alerts.
        report_file: where the report goes.
    """

    times: Mapping[str, When]
    timezone: str
    port: int
    stale_after: timedelta
    rules: Path
    report_file: Path


def times_of(given: Sequence[str]) -> dict[str, str | None]:
    """Return times by job, from `JOB=WHEN`.

    Raises:
        WrongCallError: one is not of this form, or there is no such job.
    """
    found: dict[str, str | None] = {}
    for one in given:
        job, is_given, when = one.partition("=")
        if job not in TIMES or not is_given:
            raise WrongCallError(f"--at {one!r} names no job; use {', '.join(TIMES)} as JOB=WHEN")
        found[job] = when
    return found


def hand_on(file: Path | None, flags: Mapping[str, str | None]) -> None:
    """Put what the command line says into the environment, where the jobs read it too.

    Args:
        file: another `serve.toml`.
        flags: values by key.
    """
    given = {"config": None if file is None else str(file), **flags}
    os.environ.update(
        {f"{_ENVIRONMENT}{key.upper()}": value for key, value in given.items() if value is not None}
    )


def read_timetable() -> Timetable:
    """Return the timetable of this process.

    Raises:
        WrongCallError: something of it cannot be used.
        SettingsError: `.env` cannot be read, or a value holds what nobody sees.
    """
    written = written_settings()
    values = TIMES | _OTHERS | _from_file(written) | _from_environment(written)
    return Timetable(
        times={job: When.parse(values[job], job) for job in TIMES},
        timezone=_timezone(values["timezone"]),
        port=_port(values["port"]),
        stale_after=parse_span(values["stale_after"], "stale_after"),
        rules=Path(values["rules"]),
        report_file=Path(values["report_file"]),
    )


def _from_environment(written: Mapping[str, str]) -> dict[str, str]:
    names = {key: f"{_ENVIRONMENT}{key.upper()}" for key in (*TIMES, *_OTHERS)}
    found = {key: written[name] for key, name in names.items() if name in written}
    for key, value in found.items():
        check_readable(names[key], value)
    return found


def _from_file(written: Mapping[str, str]) -> dict[str, str]:
    named = written.get(f"{_ENVIRONMENT}CONFIG", "")
    check_readable(f"{_ENVIRONMENT}CONFIG", named)
    file = Path(named) if named else DEFAULT_FILE
    try:
        table = read_toml(file)
    except FileNotFoundError as error:
        if not named:
            return {}
        raise _unreadable(file, error) from error
    except OSError as error:
        raise _unreadable(file, error) from error
    except HandwrittenError as error:
        raise WrongCallError(f"{file} is no TOML ({error}); mend it") from error
    times = table.pop("times", {})
    _check_keys(file, table, _OTHERS, "the file")
    _check_keys(file, times, TIMES, "[times]")
    found = {key: value_of(str(value)) for key, value in (table | times).items()}
    for key, value in found.items():
        check_readable(f"{file}: {key}", value)
    return found


def _unreadable(file: Path, error: OSError) -> WrongCallError:
    return WrongCallError(f"{file} cannot be read ({error.strerror}); name another with --config")


def _check_keys(file: Path, table: Any, known: Mapping[str, str], where: str) -> None:
    if not isinstance(table, dict):
        raise WrongCallError(f"{file}: times must be a table: write [times]")
    for key, value in table.items():
        if key not in known:
            raise WrongCallError(f"{file}: {where} has no key {key!r}; use {', '.join(known)}")
        if not isinstance(value, str) and not (key == "port" and isinstance(value, int)):
            raise WrongCallError(f"{file}: {key} must be a text in quotes")


def _timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise WrongCallError(
            f"timezone: {name!r} is none; use a name such as UTC or Asia/Kolkata"
        ) from error
    return name


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= _LARGEST_PORT:
        raise WrongCallError(f"port: {text!r} is none; use 1 to {_LARGEST_PORT}")
    return int(text)
