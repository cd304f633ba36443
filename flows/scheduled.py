"""The Prefect flow `feedlake`: one scheduled job a run.

A run is a process of its own. It reads settings and credentials from its environment: its only
parameter is the job's name, since Prefect keeps and shows parameters.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import partial

from prefect import flow
from prefect.client.schemas import State

from feeds.errors import FeedError
from flows.alerts.event import Event
from flows.alerts.rule_file import read_rules, with_webhook
from flows.alerts.run import run_alerts
from flows.alerts.sentence import what
from flows.errors import CommandError
from flows.feed import Feed
from flows.jobs import plan_jobs
from flows.mirror import open_mirror
from flows.outcome import Outcome, Trouble, leave_table, tell
from flows.prefect_server import quieten
from flows.progress import Progress
from flows.refresh import opened_mirror, refresh
from flows.report.facts import Asked
from flows.report.write import write_report
from flows.settings import Settings, read_settings
from flows.summary import summary
from flows.timetable import read_timetable
from flows.turn import begun_in_turn
from flows.unlisted import advice, warnings
from storage.errors import LakeError
from storage.lake import LakeFolder
from storage.status import read_status
from storage.upkeep import Upkeep, maintain

quieten()

_LONGEST_WAIT = timedelta(days=1).total_seconds()

KEPT = timedelta(days=30)
"""How far back snapshots stay readable: as `feedlake maintain` keeps them by default."""


@flow(name="feedlake", flow_run_name="{job}")
async def scheduled(job: str) -> State[None]:
    """Do one job and leave what it did with Prefect."""
    try:
        outcome = await JOBS[job](_patient(read_settings()))
    except (FeedError, LakeError, CommandError) as error:
        outcome = Outcome(str(error), troubles=[Trouble("feedlake.job.failed", job, str(error))])
    return await tell(job, outcome)


def _patient(settings: Settings) -> Settings:
    """Let work that nobody waits for wait itself, until the lake's writer is done."""
    return settings.model_copy(update={"wait": max(settings.wait, _LONGEST_WAIT)})


async def _read_feed(feed: Feed, settings: Settings) -> Outcome:
    progress = Progress()
    async with open_mirror(settings.with_credentials(), progress) as mirror:
        await mirror.begin(await plan_jobs(mirror, (), (feed,)))
        opened_mirror.set(mirror)
        progress.start()
        await refresh.fn((), (feed,))
    done = summary(mirror)
    failed = [row for row in mirror.rows if row.status == "failed"]
    troubles = [Trouble("feedlake.feed.failed", row.category, row.error or "") for row in failed]
    news = sum(row.new_count + row.changed_count + row.delisted_count for row in mirror.rows)
    message = f"{len(mirror.rows)} feeds, {news:,} products new, changed or gone"
    if failed:
        names = ", ".join(row.category for row in failed)
        message = f"{len(failed)} of {len(mirror.rows)} feeds failed: {names}"
    return Outcome("; ".join([message, *mirror.notes]), done["feeds"], troubles)


async def _maintain(settings: Settings) -> Outcome:
    folder = LakeFolder(settings.lake)
    upkeep = await begun_in_turn(partial(maintain, folder, KEPT), settings.wait)
    return Outcome("kept up", _upkeep_rows(upkeep))


def _upkeep_rows(upkeep: Upkeep) -> list[dict[str, object]]:
    before, after = asdict(upkeep.before), asdict(upkeep.after)
    return [{"figure": name, "before": before[name], "after": after[name]} for name in before]


async def _check_freshness(settings: Settings) -> Outcome:
    """Find the categories whose version nobody has asked for too long, or that are unlisted."""
    limit = read_timetable().stale_after
    rows = read_status(LakeFolder(settings.lake))["categories"]
    since = datetime.now(UTC) - limit
    unlisted = [one["category"] for one in rows if one["unlisted_at"]]
    stale = [
        one
        for one in rows
        if not one["unlisted_at"] and (one["checked_at"] is None or one["checked_at"] < since)
    ]
    troubles = [
        Trouble(
            "feedlake.category.stale",
            one["category"],
            f"last checked {one['checked_at'] or 'never'}, longer ago than {limit}",
        )
        for one in stale
    ]
    troubles += [
        Trouble("feedlake.category.unlisted", name, advice(name), is_failure=False)
        for name in unlisted
    ]
    names = ", ".join(one["category"] for one in stale)
    message = f"{len(stale)} of {len(rows)} categories are stale: {names}"
    if not stale:
        message = f"{len(rows) - len(unlisted)} categories are fresh"
    return Outcome("; ".join([message, *warnings(unlisted)]), rows, troubles)


async def _tell_alerts(settings: Settings) -> Outcome:
    file = with_webhook(
        read_rules(read_timetable().rules), settings.alerts_webhook.get_secret_value()
    )

    async def show(events: Sequence[Event]) -> None:
        await leave_table("alerts", f"{len(events)} events", [_alert_row(one) for one in events])

    told = await run_alerts(LakeFolder(settings.lake), file, show)
    return Outcome(f"{len(told)} events")


def _alert_row(event: Event) -> dict[str, object]:
    return {
        "rule": event.rule,
        "product": event.product_id,
        "title": event.title,
        "what": what(event),
        "observed_at": event.observed_at,
        "link": event.product_url,
    }


async def _write_report(settings: Settings) -> Outcome:
    file = read_timetable().report_file
    done = write_report(LakeFolder(settings.lake), file, Asked(settings.affiliate_id))
    message = f"{done.listed_count:,} products, {done.drop_count:,} drops in the last day"
    return Outcome(message, file=done.file)


Job = Callable[[Settings], Awaitable[Outcome]]

JOBS: dict[str, Job] = {
    "deltas": partial(_read_feed, Feed.PRODUCT),
    "top": partial(_read_feed, Feed.TOP),
    "books": partial(_read_feed, Feed.BOOKS),
    "dumps": partial(_read_feed, Feed.DUMP),
    "maintain": _maintain,
    "report": _write_report,
    "freshness": _check_freshness,
    "alerts": _tell_alerts,
}
"""What each job does. Another one is a line here and its time in `flows.timetable.TIMES`."""
