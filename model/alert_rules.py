"""The alert rules as they are declared: threshold, minimum amounts, reaction time; editable, from one small file."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, Literal, TypeGuard

import tomli_w

from model.daily_costs import day_number, day_of
from model.money import as_text, to_nanos

if TYPE_CHECKING:
    from collections.abc import Iterable

Method = Literal["trailing_mean", "weekday_mean", "weekday_score", "budget_actual", "budget_forecast", "query_cost"]
VERSION: Final = 1


class RulesRefused(Exception):  # noqa: N818 - a file that cannot be followed
    """A file of rules cannot be read; the message is one sentence with the place."""


@dataclass(frozen=True)
class AlertRule:
    """One rule. ``threshold`` is in ``unit``; a finding must also exceed the usual by more than
    max(``minimum_excess`` US dollars, ``minimum_share`` of the usual). ``reaction_days`` is how long it takes from the
    alert until the cause is mended: what is spent until then is not avoided.
    """  # noqa: D205

    key: str
    title: str
    method: Method
    threshold: float
    unit: str
    minimum_excess: float = 5.0
    minimum_share: float = 0.05
    reaction_days: float = 1.0
    is_enabled: bool = True


RULES: Final = (
    AlertRule("spike", "Daily spike", "trailing_mean", 1.3, "times the mean of the 7 days before"),
    AlertRule("spike_weekday", "Daily spike, same weekday", "weekday_mean", 1.3, "times the mean of 4 such weekdays"),
    AlertRule("budget", "Budget spent", "budget_actual", 0.8, "of the month's budget", 0.0, 0.0, 3.0),
    AlertRule("budget_forecast", "Budget forecast", "budget_forecast", 0.8, "of the month's budget", 0.0, 0.0, 3.0),
    AlertRule("anomaly", "Service anomaly", "weekday_score", 2.5, "z"),
    AlertRule("query_cost", "Query cost", "query_cost", 100.0, "USD a query", 0.0, 0.0, 1.0),
)
"""The rules of model.md §4.8, with the values that it gives."""
EDITABLE: Final = ("threshold", "minimum_excess", "minimum_share", "reaction_days", "is_enabled")


@dataclass(frozen=True)
class Expected:
    """An increase that somebody announced: of a service ('' = any) on days from ``first`` to ``last``, and why."""

    service: str
    first: int
    last: int
    reason: str

    def covers(self, service: str, day: int) -> bool:
        """Whether a finding of that service on that day was announced."""
        return self.first <= day <= self.last and self.service in ("", service)


@dataclass(frozen=True)
class WatchSettings:
    """The rules, the month's budget in nanos of the bill's currency (None: none typed), and what is expected."""

    rules: tuple[AlertRule, ...] = RULES
    budget_nanos: int | None = None
    expected: tuple[Expected, ...] = ()

    def rule(self, key: str) -> AlertRule:
        """The rule of that key; raises RulesRefused with those that exist."""
        found = next((rule for rule in self.rules if rule.key == key), None)
        if found is None:
            known = ", ".join(rule.key for rule in self.rules)
            raise RulesRefused(f"There is no rule {key!r}: choose from {known}.")
        return found

    def with_rule(self, key: str, **changes: float | bool) -> WatchSettings:
        """The same with one rule changed; raises RulesRefused."""
        changed = _checked(replace(self.rule(key), **changes))  # type: ignore[arg-type]
        return replace(self, rules=tuple(changed if rule.key == key else rule for rule in self.rules))

    def reason_for(self, service: str, first: int, last: int) -> str:
        """Why a finding was expected; '' where it was not. Every one of its days must be covered."""
        reasons = [self._reason(service, day) for day in range(first, last + 1)]
        return "; ".join(dict.fromkeys(reasons)) if all(reasons) else ""

    def _reason(self, service: str, day: int) -> str:
        return next((mark.reason for mark in self.expected if mark.covers(service, day)), "")

    def to_toml(self) -> str:
        """The file of these settings; only what differs from the declarations."""
        declared = {rule.key: rule for rule in RULES}
        document: dict[str, Any] = {"version": VERSION}
        if self.budget_nanos is not None:
            document["budget"] = {"amount_per_month": as_text(self.budget_nanos).rstrip("0").rstrip(".")}
        changed = {
            rule.key: {
                name: getattr(rule, name)
                for name in EDITABLE
                if getattr(rule, name) != getattr(declared[rule.key], name)
            }
            for rule in self.rules
        }
        document |= {"rules": found} if (found := {key: value for key, value in changed.items() if value}) else {}
        if self.expected:
            document["expected"] = [
                {"service": m.service, "from": day_of(m.first), "until": day_of(m.last), "reason": m.reason}
                for m in self.expected
            ]
        return tomli_w.dumps(document)


def settings_of_toml(text: str, where: str) -> WatchSettings:
    r"""Read a file of rules; raises RulesRefused, which names what and where.

    >>> settings_of_toml('version = 1\n[rules.anomaly]\nthreshold = 3.0', "watch.toml").rule("anomaly").threshold
    3.0
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RulesRefused(f"{where} is no TOML ({error}): mend that line.") from error
    _only(document, ("version", "budget", "rules", "expected"), where)
    if document.get("version") != VERSION:
        raise RulesRefused(f"{where} needs `version = {VERSION}` in its first line.")
    settings = WatchSettings(budget_nanos=_budget(document, where), expected=tuple(_marks(document, where)))
    for key, changes in _table(document, "rules", where).items():
        if not isinstance(changes, dict):
            raise RulesRefused(f"{where}: [rules.{key}] must be a table.")
        _only(changes, EDITABLE, f"{where}, [rules.{key}]")
        settings = settings.with_rule(key, **changes)
    return settings


