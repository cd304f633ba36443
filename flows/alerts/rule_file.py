"""The file that alert rules are written in: TOML, checked before anything is asked or sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from feeds.invisible import stripped
from flows.alerts.rules import DropRule, LowRule, RankRule, Rule
from flows.alerts.webhook import Webhook
from flows.errors import SettingsError, WrongCallError
from flows.handwritten import HandwrittenError, hidden_character, read_toml
from storage.alerts.selection import check_condition
from storage.errors import QueryError

_NAMES = ("categories", "brands", "products")


class RuleFile(msgspec.Struct, frozen=True):
    """A rule file that can be used.

    Attributes:
        webhook: where events go; None for standard output alone.
    """

    rules: tuple[Rule, ...]
    webhook: Webhook | None = None


class RuleFileError(WrongCallError):
    """A rule file cannot be used.

    Attributes:
        lines: what is wrong, each with the rule and the key.
    """

    def __init__(self, file: Path, lines: list[str]) -> None:
        """Tell the first, and how many there are."""
        self.lines = [f"{file}: {line}" for line in lines]
        more = f" (and {len(lines) - 1} more; see `feedlake alerts check`)" if lines[1:] else ""
        super().__init__(self.lines[0] + more)


def read_rules(file: Path) -> RuleFile:
    """Read a rule file.

    Raises:
        RuleFileError: it is not there, or a key of it is wrong.
    """
    try:
        table = read_toml(file)
    except OSError as error:
        reason = f"it cannot be read ({error.strerror}); name another with --rules"
        raise RuleFileError(file, [reason]) from error
    except HandwrittenError as error:
        raise RuleFileError(file, [f"it is no TOML ({error})"]) from error
    complaints: list[str] = []
    webhook = _webhook(table, complaints)
    rules = tuple(_rules(table, complaints))
    if complaints:
        raise RuleFileError(file, complaints)
    return RuleFile(rules, webhook)


def with_webhook(file: RuleFile, url: str) -> RuleFile:
    """Return the rules with the address that the environment gives, where it does.

    Raises:
        SettingsError: the address cannot be used.
    """
    if not url:
        return file
    known = msgspec.structs.asdict(file.webhook) if file.webhook else {}
    try:
        return RuleFile(file.rules, Webhook(**known | {"url": url}))
    except ValueError as error:
        raise SettingsError(f"FEEDLAKE_ALERTS_WEBHOOK: {error}") from None


def _webhook(table: Mapping[str, Any], complaints: list[str]) -> Webhook | None:
    complaints += [
        f"{unknown}: there is no such key; rules are tables named [[rule]]"
        for unknown in sorted(set(table) - {"rule", "webhook"})
    ]
    if "webhook" not in table:
        return None
    try:
        return msgspec.convert(table["webhook"], Webhook)
    except msgspec.ValidationError as error:
        complaints.append(f"webhook: {_reason(error)}")
        return None


def _rules(table: Mapping[str, Any], complaints: list[str]) -> Iterator[Rule]:
    given = table.get("rule", [])
    if not given or not isinstance(given, list):
        complaints.append("rule: there is none; write at least one [[rule]]")
        return
    names: set[str] = set()
    for number, one in enumerate(given, start=1):
        title = _title(one, number)
        try:
            rule = _tidy(msgspec.convert(one, Rule))
        except msgspec.ValidationError as error:
            complaints.append(f"{title}: {_reason(error)}")
            continue
        found = list(_faults(rule))
        if rule.name in names:
            found.append("name: another rule has it too")
        names.add(rule.name)
        complaints += [f"{title}: {fault}" for fault in found]
        yield rule


def _tidy(rule: Rule) -> Rule:
    """Return a rule without what is invisible at the ends of names: they would fit no product."""
    names = {key: tuple(map(stripped, getattr(rule, key))) for key in _NAMES}
    return msgspec.structs.replace(rule, **names)


def _title(rule: object, number: int) -> str:
    name = rule.get("name") if isinstance(rule, dict) else None
    return f"rule {name!r}" if isinstance(name, str) and name else f"rule number {number}"


def _reason(error: msgspec.ValidationError) -> str:
    """Return `key: what is wrong with it` from msgspec's `what is wrong - at $.key`."""
    said, _, place = str(error).partition(" - at `$")
    key = place.strip("`").lstrip(".")
    return f"{key}: {_lower(said)}" if key else _lower(said)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _faults(rule: Rule) -> Iterator[str]:
    """Yield what is wrong with the values of one rule, each with its key."""
    if not rule.name.strip():
        yield "name: it is empty"
    yield from _value_faults(rule)
    for key in _NAMES:
        names = getattr(rule, key)
        if not all(names):
            yield f"{key}: one of them is empty"
        for hidden in filter(None, map(hidden_character, names)):
            yield f"{key}: one of them holds {hidden}; type it anew"
    if rule.where:
        try:
            check_condition(rule.where)
        except QueryError as error:
            yield f"where: {error}"


_Fault = tuple[str, Callable[[Any], bool], str]
_BOUNDS: tuple[_Fault, ...] = (
    ("percent", lambda value: 0 < value < 100, "must be more than 0 and less than 100"),  # noqa: PLR2004
    ("amount", lambda value: value > 0, "must be more than 0"),
    ("days", lambda value: 0 < value <= 3650, "must be more than 0 and at most 3650"),  # noqa: PLR2004
    ("top", lambda value: value > 0, "must be at least 1"),
    ("moves", lambda value: value > 0, "must be at least 1"),
)


def _value_faults(rule: Rule) -> Iterator[str]:
    for key, is_good, reason in _BOUNDS:
        value = getattr(rule, key, None)
        is_low_step = key == "percent" and isinstance(rule, LowRule) and value == 0
        if value is not None and not is_good(value) and not is_low_step:
            yield f"{key}: {value!r} {reason}"
    if isinstance(rule, DropRule) and rule.percent is None and rule.amount is None:
        yield "percent: one of percent and amount must be given"
    if isinstance(rule, RankRule):
        if rule.top is None and rule.moves is None:
            yield "top: one of top and moves must be given"
        if rule.leave is not None and (rule.top is None or rule.leave < rule.top):
            yield f"leave: {rule.leave!r} must be at least top"
