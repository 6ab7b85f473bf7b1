"""One control for what several resources share: the scenario's ``*`` in place of a resource."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from model.parameter import Chosen, Values
from model.scenario import matches
from pages.parts.wording import quantity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from model.parameter import Parameter, Value
    from model.scenario import Scenario

ALL: Final = "*"
NOUNS: Final = {
    "cloud_run": ("service", "services"), "cloud_sql": ("database", "databases"), "tasks": ("queue", "queues"),
    "queries": ("query", "queries"), "cache": ("cache", "caches"), "housekeeping": ("rule", "rules"),
    "commitments": ("pool", "pools"), "firestore": ("database", "databases"),
}  # fmt: skip
"""What the resources of a lever are called, one and many."""


def shared(own: Sequence[Parameter]) -> tuple[Parameter, ...]:
    """A parameter for every name that two or more resources of one lever have, in order; the ranges that all take."""
    by_name: dict[str, list[Parameter]] = {}
    for parameter in own:
        by_name.setdefault(parameter.name, []).append(parameter)
    return tuple(_joined(found) for found in by_name.values() if len(found) > 1 and _is_alike(found))


def all_title(lever: str, count: int) -> str:
    """The option that stands for every resource.

    >>> all_title("cloud_run", 3)
    'All 3 services'
    """
    return f"All {count} {NOUNS.get(lever, ('resource', 'resources'))[1]}"


def one_title(lever: str) -> str:
    """The label of the choice of one.

    >>> one_title("tasks")
    'Queue'
    """
    return NOUNS.get(lever, ("resource", "resources"))[0].capitalize()


def values_of_shared(parameters: Iterable[Parameter], own: Sequence[Parameter], values: Values) -> Values:
    """What is in force for all: the one value that every resource has, else none."""
    chosen = {}
    for parameter in parameters:
        found = [values.by_key[each.key] for each in own if matches(parameter.key, each.key)]
        same = found[0].value if len({each.value for each in found}) == 1 else None
        is_changed = any(each.is_changed for each in found)
        chosen[parameter.key] = Chosen(same, "modelled", parameter.default_from, is_changed=is_changed)
    return Values(chosen)


def without_own(scenario: Scenario, key: str) -> Scenario:
    """The scenario without the single resources' values under a ``*`` key, which would stand before it."""
    settings = {each: value for each, value in scenario.settings.items() if each == key or not matches(key, each)}
    assumed = {each: value for each, value in scenario.assumptions.items() if each == key or not matches(key, each)}
    return replace(scenario, settings=settings, assumptions=assumed)


def _joined(found: Sequence[Parameter]) -> Parameter:
    first = found[0]
    currents = [each.current for each in found]
    same = currents[0] if len(set(currents)) == 1 else None
    told = ", ".join(f"{each.resource} {quantity(each.current, each.unit)}" for each in found)
    lows, highs = ([getattr(each, name) for each in found] for name in ("minimum", "maximum"))
    return replace(
        first,
        key=f"{first.lever}.{ALL}.{first.name}",
        title=first.title.removeprefix(f"{first.resource}: "),
        current=same,
        default_from=first.default_from if same is not None else told,
        minimum=None if None in lows else max(lows),
        maximum=None if None in highs else min(highs),
        choices=tuple(choice for choice in first.choices if all(choice in each.choices for each in found)),
    )


def _is_alike(found: Sequence[Parameter]) -> bool:
    """Whether one widget serves all: the same kind and unit, choices or a range in common."""
    first = found[0]
    joined = _joined(found)
    has_room = joined.minimum is None or joined.maximum is None or joined.minimum <= joined.maximum
    same: set[tuple[Value, ...]] = {(each.kind, each.unit, bool(each.choices)) for each in found}
    return len(same) == 1 and (bool(joined.choices) or not first.choices) and has_room
