"""The roadmap of a plan as tasks: what relieves comes first, small risks before large ones, Fridays stay free."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from exports.alerts import alerts
from exports.budget import budget_of
from exports.gcloud import steps_of
from exports.load_test import load_test_files
from exports.names import slug
from exports.roadmap import ROADMAP, week_of
from exports.roadmap_days import Kept, Roadmap, Task, clashes, dated, monday_from, noted, unique, waiting
from exports.roadmap_rungs import later_purchases
from exports.shell import quoted, shown
from exports.steps import DISRUPTIONS, text_of, worst
from model.summary import OWNERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from exports.steps import ByHand
    from model.lever import PlanChange
    from model.plan import Plan

PLATFORM: Final = "Platform team"
_SIZES: Final = 3
_BY_HAND: Final = "-by-hand"
_FIRST_WEEK: Final = ROADMAP[0].week
_LAST_WEEK: Final = ROADMAP[-1].week


def default_first_day(plan: Plan) -> date:
    """The first Monday after the plan's last month: the month in which the projection starts."""
    year, month = divmod(plan.months[-1], 100)
    return monday_from(date(year + month // 12, month % 12 + 1, 1))


def roadmap_of(plan: Plan, first_day: date | None = None, kept: Mapping[str, Kept] | None = None) -> Roadmap:
    """Every step, every change by hand and what goes around them, as tasks on days, with what people noted of them.

    Weeks are those of ``exports.roadmap``. Within a week levers stand in the plan's causal order; of one lever what
    is made online, and for few requests, comes first. A task waits for the one before it in its lever and week, the
    first of those for all that the week before ends with. Without a plan's changes there are no tasks.
    """
    start = monday_from(first_day or default_first_day(plan))
    tasks: list[Task] = []
    if plan.changes:
        for stage in ROADMAP:
            tasks += dated(waiting(_of_week(plan, stage.week), tasks), start + timedelta(weeks=stage.week - 1))
        tasks += _later(plan, tasks, start)
    known = [noted(task, (kept or {}).get(task.key, Kept())) for task in tasks]
    return Roadmap(plan.scenario_name, plan.fingerprint, start, tuple(clashes(known)))


def _later(plan: Plan, tasks: Sequence[Task], start: date) -> list[Task]:
    """Purchases of ladders that come after the weeks."""
    rungs = {f"{change.lever}-{slug(change.resource)}{_BY_HAND}": change.key for change in plan.changes
             if change.key.endswith(".rungs")}  # fmt: skip
    bought = [(task, rungs[task.key]) for task in tasks if task.key in rungs]
    return [later for task, key in bought for later in later_purchases(plan, key, task, start, task.week)]


def _of_week(plan: Plan, week: int) -> list[Task]:
    steps, by_hand = steps_of(plan.changes)
    made = [*((step.changes, _command(step.changes)) for step in steps), *_grouped(by_hand)]
    levers = list(dict.fromkeys(change.lever for change in plan.changes))
    rates = {(peak.service, peak.project): peak.requests_per_s for peak in plan.peaks}
    of_week = [(changes, how) for changes, how in made if week_of(changes[0]) == week]
    of_week.sort(key=lambda item: _order(item[0], levers, rates))
    before, after = _around(plan, week)
    return unique([*before, *(_task(changes, how) for changes, how in of_week), *after])


def _order(
    changes: Sequence[PlanChange], levers: list[str], rates: Mapping[tuple[str, str], float]
) -> tuple[float, ...]:
    first = changes[0]
    rate = rates.get((first.resource, first.project), 0.0)
    return levers.index(first.lever), DISRUPTIONS.index(worst(changes)), rate


def _grouped(by_hand: Iterable[ByHand]) -> list[tuple[tuple[PlanChange, ...], str]]:
    """What is made by hand of one resource, with why and how."""
    groups: dict[tuple[str, ...], list[ByHand]] = {}
    for item in by_hand:
        change = item.change
        groups.setdefault((change.lever, change.project, change.region, change.resource, "by hand"), []).append(item)
    return [
        (tuple(item.change for item in items), " ".join(dict.fromkeys(text for item in items for text in _how(item))))
        for items in groups.values()
    ]


def _how(item: ByHand) -> list[str]:
    return [shown(text, 1500) for text in (item.why, item.change.reason) if text]


def _command(changes: Sequence[PlanChange]) -> str:
    """What makes the changes of one resource; those of its week where no line can show its name as it is."""
    name = changes[0].resource
    only = ("--only", name) if shown(name) == name and "`" not in name else ()
    return quoted(("bash", "apply.sh", "--execute", "--week", str(week_of(changes[0])), *only))


def _task(changes: Sequence[PlanChange], how: str) -> Task:
    first = changes[0]
    is_command = how.startswith("bash apply.sh")
    return Task(
        key=f"{first.lever}-{slug(first.resource)}{'' if is_command else _BY_HAND}",
        week=week_of(first),
        title=f"{shown(first.product)} {shown(first.resource, 80)}" + ("" if is_command else ", by hand"),
        what=tuple(_what(change) for change in changes),
        how=how,
        owner=OWNERS.get(first.lever, PLATFORM),
        start=date.min,
        end=date.min,
        lever=first.lever,
        disruption=worst(changes),
    )


def _what(change: PlanChange) -> str:
    before, after = (shown(text_of(value), 80) or "not known" for value in (change.before, change.after))
    return f"{shown(change.attribute).replace('_', ' ')} {before} → {after} {shown(change.unit)}".rstrip()


def _around(plan: Plan, week: int) -> tuple[list[Task], list[Task]]:
    """What comes before and after the changes of a week."""
    has_load = any(path.endswith(".py") for path, _ in load_test_files(plan)) and any(
        week_of(change) == _SIZES for change in plan.changes
    )
    if week == _FIRST_WEEK:
        watched = alerts(plan) or budget_of(plan)
        how = "bash monitoring/monitoring.sh --execute"
        watch = _own("watch", week, "Watch first: alerts, dashboard and budget", how)
        before = _own("load-test-before", week, "Load test of a copy, as it is", "See load_test/README.md.")
        return [*([watch] if watched else []), *([before] if has_load else [])], []
    if week == _SIZES and has_load:
        return [], [_own("load-test-after", week, "Load test again, after the changes", "See load_test/README.md.")]
    if week == _LAST_WEEK:
        return [], [
            _own("verify", week, "Every attribute is as planned", "bash verify.sh"),
            _own("invoice", week, "The invoice against the plan, and lessons learned",
                 "Import the new month, look at the figures again, write down what differs.", "Finance"),
        ]  # fmt: skip
    return [], []


def _own(key: str, week: int, title: str, how: str, owner: str = PLATFORM) -> Task:
    return Task(key, week, title, (), how, owner, date.min, date.min)
