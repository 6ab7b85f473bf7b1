"""The checklist of a plan: what is done and what is tested in each week, by whom, in the order to do it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from exports.gcloud import steps_of
from exports.lever_guidance import GUIDANCE
from exports.roadmap import ROADMAP, week_of
from exports.steps import text_of
from model.report_tasks import resource_title

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from exports.alerts import Alert
    from exports.roadmap_days import Roadmap
    from exports.steps import ByHand
    from model.lever import PlanChange
    from model.report import PlanReport
    from model.report_tasks import Task

Stage = Literal["decide", "prepare", "do", "test", "close"]

_ANYBODY: Final = "Whoever leads the change"
_PLATFORM: Final = "Platform team"
FOLDERS: Final = ("monitoring", "load_test", "sql", "redis")
"""Folders that a plan may or may not have and that guidance speaks of."""
_FIRST, _LAST = ROADMAP[0].week, ROADMAP[-1].week


@dataclass(frozen=True)
class Around:
    """What stands around a plan: its roadmap, the alerts that watch it, and the folders beside ``apply.sh``."""

    roadmap: Roadmap
    watched: Sequence[Alert] = ()
    folders: Collection[str] = ()


@dataclass(frozen=True)
class CheckItem:
    """One box to tick: in which week, for which lever ('' the whole plan), by whom, at which stage, and what."""

    week: int
    lever: str
    owner: str
    stage: Stage
    text: str


def checklist(report: PlanReport, folders: Collection[str]) -> tuple[CheckItem, ...]:
    """Every box by week: decisions and watching first, each lever ready, done and tested, then the whole held to it.

    ``folders`` are those that stand beside ``apply.sh``; what asks for another is left out.
    """
    if not report.tasks:
        return ()
    of_tasks = [item for task in report.tasks for item in of_task(task, folders)]
    items = [*_opening(report, folders), *of_tasks, *_closing()]
    return tuple(sorted(items, key=lambda item: item.week))


def of_task(task: Task, folders: Collection[str]) -> tuple[CheckItem, ...]:
    """The boxes of one lever: what must be ready, what is done by script and by hand, what shows that it worked."""
    decision = task.decision
    guidance, week = GUIDANCE[decision.lever], week_of_task(task)
    steps, by_hand = steps_of(decision.changes)
    texts: list[tuple[Stage, str]] = [("prepare", text) for text in guidance.before if _is_there(text, folders)]
    if steps:
        script = f"bash apply.sh --week {week} --only NAME, for each resource of this task"
        texts.append(("do", f"{script}: read the dry run, then run it again with --execute."))
        texts.append(("test", f"bash verify.sh shows every setting of week {week} as wanted."))
    texts += [("do", by_hand_words(item)) for item in by_hand]
    texts += [("test", text) for text in guidance.tests if _is_there(text, folders)]
    return tuple(CheckItem(week, decision.lever, decision.owner, stage, text) for stage, text in texts)


def week_of_task(task: Task) -> int:
    """The roadmap's week of a lever."""
    changes: Sequence[PlanChange] = task.decision.changes
    if changes:
        return week_of(changes[0])
    return next((stage.week for stage in ROADMAP if task.decision.lever in stage.levers), _LAST)


def by_hand_words(item: ByHand) -> str:
    """A change that people make themselves: on which resource, what, and how."""
    change, title = item.change, resource_title(item.change)
    before, after = text_of(change.before) or "not known", text_of(change.after)
    what = change.reason or f"{change.attribute.replace('_', ' ')}: {before} → {after} {change.unit}".rstrip() + "."
    return f"{title}: {what.removeprefix(f'{change.resource}: ')} {item.why}".rstrip()


def _is_there(text: str, folders: Collection[str]) -> bool:
    return all(folder in folders for folder in FOLDERS if f"{folder}/" in text)


def _opening(report: PlanReport, folders: Collection[str]) -> list[CheckItem]:
    fingerprint = report.outcome.scenario.fingerprint
    items = [
        CheckItem(_FIRST, "", _ANYBODY, "decide", f"The plan with fingerprint {fingerprint} is approved in writing."),
        CheckItem(_FIRST, "", _PLATFORM, "prepare", "bash verify.sh: keep what it prints, the state before."),
        CheckItem(
            _FIRST, "", _PLATFORM, "prepare",
            "bash monitoring/monitoring.sh --execute: alerts, budget and dashboard stand, and a test of each alert "
            "arrives.",
        ),
    ]  # fmt: skip
    return [item for item in items if _is_there(item.text, folders)]


def _closing() -> list[CheckItem]:
    return [
        CheckItem(_LAST, "", _PLATFORM, "close", "bash verify.sh shows the whole plan as wanted."),
        CheckItem(
            _LAST, "", _ANYBODY, "close",
            "The first whole invoice month is held against the success measures, growth and prices apart.",
        ),
        CheckItem(_LAST, "", _ANYBODY, "close", "Lessons learned are written down and the next review has a date."),
    ]  # fmt: skip
