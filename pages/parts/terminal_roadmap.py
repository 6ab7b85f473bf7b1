"""The command ``roadmap``: what is noted of its tasks, and the roadmap in lines."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from data import roadmap_records
from exports.bundle import ExportError
from exports.roadmap_days import EARLIEST, LATEST
from pages.parts import roadmap_state

if TYPE_CHECKING:
    from collections.abc import Iterable

    from data.workspace import Workspace
    from exports.roadmap_days import Roadmap
    from model.plan import Plan


def noted(
    workspace: Workspace, plan: Plan, start: str | None, done: Iterable[str], undone: Iterable[str],
    owners: Iterable[str], moves: Iterable[str],
) -> Roadmap:  # fmt: skip
    """The roadmap after noting what was asked, all or nothing; raises ExportError for a task or day that is none."""
    known = {task.key for task in roadmap_state.roadmap(workspace, plan).tasks}
    first_day = None if start is None else _day(start)
    checks = [*((_task(key, known), True) for key in done), *((_task(key, known), False) for key in undone)]
    named = [(_task(key, known), name) for key, name in map(_pair, owners)]
    moved = [(_task(key, known), _day(day)) for key, day in map(_pair, moves)]
    if first_day is not None:
        roadmap_records.set_first_day(workspace, plan.fingerprint, first_day)
    for key, is_done in checks:
        roadmap_records.note_task(workspace, plan.fingerprint, key, is_done=is_done)
    for key, name in named:
        roadmap_records.note_task(workspace, plan.fingerprint, key, owner=name)
    for key, day in moved:
        roadmap_records.note_task(workspace, plan.fingerprint, key, start=day)
    return roadmap_state.roadmap(workspace, plan)


def roadmap_lines(roadmap: Roadmap) -> list[str]:
    """A line a task."""
    if not roadmap.tasks:
        return ["This scenario changes nothing that is configured, so there is nothing to schedule."]
    lines = [f"{roadmap.done} of {len(roadmap.tasks)} tasks done; week 1 starts on {roadmap.first_day}."]
    lines += [
        f"[{'x' if task.is_done else ' '}] week {task.week}  {task.start} to {task.end}  {task.key}: {task.title}, "
        f"{task.owner} ({task.disruption.replace('_', '-')})"
        for task in roadmap.tasks
    ]
    return [*lines, *(f"{task.key}: {task.clash}" for task in roadmap.tasks if task.clash)]


def _pair(text: str) -> tuple[str, str]:
    key, separator, value = text.partition("=")
    if not separator or not value.strip():
        raise ExportError(f"{text!r} needs TASK=VALUE, as cloud_run-api=Ada or cloud_run-api=2026-03-02.")
    return key.strip(), value.strip()


def _task(key: str, known: set[str]) -> str:
    if key not in known:
        raise ExportError(f"There is no task {key!r} in this roadmap; run roadmap without options for their names.")
    return key


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if not EARLIEST <= day <= LATEST:
        raise ExportError(f"{text!r} is no day; write it as 2026-03-02.")
    return day
