"""The states of a lake: a row a run, by number and by the time that is shown."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from storage.diff import open_diff
from storage.lake import LakeFolder, open_for_reading
from storage.rollback import roll_back
from storage.snapshots import find_snapshot, read_states
from tests.scripted import Scripted, record

Refresh = Callable[..., Any]
Command = Callable[..., Any]


def test_a_run_is_one_state(refresh: Refresh, lake: Path, command: Command) -> None:
    """However many categories it committed; the newest comes first, with what it brought."""
    with Scripted(categories=("hats", "shoes")) as shop:
        for name in ("hats", "shoes"):
            shop.put(shop.link("feeds", name), record(name, 10))
        refresh(shop)
        shop.version(2)
        shop.delta(1, record("shoes", 9))
        refresh(shop)
    roll_back(LakeFolder(lake), "shoes", "3")
    with open_for_reading(LakeFolder(lake)) as connection:
        states = read_states(connection, 10)
        assert [(one.what, one.new_count, one.changed_count) for one in states] == [
            ("rollback shoes to snapshot 3", 0, 1),
            ("refresh 2 feeds", 0, 1),
            ("refresh 2 feeds", 2, 0),
            ("make the tables", None, None),
        ]
        assert states[:2] == read_states(connection, 2)
        for one in states:
            assert one.committed_at == find_snapshot(connection, str(one.snapshot)).committed_at
    with open_diff(LakeFolder(lake), str(states[1].snapshot)) as difference:
        assert (difference.new.number, difference.totals["dearer"]) == (states[0].snapshot, 1)

    told = json.loads(command("snapshots", "--json").stdout)["snapshots"]
    assert [one["snapshot"] for one in told] == [one.snapshot for one in states]
    line = next(one for one in command("snapshots").stdout.splitlines() if "rollback" in one)
    shown = " ".join(line.split()[1:3])
    prices = command("sql", "SELECT count(*) FROM refreshes", "--at", shown, "--format", "csv")
    assert prices.stdout == "count_star()\n5\n"
