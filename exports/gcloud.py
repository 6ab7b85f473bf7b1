"""The plan as gcloud scripts: apply (dry run by default), verify and roll back; each stands alone."""

from __future__ import annotations

import math
import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from exports import gcloud_firestore, gcloud_redis, gcloud_run, gcloud_sql, gcloud_tasks
from exports.by_hand import why_by_hand
from exports.roadmap import week_of
from exports.shell import quoted, shown
from exports.steps import ByHand, Step, grouped, inverse, name_problem, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from exports.steps import Command, Reading
    from model.lever import PlanChange
    from model.plan import Plan

_Product = tuple["Mapping[str, Reading]", "Callable[[Sequence[PlanChange]], tuple[list[Step], list[ByHand]]]"]

PRODUCTS: Final[dict[str, _Product]] = {
    "cloud_run": (gcloud_run.READINGS, gcloud_run.steps),
    "cloud_sql": (gcloud_sql.READINGS, gcloud_sql.steps),
    "cache": (gcloud_redis.READINGS, gcloud_redis.steps),
    "tasks": (gcloud_tasks.READINGS, gcloud_tasks.steps),
    "firestore": (gcloud_firestore.READINGS, gcloud_firestore.steps),
}
"""Lever → the attributes that commands set, and how its steps are made."""

_SLOWER: Final = 1.25
"""A new revision may be this much slower where the plan has no limit of its own (a wider one counts)."""

_BASH: Final = Path(__file__).parent / "bash"


def steps_of(changes: Iterable[PlanChange]) -> tuple[list[Step], list[ByHand]]:
    """Steps in the order of the changes, and every change that no step makes; none is lost."""
    steps: list[Step] = []
    by_hand: list[ByHand] = []
    for group in grouped(changes):
        readings, make = PRODUCTS.get(group[0].lever, ({}, _nothing))
        usable = []
        for change in group:
            why = _problem(change, readings)
            if why:
                by_hand.append(ByHand(change, why))
            else:
                usable.append(change)
        made, left = make(usable) if usable else ([], [])
        steps += made
        by_hand += left
    return steps, by_hand


def _nothing(changes: Sequence[PlanChange]) -> tuple[list[Step], list[ByHand]]:
    return [], [ByHand(change, why_by_hand(change)) for change in changes]


def _problem(change: PlanChange, readings: Mapping[str, Reading]) -> str:
    """Why no command can make this change; '' when one can."""
    how = readings.get(change.attribute)
    if how is None:
        return why_by_hand(change)
    try:
        how.written(change.after)
    except (ValueError, OverflowError) as error:
        return f"No flag takes this value: {error}; correct the scenario and export again."
    return name_problem(change)


def apply_script(plan: Plan) -> str:
    """``apply.sh``: makes the plan's changes in the plan's order; prints them only, unless ``--execute``."""
    steps, by_hand = steps_of(plan.changes)
    return _script(plan, "change", "apply.log", steps, by_hand)


def verify_script(plan: Plan) -> str:
    """``verify.sh``: reads each attribute live and holds it against the plan; changes nothing."""
    steps, by_hand = steps_of(plan.changes)
    return _script(plan, "verify", "verify.log", steps, by_hand)


def rollback_script(plan: Plan) -> str:
    """``rollback.sh``: leads what ``apply.sh`` changes back to the recorded state before, last change first.

    What has no recorded state before is said and skipped; what was made by hand is undone by hand.
    """
    forward, by_hand = steps_of(plan.changes)
    back, cannot = inverse(change for step in forward for change in step.changes)
    steps, impossible = steps_of(back)
    undone = [replace(item, why=f"Made by hand, so undo it by hand. {item.why}") for item in by_hand]
    return _script(plan, "change", "rollback.log", steps, cannot + impossible + undone)


def _script(plan: Plan, mode: str, log_name: str, steps: list[Step], by_hand: list[ByHand]) -> str:
    parts = [
        "#!/usr/bin/env bash",
        "# Written by Cloudlever from a plan. Read README.md beside it first; --help lists the options.",
        "# shellcheck disable=SC2034,SC2016 # one library serves three scripts; quoted names are data",
        "set -euo pipefail",
        "set -E",
        "",
        f"FINGERPRINT={shlex.quote(plan.fingerprint)}",
        f"LOG_NAME={log_name}" if mode == "change" else "",
        f"ALL_AT_ONCE={int(log_name == 'rollback.log')} SLOWEST_PERCENT={_slower_at_most(plan)}",
        (_BASH / "common.sh").read_text(encoding="utf-8"),
        (_BASH / f"{mode}.sh").read_text(encoding="utf-8"),
        'parse_options "$@"',
        f"say {shlex.quote(f'Plan {shown(plan.scenario_name)}, fingerprint {plan.fingerprint}')}",
        "start",
        *_requirements(steps),
        *(_step(step, mode) for step in steps),
        *(_hand(item) for item in by_hand),
        "finish",
    ]
    return "\n".join(parts) + "\n"


