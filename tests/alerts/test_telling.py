"""Telling events: once, to somebody who took them, whatever comes between."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from flows.alerts.event import Event
from flows.alerts.rule_file import RuleFile
from flows.alerts.rules import DelistedRule, DropRule, Rule, StockRule
from flows.alerts.run import preview, run_alerts
from flows.alerts.telling import EventsRefusedError
from flows.alerts.webhook import PostRefusedError, Webhook, WebhookError
from flows.errors import WrongCallError
from storage.alerts.memory import FILE, open_memory
from storage.errors import AlertsBusyError, LakeMissingError, LakeUnreadableError
from storage.lake import LakeFolder
from storage.removal import remove_category
from storage.rollback import roll_back
from tests.alerts.hook import Hook, into
from tests.conftest import command_environment
from tests.scripted import Scripted, record

Refresh = Callable[..., Any]
Ask = Callable[..., list[tuple[Any, ...]]]
Command = Callable[..., "subprocess.CompletedProcess[str]"]

ANY = DropRule(name="any", amount=1)


class Shop:
    """A lake of one category whose prices a test sets."""

    def __init__(self, upstream: Scripted, lake: Path, refresh: Refresh) -> None:
        """Sell nothing yet."""
        self.upstream, self.folder, self.refresh = upstream, LakeFolder(lake), refresh
        self.version = 0

    def sell(
        self, prices: Mapping[str, float] | None = None, *, full: bool = False, **more: float
    ) -> None:
        """Mirror products at these prices, as a delta but for the first time."""
        self.version += 1
        self.upstream.version(self.version)
        wanted = dict(prices or {}) | more
        records = [record(name, price, productBrand="Acme") for name, price in wanted.items()]
        if self.version == 1 or full:
            self.upstream.page(None, *records)
        else:
            self.upstream.delta(self.version - 1, *records)
        (row,) = self.refresh(self.upstream, full=full).values()
        assert row.error is None

    def tell(self, *rules: Rule, webhook: Webhook | None = None) -> list[Event]:
        """Run the alerts and return what they showed."""
        shown: list[Event] = []
        asyncio.run(run_alerts(self.folder, RuleFile(rules or (ANY,), webhook), into(shown)))
        return shown


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the first test leaves its lake for the others to begin with."""
    return tmp_path_factory.mktemp("opened") / "lake"


@pytest.fixture
def shop(opened: Path, lake: Path, refresh: Refresh) -> Iterator[Shop]:
    """Sell A and B at 100, with the rule `any` watching."""
    with Scripted() as upstream:
        shop = Shop(upstream, lake, refresh)
        if opened.exists():
            shutil.copytree(opened, lake)
            shop.version = 1
        else:
            shop.sell(A=100, B=100)
            assert shop.tell() == []
            shutil.copytree(lake, opened)
        yield shop


def essence(events: Sequence[Event]) -> list[tuple[str, str, float]]:
    """Return rule, product and new price."""
    return [(one.rule, one.product_id, float(one.new_price or 0)) for one in events]


def test_a_new_rule_sees_where_things_stand(shop: Shop) -> None:
    """It tells nothing of what was before it, and everything after, once."""
    shop.sell(A=90)
    assert shop.tell(ANY, DropRule(name="new", amount=1)) != []
    shop.sell(A=80, B=99)
    events = shop.tell(ANY, DropRule(name="new", amount=1))
    assert sorted(essence(events)) == [
        ("any", "A", 80),
        ("any", "B", 99),
        ("new", "A", 80),
        ("new", "B", 99),
    ]
    assert shop.tell(ANY, DropRule(name="new", amount=1)) == []


def test_an_event_says_what_a_person_wants_to_know(shop: Shop) -> None:
    """Names, prices, how much, and no affiliate's link."""
    shop.sell(A=90)
    (event,) = shop.tell()
    assert (event.kind, event.title, event.brand, event.category, event.currency) == (
        "drop",
        "Product A",
        "Acme",
        "shoes",
        "INR",
    )
    assert (float(event.old_price or 0), float(event.new_price or 0)) == (100, 90)
    assert event.percent == 10


