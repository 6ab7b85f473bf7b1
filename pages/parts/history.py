"""What was tried: the scenario at hand with everything before and after it, for undo and redo."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from model.scenario import Scenario

if TYPE_CHECKING:
    from model.parameter import Parameter, Value

DEPTH: Final = 100
UNSAVED: Final = "Unsaved scenario"
CHANGED: Final = " (changed)"


@dataclass
class History:
    """``now`` is the scenario at hand; ``past`` and ``future`` are nearest last."""

    now: Scenario = field(default_factory=Scenario)
    past: list[Scenario] = field(default_factory=list)
    future: list[Scenario] = field(default_factory=list)

    def put(self, scenario: Scenario) -> None:
        """Make a scenario the one at hand; the same figures under another name are no step of their own."""
        if scenario.fingerprint != self.now.fingerprint:
            self.past = [*self.past[-DEPTH:], self.now]
            self.future = []
        self.now = scenario

    def undo(self) -> None:
        """One step back, if there is one."""
        if self.past:
            self.future.append(self.now)
            self.now = self.past.pop()

    def redo(self) -> None:
        """One step forward again, if there is one."""
        if self.future:
            self.past.append(self.now)
            self.now = self.future.pop()

    def reject(self) -> None:
        """Leave a scenario that cannot be priced for the one before it; what is rejected is not kept."""
        self.now = self.past.pop() if self.past else Scenario()


def with_value(scenario: Scenario, parameter: Parameter, value: Value) -> Scenario:
    """The scenario with one parameter moved; a value that is in force without saying so is taken out again.

    So moving a slider away and back gives the same fingerprint. An assumption keeps the declared range. What is moved
    no longer goes by the name of what was opened.
    """
    bare = _put(scenario, parameter, None)
    in_force = bare.values((parameter,)).get(parameter.key)
    moved = bare if value is None or value == in_force else _put(scenario, parameter, value)
    if moved.fingerprint == scenario.fingerprint:
        return scenario
    if moved.name == Scenario().name:
        return moved.renamed(UNSAVED)
    is_told = moved.name == UNSAVED or moved.name.endswith(CHANGED)
    return moved if is_told else moved.renamed(f"{moved.name}{CHANGED}")


def _put(scenario: Scenario, parameter: Parameter, value: Value) -> Scenario:
    if parameter.kind == "assumption":
        return scenario.with_assumption(parameter.key, value)
    return scenario.with_setting(parameter.key, value)
