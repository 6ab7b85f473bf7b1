"""The quick reference: one page for those who carry the plan out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exports.document import Bullets, Code, Metric, Metrics, Report, Table, Text
from exports.lever_guidance import GUIDANCE
from exports.report_checklist import week_of_task
from model.money import to_nanos
from model.report_success import MONEY
from pages.parts import executive_words, report_rows, report_task_rows
from pages.parts.report_guide import headed
from pages.parts.wording import money

if TYPE_CHECKING:
    from exports.document import Part
    from exports.roadmap_days import Roadmap
    from model.report import PlanReport
    from model.report_success import SuccessMeasure
    from pages.parts.executive_words import Brief

MOST_WATCHED: Final = 5
COMMANDS: Final = (
    "cd plan",
    "bash verify.sh                     # read only: before, wanted, live",
    "bash apply.sh --week N             # dry run: prints, changes nothing",
    "bash apply.sh --week N --execute   # makes the changes of week N, asks first where it matters",
    "bash rollback.sh --execute         # back to the recorded values, last change first",
)
CONTACTS: Final = ("Leads the change", "On call", "Finance")


def quick_reference(report: PlanReport, brief: Brief, roadmap: Roadmap) -> Report:
    """One page as a document."""
    return headed(report, "Quick reference", _parts(report, brief, roadmap))


def _parts(report: PlanReport, brief: Brief, roadmap: Roadmap) -> list[Part]:
    if not report.tasks:
        return [Text("answer", "This plan changes no setting, so there is nothing to do.")]
    watched = _watched(report)
    return [
        Text("paragraph", executive_words.answer_sentence(brief)),
        _figures(report),
        Text("heading", "Week by week"),
        _weeks(report, roadmap),
        Text("heading", "Commands"),
        Code(COMMANDS),
        *([Text("heading", "Watch these first"), watched] if watched.rows else []),
        Text("heading", "Ask"),
        Bullets(CONTACTS, "signature"),
    ]


def _figures(report: PlanReport) -> Metrics:
    found, currency = report.answer, report.currency
    return Metrics(
        (
            Metric("A month today", money(found.before_per_month_nanos, currency)),
            Metric("A month with the plan", money(found.after_per_month_nanos, currency)),
            Metric("Saves a month", money(found.saving_per_month_nanos, currency)),
            Metric("NPV over 36 months", money(to_nanos(report.figures.npv), currency)),
        )
    )


def _weeks(report: PlanReport, roadmap: Roadmap) -> Table:
    monthly = report_rows.monthly_nanos(report)
    rows = [
        (
            str(week_of_task(task)), f"{task.decision.title}: {report_task_rows.count_of_changes(task)}",
            report_rows.owners_of_lever(roadmap, task), money(monthly[task.decision.lever], report.currency),
            GUIDANCE[task.decision.lever].undo,
        )
        for task in sorted(report.tasks, key=week_of_task)
    ]  # fmt: skip
    titles = report_rows.columns("Week", "Task", "Who", "Saves a month", "Undo", widths=(1, 3, 3, 2, 6), numbers=(3,))
    return Table(titles, tuple(rows))


def _watched(report: PlanReport) -> Table:
    """The measures that come nearest to their targets."""
    of_service = [each for each in report.success if each.unit != MONEY]
    nearest = sorted(of_service, key=_nearness)[:MOST_WATCHED]
    whole = report_rows.measure_table(nearest, report.currency)
    rows = tuple((row[0], row[2], row[3]) for row in whole.rows)
    return Table(report_rows.columns("Measure", "Expected", "Target", widths=(4, 2, 2), numbers=(1, 2)), rows)


def _nearness(measure: SuccessMeasure) -> float:
    return -(measure.share_of_target or 0.0)
