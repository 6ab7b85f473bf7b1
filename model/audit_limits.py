"""Settings of a claim as far as they break no limit: what is left of them, what that saves, what stays as today.

A limit counts as broken by a claim where it is kept today, or where the claim makes worse what today breaks.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from model.outcome import evaluate, parameters
from model.scenario import Scenario, best_match

if TYPE_CHECKING:
    from collections.abc import Mapping

    from model.bill import Bill
    from model.lever import Guardrail
    from model.parameter import Value


@dataclass(frozen=True)
class Kept:
    """Settings (explicit keys) that break no limit and what they save over the window, in nanos.

    ``written_nanos`` is the saving as written, ``broken`` the limits that this breaks, ``left`` the keys that therefore
    stay as they are today.
    """

    settings: Mapping[str, Value]
    saving_nanos: int
    written_nanos: int
    broken: tuple[Guardrail, ...] = ()
    left: tuple[str, ...] = ()

    @property
    def scenario(self) -> Scenario:
        """What is kept, as a scenario."""
        return Scenario("Claims that stand", self.settings)


def within_limits(bill: Bill, settings: Mapping[str, Value]) -> Kept:
    """Leave settings as today, one kind of a lever at a time, until no limit is broken; raises ScenarioError.

    Of the kinds that break limits the one goes whose absence leaves fewest broken, then most saved.
    """
    return _within(bill, Scenario("Claims", dict(settings)))


@lru_cache(maxsize=256)
def _within(bill: Bill, scenario: Scenario) -> Kept:
    settings = explicit(bill, scenario)
    written, broken = _judged(bill, settings) if settings else (evaluate(bill, scenario).saving_nanos, ())
    first, saving, left = broken, written, list[str]()
    while broken:
        _, saving, gone, broken = min(
            (_without(bill, settings, group) for group in _groups(settings, broken)),
            key=lambda each: (each[0], -each[1]),
        )
        left += gone
        settings = {key: value for key, value in settings.items() if key not in gone}
    return Kept(settings, saving, written, first, tuple(left))


def explicit(bill: Bill, scenario: Scenario) -> dict[str, Value]:
    """Settings with ``*`` as one key for each resource that they move; raises ScenarioError."""
    scenario.check(parameters(bill))
    moved = [p for p in parameters(bill) if p.kind == "setting" and scenario.is_moved(p)]
    found = {p.key: best_match(p.key, scenario.settings) for p in moved}
    return {key: scenario.settings[pattern] for key, pattern in found.items() if pattern is not None}


def _judged(bill: Bill, settings: Mapping[str, Value]) -> tuple[int, tuple[Guardrail, ...]]:
    """The saving, and the limits that are broken by it."""
    outcome, today = evaluate(bill, Scenario("Claims", dict(settings))), _today(bill)
    return outcome.saving_nanos, tuple(g for g in outcome.guardrails if g.passed is False and _is_worse(g, today))


@lru_cache(maxsize=8)
def _today(bill: Bill) -> dict[tuple[str, str, str], float | None]:
    """Limits that are broken today: how much of each is used."""
    found = evaluate(bill, Scenario()).guardrails
    return {(g.lever, g.resource, g.name): g.share_of_limit for g in found if g.passed is False}


def _is_worse(guardrail: Guardrail, today: Mapping[tuple[str, str, str], float | None]) -> bool:
    key = (guardrail.lever, guardrail.resource, guardrail.name)
    before, after = today.get(key), guardrail.share_of_limit
    return key not in today or (before is not None and after is not None and after > before * (1 + 1e-9))


def _groups(settings: Mapping[str, Value], broken: tuple[Guardrail, ...]) -> list[tuple[str, ...]]:
    """Keys that may be left together: of one name of one lever, on the resources whose limits are broken."""
    resources = {(g.lever, g.resource) for g in broken}
    groups: dict[tuple[str, str], list[str]] = {}
    for key in settings:
        lever, resource, name = key.partition(".")[0], key.partition(".")[2].rpartition(".")[0], key.rpartition(".")[2]
        if (lever, resource) in resources:
            groups.setdefault((lever, name), []).append(key)
    if not groups:  # what breaks the limit of a resource is a setting of another
        for key in settings:
            groups.setdefault((key.partition(".")[0], key.rpartition(".")[2]), []).append(key)
    return [tuple(keys) for keys in groups.values()]


def _without(
    bill: Bill, settings: Mapping[str, Value], group: tuple[str, ...]
) -> tuple[int, int, tuple[str, ...], tuple[Guardrail, ...]]:
    rest = {key: value for key, value in settings.items() if key not in group}
    saving, broken = _judged(bill, rest)
    return len(broken), saving, group, broken
