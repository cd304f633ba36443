"""Proxies of the environment: which one leads where, and what of it cannot be used."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping

import httpx
import pytest

from flows.errors import SettingsError
from flows.proxies import check_proxies, proxy_for, tidy_proxies
from flows.settings import VENDOR_URL, read_settings
from tests.scripted import Scripted

GOOD = "http://proxy.example:3128"
VARIABLES = {"http_proxy", "https_proxy", "all_proxy", "no_proxy", "ssl_cert_file", "ssl_cert_dir"}


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin without a proxy; what a test sets is taken back."""
    kept = {name: value for name, value in os.environ.items() if name.lower() not in VARIABLES}
    monkeypatch.setattr(os, "environ", kept)


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ({}, None),
        ({"HTTPS_PROXY": GOOD}, "http://proxy.example:3128"),
        ({"https_proxy": GOOD}, "http://proxy.example:3128"),
        ({"ALL_PROXY": GOOD}, "http://proxy.example:3128"),
        ({"HTTPS_PROXY": "proxy.example:3128"}, "http://proxy.example:3128"),
        ({"HTTPS_PROXY": f' "{GOOD}" \n'}, "http://proxy.example:3128"),
        ({"HTTPS_PROXY": "http://me:s3cr%7t@proxy.example"}, "http://proxy.example"),
        ({"HTTPS_PROXY": GOOD, "ALL_PROXY": "socks://127.0.0.1:1080/"}, GOOD),
        ({"HTTPS_PROXY": GOOD, "ALL_PROXY": "socks5://127.0.0.1:1080"}, GOOD),
        ({"HTTP_PROXY": GOOD}, None),
    ],
)
def test_the_proxy_that_leads_there(named: Mapping[str, str], expected: str | None) -> None:
    """Another that cannot be used does not matter, as desktops name one of each kind."""
    os.environ.update(named)
    check_proxies(VENDOR_URL)
    found = proxy_for(VENDOR_URL)
    assert (found and str(found.url)) == expected


@pytest.mark.parametrize(
    "name",
    [
        *("*", "api.example", "API.example.", ".example", "*.example", "example"),
        *(
            "api.example:443",
            "https://api.example",
            " other.example , api.example",
            "x;api.example",
        ),
        *("x api.example", "[::1]:99, http://[x, api.example", "'api.example'"),
    ],
)
def test_what_no_proxy_means(name: str) -> None:
    """All forms that other programs know; an odd one beside it does no harm."""
    os.environ.update(HTTPS_PROXY=GOOD, NO_PROXY=name)
    assert proxy_for("https://api.example") is None
    tidy_proxies()
    assert proxy_for("https://api.example") is None
    httpx.Client().close()


@pytest.mark.parametrize(
    "name", ["", "pi.example", "api.example:80", "api.example.org", "10.0.0.0/8"]
)
def test_what_no_proxy_does_not_mean(name: str) -> None:
    """A part of a name is another name."""
    os.environ.update(HTTPS_PROXY=GOOD, no_proxy=name)
    assert proxy_for("https://api.example") is not None


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://10.1.2.3", "10.0.0.0/8"),
        ("https://10.1.2.3", "10.1.2.3"),
        ("https://[fd00::5]", "fd00::/8"),
        ("https://[fd00::5]:8443", "[fd00::5]:8443"),
        ("https://[fd00::5]", "fd00::5"),
    ],
)
def test_addresses_and_networks_in_no_proxy(url: str, name: str) -> None:
    """The HTTP library itself reads a network as one address."""
    os.environ.update(HTTPS_PROXY=GOOD, NO_PROXY=name)
    assert proxy_for(url) is None


