"""A scenario: immutable settings and assumptions with a name, a fingerprint, a file form and a link form."""

from __future__ import annotations

import base64
import difflib
import hashlib
import json
import tomllib
import zlib
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import tomli_w

from model.parameter import Chosen, Parameter, Value, Values

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

FILE_VERSION = 1
FILE_NAMES = ("version", "name", "author", "reason", "settings", "assumptions")
"""What a scenario file may hold at its top."""
WITHOUT_UNIT = ("", "ratio")
"""Units that are words of the declarations, not of people."""
LONGEST_LINK = 1_000_000
DAMAGED_LINK = "The scenario in this link is damaged; ask for the link or the file again."


class ScenarioError(ValueError):
    """A scenario that cannot be used, with a sentence that says what, where and how to mend it."""


@dataclass(frozen=True)
class Assumption:
    """An assumed value with its range; ``low``/``high`` None where no range is given."""

    value: Value
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Scenario:
    """Settings and assumptions by key (``product.resource.parameter``, ``*`` for every resource).

    The fingerprint binds what is computed (settings and assumptions), not what it is called.
    """

    name: str = "Current"
    settings: Mapping[str, Value] = field(default_factory=dict)
    assumptions: Mapping[str, Assumption] = field(default_factory=dict)
    author: str = ""
    reason: str = ""

    def __hash__(self) -> int:
        return hash((self.name, self.fingerprint))

    @cached_property
    def fingerprint(self) -> str:
        """First 12 hex digits of SHA-256 over the canonical JSON of settings and assumptions."""
        return hashlib.sha256(self._canonical().encode()).hexdigest()[:12]

    def _canonical(self) -> str:
        body = {
            "settings": {key: _plain(value) for key, value in self.settings.items()},
            "assumptions": {k: [_plain(a.value), _plain(a.low), _plain(a.high)] for k, a in self.assumptions.items()},
        }
        return json.dumps(body, sort_keys=True, separators=(",", ":"))

    def with_setting(self, key: str, value: Value) -> Self:
        """The same scenario with one setting put; None takes it out."""
        settings = {k: v for k, v in self.settings.items() if k != key}
        return replace(self, settings=settings if value is None else {**settings, key: value})

    def with_assumption(self, key: str, value: Value, low: float | None = None, high: float | None = None) -> Self:
        """The same scenario with one assumption put; None takes it out."""
        assumptions = {k: v for k, v in self.assumptions.items() if k != key}
        put = assumptions if value is None else {**assumptions, key: Assumption(value, low, high)}
        return replace(self, assumptions=put)

    def renamed(self, name: str) -> Self:
        """The same figures under another name (the fingerprint stays)."""
        return replace(self, name=name)

    def to_toml(self) -> str:
        """The scenario as a file; ``from_toml`` reads it back with the same fingerprint."""
        body: dict[str, Any] = {"version": FILE_VERSION, "name": self.name}
        body |= {k: v for k, v in (("author", self.author), ("reason", self.reason)) if v}
        body["settings"] = {key: self.settings[key] for key in sorted(self.settings)}
        body["assumptions"] = {key: _assumption_toml(self.assumptions[key]) for key in sorted(self.assumptions)}
        return tomli_w.dumps(body)

    @classmethod
    def from_toml(cls, text: str, where: str = "the scenario") -> Self:
        """Read a scenario file; raises ScenarioError with a sentence."""
        try:
            body = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ScenarioError(f"{where} is not readable as TOML: {error}. Mend that line and try again.") from error
        if body.get("version", FILE_VERSION) != FILE_VERSION:
            raise ScenarioError(f"{where} has version {body['version']!r}; this program reads version {FILE_VERSION}.")
        _check_names(body, where)
        settings = {str(k): _checked(k, v, where) for k, v in _table(body, "settings", where).items()}
        assumptions = {str(k): _assumption(k, v, where) for k, v in _table(body, "assumptions", where).items()}
        texts = {key: str(body.get(key, "")) for key in ("author", "reason")}
        return cls(str(body.get("name", "Unnamed")), settings, assumptions, **texts)

    def to_link(self) -> str:
        """The scenario as one short word for a URL."""
        packed = zlib.compress(self.to_toml().encode(), 9)
        return base64.urlsafe_b64encode(packed).decode().rstrip("=")

    @classmethod
    def from_link(cls, word: str) -> Self:
        """Read the word of ``to_link``; raises ScenarioError when it is damaged or too large."""
        try:
            raw = base64.urlsafe_b64decode(word + "=" * (-len(word) % 4))
            unpacking = zlib.decompressobj()
            text = unpacking.decompress(raw, LONGEST_LINK).decode()
        except (ValueError, zlib.error) as error:
            raise ScenarioError(DAMAGED_LINK) from error
        if not unpacking.eof:
            raise ScenarioError(DAMAGED_LINK)
        return cls.from_toml(text, "the scenario in this link")

    def check(self, parameters: Iterable[Parameter]) -> None:
        """Raise ScenarioError for a key that names nothing in this bill, or a value that cannot be chosen."""
        known = {parameter.key: parameter for parameter in parameters}
        for key, value in self.settings.items():
            self._check_one(key, value, "setting", known)
        for key, assumption in self.assumptions.items():
            self._check_one(key, assumption.value, "assumption", known)
            if assumption.low is not None and assumption.high is not None:
                self._check_one(key, assumption.low, "assumption", known)
                self._check_one(key, assumption.high, "assumption", known)

    def _check_one(self, key: str, value: Value, kind: str, known: Mapping[str, Parameter]) -> None:
        found = [parameter for parameter in known.values() if matches(key, parameter.key)]
        if not found:
            raise ScenarioError(_unknown_key(key, known))
        for parameter in found:
            if parameter.kind != kind:
                raise ScenarioError(
                    f"{key} is an {parameter.kind}; move it to [{parameter.kind}s]."
                    if parameter.kind == "assumption"
                    else f"{key} is a {parameter.kind}; it cannot stand under [{kind}s]."
                )
            _check_value(parameter, value)

    def values(self, parameters: Iterable[Parameter], active: frozenset[str] | None = None) -> Values:
        """Values in force for every parameter; settings of levers outside ``active`` stay at the current ones."""
        return Values({p.key: self._chosen(p, active) for p in parameters})

    @cached_property
    def _wide_settings(self) -> tuple[str, ...]:
        return tuple(key for key in self.settings if "*" in key)

    @cached_property
    def _wide_assumptions(self) -> tuple[str, ...]:
        return tuple(key for key in self.assumptions if "*" in key)

    @staticmethod
    def _governing(key: str, own: Mapping[str, object], wide: tuple[str, ...]) -> str | None:
        return key if key in own else best_match(key, wide)

    def is_moved(self, parameter: Parameter) -> bool:
        """Whether a setting stands away from its current value."""
        key = self._governing(parameter.key, self.settings, self._wide_settings)
        return key is not None and self.settings[key] != parameter.current

    def _chosen(self, parameter: Parameter, active: frozenset[str] | None) -> Chosen:
        if parameter.kind == "assumption":
            key = self._governing(parameter.key, self.assumptions, self._wide_assumptions)
            if key is None:
                return parameter.in_force
            put = self.assumptions[key]
            low, high = (put.low, put.high) if put.low is not None else (parameter.low, parameter.high)
            return Chosen(put.value, "modelled", f"typed in scenario {self.name!r}", low, high, is_changed=True)
        key = self._governing(parameter.key, self.settings, self._wide_settings)
        if key is None or (active is not None and parameter.lever not in active):
            return parameter.in_force
        value = self.settings[key]
        changed = value != parameter.current
        return Chosen(value, "modelled", f"set in scenario {self.name!r}", is_changed=changed)


