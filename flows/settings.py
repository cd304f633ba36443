"""Settings, from the environment or a `.env` file; the command line's flags go before both."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from flows.errors import SettingsError
from storage.guard import Guards, Limit

MERGE_MEMORY = 512
"""MiB that a merge may hold before it goes on on disk; pages that are decoded meanwhile take some
400 MiB more, and a refresh is to stay under a gigabyte."""

VENDOR_URL = "https://affiliate-api.flipkart.net"
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class Settings(BaseSettings):
    """Everything that can be set.

    Attributes:
        affiliate_id: `FK_AFFILIATE_ID`, the tracking id.
        affiliate_token: `FK_AFFILIATE_TOKEN`, the account's secret.
        api_url: `FEEDLAKE_API_URL`; http only for loopback.
        lake: `FEEDLAKE_LAKE`, the lake's folder.
        quota: `FEEDLAKE_QUOTA`, requests a second; 0 for none.
        api_version: `FEEDLAKE_API_VERSION`, `v1.1.0`, or `v0.1.0`, which is deprecated.
        format: `FEEDLAKE_FORMAT`, `json` or `xml`.
        wait: `FEEDLAKE_WAIT`, seconds to wait while another process writes to the lake.
        memory: `FEEDLAKE_MEMORY`, MiB that merging may hold before it goes on on disk.
        max_loss: `FEEDLAKE_MAX_LOSS`, products that a full walk may delist, `500` or `20%`.
        max_rejects: `FEEDLAKE_MAX_REJECTS`, records of a walk that may be rejected, likewise.
        alerts_webhook: `FEEDLAKE_ALERTS_WEBHOOK`, where alerts go; it may hold a secret.
    """

    model_config = SettingsConfigDict(
        env_file=".env", extra="ignore", populate_by_name=True, hide_input_in_errors=True
    )

    affiliate_id: Annotated[str, Field(validation_alias="FK_AFFILIATE_ID")] = ""
    affiliate_token: Annotated[SecretStr, Field(validation_alias="FK_AFFILIATE_TOKEN")] = SecretStr(
        ""
    )
    api_url: Annotated[str, Field(validation_alias="FEEDLAKE_API_URL")] = VENDOR_URL
    lake: Annotated[Path, Field(validation_alias="FEEDLAKE_LAKE")] = Path("lake")
    quota: Annotated[float, Field(validation_alias="FEEDLAKE_QUOTA", ge=0, le=1000)] = 20.0
    api_version: Annotated[
        Literal["v1.1.0", "v0.1.0"], Field(validation_alias="FEEDLAKE_API_VERSION")
    ] = "v1.1.0"
    format: Annotated[Literal["json", "xml"], Field(validation_alias="FEEDLAKE_FORMAT")] = "json"
    wait: Annotated[float, Field(validation_alias="FEEDLAKE_WAIT", ge=0)] = 600.0
    memory: Annotated[int, Field(validation_alias="FEEDLAKE_MEMORY", ge=128)] = MERGE_MEMORY
    max_loss: Annotated[str, Field(validation_alias="FEEDLAKE_MAX_LOSS")] = "20%"
    max_rejects: Annotated[str, Field(validation_alias="FEEDLAKE_MAX_REJECTS")] = "10%"

    alerts_webhook: Annotated[SecretStr, Field(validation_alias="FEEDLAKE_ALERTS_WEBHOOK")] = (
        SecretStr("")
    )

    @field_validator("max_loss", "max_rejects")
    @classmethod
    def _is_limit(cls, text: str) -> str:
        Limit.parse(text)
        return text

    @property
    def guards(self) -> Guards:
        """What a merge may do without being asked."""
        return Guards(Limit.parse(self.max_loss), Limit.parse(self.max_rejects))

    @model_validator(mode="after")
    def _api_url_is_safe(self) -> Self:
        parts = urlsplit(self.api_url)
        local = parts.scheme == "http" and parts.hostname in LOOPBACK
        if not parts.hostname or not (parts.scheme == "https" or local):
            raise ValueError("FEEDLAKE_API_URL must be https (http only for this machine)")
        return self

    def with_credentials(self) -> Self:
        """Return the settings where they can ask the upstream.

        Raises:
            SettingsError: the id or the token is not set.
        """
        needed = {
            "FK_AFFILIATE_ID": self.affiliate_id,
            "FK_AFFILIATE_TOKEN": self.affiliate_token.get_secret_value(),
        }
        if missing := [name for name, value in needed.items() if not value]:
            raise SettingsError(
                f"{' and '.join(missing)} not set; set them in the environment or .env, "
                "or try `feedlake demo`, which needs none"
            )
        return self


def read_settings() -> Settings:
    """Return the settings of this process.

    Raises:
        SettingsError: one of them cannot be used.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"{where}: {message}" if where else message) from None
