"""Settings, from the environment or a `.env` file; the command line's flags go before both."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from feeds.link import is_sub_id
from flows.env_file import check_readable, written_settings
from flows.errors import SettingsError
from flows.handwritten import named_character
from flows.when import span_or_never
from storage.guard import Guards, Limit

MERGE_MEMORY = 512
"""MiB that a merge may hold before it goes on on disk; pages that are decoded meanwhile take some
400 MiB more, and a refresh is to stay under a gigabyte."""

VENDOR_URL = "https://affiliate-api.flipkart.net"
LOOPBACK = {"localhost", "127.0.0.1", "::1"}

_NO_TOKEN = re.compile(r"[^!-~]|[\"'`]")
_NO_URL = re.compile(r"[^!-~]|[\\\"'`<>{}|^]")


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
        full_every_text: `FEEDLAKE_FULL_EVERY`, the age at which a category's full walk is due,
            `7d`, `36 hours`, or `never`.
        alerts_webhook: `FEEDLAKE_ALERTS_WEBHOOK`, where alerts go; it may hold a secret.
    """

    model_config = SettingsConfigDict(
        extra="ignore", populate_by_name=True, hide_input_in_errors=True
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

    full_every_text: Annotated[str, Field(validation_alias="FEEDLAKE_FULL_EVERY")] = "7d"

    alerts_webhook: Annotated[SecretStr, Field(validation_alias="FEEDLAKE_ALERTS_WEBHOOK")] = (
        SecretStr("")
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read what Python code gives, then what a person wrote."""
        del env_settings, dotenv_settings, file_secret_settings
        return init_settings, _Written(settings_cls)

    @field_validator("affiliate_id")
    @classmethod
    def _is_affiliate_id(cls, text: str) -> str:
        if text and not is_sub_id(text):
            raise ValueError(
                f"{text[:100]!a} is no tracking id, which has letters, digits, dots, dashes and "
                "underscores; copy it anew from the vendor's page"
            )
        return text

    @field_validator("affiliate_token")
    @classmethod
    def _is_token(cls, token: SecretStr) -> SecretStr:
        if unfit := _NO_TOKEN.search(token.get_secret_value()):
            raise ValueError(
                f"holds {named_character(unfit[0])}, as no token does; copy it anew from the "
                "vendor's page"
            )
        return token

    @field_validator("max_loss", "max_rejects")
    @classmethod
    def _is_limit(cls, text: str) -> str:
        try:
            Limit.parse(text)
        except ValueError:
            raise ValueError(
                f"{text[:40]!a} is neither a count such as 50 nor a share such as 2%"
            ) from None
        return text

    @field_validator("api_url")
    @classmethod
    def _is_safe_url(cls, url: str) -> str:
        if unfit := _NO_URL.search(url):
            raise ValueError(f"holds {named_character(unfit[0])}, as no address does; mend it")
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname, parts.port
        except ValueError as error:
            raise ValueError(f"is no address ({error}); mend it") from None
        if parts.username is not None:
            raise ValueError("names a user before the host; leave that out")
        if not host or not (parts.scheme == "https" or is_local(url)):
            raise ValueError("must be https (http only for this machine)")
        return url

    @field_validator("full_every_text")
    @classmethod
    def _is_span(cls, text: str) -> str:
        span_or_never(text)
        return text

    @property
    def full_every(self) -> timedelta | None:
        """The age at which a category's full walk is due; None for never."""
        return span_or_never(self.full_every_text)

    @property
    def guards(self) -> Guards:
        """What a merge may do without being asked."""
        return Guards(Limit.parse(self.max_loss), Limit.parse(self.max_rejects))

    def with_credentials(self) -> Self:
        """Return the settings where they can ask the upstream.

        Raises:
            SettingsError: the id or the token is not set, or a proxy of the environment is wrong.
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
        # It imports httpx, for which a query must not wait.
        from flows.proxies import check_proxies

        check_proxies(self.api_url)
        return self


class _Written(PydanticBaseSettingsSource):
    """The settings that the environment and `.env` give."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002 - theirs
        """Return nothing: the settings are read together."""
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """Return the values by the names of their variables."""
        written = written_settings()
        names = [str(field.validation_alias) for field in self.settings_cls.model_fields.values()]
        found = {name: written[name] for name in names if name in written}
        for name, value in found.items():
            check_readable(name, value)
        return found


def is_local(url: str) -> bool:
    """Return whether an address is plain http to this machine."""
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname in LOOPBACK


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
        if first["type"] == "value_error":
            message = str(first["ctx"]["error"])
        else:
            message = f"{first['msg'].replace('Input should', 'must')}; mend it"
        raise SettingsError(f"{where} {message}") from None
