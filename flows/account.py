"""The account that a command asks as, made from the settings."""

from __future__ import annotations

from feeds.budget import Budget
from feeds.client import Client, Patience
from feeds.dialect import DIALECTS, Dialect
from flows.settings import Settings


def open_client(settings: Settings, patience: Patience | None = None) -> Client:
    """Return a client of the configured host, with its credentials and its quota."""
    return Client(
        settings.api_url,
        settings.affiliate_id,
        settings.affiliate_token.get_secret_value(),
        budget=Budget(settings.quota),
        patience=patience,
    )


def dialect_of(settings: Settings) -> Dialect:
    """Return the API version and format that are spoken with it."""
    return DIALECTS[settings.api_version, settings.format]
