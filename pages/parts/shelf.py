"""The scenarios that can be looked at: the one at hand, those that are offered, and those that were saved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from data import records
from data.workspace import Workspace
from model.scenario import Scenario, ScenarioError
from pages.parts import scenario_state, session

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from data.records import ScenarioRecord
    from model.bill import Bill

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


def shelf(bill: Bill, folder: Path, searched: Iterable[Scenario] = ()) -> tuple[Shelved, ...]:
    """The scenario at hand where it changes something, what is offered, then the saved ones; titles are unique.

    Offered are the presets that need no search, and the plans that were ``searched`` for in this tab.
    A saved scenario whose text cannot be read any more is left out here and named by ``unreadable``.
    """
    now = scenario_state.history().now
    is_moved = bool(now.settings or now.assumptions)
    found = [Shelved(HAND, f"{now.name} (at hand)", "hand", now)] if is_moved else []
    found += [
        Shelved(f"preset:{each.key}", each.title, "preset", each.scenario, each.sentence)
        for each in session.presets_of(bill)
        if each.scenario is not None
    ]
    found += [Shelved(f"found:{each.name}", f"{each.name} (found)", "preset", each, each.reason) for each in searched]
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
