"""`python -m feeds.sandbox`: a sandbox in the foreground, which prints its address when ready."""

import argparse
import os
from dataclasses import MISSING, fields
from pathlib import Path

from feeds.sandbox.plan import Plan
from feeds.sandbox.rules import Rules
from feeds.sandbox.server import serve


def main() -> None:
    """Read the command line and serve until stopped."""
    parser = _parser()
    said = parser.parse_args()
    rules = Rules(**{field.name: getattr(said, field.name) for field in fields(Rules)})
    plan = Plan(**{field.name: getattr(said, field.name) for field in fields(Plan)})
    try:
        serve(
            plan.catalogue(rules.affiliate_id),
            rules,
            port=said.port,
            ready=lambda url: print(url, flush=True),  # noqa: T201 - the line that callers wait for
            until=_parent_gone if said.with_parent else None,
        )
    except (OSError, ValueError) as error:
        parser.error(f"cannot serve: {error}")


def _parent_gone() -> None:
    os.read(0, 1)  # returns at the end of the standard input; holds no lock at the exit


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m feeds.sandbox", description=__doc__)
    parser.add_argument("--products", type=int, default=2000, help="different products on day 0")
    parser.add_argument("--categories", type=int, default=4)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--page-size", type=int, default=500, help="places that a page covers")
    parser.add_argument("--books", type=int, default=1200)
    parser.add_argument("--replay", type=Path, help="folder of captured answers to serve instead")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument(
        "--with-parent", action="store_true", help="stop when the standard input is closed"
    )
    for field in fields(Rules):
        default = field.default if field.default is not MISSING else None
        kind = float if field.name.endswith("_seconds") else type(default)
        parser.add_argument(f"--{field.name.replace('_', '-')}", type=kind, default=default)
    return parser


if __name__ == "__main__":
    main()
