"""The sandbox in the foreground, with what to type to use it."""

from __future__ import annotations

import typer

from feeds.sandbox.plan import Plan
from feeds.sandbox.rules import Rules
from feeds.sandbox.server import serve
from flows.errors import WrongCallError


def serve_sandbox(plan: Plan, rules: Rules, port: int, days: int) -> None:
    """Serve until Ctrl-C or SIGTERM.

    Raises:
        WrongCallError: the port is taken, or the folder to replay holds no captured answers.
    """

    def announce(url: str) -> None:
        typer.echo(f"The sandbox answers at {url}. In another terminal:")
        typer.echo(f"  export FEEDLAKE_API_URL={url}")
        typer.echo(f"  export FK_AFFILIATE_ID={rules.affiliate_id}")
        typer.echo(f"  export FK_AFFILIATE_TOKEN={rules.token}")
        typer.echo("  feedlake refresh")
        typer.echo(f"A day passes with: curl -X POST {url}/_sandbox/next-day")

    try:
        catalogue = plan.catalogue(rules.affiliate_id)
        for _ in range(days):
            catalogue.next_day()
        serve(catalogue, rules, port=port, ready=announce)
    except (OSError, ValueError) as error:
        raise WrongCallError(
            f"the sandbox cannot serve: {error}; see --port and --replay"
        ) from error
