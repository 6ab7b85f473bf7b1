"""Purchases of a ladder that come after the weeks of a roadmap: each on its own day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from model.levers.commitment_rungs import read_rungs
from model.scenario import Scenario, matches

if TYPE_CHECKING:
    from exports.roadmap_days import Task
    from model.levers.commitment_rungs import PlannedRung
    from model.plan import Plan


def later_purchases(plan: Plan, key: str, task: Task, monday: date, weeks: int) -> list[Task]:
    """Tasks for rungs of the change ``key`` that start ``weeks`` after ``monday`` or later; the others are ``task``.

    Each lies on the first day of its month that is no weekend, and waits for the purchase before it. A month in which
    several rungs start is one task. Empty where the change types no rungs.
    """
    found: list[Task] = []
    for month, rungs in _by_month(plan, key).items():
        day = _working_day(date(month // 100, month % 100, 1))
        if day < monday + timedelta(weeks=weeks):
            continue
        before = found[-1] if found else task
        found.append(
            replace(
                task,
                key=f"{task.key}-{month}",
                week=(day - monday).days // 7 + 1,
                title=f"{task.title}, from {month // 100}-{month % 100:02d}",
                what=tuple(f"{rung.term}: covers {rung.covered_per_hour:.6g} an hour at on-demand" for rung in rungs),
                start=day,
                end=day,
                waits_for=(before.key,),
            )
        )
    return found


def _by_month(plan: Plan, key: str) -> dict[int, list[PlannedRung]]:
    settings = Scenario.from_toml(plan.scenario_toml).settings
    text = next((str(value) for typed, value in settings.items() if matches(typed, key)), "")
    by_month: dict[int, list[PlannedRung]] = {}
    for rung in read_rungs(text) if key.endswith(".rungs") else ():
        by_month.setdefault(rung.start_month, []).append(rung)
    return by_month


def _working_day(day: date) -> date:
    """The day, or the Monday after it where it is on a weekend."""
    return day + timedelta(days=7 - day.weekday()) if day.weekday() > 4 else day