@pytest.mark.parametrize("scheme", ["http", "https", "all"])
@pytest.mark.parametrize(
    "value",
    [
        *("http://:80:80", "http://", "http://proxy.example:x", "http://proxy.example:99999"),
        *("http://proxy.example:0", "http://[::1", "ftp://proxy.example", "http://pro xy:80"),
        *("http://me:s3#cret@proxy.example:80", "http:///s3cret", "http://a\u200bb:x"),
    ],
)
def test_a_malformed_proxy_is_told(scheme: str, value: str) -> None:
    """By its variable, without what it says, before anything is asked."""
    os.environ[f"{scheme.upper()}_PROXY"] = value
    os.environ.update({"FK_AFFILIATE_ID": "me", "FK_AFFILIATE_TOKEN": "0f1e"})
    settings = read_settings()
    with pytest.raises(SettingsError, match=f"^{scheme.upper()}_PROXY is no address") as raised:
        settings.with_credentials()
    assert "cret" not in str(raised.value)


@pytest.mark.parametrize(
    "value", ["socks5://h:1", "socks5h://me:s3cret@h:1", "socks://h:1/", "SOCKS4://h"]
)
def test_a_socks_proxy_is_refused_by_name(value: str) -> None:
    """Where it is the one that leads there; NO_PROXY goes before it."""
    os.environ.update(all_proxy=value)
    with pytest.raises(SettingsError, match=r"^all_proxy names a SOCKS proxy") as raised:
        check_proxies(VENDOR_URL)
    assert "s3cret" not in str(raised.value)
    check_proxies("http://127.0.0.1:8765")
    os.environ["NO_PROXY"] = "flipkart.net"
    check_proxies(VENDOR_URL)


def test_certificates_that_are_not_there_are_told() -> None:
    """By the variables that may name them."""
    os.environ["SSL_CERT_FILE"] = "/none.pem"
    with pytest.raises(SettingsError, match="SSL_CERT_FILE or SSL_CERT_DIR cannot be used"):
        check_proxies(VENDOR_URL)


def test_other_programs_of_this_process_stumble_over_nothing() -> None:
    """Prefect's clients read the environment: what cannot be used is out, this machine direct."""
    os.environ.update(
        HTTP_PROXY="http://:80:80",
        HTTPS_PROXY=f" {GOOD}\n",
        ALL_PROXY="socks://h:1",
        NO_PROXY="[x,a.b:1",
    )
    tidy_proxies()
    httpx.Client().close()
    assert {name: value for name, value in os.environ.items() if name.lower() in VARIABLES} == {
        "HTTPS_PROXY": GOOD,
        "NO_PROXY": "a.b:1,localhost,127.0.0.1,::1",
        "no_proxy": "a.b:1,localhost,127.0.0.1,::1",
    }


@pytest.mark.command
def test_commands_under_proxies() -> None:
    """This machine is asked directly; a proxy that is down is named without its password."""
    with Scripted() as upstream:
        kept = {"PATH": os.environ["PATH"], "FK_AFFILIATE_ID": "me", "FK_AFFILIATE_TOKEN": "0f1e"}
        bad = {"ALL_PROXY": "socks5://127.0.0.1:1", "http_proxy": "http://127.0.0.1:9"}
        down = {"HTTPS_PROXY": "http://me:s3cret@127.0.0.1:9"}
        feedlake = [sys.executable, "-c", "from flows.cli import main; main()"]

        def run(env: Mapping[str, str], *arguments: str) -> tuple[int, str]:
            done = subprocess.run(
                [*feedlake, *arguments],
                env={**kept, **env},
                capture_output=True,
                text=True,
                check=False,
            )
            return done.returncode, done.stderr

        plan = ("plan", "shoes", "--feed", "product", "--lake", "/nonexistent/lake")
        assert run(bad | {"FEEDLAKE_API_URL": upstream.url}, *plan) == (0, "")
        # What asks nobody does not care.
        assert run({"HTTP_PROXY": "http://:80:80"}, "link", "SHOEXAMPLE000001") == (0, "")
        status, said = run(down, *plan)
    assert status == 1
    assert said == (
        f"feedlake: {VENDOR_URL} cannot be reached through the proxy 127.0.0.1:9; check "
        "HTTPS_PROXY and ALL_PROXY, or put the host into NO_PROXY\n"
    )
