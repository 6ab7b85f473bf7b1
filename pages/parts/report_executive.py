"""The executive report: what is saved, what has to be decided, how success is measured, and what is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exports.document import Bullets, Metric, Metrics, Report, Table, Text
from model.money import to_nanos
from model.report_success import closest
from pages.parts import executive_words, outcome_words, report_charts, report_rows, report_task_rows
from pages.parts.executive_report import DECISION_COLUMNS, LEVEL_COLUMNS, table
from pages.parts.report_guide import headed
from pages.parts.wording import counted, money, ratio

if TYPE_CHECKING:
    from exports.document import Part
    from exports.roadmap_days import Roadmap
    from model.report import PlanReport
    from pages.parts.executive_words import Brief

MEASURES_OF_A_LEVER: Final = 3
MOST_SENTENCES: Final = 12
SIGNATURES: Final = ("Decided by, date", "Head of engineering, date", "Finance, date")
LESSONS: Final = (
    "What was saved in the first whole month, and what was promised?",
    "Which task took longer than its week, and why?",
    "Which limit came closest, and did its alert arrive?",
    "What did users notice?",
    "What would be done differently, and who writes it down?",
    "When is the plan looked at again?",
)
NO_ONE_OFF: Final = (
    "No one-off cost was typed in, so payback is at once and there is no return on it: estimate the work of the change "
    "and type it as “One-off cost of the change”."
)
TERMS: Final = (
    ("Effective cost", "What a charge costs after credits, with commitment fees spread over what they cover."),
    ("Alone, in sequence", ("What a task saves by itself, and after the tasks before it; tasks may save the same money "
     "twice, so only savings in sequence add up.")),
    ("P10 to P90", ("Of ten thousand futures drawn from what is assumed, one in ten lies below the first and nine in "
     "ten below the second.")),
    ("NPV", "Net present value: all payments of 36 months in today's money, at the discount rate."),
    ("Effective savings rate", "The share by which what is paid lies below the same usage at on-demand prices."),
    ("Evidence", ("● measured: from rows of the bill. ◐ modelled: from rows and a named assumption. ○ asserted: typed "
     "by somebody, never part of the result.")),
    ("Limit", "What may not happen to the service, such as requests that are rejected; a plan may not make it worse."),
)  # fmt: skip


def executive(report: PlanReport, brief: Brief, roadmap: Roadmap) -> Report:
    """The report as a document."""
    return headed(report, "Executive report: what our Google Cloud bill could be", _parts(report, brief, roadmap))


def _parts(report: PlanReport, brief: Brief, roadmap: Roadmap) -> list[Part]:
    if not report.tasks:
        found = report.answer
        nothing = (
            f"The bill is {money(found.before_per_month_nanos, report.currency)} a month. This plan changes no "
            "setting, so nothing is saved and nothing has to be decided."
        )
        return [Text("answer", nothing), *_spent(report), *_known(report)]
    return [
        Text("answer", executive_words.answer_sentence(brief)),
        Metrics(tuple(Metric(*item) for item in executive_words.metrics(brief))),
        *_levels(report, brief),
        *_tasks(report, roadmap),
        *_decisions(brief),
        *_spent(report),
        *_ahead(report),
        *_recommendations(report),
        Text("heading", "Roadmap"),
        report_rows.roadmap_table(report, roadmap),
        *_success(report),
        *_limits(report),
        *_known(report),
        *_lessons(),
        Text("heading", "Decision"),
        Bullets(SIGNATURES, "signature"),
    ]


def _levels(report: PlanReport, brief: Brief) -> list[Part]:
    return [
        Text("heading", "As it is, optimised, committed"),
        table(LEVEL_COLUMNS, executive_words.level_rows(brief), numbers=(1, 2, 3)),
        Text("note", "Projected over the next 36 months, nominal; a month is the mean of the first year."),
        Text("heading", "From the current bill to this plan"),
        report_charts.waterfall_chart(report),
    ]


def _tasks(report: PlanReport, roadmap: Roadmap) -> list[Part]:
    sentence = outcome_words.interaction_sentence(report.outcome).partition(" The violet tick")[0]
    return [
        Text("heading", "Results by task"),
        report_rows.task_table(report, roadmap),
        *([Text("note", f"Each task is counted after those above it. {sentence}")] if len(report.tasks) > 1 else []),
    ]


def _decisions(brief: Brief) -> list[Part]:
    rows = executive_words.decision_rows(brief)
    return [Text("heading", "To be decided"), table(DECISION_COLUMNS, rows, numbers=(4,))]


def _spent(report: PlanReport) -> list[Part]:
    parts: list[Part] = [
        Text("heading", "Where the money goes"),
        report_charts.products_chart(report),
        report_rows.service_table(report),
        Text("heading", "Month by month"),
        report_charts.months_chart(report),
        report_rows.trend_table(report),
    ]
    if report.billed:
        parts += [
            Text("subheading", "The whole bill, with tax and every credit"),
            report_charts.billed_chart(report),
            report_rows.billed_table(report),
        ]
    return parts


def _ahead(report: PlanReport) -> list[Part]:
    parts: list[Part] = [Text("heading", "Financial summary, 36 months ahead")]
    ahead, tornado = report_charts.ahead_chart(report), report_charts.tornado_chart(report)
    if ahead is not None:
        parts.append(ahead)
    if report.uncertainty is not None:
        parts.append(Text("paragraph", executive_words.uncertainty_sentence(report.uncertainty, report.currency)))
    parts.append(_finance(report))
    if tornado is not None:
        parts += [Text("subheading", "What matters most"), tornado]
    is_at_once = report.figures.payback_months == 0.0 and not report.projection.one_off
    notes = [*([NO_ONE_OFF] if is_at_once else []), report.figures.convention]
    return [*parts, *(Text("note", note) for note in notes)]


def _finance(report: PlanReport) -> Table:
    projection, currency = report.projection, report.currency
    rows = [
        ("One-off cost, paid at the decision", money(to_nanos(projection.one_off), currency)),
        ("Running cost that the plan adds, a month", money(to_nanos(projection.recurring), currency)),
        ("Discount rate a year", ratio(projection.rate_per_year)),
        ("Net present value", money(to_nanos(report.figures.npv), currency)),
        ("Effective savings rate, today", ratio(projection.esr_now)),
        ("Effective savings rate, with the plan", ratio(projection.esr_plan)),
    ]
    return Table(report_rows.columns("Over 36 months", "", widths=(3, 1), numbers=(1,)), tuple(rows))


def _recommendations(report: PlanReport) -> list[Part]:
    left = [each for each in report.recommendations if not each.is_in_plan]
    taken = [each for each in report.recommendations if each.is_in_plan]
    monthly = report_rows.monthly_nanos(report)
    ranked = ", ".join(f"{each.title} {money(monthly[each.lever], report.currency)}" for each in taken)
    parts: list[Part] = [
        Text("heading", "Recommendations"),
        Text("paragraph", f"In the plan, by what a month of each saves: {ranked}."),
    ]
    if left:
        parts += [
            Text("subheading", "Worth a look, and not in this plan"),
            report_rows.recommendation_table(left, report.currency),
            Text("note", "Each alone, for the rows that it would touch; none of it is counted above."),
        ]
    return parts


def _success(report: PlanReport) -> list[Part]:
    shown = closest(report.success, MEASURES_OF_A_LEVER)
    rest = len(report.success) - len(shown)
    note = f"The {rest} other measures stand in the implementation guide." if rest else ""
    return [
        Text("heading", "How success is measured"),
        report_rows.measure_table(shown, report.currency),
        *([Text("note", note)] if note else []),
    ]


def _limits(report: PlanReport) -> list[Part]:
    found = report.answer
    parts: list[Part] = [Text("heading", "Risks and limits")]
    if found.broken or found.unjudged:
        parts.append(report_rows.limit_table((*found.broken, *found.unjudged)))
    kept = counted(len(found.kept), "limit is kept", "limits are kept")
    parts.append(Text("paragraph", f"{kept}." if report.outcome.guardrails else "There is no limit to check."))
    risks = [sentence for task in report.tasks for sentence in report_task_rows.risk_sentences(task)]
    return [*parts, *([Bullets(tuple(risks))] if risks else [])]


def _known(report: PlanReport) -> list[Part]:
    parts: list[Part] = [Text("heading", "What we assumed"), report_rows.assumed_table(report)]
    parts.append(Text("heading", "What we do not know"))
    if not report.gaps:
        parts.append(Text("paragraph", "Nothing was found that the bill, the settings and the metrics leave open."))
    for gap in report.gaps:
        shown, rest = gap.sentences[:MOST_SENTENCES], len(gap.sentences) - MOST_SENTENCES
        more = (f"and {rest} more, in report.json",) if rest > 0 else ()
        parts += [Text("subheading", gap.question), Bullets((*shown, *more))]
    return [*parts, Text("heading", "Words"), Table(report_rows.columns("Word", "Meaning", widths=(1, 4)), TERMS)]


def _lessons() -> list[Part]:
    note = "To be filled in after the last week, with name and date."
    return [Text("heading", "Lessons learned"), Text("note", note), Bullets(LESSONS, "blanks")]
