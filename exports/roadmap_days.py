"""Tasks of a roadmap: what each waits for, on which days it lies, and what people noted of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from exports.roadmap import ROADMAP

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from model.parameter import Disruption

EARLIEST: Final = date(2000, 1, 1)
LATEST: Final = date(2199, 12, 31)
"""Days that a roadmap may lie on."""

_WORKDAYS: Final = 4
"""Monday to Thursday: on Fridays what was changed is looked at, and nothing new is."""


@dataclass(frozen=True)
class Kept:
    """What people noted of a task: whether it is done, who does it, its first day; '' and None where nothing."""

    is_done: bool = False
    owner: str = ""
    start: date | None = None


@dataclass(frozen=True)
class Task:
    """One thing to do, from ``start`` to ``end`` (both included), after every task of ``waits_for``.

    ``key`` is the same for the same scenario; ``what`` are its changes, ``how`` the command, or how people do it.
    ``clash`` says which task that it waits for ends too late; '' where none does. ``lever`` is '' for the whole plan.
    """

    key: str
    week: int
    title: str
    what: tuple[str, ...]
    how: str
    owner: str
    start: date
    end: date
    lever: str = ""
    disruption: Disruption = "online"
    waits_for: tuple[str, ...] = ()
    is_done: bool = False
    clash: str = ""


@dataclass(frozen=True)
class Roadmap:
    """The tasks of a plan in the order to do them; ``first_day`` is the Monday of week 1."""

    scenario_name: str
    fingerprint: str
    first_day: date
    tasks: tuple[Task, ...] = field(default=())

    @property
    def done(self) -> int:
        """How many tasks are done."""
        return sum(task.is_done for task in self.tasks)

    @property
    def in_weeks(self) -> tuple[Task, ...]:
        """The tasks of the weeks; purchases of a ladder come later."""
        return tuple(task for task in self.tasks if task.week <= ROADMAP[-1].week)

    @property
    def later(self) -> tuple[Task, ...]:
        """The tasks after the weeks."""
        return tuple(task for task in self.tasks if task.week > ROADMAP[-1].week)

    @property
    def mondays(self) -> tuple[date, ...]:
        """The first day of each week from the first to that in which the last task of the weeks ends."""
        last = max((task.end for task in self.in_weeks), default=self.first_day)
        return tuple(self.first_day + timedelta(weeks=week) for week in range((last - self.first_day).days // 7 + 1))

    @property
    def next_task(self) -> Task | None:
        """The first task that is not done; None when all are."""
        return next((task for task in self.tasks if not task.is_done), None)


def monday_from(day: date) -> date:
    """The day itself if it is a Monday, else the next.

    >>> monday_from(date(2026, 2, 1)), monday_from(date(2026, 2, 2))
    (datetime.date(2026, 2, 2), datetime.date(2026, 2, 2))
    """
    return day + timedelta(days=-day.weekday() % 7)


def unique(tasks: Iterable[Task]) -> list[Task]:
    """Tasks whose keys differ: a second one of the same key is numbered."""
    counts: dict[str, int] = {}
    found = []
    for task in tasks:
        counts[task.key] = counts.get(task.key, 0) + 1
        found.append(replace(task, key=f"{task.key}-{counts[task.key]}") if counts[task.key] > 1 else task)
    return found


def waiting(tasks: Sequence[Task], earlier: Sequence[Task]) -> list[Task]:
    """Tasks of one week, each with what it waits for."""
    waited = {key for task in earlier for key in task.waits_for}
    ends = tuple(task.key for task in earlier if task.key not in waited)
    found: list[Task] = []
    for task in tasks:
        found.append(replace(task, waits_for=_before(task, found) or ends))
    return found


def _before(task: Task, found: Sequence[Task]) -> tuple[str, ...]:
    """What a task waits for in its own week: all of it if it is of the whole plan, else the one before of its lever."""
    if not task.lever:
        waited = {key for other in found for key in other.waits_for}
        return tuple(other.key for other in found if other.key not in waited)
    own = [other.key for other in found if other.lever == task.lever]
    around = [other.key for other in found if not other.lever]
    return tuple(own[-1:] or around[-1:])


def dated(tasks: Sequence[Task], monday: date) -> list[Task]:
    """Tasks spread in their order over Monday to Thursday, each at least a day."""
    count = len(tasks)
    firsts = [i * _WORKDAYS // count for i in range(count)]
    days = [(first, max(first, (i + 1) * _WORKDAYS // count - 1)) for i, first in enumerate(firsts)]
    return [
        replace(task, start=monday + timedelta(days=first), end=monday + timedelta(days=last))
        for task, (first, last) in zip(tasks, days, strict=True)
    ]


def noted(task: Task, kept: Kept) -> Task:
    """A task with what people noted of it; it stays as long as it was."""
    start = kept.start or task.start
    return replace(
        task, is_done=kept.is_done, owner=kept.owner or task.owner, start=start, end=start + (task.end - task.start)
    )


def clashes(tasks: Sequence[Task]) -> list[Task]:
    """Tasks that say where one that they wait for ends after they start."""
    known = {task.key: task for task in tasks}
    found = []
    for task in tasks:
        late = next((known[key] for key in task.waits_for if known[key].end > task.start), None)
        clash = f"It starts before “{late.title}” ends, which it waits for." if late else ""
        found.append(replace(task, clash=clash))
    return found
