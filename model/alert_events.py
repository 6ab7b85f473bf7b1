"""What several rules found of one thing: one event with the evidence of each rule, not an incident a rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from model.anomalies import Incident

CARRIED: Final = 0.5
"""Share of a whole bill's excess from which one service carries it: the two are one event."""


@dataclass(frozen=True)
class Event:
    """Incidents of different rules on one scope and overlapping days; the first names the event."""

    incidents: tuple[Incident, ...]

    @property
    def main(self) -> Incident:
        """The incident that says most exactly what it is about."""
        return self.incidents[0]


def events(found: Iterable[Incident]) -> tuple[Event, ...]:
    """Incidents joined, each in one event, in the order of the first of each.

    Two are of one event when their days overlap and they are of one service, or one is of the whole bill and the
    other's service carries at least half of its excess. Months of a budget and queries stand alone.
    """
    ordered = list(found)
    groups: list[list[Incident]] = []
    for incident in sorted(ordered, key=lambda each: (each.service == "", -each.excess_nanos)):
        home = next((group for group in groups if _is_same(group[0], incident)), None)
        if home is None:
            groups.append([incident])
        else:
            home.append(incident)
    groups.sort(key=lambda group: min(ordered.index(each) for each in group))
    return tuple(Event(tuple(group)) for group in groups)


def _is_same(main: Incident, other: Incident) -> bool:
    if main.subject or other.subject or main.last_day < other.first_day or other.last_day < main.first_day:
        return False
    if main.service == other.service:
        return main.rule != other.rule
    return other.service == "" and main.excess_nanos >= CARRIED * other.excess_nanos
