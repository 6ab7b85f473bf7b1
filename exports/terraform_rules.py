"""From what an API describes to what Terraform's provider calls it, field by field: a field without a rule refuses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from exports.hcl import Block

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Item = tuple[str, object] | Block


class NotCarried(ValueError):  # noqa: N818 - a state of the description, said in a sentence
    """A field that no rule carries over: its path, and why."""


def as_it_is(value: Any) -> object:
    """A text, number, boolean, list or map of these; raises NotCarried for anything else."""
    if isinstance(value, str | int | float):
        return value
    if isinstance(value, list) and all(isinstance(each, str | int | float) for each in value):
        return value
    if isinstance(value, dict) and all(isinstance(each, str) for each in value.values()):
        return value
    raise NotCarried("is not of a form that is known")


def number(value: Any) -> object:
    """A number, which APIs write as text where it may be large; raises NotCarried where it is none."""
    if isinstance(value, bool):
        raise NotCarried("is no number")
    if isinstance(value, int | float):
        return value
    try:
        return int(str(value))
    except ValueError:
        raise NotCarried("is no number") from None


@dataclass(frozen=True)
class Attribute:
    """An attribute of the provider, and how its value is written."""

    name: str
    written: Callable[[Any], object] = as_it_is


@dataclass(frozen=True)
class Nested:
    """A block for an object, or one for each of a list."""

    name: str
    rules: Mapping[str, Rule]


@dataclass(frozen=True)
class Ignored:
    """What only Google sets, or Terraform cannot: left out. ``only`` are the values for which that loses nothing."""

    only: tuple[object, ...] | None = None


Rule = Attribute | Nested | Ignored

OUTPUT: Final = Ignored()
NOTHING: Final[tuple[object, ...]] = (None, "", [], {})


def attributes(*names: str, written: Callable[[Any], object] = as_it_is, **renamed: str) -> dict[str, Rule]:
    """Rules for fields that the provider calls the same in its own spelling, and for ``renamed`` ones.

    >>> sorted(rule.name for rule in attributes("dataDiskType", pricingPlan="plan").values())
    ['data_disk_type', 'plan']
    """
    told = {name: snake(name) for name in names} | renamed
    return {name: Attribute(provider, written) for name, provider in told.items()}


def outputs(*names: str) -> dict[str, Rule]:
    """Rules for fields that are not configured."""
    return dict.fromkeys(names, OUTPUT)


def snake(name: str) -> str:
    """The provider's spelling of an API's field.

    >>> snake("maxDispatchesPerSecond"), snake("ipv4Enabled")
    ('max_dispatches_per_second', 'ipv4_enabled')
    """
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name)


def carried(described: Mapping[str, Any], rules: Mapping[str, Rule], where: str = "") -> list[Item]:
    """Attributes, then blocks, of everything that is described; raises NotCarried for what no rule carries."""
    flat: list[Item] = []
    blocks: list[Item] = []
    for key, value in described.items():
        place = f"{where}.{key}" if where else key
        rule = rules.get(key)
        if rule is None:
            if value in NOTHING:
                continue
            raise NotCarried(f"{place} is not known to this export")
        if isinstance(rule, Attribute) and value is not None:
            flat.append((rule.name, _value(rule, value, place)))
        elif isinstance(rule, Nested):
            blocks += _nested(rule, value, place)
        elif isinstance(rule, Ignored) and rule.only is not None and value not in rule.only:
            raise NotCarried(f"{place} = {value!r} cannot be set by Terraform")
    return [*flat, *blocks]


def _value(rule: Attribute, value: Any, place: str) -> object:
    try:
        return rule.written(value)
    except NotCarried as problem:
        raise NotCarried(f"{place} {problem}") from None


def _nested(rule: Nested, value: Any, place: str) -> list[Item]:
    items = value if isinstance(value, list) else [value] if value not in (None, {}) else []
    found: list[Item] = []
    for number_of, item in enumerate(items):
        here = f"{place}[{number_of}]" if isinstance(value, list) else place
        if not isinstance(item, dict):
            raise NotCarried(f"{here} is not of a form that is known")
        found.append(Block((rule.name,), tuple(carried(item, rule.rules, here))))
    return found