def test_a_rule_is_about_what_it_selects(shop: Shop) -> None:
    """By id, title, brand, category and condition; all that is given must hold."""
    selections: list[tuple[dict[str, Any], list[str]]] = [
        ({"products": ("B",)}, ["B"]),
        ({"title": "product a"}, ["A"]),
        ({"brands": ("ACME",)}, ["A", "B"]),
        ({"brands": ("Other",)}, []),
        ({"categories": ("shoes",)}, ["A", "B"]),
        ({"categories": ("hats",)}, []),
        ({"where": "selling_price > 60"}, ["A"]),
        ({"where": "product_id IN (SELECT product_id FROM product_categories)"}, ["A", "B"]),
        ({"products": ("A", "B"), "title": "b", "where": "mrp = 999"}, ["B"]),
    ]
    rules = [
        DropRule(name=str(number), amount=1, **selection)
        for number, (selection, _) in enumerate(selections)
    ]
    sly = DropRule(name="sly", amount=1, where="title IN (FROM read_text('/etc/hostname'))")
    assert shop.tell(*rules, sly) == []
    shop.sell(A=70, B=50)
    found = shop.tell(*rules)
    for rule, (_, told) in zip(rules, selections, strict=True):
        assert [one.product_id for one in found if one.rule == rule.name] == told, rule
    # A condition reads nothing but the lake, and its rule is named.
    with pytest.raises(WrongCallError, match="rule 'sly': where: "):
        shop.tell(sly)


def test_departures_and_returns(shop: Shop) -> None:
    """A product that leaves its category, and one that comes back."""
    rules = (DelistedRule(name="gone", categories=("shoes",)), StockRule(name="back"))
    assert shop.tell(*rules) == []
    shop.sell(A=100, full=True)
    assert essence(shop.tell(*rules)) == [("gone", "B", 0)]
    shop.sell(A=100, B=100, full=True)
    assert essence(shop.tell(*rules)) == [("back", "B", 100)]


def test_a_rollback_is_no_observation(shop: Shop, ask: Ask) -> None:
    """A price that is put back and then seen again is not told again."""
    ((before,),) = ask("SELECT id FROM lake.current_snapshot()")
    shop.sell(A=90)
    assert essence(shop.tell()) == [("any", "A", 90)]
    roll_back(shop.folder, "shoes", str(before))
    assert shop.tell() == []
    shop.version = 1
    shop.sell(A=90)
    assert shop.tell() == []


def test_a_removal_is_no_observation(shop: Shop) -> None:
    """Nobody saw the products leave, and a command that was typed is no news."""
    rules = (DelistedRule(name="gone"), StockRule(name="back"))
    assert shop.tell(*rules) == []
    assert remove_category(shop.folder, "shoes").delisted_count == 2
    assert shop.tell(*rules) == []


def test_a_dry_run_remembers_nothing(shop: Shop) -> None:
    """It shows what a run would tell, and the run tells it."""
    shop.sell(A=90)
    file = RuleFile((ANY,))
    foretold = preview(shop.folder, file)
    assert preview(shop.folder, file) == foretold
    assert shop.tell() == foretold


def test_what_cannot_be_shown_is_owed(shop: Shop) -> None:
    """A reader that goes away took nothing: the next run tells it, once."""

    async def vanish(_: Sequence[Event]) -> None:
        raise BrokenPipeError

    shop.sell(A=90)
    with pytest.raises(BrokenPipeError):
        asyncio.run(run_alerts(shop.folder, RuleFile((ANY,)), vanish))
    assert essence(shop.tell()) == [("any", "A", 90)]
    assert shop.tell() == []


def test_a_lake_that_was_made_anew_begins_anew(shop: Shop, lake: Path) -> None:
    """What was remembered of another lake at the same place says nothing of this one."""
    shop.sell(A=90)
    remembered = (lake / FILE).read_bytes()
    shutil.rmtree(lake)
    lake.mkdir()
    (lake / FILE).write_bytes(remembered)
    shop.version = 0
    shop.sell(A=50, B=50)
    assert shop.tell() == []
    shop.sell(A=40)
    assert essence(shop.tell()) == [("any", "A", 40)]


def test_a_forgotten_rule_and_one_of_another_kind_begin_anew(shop: Shop) -> None:
    """Neither tells what happened before."""
    shop.sell(A=90)
    with open_memory(shop.folder.root) as memory:
        assert memory.forget("any")
        assert not memory.forget("any")
    assert shop.tell() == []
    shop.sell(A=80)
    assert shop.tell(StockRule(name="any")) == []
    assert shop.tell() == []


def test_one_at_a_time(shop: Shop) -> None:
    """What one run owes another must not send; and there must be a lake."""
    with open_memory(shop.folder.root), pytest.raises(AlertsBusyError):
        shop.tell()
    with pytest.raises(LakeMissingError):
        asyncio.run(run_alerts(LakeFolder(Path("none")), RuleFile((ANY,)), into([])))


def test_a_spoilt_memory_is_named(shop: Shop) -> None:
    """The message says what to do; nothing is told twice by mistake."""
    (shop.folder.root / FILE).write_bytes(b"no database at all" * 100)
    with pytest.raises(LakeUnreadableError, match="move it away"):
        shop.tell()


