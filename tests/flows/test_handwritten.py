"""What people write, as Windows, chats and word processors leave it: every setting, every file."""

from __future__ import annotations

import codecs
import io
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.alerts.rule_file import RuleFileError, read_rules, with_webhook
from flows.alerts.rules import DelistedRule
from flows.errors import CommandError, SettingsError, WrongCallError
from flows.handwritten import HandwrittenError, decoded, read_standard_input
from flows.link_input import typed
from flows.prefect_server import answers, named_server
from flows.settings import Settings, read_settings
from flows.timetable import TIMES, read_timetable

PLAIN = {
    "FK_AFFILIATE_ID": "shopkeeper7",
    "FK_AFFILIATE_TOKEN": "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
    "FEEDLAKE_API_URL": "https://api.example:8443",
    "FEEDLAKE_LAKE": "my lake",
    "FEEDLAKE_QUOTA": "7.5",
    "FEEDLAKE_API_VERSION": "v0.1.0",
    "FEEDLAKE_FORMAT": "xml",
    "FEEDLAKE_WAIT": "12",
    "FEEDLAKE_MEMORY": "256",
    "FEEDLAKE_MAX_LOSS": "50",
    "FEEDLAKE_MAX_REJECTS": "5%",
    "FEEDLAKE_FULL_EVERY": "36h",
    "FEEDLAKE_ALERTS_WEBHOOK": "https://hooks.example/s3cr3t-path",
    "FEEDLAKE_SERVE_CONFIG": "times of mine.toml",
    "FEEDLAKE_SERVE_PORT": "4300",
    "FEEDLAKE_SERVE_TIMEZONE": "Asia/Kolkata",
    "FEEDLAKE_SERVE_STALE_AFTER": "3d",
    "FEEDLAKE_SERVE_RULES": "my rules.toml",
    "FEEDLAKE_SERVE_REPORT_FILE": "my report.html",
    **{f"FEEDLAKE_SERVE_{job.upper()}": "45m" for job in TIMES},
}
"""A good value of every setting, and none of them its default."""

SECRETS = {"FK_AFFILIATE_TOKEN", "FEEDLAKE_ALERTS_WEBHOOK"}

AROUND = {
    "a line end": "{}\n",
    "a line end of Windows": "{}\r\n",
    "a carriage return": "{}\r",
    "blanks": "  {} ",
    "a tab": "\t{}",
    "no-break spaces": "\u00a0{}\u00a0",
    "zero-width spaces": "\u200b{}\u200b",
    "a byte order mark": "\ufeff{}",
    "a direction mark": "{}\u200e",
    "double quotes": '"{}"',
    "single quotes": "'{}'",
    "backquotes": "`{}`",
    "a word processor's quotes": "\u201c{}\u201d",
    "German quotes": "\u201e{}\u201c",
    "quotes and blanks": ' "{} " ',
}
"""What stands around a value and does not belong to it."""

