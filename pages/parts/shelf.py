"""The scenarios that can be looked at: the one at hand, those that are offered, and those that were saved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from data import records
from data.workspace import Workspace
from model.scenario import Scenario, ScenarioError
from pages.parts import scenario_state

if TYPE_CHECKING:
    from pathlib import Path

    from data.records import ScenarioRecord

Origin = Literal["hand", "preset", "saved"]
HAND: Final = "hand"


@dataclass(frozen=True)
class Shelved:
    """One scenario on the shelf; ``record`` is there for a saved one, ``sentence`` says what a preset is."""

    key: str
    title: str
    origin: Origin
    scenario: Scenario
    sentence: str = ""
    record: ScenarioRecord | None = None


def shelf(folder: Path) -> tuple[Shelved, ...]:
    """The scenario at hand where it changes something, presets, then the saved ones; titles are unique.

    A saved scenario whose text cannot be read any more is left out here and named by ``unreadable``.
    """
    now = scenario_state.history().now
    is_moved = bool(now.settings or now.assumptions)
    found = [Shelved(HAND, f"{now.name} (at hand)", "hand", now)] if is_moved else []
    found.append(Shelved("preset:current", "Current settings", "preset", Scenario(), "What is there today."))
    titles = {each.title for each in found}
    for record in records.scenarios(Workspace(folder)):
        scenario = _read(record)
        if scenario is not None:
            title = f"{record.name} (saved)" if record.name in titles else record.name
            found.append(Shelved(f"saved:{record.name}", title, "saved", scenario, scenario.reason, record))
    return tuple(found)


def unreadable(folder: Path) -> tuple[str, ...]:
    """The names of saved scenarios whose text cannot be read."""
    return tuple(record.name for record in records.scenarios(Workspace(folder)) if _read(record) is None)


def free_name(wanted: str, folder: Path) -> str:
    """A name that no saved scenario has: the wanted one, else with a number behind it."""
    taken = {record.name for record in records.scenarios(Workspace(folder))}
    names = (wanted if count == 1 else f"{wanted} {count}" for count in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)


def _read(record: ScenarioRecord) -> Scenario | None:
    try:
        return Scenario.from_toml(record.toml, record.name).renamed(record.name)
    except ScenarioError:
        return None
