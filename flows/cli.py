"""The command line: `feedlake`.

Only what a command needs is imported: `sql` and `status` must answer at once, and Prefect alone
takes a second to import.
"""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.exceptions import TyperException

from feeds.errors import FeedError, UnknownCategoryError
from feeds.signed_url import redact
from flows.commands.alerts import alerts
from flows.commands.export import export
from flows.commands.lake import diff, maintain, rollback, snapshots
from flows.commands.plan import plan
from flows.commands.publish import publish
from flows.commands.quarantine import quarantine
from flows.commands.reconcile import reconcile
from flows.commands.remove import remove
from flows.commands.report import report
from flows.commands.serve import serve
from flows.commands.verify import verify
from flows.commands.version import version
from flows.errors import CommandError, SettingsError, WrongCallError
from flows.feed import EVERY_DAY, Feed
from flows.options import AsJson, Feeds, FullEvery, Lake, print_json, settings_with
from flows.plain import one_line, plain, printable
from storage.errors import (
    CategoryMissingError,
    LakeError,
    NoSnapshotError,
    NotALakeError,
    NotAPublicationError,
    QueryError,
)

if TYPE_CHECKING:
    from flows.lookup import Found
    from flows.settings import Settings

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.callback(
    help="Mirror an affiliate product catalogue into versioned tables and query it with SQL."
)(version)

DONE, FAILED, WRONG_CALL = 0, 1, 2
WRONG_CALLS = (
    UnknownCategoryError,
    WrongCallError,
    SettingsError,
    QueryError,
    NotALakeError,
    NotAPublicationError,
    NoSnapshotError,
    CategoryMissingError,
)
"""Errors that the same call always ends with; every other one ends with FAILED."""


class Format(StrEnum):
    """How a query's answer is written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


class LinkFormat(StrEnum):
    """How links are written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    TEXT = "text"


@app.command()
def demo(
    *,
    products: Annotated[
        int, typer.Option(help="Products in the made-up catalogue.", min=1)
    ] = 20_000,
    categories: Annotated[int, typer.Option(help="Categories they stand in.", min=1)] = 16,
    folder: Annotated[Path, typer.Option(help="Where its lake goes.")] = Path("demo"),
) -> None:
    """Mirror a made-up catalogue, let a day pass, mirror the changes and query them."""
    from flows.console import new_console
    from flows.demo import run_demo

    if not run_demo(folder, products, categories, new_console()):
        raise typer.Exit(FAILED)


@app.command()
def sandbox(
    *,
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 takes a free one.")] = 8765,
    products: Annotated[int, typer.Option(help="Products in the catalogue.", min=1)] = 20_000,
    categories: Annotated[int, typer.Option(help="Categories they stand in.", min=1)] = 16,
    seed: Annotated[int, typer.Option(help="The same seed serves the same catalogue.")] = 7,
    replay: Annotated[
        Path | None, typer.Option(help="Serve a folder of captured answers instead.", exists=True)
    ] = None,
    page_size: Annotated[int, typer.Option(help="Products a page.", min=1)] = 500,
    quota: Annotated[int, typer.Option(help="Requests a second; 0 for no limit.", min=0)] = 20,
    latency: Annotated[float, typer.Option(help="Seconds before each answer.", min=0)] = 0.0,
    url_life: Annotated[float, typer.Option(help="Seconds that a link lives.", min=0)] = 36_000.0,
    days: Annotated[int, typer.Option(help="Days that have passed already.", min=0)] = 0,
) -> None:
    """Serve a local stand-in for the upstream until Ctrl-C."""
    from feeds.sandbox.plan import Plan
    from feeds.sandbox.rules import Rules
    from flows.sandbox import serve_sandbox

    plan = Plan(products, categories, seed, page_size, replay)
    rules = Rules(quota=quota, latency_seconds=latency, url_life_seconds=url_life)
    serve_sandbox(plan, rules, port, days)


