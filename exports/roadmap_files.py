"""The roadmap to take away: checkboxes in Markdown, and a calendar file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from exports.icalendar import Event, calendar
from exports.markdown import cell
from exports.roadmap import ROADMAP
from exports.shell import shown

if TYPE_CHECKING:
    from datetime import date

    from exports.roadmap_days import Roadmap, Task

FOLDER: Final = "roadmap"
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
RISKS: Final = {
    "online": "",
    "restart": "restarts: connections drop",
    "migration": "interrupted while it moves",
    "one_way": "cannot be undone",
}


def roadmap_files(roadmap: Roadmap) -> list[tuple[str, str]]:
    """Path and text; none without tasks."""
    if not roadmap.tasks:
        return []
    return [(f"{FOLDER}/roadmap.md", roadmap_markdown(roadmap)), (f"{FOLDER}/roadmap.ics", roadmap_calendar(roadmap))]


def roadmap_document(roadmap: Roadmap) -> dict[str, Any]:
    """The roadmap for machines, version 1; days are ISO 8601, ``waits_for`` names tasks by key."""
    return {
        "version": 1,
        "scenario": roadmap.scenario_name,
        "fingerprint": roadmap.fingerprint,
        "first_day": roadmap.first_day.isoformat(),
        "done": roadmap.done,
        "tasks": [
            {
                "key": task.key, "week": task.week, "title": task.title, "lever": task.lever,
                "changes": list(task.what), "how": task.how, "owner": task.owner,
                "start": task.start.isoformat(), "end": task.end.isoformat(),
                "disruption": task.disruption, "waits_for": list(task.waits_for), "is_done": task.is_done,
                "clash": task.clash,
            }
            for task in roadmap.tasks
        ],
    }  # fmt: skip


def roadmap_markdown(roadmap: Roadmap) -> str:
    """A section a week, a box a task with its days and owner, what it changes, how, and what it waits for."""
    lines = [
        f"# Roadmap of {cell(roadmap.scenario_name)}",
        "",
        f"Fingerprint `{shown(roadmap.fingerprint)}` · from {_day(roadmap.first_day)} · {_state(roadmap)}",
    ]
    titles = {task.key: task.title for task in roadmap.tasks}
    for stage in ROADMAP:
        of_week = [task for task in roadmap.tasks if task.week == stage.week]
        if of_week:
            lines += ["", f"## Week {stage.week}: {stage.title}", ""]
            lines += [line for task in of_week for line in _task(task, titles)]
    if roadmap.later:
        lines += ["", "## Later", "", *(line for task in roadmap.later for line in _task(task, titles))]
    return "\n".join(lines) + "\n"


def _state(roadmap: Roadmap) -> str:
    return f"{roadmap.done} of {len(roadmap.tasks)} tasks done. On Fridays nothing new is changed: look at what was."


def _task(task: Task, titles: dict[str, str]) -> list[str]:
    risk = f" · **{RISKS[task.disruption]}**" if RISKS[task.disruption] else ""
    head = f"- [{'x' if task.is_done else ' '}] **{cell(task.title)}** · {_days(task)} · {cell(task.owner)}{risk}"
    how = f"`{task.how}`" if task.how.startswith("bash ") else cell(task.how, 1500)
    waits = ", ".join(cell(titles[key]) for key in task.waits_for)
    return [
        head,
        *(f"  - {cell(what)}" for what in task.what),
        *([f"  - how: {how}"] if how else []),
        *([f"  - after: {waits}"] if waits else []),
        *([f"  - **{cell(task.clash)}**"] if task.clash else []),
    ]


def roadmap_calendar(roadmap: Roadmap) -> str:
    """An all-day event a task; the same task keeps its identity, so a second import moves it."""
    titles = {task.key: task.title for task in roadmap.tasks}
    events = (_event(task, titles, roadmap) for task in roadmap.tasks)
    return calendar(f"Cloudlever: {roadmap.scenario_name}", events, roadmap.first_day)


def _event(task: Task, titles: dict[str, str], roadmap: Roadmap) -> Event:
    waits = ", ".join(titles[key] for key in task.waits_for)
    described = [
        *task.what,
        task.how,
        f"Risk: {RISKS[task.disruption]}." if RISKS[task.disruption] else "",
        f"After: {waits}." if waits else "",
        task.clash,
        f"Week {task.week} of plan {roadmap.scenario_name}, fingerprint {roadmap.fingerprint}.",
    ]
    return Event(
        uid=f"{task.key}.{roadmap.fingerprint}@cloudlever",
        first=task.start,
        last=task.end,
        summary=f"{'Done: ' if task.is_done else ''}{task.title}",
        description=described,
        contact=task.owner,
        categories=("Cloudlever", f"Week {task.week}"),
        is_busy=task.disruption != "online",
    )


def _days(task: Task) -> str:
    return _day(task.start) if task.start == task.end else f"{_day(task.start)} to {_day(task.end)}"


def _day(day: date) -> str:
    return f"{_DAYS[day.weekday()]} {day.isoformat()}"
