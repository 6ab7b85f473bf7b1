"""The page that goes with the scripts: what the plan promises, in which order to apply it, its risks and its undo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exports.cents import amount
from exports.gcloud import steps_of
from exports.markdown import cell
from exports.roadmap import ROADMAP, week_of
from exports.shell import shown
from exports.steps import text_of
from model.cents import cents, cents_of_parts
from model.plan import BASIS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from exports.steps import ByHand, Step
    from model.plan import Plan

_DISRUPTION: Final = {
    "online": "online, no interruption expected",
    "restart": "restarts: connections drop",
    "migration": "migration: interrupted while it moves",
    "one_way": "cannot be undone",
}

_TIME: Final = {
    "cloud_run": "a new revision, usually within minutes",
    "cloud_sql": "usually several minutes, with an interruption in it",
    "cache": "usually several minutes; an empty cache fills only with traffic",
    "tasks": "seconds",
    "firestore": "seconds",
}
"""Typical durations from experience with these products; nothing measured on the reader's projects."""


def readme(plan: Plan, folders: Sequence[str] = ()) -> str:
    """Markdown; every figure names its months and basis. ``folders`` are those that stand beside it."""
    steps, by_hand = steps_of(plan.changes)
    weeks = _weeks(plan, folders)
    sections = [_figures(plan), _use(), weeks, _order(steps), _by_hand(by_hand), _guardrails(plan), _notes(plan)]
    return "\n\n".join(section for section in sections if section) + "\n"


def _figures(plan: Plan) -> str:
    months = ", ".join(f"{month // 100}-{month % 100:02d}" for month in plan.months)
    of_demo = (
        "\n\n**The bill holds rows of the generated sample: no real bill gives these figures.**" if plan.is_demo else ""
    )
    baseline, outcome = cents(plan.baseline_nanos), cents(plan.outcome_nanos)
    parts = cents_of_parts([saving.in_sequence_nanos for saving in plan.savings], baseline - outcome)
    rows = [
        ("Baseline", baseline),
        ("With this plan", outcome),
        ("Saving", baseline - outcome),
        *((f"of which {saving.title}", part) for saving, part in zip(plan.savings, parts, strict=True)),
    ]
    table = "\n".join(f"| {cell(name)} | {amount(value, plan.currency)} |" for name, value in rows)
    return (
        f"# {cell(plan.scenario_name)}\n\nFingerprint `{shown(plan.fingerprint)}`: the scenario in `scenario.toml`, on "
        f"bill snapshot {cell(plan.snapshot) or 'without a name'}.{of_demo}\n\n"
        f"Figures are {BASIS}, for the invoice months {months} together.{_interaction(plan)}\n\n"
        f"| | {len(plan.months)} months |\n|---|---:|\n{table}"
    )


def _interaction(plan: Plan) -> str:
    if len(plan.savings) < 2:
        return ""
    order = " Levers are counted in the order given, each after those before it"
    shared = cents(plan.interaction_nanos)
    if not shared:
        return f"{order}; they do not touch each other: what each saves alone adds up to the saving."
    verb = "less" if shared < 0 else "more"
    return f"{order}; together they save {amount(abs(shared), plan.currency)} {verb} than each alone would add up to."


def _use() -> str:
    return (
        "## How to use\n\n"
        "1. `bash apply.sh` prints every command and changes nothing.\n"
        "2. `bash verify.sh` reads what is live (read-only) and shows before, wanted and live of each attribute.\n"
        "3. `bash apply.sh --execute` reads the live state, asks where a change restarts, costs or cannot be undone, "
        "and makes the changes in the order below. It can be run again: what is done already is left alone. "
        "`--only NAME` takes one resource, `--week N` what the roadmap has in a week. A service of Cloud Run gets a "
        "new revision without traffic, which takes over at 10, 50 and 100 % while its errors and p95 are held against "
        "the old one's (5 minutes a step, from the request logs); where it does worse, or is asked too little to tell, "
        "the old one gets all traffic back. `--all-at-once` does without.\n"
        "4. `bash verify.sh` again, then `bash rollback.sh` (dry run) and `bash rollback.sh --execute` if it must go "
        "back.\n\n"
        "Where Terraform or a deployment pipeline sets these attributes, change them there: the next deployment would "
        "put the old values back. The scripts need bash and the Google Cloud SDK, signed in."
    )