@app.command()
def refresh(
    categories: Annotated[
        list[str] | None, typer.Argument(help="Categories to refresh; all of them by default.")
    ] = None,
    *,
    feeds: Feeds = None,
    full: Annotated[
        bool, typer.Option("--full", help="Walk every product, not the changes.")
    ] = False,
    in_stock: Annotated[
        bool,
        typer.Option(
            "--in-stock", help="Walk only what is in stock; delists nothing, moves no version."
        ),
    ] = False,
    fmt: Annotated[
        str | None, typer.Option("--format", help="Ask for json or xml (FEEDLAKE_FORMAT).")
    ] = None,
    api_version: Annotated[
        str | None,
        typer.Option(help="Ask for v1.1.0 or the deprecated v0.1.0 (FEEDLAKE_API_VERSION)."),
    ] = None,
    full_every: FullEvery = None,
    max_loss: Annotated[
        str | None,
        typer.Option(
            help="Products that a full walk may delist, as 500 or 20% (FEEDLAKE_MAX_LOSS)."
        ),
    ] = None,
    max_rejects: Annotated[
        str | None,
        typer.Option(help="Records that may be rejected, likewise (FEEDLAKE_MAX_REJECTS)."),
    ] = None,
    as_json: AsJson = False,
    lake: Lake = None,
) -> None:
    """Bring the mirror to the upstream's current version, category by category."""
    from flows.console import new_console
    from flows.jobs import check_in_stock
    from flows.run import runner
    from flows.summary import print_summary, summary

    chosen = feeds or ([Feed.PRODUCT] if in_stock else EVERY_DAY)
    if in_stock:
        check_in_stock(categories or [], chosen, full=full)
    settings = settings_with(
        lake,
        FEEDLAKE_FORMAT=fmt,
        FEEDLAKE_API_VERSION=api_version,
        FEEDLAKE_FULL_EVERY=full_every,
        FEEDLAKE_MAX_LOSS=max_loss,
        FEEDLAKE_MAX_REJECTS=max_rejects,
    ).with_credentials()
    console = new_console(stderr=as_json)
    with runner(settings, console) as running:
        mirror = running.refresh(categories or [], chosen, full=full, in_stock=in_stock)
    if as_json:
        print_json(summary(mirror))
    else:
        print_summary(mirror, console)
    if any(row.status == "failed" for row in mirror.rows):
        raise typer.Exit(FAILED)


@app.command()
def status(*, as_json: AsJson = False, lake: Lake = None) -> None:
    """Show where each category stands: version, size, last refresh."""
    from storage.lake import LakeFolder
    from storage.status import read_status

    figures = read_status(LakeFolder(settings_with(lake).lake))
    if as_json:
        print_json(figures)
        return
    from flows.console import new_console
    from flows.status_table import print_status

    print_status(figures, new_console())


@app.command()
def sql(
    query: Annotated[
        str, typer.Argument(help="One query; quote it, or - for one on standard input.")
    ],
    *,
    at: Annotated[
        str | None,
        typer.Option("--at", help="Ask the lake as it was: a snapshot's number or a time."),
    ] = None,
    fmt: Annotated[
        Format, typer.Option("--format", help="How to write the answer.")
    ] = Format.TABLE,
    unsafe: Annotated[
        bool, typer.Option("--unsafe", help="Let the query read other files and the network.")
    ] = False,
    lake: Lake = None,
) -> None:
    """Query the lake; it is opened read-only, beside a running refresh too."""
    from storage.lake import LakeFolder
    from storage.query import open_query

    snapshot = int(at) if at and at.isdecimal() else at
    folder = LakeFolder(settings_with(lake).lake)
    text = _piped_query() if query == "-" else query
    with open_query(folder, text, at=snapshot, fenced=not unsafe) as asked:
        match fmt:
            case Format.TABLE:
                typer.echo(printable(asked.table(_width()), kept="\n"), nl=False)
            case Format.CSV:
                asked.write_csv(sys.stdout)
            case Format.JSON:
                asked.write_json(sys.stdout)
            case Format.PARQUET:
                if sys.stdout.isatty():
                    raise WrongCallError(
                        "Parquet is binary; send it to a file: ... > answer.parquet"
                    )
                asked.write_parquet(sys.stdout.buffer)


@app.command()
def product(
    product_id: Annotated[
        str, typer.Argument(help="The product's id at the vendor, or a link to it.")
    ],
    *,
    as_json: AsJson = False,
    lake: Lake = None,
) -> None:
    """Ask the vendor for one product now; what it says goes into the lake."""
    from flows.lookup import find_product

    settings = settings_with(lake).with_credentials()
    _print_found(find_product(settings, product_id), settings, as_json=as_json)