def _slower_at_most(plan: Plan) -> str:
    """p95 of a new revision ÷ that of the old one that is still taken, in percent: the plan's own limit of latency."""
    limits = [guardrail.limit for guardrail in plan.guardrails if guardrail.name == "latency"]
    return str(round(100 * max([_SLOWER, *(limit for limit in limits if math.isfinite(limit))])))


def _requirements(steps: Sequence[Step]) -> list[str]:
    needed = []
    for step in steps:
        if not step.first.project:
            needed.append(quoted(("require", "project", step.first.resource, "", _week(step.first))))
        if step.location_flag and not step.first.region:
            words = ("require", "region", step.first.resource, step.first.project, _week(step.first))
            needed.append(quoted(words))
    return needed


def _week(change: PlanChange) -> str:
    return str(week_of(change))


def _step(step: Step, mode: str) -> str:
    first = step.first
    begin = ("begin", shown(first.product), first.resource, first.project, first.region, step.presence, _week(first))
    lines = ["", f"if {quoted(begin)}; then"]
    lines += [
        f"  {quoted(('attribute', a.name, a.kind, a.absent, a.before, a.after, a.field))}" for a in step.attributes
    ]
    lines += [f"  {quoted(('also', name, field))}" for name, field in step.also]
    if step.fields:
        return "\n".join([*lines, f"  each_field {quoted((step.disruption, *step.fields))} {_where(step)}", "fi"])
    lines.append(f"  read_live gcloud {quoted(step.describe)} {_where(step)}")
    if mode == "change":
        lines += _changes(step)
    return "\n".join([*lines, "fi"])


def _changes(step: Step) -> list[str]:
    if step.create is None:
        return ["  must_exist", *_change(step, step.update, "  ")]
    return [
        "  if is_new; then",
        *_change(step, step.create, "    "),
        "  else",
        *_change(step, step.update, "    "),
        "  fi",
    ]


def command_line(step: Step) -> str:
    """The command of a step as the dry run of ``apply.sh`` prints it; '' for a step that is one per named field.

    A place that is not known stands as the variable that ``--project`` or ``--region`` fills; a number that the plan
    leaves alone as ``LIVE_VCPU`` or ``LIVE_MEMORY``, which ``apply.sh`` reads from the live resource.
    """
    if step.fields:
        return ""
    command = step.create or step.update
    found = _FLAGS_UNREAD[command.flags_from[0]](command.flags_from[1:]) if command.flags_from else ()
    untried = ("--no-traffic",) if step.tries_out else ()
    return f"gcloud {quoted(command.words)} {_where(step)} {quoted((*found, '--quiet', *untried))}"


def _minimum_flags(words: Sequence[str]) -> tuple[str, ...]:
    return (f"--min-instances={words[0]}",)


def _sql_shape_flags(words: Sequence[str]) -> tuple[str, ...]:
    vcpu, memory, edition = words
    if edition == "enterprise_plus":
        return (f"--tier=db-perf-optimized-N-{vcpu or 'LIVE_VCPU'}",)
    return (f"--cpu={vcpu or 'LIVE_VCPU'}", f"--memory={memory}B" if memory else "--memory=LIVE_MEMORY")


_FLAGS_UNREAD: Final = {"minimum_flags": _minimum_flags, "sql_shape_flags": _sql_shape_flags}
"""Bash function that finds flags → the same where nothing live was read; ``exports/bash/change.sh`` is the original."""


def _change(step: Step, command: Command, indent: str) -> list[str]:
    asks = quoted((step.disruption, "costs" if step.is_dearer else "-"))
    how = f"try_out {quoted(step.tries_out)}" if step.tries_out else "change"
    words = f"{indent}{how} {asks} gcloud {quoted(command.words)} {_where(step)}"
    if not command.flags_from:
        return [f"{words} --quiet"]
    return [f"{indent}{quoted(command.flags_from)}", f'{words} "${{FLAGS[@]}}" --quiet']


def _where(step: Step) -> str:
    project, region = step.first.project, step.first.region
    words = ["--project=" + (shlex.quote(project) if project else '"$PROJECT_HERE"')]
    if step.location_flag:
        words.append(f"{step.location_flag}=" + (shlex.quote(region) if region else '"$REGION_HERE"'))
    return " ".join(words)


def _hand(item: ByHand) -> str:
    change = item.change
    before = shown(text_of(change.before)) or "(not known)"
    after = f"{shown(text_of(change.after)) or '(none)'} {shown(change.unit)}".rstrip()
    what = f"{shown(change.attribute)} {before} -> {after}"
    why = " ".join(part for part in (item.why, shown(change.reason, 1500)) if part)
    return "\n" + quoted(("by_hand", shown(change.product), change.resource, change.project, _week(change), what, why))
