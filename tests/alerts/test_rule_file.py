"""The rule file: what is accepted, and a line for each fault that names the rule and the key."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.alerts.rule_file import RuleFileError, read_rules, with_webhook
from flows.alerts.rules import DropRule, RankRule
from flows.errors import SettingsError
from tests.conftest import ROOT

SECRET = "T0P53CR3T"  # noqa: S105 - opens nothing


def read(tmp_path: Path, text: str) -> list[str]:
    """Return the complaints about a file's text, without the file's name."""
    file = tmp_path / "alerts.toml"
    file.write_text(text)
    with pytest.raises(RuleFileError) as raised:
        read_rules(file)
    lines = raised.value.lines
    assert all(line.startswith(f"{file}: ") and "\n" not in line for line in lines)
    return [line.removeprefix(f"{file}: ") for line in lines]


def rule(body: str) -> str:
    """Return a file with one rule."""
    return f'[[rule]]\nname = "r"\n{body}\n'


def test_a_good_file(tmp_path: Path) -> None:
    """Every kind and every key."""
    file = tmp_path / "alerts.toml"
    file.write_text("""
        [webhook]
        url = "http://127.0.0.1:9/hook"
        timeout_seconds = 3
        attempts = 2
        [[rule]]
        name = "a"
        kind = "drop"
        percent = 10
        amount = 200.5
        categories = ["shoes"]
        brands = ["Roadmark"]
        products = ["P1", "P2"]
        title = "sandal"
        where = "mrp > 500 AND list_contains(offers, 'Sale')  -- a remark"
        [[rule]]
        name = "b"
        kind = "low"
        days = 30
        [[rule]]
        name = "c"
        kind = "back_in_stock"
        [[rule]]
        name = "d"
        kind = "delisted"
        [[rule]]
        name = "e"
        kind = "rank"
        top = 10
        leave = 12
        moves = 50
    """)
    found = read_rules(file)
    assert [one.kind for one in found.rules] == ["drop", "low", "back_in_stock", "delisted", "rank"]
    first, last = found.rules[0], found.rules[-1]
    assert isinstance(first, DropRule)
    assert (first.percent, first.amount, first.categories) == (10, 200.5, ("shoes",))
    assert isinstance(last, RankRule)
    assert last.last_rank == 12


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "rule: there is none; write at least one [[rule]]"),
        ("rule = 3", "rule: there is none; write at least one [[rule]]"),
        ("[[rules]]", "rules: there is no such key; rules are tables named [[rule]]"),
        ("[[rule]\n", "it is no TOML ("),
        ('[[rule]]\nkind = "delisted"', "rule number 1: "),
        (rule('kind = "falls"'), "rule 'r': kind: invalid value 'falls'"),
        (rule(""), "rule 'r': object missing required field `kind`"),
        (rule('kind = "drop"'), "rule 'r': percent: one of percent and amount must be given"),
        (rule('kind = "drop"\npercnt = 5'), "rule 'r': object contains unknown field `percnt`"),
        (rule('kind = "drop"\npercent = "5"'), "rule 'r': percent: expected `float | null`"),
        (rule('kind = "drop"\npercent = 0'), "rule 'r': percent: 0.0 must be more than 0"),
        (rule('kind = "drop"\namount = -1'), "rule 'r': amount: -1.0 must be more than 0"),
        (rule('kind = "low"\ndays = 0'), "rule 'r': days: 0.0 must be more than 0"),
        (rule('kind = "rank"'), "rule 'r': top: one of top and moves must be given"),
        (rule('kind = "rank"\ntop = 10\nleave = 5'), "rule 'r': leave: 5 must be at least top"),
        (rule('kind = "delisted"\nbrands = "x"'), "rule 'r': brands: expected `array`, got `str`"),
        (rule('kind = "delisted"\nbrands = [""]'), "rule 'r': brands: one of them is empty"),
        (rule('kind = "delisted"\nwhere = "mpr > 5"'), "rule 'r': where: Binder Error: "),
        (rule('kind = "delisted"\nwhere = "mrp >"'), "rule 'r': where: Parser Error: "),
        (
            rule('kind = "delisted"\nwhere = "true); SELECT (1"'),
            "rule 'r': where: it is more than one condition",
        ),
        (
            rule('kind = "delisted"\nwhere = "title = (FROM read_text(\'/etc/hostname\'))"'),
            "rule 'r': where: ",
        ),
        (
            rule('kind = "delisted"') + rule('kind = "delisted"'),
            "rule 'r': name: another rule has it too",
        ),
    ],
)
def test_a_fault_names_the_rule_and_the_key(tmp_path: Path, text: str, said: str) -> None:
    """One line, whatever is wrong."""
    lines = read(tmp_path, text)
    assert [line[: len(said)] for line in lines if line.startswith(said)] == [said], lines


def test_all_faults_are_told(tmp_path: Path) -> None:
    """Not one a run."""
    text = rule('kind = "drop"') + '[[rule]]\nname = "s"\nkind = "low"\ndays = 0\nwhere = "x"\n'
    assert [line.split(":")[:2] for line in read(tmp_path, text)] == [
        ["rule 'r'", " percent"],
        ["rule 's'", " days"],
        ["rule 's'", " where"],
    ]


def test_no_file(tmp_path: Path) -> None:
    """The message names the flag."""
    with pytest.raises(RuleFileError, match="name another with --rules"):
        read_rules(tmp_path / "alerts.toml")


@pytest.mark.parametrize(
    "url",
    [
        f"http://hooks.example/{SECRET}",
        f"ftp://hooks.example/{SECRET}",
        f"//hooks.example/{SECRET}",
        f"https://[{SECRET}",
        SECRET,
    ],
)
def test_an_unsafe_webhook_is_refused_without_repeating_it(tmp_path: Path, url: str) -> None:
    """Plain http to another machine; the address may hold a secret."""
    (line,) = read(tmp_path, f'[webhook]\nurl = "{url}"\n' + rule('kind = "delisted"'))
    assert line == "webhook: url must be https (http only for this machine)"
    (tmp_path / "alerts.toml").write_text(rule('kind = "delisted"'))
    with pytest.raises(SettingsError) as raised:
        with_webhook(read_rules(tmp_path / "alerts.toml"), url)
    assert SECRET not in str(raised.value)


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    """The file's other keys stay; nothing shows the address."""
    file = tmp_path / "alerts.toml"
    file.write_text(
        '[webhook]\nurl = "https://old.example/x"\nattempts = 9\n' + rule('kind = "delisted"')
    )
    webhook = with_webhook(read_rules(file), f"https://new.example/{SECRET}").webhook
    assert webhook is not None
    assert (webhook.host, webhook.attempts) == ("new.example", 9)
    assert SECRET not in repr(webhook)


def test_the_example_is_good() -> None:
    """It has a rule of every kind."""
    found = read_rules(ROOT / "docs" / "examples" / "alerts.toml")
    assert {one.kind for one in found.rules} == {
        "drop",
        "low",
        "back_in_stock",
        "delisted",
        "rank",
    }