def matches(pattern: str, key: str) -> bool:
    """Whether a scenario key names a parameter: the same, or ``*`` as its resource.

    >>> matches("cloud_run.*.vcpu", "cloud_run.api.vcpu"), matches("cloud_run.api.vcpu", "cloud_run.web.vcpu")
    (True, False)
    """
    if pattern == key:
        return True
    lever, _, rest = pattern.partition(".")
    resource, _, name = rest.rpartition(".")
    return resource == "*" and key.startswith(lever + ".") and key.rpartition(".")[2] == name and key.count(".") > 1


def best_match(key: str, patterns: Collection[str]) -> str | None:
    """The scenario key that governs a parameter: its own before ``*``."""
    if key in patterns:
        return key
    return next((pattern for pattern in patterns if "*" in pattern and matches(pattern, key)), None)


def _check_value(parameter: Parameter, value: Value) -> None:
    if parameter.choices and value not in parameter.choices:
        choices = ", ".join(_shown(choice) for choice in parameter.choices)
        raise ScenarioError(f"{parameter.key} cannot be {_shown(value)}; choose one of {choices}.")
    if parameter.choices or parameter.minimum is None or parameter.maximum is None:
        return
    if isinstance(value, str | bool) or value is None:
        raise ScenarioError(f"{parameter.key} needs a number{_in_unit(parameter.unit)}, not {_shown(value)}.")
    if parameter.is_counted and not float(value).is_integer():
        raise ScenarioError(f"{parameter.key} = {value:.12g} is not a whole number of {parameter.unit}.")
    if not parameter.minimum <= value <= parameter.maximum:
        low, high = (f"{end:,.12g}" for end in (parameter.minimum, parameter.maximum))
        unit = "" if parameter.unit in WITHOUT_UNIT else f" {parameter.unit}"
        share = f" (a share, as {value / 100:g} for {value:g} %)" if _is_percent(parameter, value) else ""
        raise ScenarioError(f"{parameter.key} = {value:.12g} is outside {low} to {high}{unit}{share}.")