def _table(document: dict[str, Any], name: str, where: str) -> dict[str, Any]:
    found = document.get(name, {})
    if not isinstance(found, dict):
        raise RulesRefused(f"{where}: [{name}] must be a table.")
    return found


def _budget(document: dict[str, Any], where: str) -> int | None:
    found = _table(document, "budget", where)
    _only(found, ("amount_per_month",), f"{where}, [budget]")
    if not found:
        return None
    return budget_nanos(str(found["amount_per_month"]), f"{where}, [budget] amount_per_month")


def budget_nanos(text: str, where: str) -> int:
    """A typed budget in nanos; raises RulesRefused."""
    try:
        amount = float(text)
    except ValueError as error:
        raise RulesRefused(f"{where} is {text!r}: write an amount, as 10000.") from error
    if not (math.isfinite(amount) and amount > 0):
        raise RulesRefused(f"{where} is {text!r}: a budget is more than nothing.")
    return to_nanos(amount)


def _marks(document: dict[str, Any], where: str) -> Iterable[Expected]:
    found = document.get("expected", [])
    for number, mark in enumerate(found if isinstance(found, list) else [found], 1):
        place = f"{where}, [[expected]] number {number}"
        if not isinstance(mark, dict):
            raise RulesRefused(f"{place} must be a table.")
        _only(mark, ("service", "from", "until", "reason"), place)
        first, reason = mark.get("from"), str(mark.get("reason", "")).strip()
        last = mark.get("until", first)
        if not _is_day(first) or not _is_day(last) or last < first:
            raise RulesRefused(f"{place} needs days `from` and `until`, as 2026-01-31, the first not after the last.")
        if not reason:
            raise RulesRefused(f"{place} needs a `reason`: who reads the alert must know why none came.")
        yield Expected(str(mark.get("service", "")), day_number(first), day_number(last), reason)


def _is_day(value: object) -> TypeGuard[date]:
    return isinstance(value, date) and not isinstance(value, datetime)


def _checked(rule: AlertRule) -> AlertRule:
    for field in fields(rule):
        value = getattr(rule, field.name)
        if field.name == "is_enabled":
            if not isinstance(value, bool):
                raise RulesRefused(f"{rule.key}.is_enabled is {value!r}: write true or false.")
        elif field.name in EDITABLE and not _is_amount(value):
            raise RulesRefused(f"{rule.key}.{field.name} is {value!r}: write a number that is not below 0.")
    return rule


def _is_amount(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0


def _only(table: dict[str, Any], names: tuple[str, ...], where: str) -> None:
    unknown = [name for name in table if name not in names]
    if unknown:
        raise RulesRefused(f"{where}: {', '.join(unknown)} is not known; there are {', '.join(names)}.")
