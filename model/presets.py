"""Scenarios that are offered for every bill: today, plans at hand as far as they fit, and three levels to search for.

Nothing here is asserted: careful, recommended and bold plans are found by the search on the bill itself, on request.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from model.outcome import parameters
from model.recommend_space import APPETITES
from model.scenario import Scenario, ScenarioError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from model.bill import Bill
    from model.recommend_space import RiskLevel

CURRENT = Scenario()


@dataclass(frozen=True)
class Preset:
    """One scenario on offer; one without ``scenario`` is searched for at ``risk``; ``dropped`` keys do not fit."""

    key: str
    title: str
    sentence: str
    scenario: Scenario | None
    risk: RiskLevel | None = None
    dropped: tuple[str, ...] = ()


def presets(bill: Bill, plans: Iterable[tuple[str, Scenario]] = ()) -> tuple[Preset, ...]:
    """Today, then careful, recommended and bold to be searched for, then the plans (key, scenario) that fit."""
    searched = [
        Preset("recommended" if risk == "balanced" else risk, appetite.title, appetite.sentence, None, risk)
        for risk, appetite in APPETITES.items()
    ]
    fitting = [found for key, plan in plans if (found := _plan(bill, key, plan)) is not None]
    return (Preset("current", "Current settings", "What is there today.", CURRENT), *searched, *fitting)


def fitted(bill: Bill, scenario: Scenario) -> tuple[Scenario, tuple[str, ...]]:
    """The part of a scenario that a bill takes, and the keys that name nothing in it or cannot be chosen."""
    known = parameters(bill)

    def fits(part: Scenario) -> bool:
        try:
            part.check(known)
        except ScenarioError:
            return False
        return True

    settings = {k: v for k, v in scenario.settings.items() if fits(Scenario(settings={k: v}))}
    assumptions = {k: v for k, v in scenario.assumptions.items() if fits(Scenario(assumptions={k: v}))}
    dropped = [*_left_out(scenario.settings, settings), *_left_out(scenario.assumptions, assumptions)]
    return replace(scenario, settings=settings, assumptions=assumptions), tuple(dropped)


def _plan(bill: Bill, key: str, plan: Scenario) -> Preset | None:
    scenario, dropped = fitted(bill, plan)
    if not scenario.settings:
        return None
    left_out = f" Left out, since this bill does not have them: {', '.join(dropped)}." if dropped else ""
    reason = plan.reason.rstrip(".")
    return Preset(key, plan.name, f"{reason}.{left_out}", scenario, dropped=dropped)


def _left_out(asked: Mapping[str, object], kept: Mapping[str, object]) -> list[str]:
    return [key for key in asked if key not in kept]
