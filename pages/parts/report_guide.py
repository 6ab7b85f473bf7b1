"""The implementation guide: per lever what is changed, by which command, how it is tested, risked and undone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exports.document import Bullets, Code, Metric, Metrics, Report, Table, Text
from exports.gcloud import command_line, steps_of
from exports.lever_guidance import GUIDANCE
from exports.report_checklist import by_hand_words, checklist, of_task, week_of_task
from model.report_tasks import month_mean
from pages.parts import executive_words, outcome_words, report_rows, report_task_rows
from pages.parts.outcome_words import DISRUPTIONS
from pages.parts.palette import BROKEN_MARK
from pages.parts.wording import EVIDENCE_MARKS, counted, money, quantity

if TYPE_CHECKING:
    from collections.abc import Collection

    from exports.document import Part
    from exports.report_checklist import Around
    from exports.roadmap_days import Roadmap
    from model.report import PlanReport
    from model.report_tasks import Task
    from pages.parts.executive_words import Brief

BASIS_NOTE: Final = (
    "A month is the mean of the bill's months. Levers are counted in this order, each after those before it."
)
HOW_TO: Final = (
    (
        "Open the folder plan/ of this set. Its README lists every file; apply.sh, verify.sh and rollback.sh need bash "
        "and the Google Cloud SDK, signed in."
    ),
    (
        "bash apply.sh prints every command and changes nothing; --execute makes the changes, asks where one restarts, "
        "costs or cannot be undone, and can be run again."
    ),
    (
        "bash verify.sh reads what is live and shows before, wanted and live of each setting; keep its output before "
        "the first change."
    ),
    (
        "Where Terraform or a deployment pipeline sets these values, change them there: the next deployment would put "
        "the old ones back."
    ),
)
SCRIPT: Final = "bash apply.sh"
SCRIPTED: Final = "These are the commands that the dry run prints, for those who want to read them first:"
WATCHING: Final = "Budget, alerts and dashboards stand before anything is changed; they save nothing by themselves."
MOVES_TRAFFIC: Final = (
    "A new revision starts without traffic; apply.sh then moves 10, 50 and 100 % of it, and back where it does worse."
)


def guide(report: PlanReport, brief: Brief, around: Around) -> Report:
    """The guide as a document."""
    return headed(report, "Implementation guide", _parts(report, brief, around))


def headed(report: PlanReport, title: str, parts: list[Part]) -> Report:
    """A document with its title, what it is of, and what binds each page to plan and bill; a demo is said to be one."""
    bill, scenario = report.outcome.bill, report.outcome.scenario
    demo = "Generated demo bill: no real company has these figures. " if bill.is_demo else ""
    return Report(
        title,
        f"{demo}Plan “{scenario.name}”. {outcome_words.basis_line(bill)}.",
        f"Cloudlever · plan {scenario.fingerprint} · bill {bill.snapshot[:12]}",
        tuple(parts),
    )


def _parts(report: PlanReport, brief: Brief, around: Around) -> list[Part]:
    if not report.tasks:
        nothing = "This plan changes no setting, so there is nothing to carry out. Choose or make a plan first."
        return [Text("answer", nothing)]
    parts: list[Part] = [Text("answer", executive_words.answer_sentence(brief)), *_broken(report)]
    parts += [
        Text("heading", "What is done, when and by whom"),
        report_rows.task_table(report, around.roadmap),
        Text("note", BASIS_NOTE),
    ]
    parts += [Text("heading", "How to use the scripts"), Bullets(HOW_TO, "steps"), *_watching(around)]
    for place, task in enumerate(report.tasks, 1):
        parts += _task(report, task, place, around)
    parts += [Text("heading", "Checklist of the whole plan"), *_checklist(report, around.folders)]
    parts += [Text("heading", "What shows that it worked"), report_rows.measure_table(report.success, report.currency)]
    return parts


def _watching(around: Around) -> list[Part]:
    if "monitoring" not in around.folders:
        return []
    rows = [
        (alert.title, f"{'below' if alert.is_below else 'above'} {quantity(alert.threshold, alert.unit)}", alert.why)
        for alert in around.watched
    ]
    titles = report_rows.columns("Alert", "Fires", "Because", widths=(4, 2, 4))
    return [
        Text("heading", "Watch first, in week 1"),
        Text(
            "paragraph",
            WATCHING,
        ),
        Code(("cd plan", "bash monitoring/monitoring.sh", "bash monitoring/monitoring.sh --execute --email ADDRESS")),
        *([Table(titles, tuple(rows))] if rows else []),
    ]


def _broken(report: PlanReport) -> list[Part]:
    """What must be thought of before anything is applied."""
    broken = report.answer.broken
    if not broken:
        return []
    count = counted(len(broken), "limit breaks", "limits break")
    return [
        Text("warning", f"{BROKEN_MARK} {count}: think before this plan is applied."),
        Bullets(tuple(limit.sentence for limit in broken)),
    ]


def _task(report: PlanReport, task: Task, place: int, around: Around) -> list[Part]:
    decision, guidance = task.decision, GUIDANCE[task.decision.lever]
    steps, by_hand = steps_of(decision.changes)
    made_by_hand = tuple(by_hand_words(item) for item in by_hand)
    boxes = [item for item in of_task(task, around.folders) if item.text not in made_by_hand]
    parts: list[Part] = [
        Text("heading", f"{place}. {decision.title}"),
        Text("paragraph", guidance.what),
        _figures(report, task, around.roadmap),
        Text("subheading", "What changes"),
        *([report_task_rows.change_table(report, decision.changes)] if decision.changes else []),
    ]
    if steps:
        parts += [Text("subheading", "Commands"), *_commands(task, around.roadmap)]
    if by_hand:
        parts += [Text("subheading", "By hand"), Bullets(made_by_hand, "checks")]
    parts += [
        Text("subheading", "Checklist"),
        Bullets(tuple(f"{STAGES[item.stage]}: {item.text}" for item in boxes), "checks"),
        Text("subheading", "What it saves in the years ahead"),
        Text("paragraph", " ".join(filter(None, (
            report_task_rows.start_sentence(task), report_task_rows.product_sentence(task, report.currency),
        )))),
        report_task_rows.year_table(task, report.currency),
        Text("note", "At today's usage and prices; growth and price changes stand in the executive report."),
        Text("subheading", "What may go wrong, and what helps"),
        _dangers(task),
    ]  # fmt: skip
    risks = report_task_rows.risk_sentences(task)
    if risks:
        parts.append(Bullets(risks))
    if task.guardrails:
        parts += [Text("subheading", "Limits"), report_rows.limit_table(task.guardrails)]
    return [*parts, Text("subheading", "Undo"), Text("paragraph", guidance.undo)]


STAGES: Final = {"decide": "Decide", "prepare": "Before", "do": "Do", "test": "Test", "close": "Close"}


def _figures(report: PlanReport, task: Task, roadmap: Roadmap) -> Metrics:
    decision, currency = task.decision, report.currency
    monthly = report_rows.monthly_nanos(report)[decision.lever]
    alone = money(month_mean(task.alone_nanos, len(report.outcome.bill.months)), currency)
    return Metrics(
        (
            Metric("Saves a month", money(monthly, currency),
                   f"{EVIDENCE_MARKS[task.evidence]} {task.evidence}"),
            Metric("Alone it would save", alone, "a month, without the other tasks"),
            Metric("Week", str(week_of_task(task)), report_task_rows.days_of_lever(roadmap, decision.lever)),
            Metric("Who", report_rows.owners_of_lever(roadmap, task), DISRUPTIONS[decision.disruption]),
        )
    )  # fmt: skip


def _commands(task: Task, roadmap: Roadmap) -> list[Part]:
    steps, _ = steps_of(task.decision.changes)
    week = week_of_task(task)
    lines = [line for step in steps if (line := command_line(step))]
    made = [each.how for each in roadmap.tasks if each.lever == task.decision.lever and each.how.startswith(SCRIPT)]
    scripts = Code(("cd plan", "bash verify.sh", f"{SCRIPT} --week {week}", *made, "bash verify.sh"))
    parts: list[Part] = [scripts]
    if lines:
        apart = [line for command in lines for line in ("", command)][1:]
        parts += [Text("paragraph", SCRIPTED), Code(tuple(apart))]
    if any(step.tries_out for step in steps):
        parts.append(Text("note", MOVES_TRAFFIC))
    return parts


def _dangers(task: Task) -> Table:
    rows = [(danger.risk, danger.mitigation) for danger in GUIDANCE[task.decision.lever].dangers]
    return Table(report_rows.columns("Risk", "What helps"), tuple(rows))


def _checklist(report: PlanReport, folders: Collection[str]) -> list[Part]:
    """Boxes by week, without those that stand under their lever."""
    items = [item for item in checklist(report, folders) if not item.lever]
    texts = tuple(f"Week {item.week}, {item.owner}: {item.text}" for item in items)
    return [Text("paragraph", "Beside the boxes under each task:"), Bullets(texts, "checks")]