def _in_unit(unit: str) -> str:
    """What a number is given in, for an error: shares as such, money and plain numbers without a word."""
    if unit == "ratio":
        return ", as 0.25 for 25 %"
    return "" if unit in WITHOUT_UNIT else f" in {unit}"


def _is_percent(parameter: Parameter, value: float) -> bool:
    """Whether somebody gave a share in percent."""
    return parameter.unit == "ratio" and (parameter.maximum or 0.0) < value <= 100.0 * (parameter.maximum or 0.0)


def _unknown_key(key: str, known: Mapping[str, Parameter]) -> str:
    close = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
    hint = f" Did you mean {close[0]}?" if close else " `cli.py settings` lists what this bill has."
    return f"{key} names nothing in this bill.{hint}"


def _shown(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _plain(value: Value) -> Value:
    """5 and 5.0 are one value."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _check_names(body: Mapping[str, Any], where: str) -> None:
    """A table with a mistyped name would change nothing and say nothing."""
    unknown = next((name for name in body if name not in FILE_NAMES), None)
    if unknown is not None:
        close = difflib.get_close_matches(unknown, FILE_NAMES, n=1, cutoff=0.6)
        hint = f"did you mean {close[0]}?" if close else f"a scenario has {', '.join(FILE_NAMES)}."
        raise ScenarioError(f"{where}: {unknown} is not read; {hint}")


def _table(body: Mapping[str, Any], name: str, where: str) -> dict[str, Any]:
    table = body.get(name, {})
    if not isinstance(table, dict):
        raise ScenarioError(f"[{name}] in {where} must be a table of keys and values.")
    return table


def _checked(key: str, value: object, where: str) -> Value:
    if isinstance(value, dict):
        raise ScenarioError(f'{where}: write keys in quotes, as "{key}.….…" = value, below [settings].')
    if not isinstance(value, str | int | float | bool):
        raise ScenarioError(f"{where}: {key} must be a number, a text or true/false.")
    if isinstance(value, float) and value != value:  # noqa: PLR0124
        raise ScenarioError(f"{where}: {key} is not a number.")
    return value


def _assumption(key: str, body: object, where: str) -> Assumption:
    if not isinstance(body, dict):
        return Assumption(_checked(key, body, where))
    if "value" not in body:
        raise ScenarioError(f"{where}: {key} needs a value, as {{ value = 0.1, low = 0.0, high = 0.3 }}.")
    value, low, high = _checked(key, body["value"], where), body.get("low"), body.get("high")
    if low is None and high is None:
        return Assumption(value)
    if not all(_is_number(each) for each in (low, value, high)) or not low <= value <= high:  # type: ignore[operator]
        raise ScenarioError(f"{where}: the range of {key} needs numbers with low ≤ value ≤ high.")
    return Assumption(value, low, high)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _assumption_toml(assumption: Assumption) -> Any:
    if assumption.low is None and assumption.high is None:
        return assumption.value
    body = {"value": assumption.value, "low": assumption.low, "high": assumption.high}
    return {key: value for key, value in body.items() if value is not None}