INSIDE = {
    "a line end": "{}\n{}",
    "a zero-width space": "{}\u200b{}",
    "a byte order mark": "{}\ufeff{}",
    "a control character": "{}\x07{}",
    "a right-to-left override": "{}\u202e{}",
}
"""What stands in no value."""


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Begin in an empty folder without a setting; what a test sets is taken back."""
    monkeypatch.chdir(tmp_path)
    kept = {name: value for name, value in os.environ.items() if name.upper() not in PLAIN}
    monkeypatch.setattr(os, "environ", kept)
    Path("times of mine.toml").write_text("")


def settings_read() -> dict[str, object]:
    """Return all that the settings say: those of the account and of the timetable."""
    return read_settings().model_dump() | {"timetable": read_timetable()}


def test_every_setting_is_in_the_table() -> None:
    """A setting that is added gets a line above, and with it every test below."""
    aliases = {str(one.validation_alias) for one in Settings.model_fields.values()}
    jobs = {f"FEEDLAKE_SERVE_{job.upper()}" for job in TIMES}
    others = {"CONFIG", "PORT", "TIMEZONE", "STALE_AFTER", "RULES", "REPORT_FILE"}
    assert set(PLAIN) == aliases | jobs | {f"FEEDLAKE_SERVE_{name}" for name in others}
    defaults = settings_read()
    for name in set(PLAIN) - {"FEEDLAKE_SERVE_CONFIG"}:
        os.environ[name] = PLAIN[name]
        assert settings_read() != defaults, name
        del os.environ[name]


@pytest.mark.parametrize("around", AROUND.values(), ids=AROUND)
def test_what_stands_around_a_value_is_left_out(around: str) -> None:
    """In the environment, in any case of its letters."""
    os.environ.update(PLAIN)
    expected = settings_read()
    os.environ.update({name: around.format(value) for name, value in PLAIN.items()})
    assert settings_read() == expected


@pytest.mark.parametrize("inside", INSIDE.values(), ids=INSIDE)
@pytest.mark.parametrize("name", PLAIN)
def test_what_stands_in_no_value_is_told(name: str, inside: str) -> None:
    """The line names the variable, and shows no secret."""
    os.environ[name] = inside.format(PLAIN[name], PLAIN[name])
    with pytest.raises(SettingsError) as raised:
        settings_read()
    assert str(raised.value).startswith(f"{name} ")
    assert str(raised.value).isprintable()
    assert name not in SECRETS or PLAIN[name] not in str(raised.value)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("FK_AFFILIATE_ID", "j\u00f6rg", "is no tracking id"),
        ("FK_AFFILIATE_ID", "me too", "is no tracking id"),
        ("FK_AFFILIATE_TOKEN", "0f1e 2d3c", "holds a blank"),
        ("FK_AFFILIATE_TOKEN", "0f1e\u00a02d3c", "holds NO-BREAK SPACE"),
        ("FK_AFFILIATE_TOKEN", "0f1e\u20132d3c", "holds EN DASH"),
        ("FK_AFFILIATE_TOKEN", '"0f1e2d3c', "holds QUOTATION MARK"),
        ("FEEDLAKE_API_URL", "api.example", "must be https"),
        ("FEEDLAKE_API_URL", "http://api.example", "must be https"),
        ("FEEDLAKE_API_URL", "https://", "must be https"),
        ("FEEDLAKE_API_URL", "https://api.example:99999", "is no address"),
        ("FEEDLAKE_API_URL", "https://[api.example", "is no address"),
        ("FEEDLAKE_API_URL", "https://api example", "holds a blank"),
        ("FEEDLAKE_API_URL", "https://\u0430pi.example", "holds CYRILLIC"),
        ("FEEDLAKE_API_URL", "https:\\\\api.example", "holds REVERSE SOLIDUS"),
        ("FEEDLAKE_API_URL", "https://me:secret@api.example", "names a user"),
        ("FEEDLAKE_QUOTA", "20,5", "must be a valid number"),
        ("FEEDLAKE_QUOTA", "nan", "must be"),
        ("FEEDLAKE_MEMORY", "512MB", "must be a valid integer"),
        ("FEEDLAKE_WAIT", "soon", "must be a valid number"),
        ("FEEDLAKE_FORMAT", "yaml", "must be 'json' or 'xml'"),
        ("FEEDLAKE_API_VERSION", "2", "must be 'v1.1.0' or 'v0.1.0'"),
        ("FEEDLAKE_MAX_LOSS", "a fifth", "is neither a count"),
        ("FEEDLAKE_MAX_REJECTS", "x%", "is neither a count"),
        ("FEEDLAKE_FULL_EVERY", "soon", "is no span"),
    ],
)
def test_a_value_that_cannot_be_meant_is_told(name: str, value: str, says: str) -> None:
    """One line that names the variable; the token and a password are not in it."""
    os.environ[name] = value
    with pytest.raises(SettingsError, match=rf"^{name} .*{says}") as raised:
        read_settings()
    assert str(raised.value).isprintable()
    assert "0f1e" not in str(raised.value)
    assert "secret" not in str(raised.value)


def test_what_is_empty_is_not_set() -> None:
    """An empty folder's name would be the current folder; and `.env` counts then."""
    Path(".env").write_text("FEEDLAKE_QUOTA=3\nFEEDLAKE_LAKE=\n")
    os.environ.update(FEEDLAKE_QUOTA=" ", FEEDLAKE_LAKE='""', FK_AFFILIATE_ID="\u200b")
    settings = read_settings()
    assert (settings.quota, str(settings.lake), settings.affiliate_id) == (3, "lake", "")


ENCODINGS = {
    "UTF-8": lambda text: text.encode(),
    "UTF-8 with a mark": lambda text: text.encode("utf-8-sig"),
    "UTF-16 as PowerShell writes it": lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
    "UTF-16, the other order": lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
    "UTF-32": lambda text: codecs.BOM_UTF32_LE + text.encode("utf-32-le"),
    "Windows' line ends": lambda text: text.replace("\n", "\r\n").encode(),
    "an old Mac's line ends": lambda text: text.replace("\n", "\r").encode(),
    "UTF-16 and Windows' line ends": lambda text: text.replace("\n", "\r\n").encode("utf-16"),
}
Encode = Callable[[str], bytes]

