"""The proxies that the environment names: which of them leads to an address.

`HTTPS_PROXY`, `HTTP_PROXY` and `ALL_PROXY` name them, in capitals or small letters, and `NO_PROXY`
says what is asked without one. httpx would read them itself, and end a program with a traceback
where it cannot use one of them, though it were another that is needed. This machine is always
asked without a proxy: no proxy elsewhere could reach it.
"""

from __future__ import annotations

import os
import re
import ssl
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit
from urllib.request import getproxies

import httpx

from flows.errors import SettingsError
from flows.handwritten import value_of

_SCHEMES = ("https", "http", "all")
_SOCKS = re.compile(r"(?i)socks[0-9a-z]*://")
_BETWEEN_NAMES = re.compile(r"[\s,;]+")
_PLAIN_NAME = re.compile(r"(?:[a-z]+://)?[a-z0-9.*_-]+(?::[0-9]{1,5})?", re.ASCII | re.IGNORECASE)
_THIS_MACHINE = "localhost,127.0.0.1,::1"
_LARGEST_PORT = 65_535
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class _Named:
    """A proxy as a variable names it.

    Attributes:
        variable: the variable's name, as it stands in the environment.
        value: what it says; it may hold a password.
    """

    variable: str
    value: str

    @property
    def is_socks(self) -> bool:
        return _SOCKS.match(self.value) is not None

    def proxy(self) -> httpx.Proxy:
        """Return what httpx takes.

        Raises:
            SettingsError: it is no address of a proxy; the value is not shown.
        """
        if self.is_socks:
            raise SettingsError(
                f"{self.variable} names a SOCKS proxy, which feedlake cannot use; name one that "
                "begins with http://, or put the host into NO_PROXY"
            )
        url = self.value if "://" in self.value else f"http://{self.value}"
        with suppress(httpx.InvalidURL, ValueError):
            proxy = httpx.Proxy(url)
            port = proxy.url.port
            is_address = proxy.url.host and not re.search(r"\s", self.value)
            if is_address and (port is None or 0 < port <= _LARGEST_PORT):
                return proxy
        raise SettingsError(
            f"{self.variable} is no address of a proxy; write it as http://host:port, or unset it"
        )


def proxy_for(url: str) -> httpx.Proxy | None:
    """Return the proxy that leads to an address; None where it is asked directly.

    Raises:
        SettingsError: the environment names one that cannot be used.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or _DEFAULT_PORTS.get(parts.scheme)
    named = _named()
    chosen = named.get(parts.scheme) or named.get("all")
    if chosen is None or _is_exempt(host, port):
        return None
    return chosen.proxy()


def check_proxies(url: str) -> None:
    """See that the environment says clearly how an address is reached.

    Raises:
        SettingsError: a proxy is malformed, or the one that leads there cannot be used.
    """
    for named in _named().values():
        if not named.is_socks:
            named.proxy()
    proxy_for(url)
    tls_context()


def tls_context() -> ssl.SSLContext:
    """Return what connections are encrypted with: SSL_CERT_FILE or SSL_CERT_DIR may say it.

    Raises:
        SettingsError: neither of them can be used.
    """
    try:
        return _tls_context(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))
    except OSError as error:
        raise SettingsError(
            f"SSL_CERT_FILE or SSL_CERT_DIR cannot be used ({error.strerror or error}); "
            "name a file of certificates, or unset it"
        ) from error


@cache
def _tls_context(*_: str | None) -> ssl.SSLContext:
    """Make it once: reading certificates takes a tenth of a second."""
    return httpx.create_ssl_context()


def tidy_proxies() -> None:
    """Let this process's environment name only proxies that any program can use.

    Prefect's clients read it too. What cannot be used is taken out, and this machine, where
    Prefect's server mostly is, is put into NO_PROXY.
    """
    for scheme, named in _named().items():
        for variable in [name for name in os.environ if name.lower() == f"{scheme}_proxy"]:
            del os.environ[variable]
        with suppress(SettingsError):
            named.proxy()
            os.environ[named.variable] = named.value
    exempt = ",".join(name for name in _exempt_names() if _can_be_read(name))
    for variable in ("NO_PROXY", "no_proxy"):
        os.environ[variable] = f"{exempt},{_THIS_MACHINE}".lstrip(",")


def _named() -> dict[str, _Named]:
    """Return the proxies by scheme."""
    values = getproxies()
    found = {scheme: value_of(values.get(scheme) or "") for scheme in _SCHEMES}
    return {
        scheme: _Named(_variable(scheme, values[scheme]), value)
        for scheme, value in found.items()
        if value
    }


def _variable(scheme: str, value: str) -> str:
    """Return the name of the variable that says so: capitals, small letters or a mixture."""
    name = f"{scheme}_proxy"
    named = (one for one in os.environ if one.lower() == name and os.environ[one] == value)
    return next(named, name)


def _exempt_names() -> list[str]:
    said = value_of(getproxies().get("no") or "")
    return [name for name in _BETWEEN_NAMES.split(said) if name]


def _is_exempt(host: str, port: int | None) -> bool:
    return any(
        _covers(name, host.rstrip("."), port)
        for name in (*_THIS_MACHINE.split(","), *_exempt_names())
    )


def _covers(name: str, host: str, port: int | None) -> bool:
    """Return whether a name of NO_PROXY means this host.

    A name is a host with those below it, `.below` or `*.below`, an address, a network such as
    `10.0.0.0/8`, or `*`; a scheme before it does not count, and a port after it must be the same.
    """
    bare = name.lower().rpartition("://")[2].strip("'\"")
    if bare == "*":
        return True
    with suppress(ValueError):
        return ip_address(host) in ip_network(bare.strip("[]"), strict=False)
    only_port = re.fullmatch(r"(.+?):([0-9]+)", bare)
    if only_port and not (bare.count(":") > 1 and not bare.startswith("[")):
        return int(only_port[2]) == port and _covers(only_port[1], host, port)
    below = bare.strip("[]").removeprefix("*").strip(".")
    return bool(below) and (host == below or host.endswith(f".{below}"))


def _can_be_read(name: str) -> bool:
    """Return whether httpx can read a name of NO_PROXY: it makes a URL of it, or fails."""
    with suppress(ValueError):
        ip_network(name, strict=False)
        return True
    return _PLAIN_NAME.fullmatch(name) is not None
