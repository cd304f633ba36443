"""Two commands that write at once: one waits for the other."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from flows.turn import in_turn
from storage.errors import LakeBusyError
from storage.lake import LakeFolder
from storage.lock import writer_lock
from storage.upkeep import maintain
from tests.scripted import Scripted, record
from tests.waiting import wait_for

Refresh = Callable[..., Any]


def hold_for(lake: Path, seconds: float) -> Thread:
    """Hold a lake as another program does, from now on."""

    def hold() -> None:
        with writer_lock(lake):
            holds.append(True)
            time.sleep(seconds)

    holds: list[bool] = []
    holder = Thread(target=hold)
    holder.start()
    wait_for(lambda: bool(holds))
    return holder


def test_a_refresh_waits_for_the_other_writer(
    lake: Path, refresh: Refresh, capfd: pytest.CaptureFixture[str]
) -> None:
    """It says once whom it waits for, and is done after it."""
    with Scripted() as upstream:
        upstream.page(None, record("A"))
        refresh(upstream)
        holder = hold_for(lake, 1.0)
        row = refresh(upstream, full=True, wait=30)["shoes"]
        assert not holder.is_alive()
    assert row.status == "done"
    said = capfd.readouterr().err
    assert said.count("waiting for it, 30 seconds at most (FEEDLAKE_WAIT)") == 1


def test_upkeep_waits_too(lake: Path, refresh: Refresh) -> None:
    """As any work that begins with the lock."""
    with Scripted() as upstream:
        upstream.page(None, record("A"))
        refresh(upstream)
    holder = hold_for(lake, 0.5)
    upkeep = in_turn(lambda: maintain(LakeFolder(lake), timedelta(days=30)), 30)
    assert not holder.is_alive()
    assert upkeep.after.snapshot_count > 0


@pytest.mark.parametrize("seconds", [0, 0.3])
def test_who_waited_in_vain_is_told(lake: Path, seconds: float) -> None:
    """One line, with the process that writes."""
    lake.mkdir()
    holder = hold_for(lake, 1.0)
    with pytest.raises(LakeBusyError, match=r"process \d+ is writing to .*; wait for it"):
        in_turn(lambda: maintain_busy(lake), seconds)
    holder.join()


def maintain_busy(lake: Path) -> None:
    """Take the writer's lock."""
    with writer_lock(lake):
        pass