_FOLDERS: Final = {
    "roadmap": (
        1,
        "`roadmap/`: every task with its days, owner and what it waits for, as checkboxes and as a calendar",
    ),
    "monitoring": (
        1,
        "`monitoring/`: alerts at the plan's limits, dashboard and budget (`monitoring.sh`); `bigquery_guard.sh`",
    ),
    "load_test": (1, "`load_test/`: twice the busiest hour, against a copy; again after week 3"),
    "sql": (1, "`sql/`: indexes and queries before and after, with EXPLAIN of both and the undo"),
    "redis": (2, "`redis/`: what is cached under which key, and a program that does it"),
    "finance": (
        6,
        "`finance/`: `plan.xlsx` with live formulas, every table as CSV and Parquet, the repriced bill as FOCUS 1.2",
    ),
    "pooling": (3, "`pooling/`: connections of each instance, and PgBouncer's settings"),
    "terraform": (3, "`terraform/`: the same for who deploys by Terraform, in place of `apply.sh`"),
    "knative": (3, "`knative/`: the same for who deploys Cloud Run by YAML, in place of `apply.sh`"),
}
"""Folder → week, and what it is for."""


def _weeks(plan: Plan, folders: Sequence[str]) -> str:
    """The roadmap: each week with what the bundle has for it; weeks without anything are left out."""
    lines = ["## Roadmap", ""]
    for stage in ROADMAP:
        count = sum(week_of(change) == stage.week for change in plan.changes)
        beside = [text for folder, (week, text) in _FOLDERS.items() if week == stage.week and folder in folders]
        if not (count or beside or not stage.levers):
            continue
        changes = f": {count} change{'s' if count > 1 else ''}" if count else ""
        lines.append(f"- [ ] **Week {stage.week}** {stage.title}{changes}")
        lines += [f"  - {text}" for text in beside]
    return "\n".join(lines)


def _order(steps: list[Step]) -> str:
    if not steps:
        return "## Changes by command\n\nNone."
    head = "| | week | change | risk | time | undo |"
    lines = ["## Changes by command, in order", "", head, "|---:|---:|---|---|---|---|"]
    for number, step in enumerate(steps, 1):
        first = step.first
        what = "; ".join(f"{a.name} {a.before or 'not known'} → {a.after}" for a in step.attributes)
        where = " ".join(part for part in (first.project, first.region) if part) or "place not known: give --project"
        name = f"{cell(first.product)} {cell(first.resource)} ({cell(where)}): {cell(what)}"
        risk = _DISRUPTION[step.disruption] + ("; costs more by itself" if step.is_dearer else "")
        lines.append(f"| {number} | {week_of(first)} | {name} | {risk} | {_TIME[first.lever]} | {_undo(step)} |")
    return "\n".join(lines)


def _undo(step: Step) -> str:
    if step.disruption == "one_way":
        return "none"
    unknown = [attribute.name for attribute in step.attributes if not attribute.before]
    if step.presence == "created":
        is_told = bool(step.attributes[0].before)
        return "`rollback.sh` deletes it, after its name is typed" if is_told else "by hand: delete it"
    if not unknown:
        return "`rollback.sh`"
    return f"not for {cell(', '.join(unknown))}: the state before is not known"


def _by_hand(by_hand: list[ByHand]) -> str:
    if not by_hand:
        return ""
    lines = ["## Changes by hand", "", "No command here makes these; the figures above count on them.", ""]
    for item in by_hand:
        change = item.change
        what = f"{change.attribute}: {text_of(change.before) or 'not known'} → {text_of(change.after)}"
        name = f"**{cell(change.product)} {cell(change.resource)}**"
        head = f"- [ ] week {week_of(change)}: {name} {cell(what)} {cell(change.unit)}".rstrip()
        lines.append(
            f"{head} ({_DISRUPTION[change.disruption]}). {cell(item.why)} {cell(change.reason, 1500)}".rstrip()
        )
    return "\n".join(lines)


def _guardrails(plan: Plan) -> str:
    if not plan.guardrails:
        return ""
    state = {True: "kept", False: "**BROKEN**", None: "not judged"}
    lines = ["## Guardrails", ""]
    lines += [
        f"- {state[guardrail.passed]}: {cell(guardrail.sentence)}"
        for guardrail in sorted(plan.guardrails, key=lambda g: {False: 0, None: 1, True: 2}[g.passed])
    ]
    return "\n".join(lines)


def _notes(plan: Plan) -> str:
    return "## Notes\n\n" + "\n".join(f"- {cell(note)}" for note in plan.notes) if plan.notes else ""
