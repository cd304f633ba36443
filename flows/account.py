"""The account that a command asks as, made from the settings."""

from __future__ import annotations

from feeds.budget import Budget
from feeds.client import Client, Patience
from feeds.dialect import DIALECTS, Dialect
from flows.proxies import proxy_for, tls_context
from flows.settings import Settings


def open_client(settings: Settings, patience: Patience | None = None) -> Client:
    """Return a client of the configured host, with its credentials and its quota.

    Raises:
        SettingsError: the environment names a proxy or certificates that cannot be used.
    """
    return Client(
        settings.api_url,
        settings.affiliate_id,
        settings.affiliate_token.get_secret_value(),
        budget=Budget(settings.quota),
        patience=patience,
        proxy=proxy_for(settings.api_url),
        tls=tls_context(),
    )


def dialect_of(settings: Settings) -> Dialect:
    """Return the API version and format that are spoken with it."""
    return DIALECTS[settings.api_version, settings.format]