UNREADABLE = {
    "Latin-1": ("# caf\u00e9\n".encode("latin-1"), "line 1 holds the byte 0xE9"),
    "UTF-16 without a mark": ("x = 'a'\n".encode("utf-16-le"), "line 1 holds a zero byte"),
    "a zero byte": (b"# a\n# b\0\n", "line 2 holds a zero byte"),
    "half of UTF-16": (codecs.BOM_UTF16_LE + b"#\0\n\0#", "line 2 holds the byte 0x23"),
}


@pytest.mark.parametrize("encode", ENCODINGS.values(), ids=ENCODINGS)
def test_a_file_is_read_as_it_was_saved(encode: Encode, monkeypatch: pytest.MonkeyPatch) -> None:
    """`.env`, the rules, the timetable, a list of products and a query on standard input."""
    Path(".env").write_bytes(
        encode("# मेरा खाता\nFK_AFFILIATE_ID=shopkeeper7\n\nexport FEEDLAKE_LAKE='झील'\n")
    )
    assert (read_settings().affiliate_id, str(read_settings().lake)) == ("shopkeeper7", "झील")
    Path("alerts.toml").write_bytes(
        encode('[[rule]]\nname = "gone"\nkind = "delisted"\nbrands = ["बाटा"]\n')
    )
    assert read_rules(Path("alerts.toml")).rules == (DelistedRule(name="gone", brands=("बाटा",)),)
    Path("serve.toml").write_bytes(encode('# समय\ntimezone = "Asia/Kolkata"\n'))
    assert read_timetable().timezone == "Asia/Kolkata"
    Path("ids.txt").write_bytes(encode("SHOEXAMPLE000001\nबाटा\n"))
    assert [one.subject for one in typed([], Path("ids.txt"))] == ["SHOEXAMPLE000001", "बाटा"]
    piped = io.TextIOWrapper(io.BufferedReader(io.BytesIO(encode("SELECT 'बाटा'\n"))))
    monkeypatch.setattr(sys, "stdin", piped)
    assert read_standard_input() == "SELECT 'बाटा'\n"


@pytest.mark.parametrize(("data", "says"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_cannot_be_read_is_told(data: bytes, says: str) -> None:
    """Its name, the line and what to do."""
    says = f"{says}.*save the file as UTF-8"
    Path(".env").write_bytes(data)
    with pytest.raises(SettingsError, match=rf"^\.env: {says}"):
        read_settings()
    Path(".env").unlink()
    Path("alerts.toml").write_bytes(data)
    with pytest.raises(RuleFileError, match=rf"^alerts\.toml: .*{says}"):
        read_rules(Path("alerts.toml"))
    Path("serve.toml").write_bytes(data)
    with pytest.raises(WrongCallError, match=rf"^serve\.toml .*{says}"):
        read_timetable()
    with pytest.raises(HandwrittenError, match=says):
        decoded(data)


def test_a_line_of_a_list_that_is_no_text_spoils_no_other() -> None:
    """Each line is a link of its own."""
    Path("ids.txt").write_bytes(b"SHOEXAMPLE000001\nSHO\xe9\nSHOEXAMPLE000002\n")
    first, _, last = typed([], Path("ids.txt"))
    assert (first.subject, last.subject) == ("SHOEXAMPLE000001", "SHOEXAMPLE000002")


def test_a_folder_in_place_of_a_file_is_told() -> None:
    """As containers make one where a file was to be mounted; a virtual environment is none."""
    reads: dict[str, Callable[[], object]] = {
        ".env": read_settings,
        "alerts.toml": lambda: read_rules(Path("alerts.toml")),
        "serve.toml": read_timetable,
        "ids.txt": lambda: list(typed([], Path("ids.txt"))),
    }
    for name, read in reads.items():
        Path(name).mkdir()
        with pytest.raises(CommandError, match=rf"^{name}.* cannot be read \(Is a directory\)"):
            read()
        Path(name).rmdir()
    Path(".env").mkdir()
    Path(".env", "pyvenv.cfg").touch()
    assert read_settings().affiliate_id == ""


@pytest.mark.parametrize(
    ("text", "line"), [('A=1\n\n\nB="x\n', 4), ("A=1\n=x\n", 2), ("A='b' c\n", 1)]
)
def test_a_line_of_env_that_says_nothing_is_told(text: str, line: int) -> None:
    """It would be left out without a word, and the token with it."""
    Path(".env").write_text(text)
    with pytest.raises(SettingsError, match=rf"^\.env: line {line} is not written NAME=value"):
        read_settings()


def test_a_name_in_env_is_read_without_what_nobody_sees() -> None:
    """In any case of letters; the environment goes before it."""
    Path(".env").write_text("\u200bFK_AFFILIATE_ID=a\nfeedlake_quota=3\nfeedlake_wait=4\n")
    os.environ["FEEDLAKE_WAIT"] = "5"
    settings = read_settings()
    assert (settings.affiliate_id, settings.quota, settings.wait) == ("a", 3, 5)


def test_the_timetable_may_stand_in_env() -> None:
    """As every other setting."""
    Path(".env").write_text("FEEDLAKE_SERVE_PORT=4301\n")
    assert read_timetable().port == 4301


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name = \u201cx\u201d", r"line 1 holds LEFT DOUBLE QUOTATION MARK \(U\+201C\)"),
        ("name\u200b = 'x'", r"line 1 holds ZERO WIDTH SPACE \(U\+200B\)"),
        ("name =\u00a0'x'", r"line 1 holds NO-BREAK SPACE \(U\+00A0\)"),
    ],
)
def test_what_a_word_processor_put_into_toml_is_named(text: str, says: str) -> None:
    """`Invalid value` alone would not tell what is wrong with it."""
    Path("alerts.toml").write_text(text)
    with pytest.raises(RuleFileError, match=says):
        read_rules(Path("alerts.toml"))
    Path("serve.toml").write_text(text)
    with pytest.raises(WrongCallError, match=says):
        read_timetable()