@app.command()
def search(
    words: Annotated[list[str], typer.Argument(help="Words to look for.")],
    *,
    limit: Annotated[
        int, typer.Option(help="Products to show; the vendor gives ten at most.", min=1, max=1000)
    ] = 10,
    local: Annotated[bool, typer.Option("--local", help="Ask the lake, not the vendor.")] = False,
    as_json: AsJson = False,
    lake: Lake = None,
) -> None:
    """Find products by words, at the vendor's or in the lake."""
    settings = settings_with(lake)
    text = " ".join(words)
    if local:
        from storage.lake import LakeFolder
        from storage.search import search_local

        rows = search_local(LakeFolder(settings.lake), text, limit)
        _print_products(rows, settings, as_json=as_json)
        return
    from flows.lookup import find_by_words

    found = find_by_words(settings.with_credentials(), text, limit)
    _print_found(found, settings, as_json=as_json)


@app.command()
def link(
    products: Annotated[
        list[str] | None,
        typer.Argument(metavar="IDS_OR_URLS", help="Product ids and links to products."),
    ] = None,
    *,
    from_sql: Annotated[
        str | None,
        typer.Option(help="Link the rows of a query that gives product_id or product_url."),
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help="A file of ids and links, one a line; - for standard input.")
    ] = None,
    sub1: Annotated[
        str | None, typer.Option(help="Sub-id affExtParam1, such as {category}-{product_id}.")
    ] = None,
    sub2: Annotated[str | None, typer.Option(help="Sub-id affExtParam2, likewise.")] = None,
    affid: Annotated[
        str | None, typer.Option(help="Whose links they are (FK_AFFILIATE_ID).")
    ] = None,
    fmt: Annotated[
        LinkFormat, typer.Option("--format", help="How to write the links.")
    ] = LinkFormat.TEXT,
    lake: Lake = None,
) -> None:
    """Print links that earn: with the affid, the sub-ids and nobody else's."""
    from flows.link import LinkRequest, print_links

    settings = settings_with(lake)
    request = LinkRequest(
        products=products or [],
        file=file,
        query=from_sql,
        affid=settings.affiliate_id if affid is None else affid,
        templates=(sub1, sub2),
        fmt=fmt.value,
        lake=settings.lake,
    )
    if not print_links(request):
        raise typer.Exit(FAILED)


_commands = (
    *(plan, serve, maintain, snapshots, diff, rollback, remove),
    *(verify, reconcile, publish, export, report),
)
for _command in _commands:
    app.command()(_command)
app.add_typer(alerts, name="alerts")
app.add_typer(quarantine, name="quarantine")


def main() -> None:
    """Run the command; every error is one line on standard error and an exit status."""
    # Python would look through all that Prefect loaded, a third of a second, for what to let go.
    atexit.register(gc.freeze)
    try:
        status = app(standalone_mode=False)
    except WRONG_CALLS as error:
        status = _complain(error, WRONG_CALL)
    except (FeedError, LakeError, CommandError) as error:
        status = _complain(error, FAILED)
    except TyperException as error:
        said = error.format_message().rstrip(".")
        status = _complain(f"{said}; see feedlake --help", WRONG_CALL)
    except BrokenPipeError:
        # The reader of a pipe, such as head, has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = DONE
    sys.exit(status)


def _piped_query() -> str:
    from flows.handwritten import HandwrittenError, read_standard_input

    try:
        return read_standard_input()
    except HandwrittenError as error:
        raise WrongCallError(str(error)) from None


def _complain(error: object, status: int) -> int:
    typer.echo(f"feedlake: {plain(redact(one_line(error)), 2000)}", err=True)
    return status


def _print_found(found: Found, settings: Settings, *, as_json: bool) -> None:
    from flows.lookup_table import COLUMNS

    rows = found.page.frame.select(*COLUMNS, "product_url").to_dicts()
    _print_products(rows, settings, as_json=as_json)
    if found.note:
        typer.echo(f"feedlake: {found.note}", err=True)


def _print_products(rows: list[dict[str, Any]], settings: Settings, *, as_json: bool) -> None:
    from flows.console import new_console
    from flows.lookup_table import print_found, with_links

    linked = with_links(rows, settings.affiliate_id)
    if as_json:
        print_json(linked)
    else:
        print_found(linked, new_console())


def _width() -> int:
    return shutil.get_terminal_size((120, 24)).columns