def test_a_webhook_that_fails_sometimes_gets_each_event_once(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    """A server error is tried again; the address is in no log."""
    caplog.set_level(logging.DEBUG)
    with Hook(500, 204) as hook:
        shop.sell(A=90, B=80)
        events = shop.tell(webhook=Webhook(hook.url))
        assert shop.tell(webhook=Webhook(hook.url)) == []
    assert [status for status, _ in hook.posts] == [500, 204]
    assert hook.accepted == [one.event_id for one in events]
    assert len(events) == 2
    _, body = hook.posts[-1]
    assert body["events"][0]["new_price"] == 90.0
    assert "Product A fell from 100.00 to 90.00 INR (-10 %) [any]" in body["text"]
    assert hook.paths == [f"/{Hook.SECRET}?key={Hook.SECRET}"] * 2
    assert Hook.SECRET not in caplog.text


def test_events_that_were_not_accepted_are_sent_by_the_next_run(shop: Shop) -> None:
    """With those that came meanwhile; a redirect is not followed; the address is in no error."""
    shop.sell(A=90)
    refusals = [([429, 503], "answered 503, 2 times"), ([400], "refused"), ([302], "refused")]
    with Hook() as hook:
        webhook = Webhook(hook.url, attempts=2)
        for answers, says in refusals:
            hook.answers = list[Any](answers)
            with pytest.raises(WebhookError, match=says) as raised:
                shop.tell(webhook=webhook)
            error: BaseException | None = raised.value
            while error:
                assert Hook.SECRET not in str(error)
                error = error.__cause__ or error.__context__
        shop.sell(A=80)
        events = shop.tell(webhook=webhook)
    assert essence(events) == [("any", "A", 90), ("any", "A", 80)]
    assert hook.accepted == [one.event_id for one in events]


def test_a_webhook_that_is_silent_or_away(shop: Shop) -> None:
    """Both end in time, in one line without the address."""
    given_up = threading.Event()

    def sleep() -> int:
        given_up.wait(30)
        return 204

    with Hook(sleep) as hook:
        shop.sell(A=90)
        silent = Webhook(hook.url, timeout_seconds=0.2, attempts=1)
        with pytest.raises(WebhookError, match="did not answer in time"):
            shop.tell(webhook=silent)
        given_up.set()
    with pytest.raises(WebhookError, match="could not be reached"):
        shop.tell(webhook=Webhook("http://127.0.0.1:1/x", attempts=1))
    assert essence(shop.tell()) == [("any", "A", 90)]


def test_many_events_go_in_parts(shop: Shop) -> None:
    """What was accepted before a failure is not sent again."""
    names = {f"P{number:03}": 100.0 for number in range(250)}
    shop.sell(names)
    shop.tell()
    shop.sell(dict.fromkeys(names, 90.0))
    with Hook(204, 403) as hook:
        with pytest.raises(WebhookError):
            shop.tell(webhook=Webhook(hook.url))
        assert len(hook.accepted) == 100
        assert len(shop.tell(webhook=Webhook(hook.url))) == 150
    assert len(set(hook.accepted)) == len(hook.accepted) == 250


def sell_cheaper(shop: Shop, count: int, price: float = 90.0) -> list[str]:
    """Let so many products become cheaper than the shop has sold them; return their names."""
    names = [f"P{number:03}" for number in range(count)]
    shop.sell(dict.fromkeys(names, 100.0))
    shop.tell()
    shop.sell(dict.fromkeys(names, price))
    return names


def test_a_post_that_is_too_long_is_sent_in_halves(shop: Shop) -> None:
    """Down to what the webhook takes, which is remembered: each event once, in one run."""
    names = sell_cheaper(shop, 60)
    with Hook() as hook:
        refusals = iter([400, 413])
        hook.judge = lambda body: 204 if len(body["text"]) <= 700 else next(refusals)
        events = shop.tell(webhook=Webhook(hook.url, events_per_post=30))
        assert [one.product_id for one in events] == names
        assert shop.tell(webhook=Webhook(hook.url)) == []
    assert hook.accepted == [one.event_id for one in events]
    sizes = [(answer, len(body["events"])) for answer, body in hook.posts]
    assert sizes == [
        *((400, 30), (413, 15), (204, 8), (204, 7), (204, 8), (204, 7)),
        *((204, 8), (204, 8), (204, 8), (204, 6)),
    ]


def test_the_most_events_of_a_post_can_be_set(shop: Shop) -> None:
    """A hundred by default."""
    sell_cheaper(shop, 120)
    with Hook(204, 503) as hook:
        with pytest.raises(WebhookError, match="answered 503, 1 times"):
            shop.tell(webhook=Webhook(hook.url, attempts=1))
        shop.tell(webhook=Webhook(hook.url, events_per_post=9))
    assert [len(body["events"]) for _, body in hook.posts] == [100, 20, 9, 9, 2]


def test_an_event_that_is_refused_alone_holds_up_no_other(shop: Shop) -> None:
    """It is named, tried alone in later runs beside others, and given up after the third."""
    names = sell_cheaper(shop, 20)

    def told(price: float) -> list[str]:
        with pytest.raises(EventsRefusedError) as raised:
            shop.tell(webhook=Webhook(hook.url))
        messages.append(str(raised.value))
        shop.sell({"P000": price})
        return [event["product_id"] for _, body in hook.posts for event in body["events"]]

    messages: list[str] = []
    with Hook() as hook:
        hook.judge = lambda body: 400 if "P007" in body["text"] else 204
        assert set(told(80)) == set(names)
        assert sorted(hook.accepted) == sorted(set(hook.accepted))
        assert len(hook.accepted) == 19
        for price in (70, 60):
            hook.posts.clear()
            assert told(price) == ["P000", "P007"]
        assert [one.product_id for one in shop.tell(webhook=Webhook(hook.url))] == ["P000"]
        assert shop.tell(webhook=Webhook(hook.url)) == []
    for message in messages:
        assert "refused, even alone, the event of product P007 by rule 'any' (400, " in message
        assert Hook.SECRET not in message
    assert ["given up" in message for message in messages] == [False, False, True]


def test_a_webhook_that_refuses_everything_is_soon_left_alone(shop: Shop) -> None:
    """It says nothing of the events: all are kept, however often, and told when it takes them."""
    names = sell_cheaper(shop, 100)
    with Hook() as hook:
        hook.judge = lambda _: 400
        for _ in range(4):
            hook.posts.clear()
            with pytest.raises(PostRefusedError, match=r"refused 1 event with \d+ characters"):
                shop.tell(webhook=Webhook(hook.url))
            assert len(hook.posts) < 20
        hook.judge = lambda _: 204
        assert len(shop.tell(webhook=Webhook(hook.url))) == len(names)


def test_a_webhook_is_given_the_pause_that_it_asks_for(shop: Shop) -> None:
    """Longer than the pauses that are made unasked."""
    times: list[float] = []

    def judge(_: object) -> int:
        times.append(time.monotonic())
        return 429 if len(times) == 1 else 204

    shop.sell(A=90)
    with Hook() as hook:
        hook.headers = {"Retry-After": "2"}
        hook.judge = judge
        assert len(shop.tell(webhook=Webhook(hook.url))) == 1
    assert times[1] - times[0] >= 2


@pytest.mark.command
def test_killed_between_send_and_record_an_event_comes_twice_at_most(
    shop: Shop, lake: Path, tmp_path: Path
) -> None:
    """SIGKILL while the webhook answers: the next run sends the same events, once."""
    (tmp_path / "alerts.toml").write_text('[[rule]]\nname = "any"\nkind = "drop"\namount = 1\n')
    running: list[subprocess.Popen[str]] = []

    def kill() -> int:
        os.kill(running[0].pid, signal.SIGKILL)
        running[0].wait()
        return 204

    shop.sell(A=90, B=90)
    with Hook(kill) as hook:
        env = command_environment(lake) | {"FEEDLAKE_ALERTS_WEBHOOK": hook.url}
        for status in (-signal.SIGKILL, 0):
            running[:] = [
                subprocess.Popen(
                    [sys.executable, "-c", "from flows.cli import main; main()", "alerts"],
                    env=env,
                    cwd=tmp_path,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                )
            ]
            out, err = running[0].communicate(timeout=60)
            assert (running[0].returncode, err) == (status, "")
            assert Hook.SECRET not in out
    first, second = (body["events"] for _, body in hook.posts)
    assert first == second
    assert len(first) == 2
    assert preview(shop.folder, RuleFile((ANY,))) == []


@pytest.mark.command
def test_the_command_prints_and_checks(shop: Shop, command: Command, tmp_path: Path) -> None:
    """A dry run as JSON, a run as a table, and a fault in the rules with status 2."""
    file = tmp_path / "alerts.toml"
    file.write_text('[[rule]]\nname = "any"\nkind = "drop"\namount = 1\n')
    shop.sell(A=90)
    dry = command("alerts", "--dry-run", "--json")
    assert [one["new_price"] for one in json.loads(dry.stdout)["events"]] == [90.0]
    done = command("alerts")
    assert (done.returncode, done.stderr) == (0, "")
    assert "fell from 100.00 to 90.00 INR (-10 %)" in done.stdout
    file.write_text('[[rule]]\nname = "x"\nkind = "delisted"\ncategories = ["shoos"]\n')
    wrong = command("alerts", "check")
    assert wrong.returncode == 2
    assert wrong.stderr == (
        "feedlake: alerts.toml: rule 'x': categories: the lake has no category 'shoos'; "
        "did you mean shoes?\n"
    )