def test_names_in_rules_are_read_without_what_nobody_sees() -> None:
    """A product's id with a blank behind it would fit no product."""
    rule = '[[rule]]\nname = "gone"\nkind = "delisted"\n'
    Path("alerts.toml").write_text(f'{rule}products = [" SHOEXAMPLE000001\u200b"]\n')
    (found,) = read_rules(Path("alerts.toml")).rules
    assert found.products == ("SHOEXAMPLE000001",)
    Path("alerts.toml").write_text(f'{rule}brands = ["Ba\u200bta"]\n')
    with pytest.raises(RuleFileError, match="brands: one of them holds ZERO WIDTH SPACE"):
        read_rules(Path("alerts.toml"))


@pytest.mark.parametrize(
    "url", ["https://hooks.example/s3cr3t a", "https://hooks.example/s3\u200bcr3t"]
)
def test_a_webhook_that_was_copied_badly_is_told(url: str) -> None:
    """In the file and in the environment, without repeating it."""
    rule = '[[rule]]\nname = "gone"\nkind = "delisted"\n'
    Path("alerts.toml").write_text(rule)
    with pytest.raises(SettingsError, match="FEEDLAKE_ALERTS_WEBHOOK: url holds a blank") as raised:
        with_webhook(read_rules(Path("alerts.toml")), url)
    assert "s3" not in str(raised.value)
    Path("alerts.toml").write_text(f'{rule}[webhook]\nurl = "{url}"\n')
    with pytest.raises(RuleFileError, match="webhook: url holds a blank") as raised_of_file:
        read_rules(Path("alerts.toml"))
    assert "s3" not in str(raised_of_file.value)


def test_closed_standard_input_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """As of a job without one."""
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(HandwrittenError, match="standard input is closed"):
        read_standard_input()
    with pytest.raises(WrongCallError, match="standard input is closed"):
        list(typed([], Path("-")))


@pytest.mark.parametrize("around", AROUND.values(), ids=AROUND)
def test_the_server_that_is_named_is_read_likewise(around: str) -> None:
    """By Prefect too, which reads the variable itself."""
    os.environ["PREFECT_API_URL"] = around.format("http://127.0.0.1:4200/api")
    assert named_server() == os.environ["PREFECT_API_URL"] == "http://127.0.0.1:4200/api"
    os.environ["PREFECT_API_URL"] = around.format("")
    assert named_server() is None
    assert "PREFECT_API_URL" not in os.environ


def test_a_server_that_cannot_be_meant_does_not_answer() -> None:
    """And no traceback tells it."""
    for url in ("http://[", "http://h:x", "h:4200/api", "http://127.0.0.1:1\x07/api"):
        assert not answers(url)
