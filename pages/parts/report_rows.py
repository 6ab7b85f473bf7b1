"""The report of a plan as table rows in words; amounts under a total add up to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exports.document import Column, Table
from exports.report_checklist import week_of_task
from exports.roadmap import ROADMAP
from model.cents import rounded_parts, step_nanos
from model.report_success import MONEY
from pages.parts.outcome_words import DISRUPTIONS
from pages.parts.wording import EVIDENCE_MARKS, day, money, month, quantity, ratio

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from exports.roadmap_days import Roadmap
    from model.lever import Guardrail
    from model.report import PlanReport, Recommendation
    from model.report_success import SuccessMeasure
    from model.report_tasks import Task

TOTAL: Final = "Together"
VERDICTS: Final = {True: "● kept", False: "▲ broken", None: "◇ not judged"}
LIMIT_ORDER: Final = {False: 0, None: 1, True: 2}
DIRECTIONS: Final = {"at_most": "at most", "at_least": "at least"}
SMALLEST_SHARE: Final = 0.00001


def columns(*titles: str, widths: Sequence[int] = (), numbers: Sequence[int] = ()) -> tuple[Column, ...]:
    """Columns of a table; equal widths unless given."""
    return tuple(Column(title, widths[place] if widths else 1, place in numbers) for place, title in enumerate(titles))


def adding_up(parts: Sequence[int], total: int, currency: str) -> list[str]:
    """Amounts in words whose shown cents add up to the shown total."""
    return [money(nanos, currency) for nanos in rounded_to(parts, total, currency)]


def rounded_to(parts: Sequence[int], total: int, currency: str) -> list[int]:
    """Nanos in whole cents (whole units where a currency has none) that add up to the rounded total."""
    return rounded_parts(parts, step_nanos(currency), total)


def monthly_nanos(report: PlanReport) -> dict[str, int]:
    """What a month of each lever saves: together they are the plan's saving."""
    return {task.decision.lever: task.decision.saving_per_month_nanos for task in report.tasks}


def task_table(report: PlanReport, roadmap: Roadmap) -> Table:
    """Tasks by what they save, in causal order, adding up to the plan."""
    found, currency, monthly = report.answer, report.currency, monthly_nanos(report)
    rows = [
        (
            task.decision.title, owners_of_lever(roadmap, task), f"week {week_of_task(task)}",
            money(monthly[task.decision.lever], currency),
            f"{EVIDENCE_MARKS[task.evidence]} {task.evidence}", DISRUPTIONS[task.decision.disruption],
        )
        for task in report.tasks
    ]  # fmt: skip
    total = money(found.saving_per_month_nanos, currency)
    mark = f"{EVIDENCE_MARKS[found.evidence]} {found.evidence}"
    titles = columns("Task", "Who", "When", "Saves a month", "Evidence", "How it takes effect",
                     widths=(3, 4, 2, 3, 3, 4), numbers=(3,))  # fmt: skip
    return Table(titles, (*rows, (TOTAL, "", "", total, mark, "")), strong=(TOTAL,))


def service_table(report: PlanReport) -> Table:
    """What each product costs over the window, today and with the plan."""
    currency, base, result = report.currency, report.outcome.baseline.total, report.outcome.result.total
    first = rounded_to([each.before_nanos for each in report.services], base.headline, currency)
    then = _after(report, first, result.headline)
    before, after = ([money(nanos, currency) for nanos in column] for column in (first, then))
    rows = [
        (each.product or "not told", now, ratio(each.before_share), then, ratio(each.after_share))
        for each, now, then in zip(report.services, before, after, strict=True)
        if each.before_nanos or each.after_nanos
    ]
    total = (TOTAL, money(base.headline, currency), "", money(result.headline, currency), "")
    titles = columns(
        "Product", "Today", "Share", "With the plan", "Share", widths=(4, 3, 2, 3, 2), numbers=(1, 2, 3, 4)
    )
    return Table(titles, (*rows, total), strong=(TOTAL,))


def _after(report: PlanReport, before: Sequence[int], total: int) -> list[int]:
    """What products cost with the plan, as shown: those that do not change are what they are today, to the cent."""
    stays = [each.after_nanos == each.before_nanos for each in report.services]
    moving = [each.after_nanos for each, same in zip(report.services, stays, strict=True) if not same]
    rest = total - sum(nanos for nanos, same in zip(before, stays, strict=True) if same)
    shown = iter(rounded_to(moving, rest, report.currency))
    return [nanos if same else next(shown) for nanos, same in zip(before, stays, strict=True)]


def trend_table(report: PlanReport) -> Table:
    """Each invoice month of the window, today and with the plan."""
    currency, base, result = report.currency, report.outcome.baseline.total, report.outcome.result.total
    before = adding_up([each.before_nanos for each in report.trend], base.headline, currency)
    after = adding_up([each.after_nanos for each in report.trend], result.headline, currency)
    rows = [
        (month(each.month), now, ratio(each.change), then)
        for each, now, then in zip(report.trend, before, after, strict=True)
    ]
    total = (TOTAL, money(base.headline, currency), "", money(result.headline, currency))
    titles = columns("Invoice month", "Today", "Against the month before", "With the plan", numbers=(1, 2, 3))
    return Table(titles, (*rows, total), strong=(TOTAL,))


def billed_table(report: PlanReport) -> Table:
    """Each month of the whole bill, tax included."""
    rows = [
        (month(each.month), money(each.billed_nanos, report.currency), money(each.effective_nanos, report.currency))
        for each in report.billed
    ]
    titles = columns("Month", "Asked for by the invoice", "Used up in the month", numbers=(1, 2))
    return Table(titles, tuple(rows))


def recommendation_table(found: Sequence[Recommendation], currency: str) -> Table:
    """What to do by what it saves a month."""
    rows = [
        (
            each.title, "—" if each.saving_per_month_nanos is None else money(each.saving_per_month_nanos, currency),
            each.action, " ".join(text for text in (each.risk, each.note) if text) or "—",
        )
        for each in found
    ]  # fmt: skip
    titles = columns("What", "Saves a month", "How", "Risk", widths=(3, 3, 7, 6), numbers=(1,))
    return Table(titles, tuple(rows))


def days(start: date, end: date) -> str:
    """First and last day in words.

    >>> from datetime import date
    >>> days(date(2026, 2, 2), date(2026, 2, 5)), days(date(2026, 2, 27), date(2026, 3, 2))
    ('2 to 5 Feb 2026', '27 Feb 2026 to 2 Mar 2026')
    """
    if start == end:
        return day(start)
    is_one_month = (start.year, start.month) == (end.year, end.month)
    return f"{start.day if is_one_month else day(start)} to {day(end)}"


def days_of_week(roadmap: Roadmap, week: int) -> str:
    """The days on which something is done in a week; '' where nothing is."""
    of_week = [task for task in roadmap.tasks if task.week == week]
    return days(min(task.start for task in of_week), max(task.end for task in of_week)) if of_week else ""


def owners_of_lever(roadmap: Roadmap, task: Task) -> str:
    """Who does a lever's tasks: as people noted it, else whose business it is."""
    noted = dict.fromkeys(each.owner for each in roadmap.tasks if each.lever == task.decision.lever)
    return ", ".join(noted) or task.decision.owner


def roadmap_table(report: PlanReport, roadmap: Roadmap) -> Table:
    """Weeks with their days, what is done in them, by whom, and what a month of it saves."""
    rows, monthly = [], monthly_nanos(report)
    for stage in ROADMAP:
        of_week = [task for task in report.tasks if week_of_task(task) == stage.week]
        when = days_of_week(roadmap, stage.week)
        if not (of_week or when):
            continue
        who = ", ".join(dict.fromkeys(task.owner for task in roadmap.tasks if task.week == stage.week)) or "—"
        what = ", ".join(task.decision.title for task in of_week)
        saving = sum(monthly[task.decision.lever] for task in of_week)
        worth = money(saving, report.currency) if of_week else "—"
        rows.append((str(stage.week), when or "—", stage.title, what or "—", who, worth))
    titles = columns("Week", "Days", "What is done", "Tasks", "Who", "Saves a month", widths=(2, 5, 8, 4, 5, 4),
                     numbers=(5,))  # fmt: skip
    return Table(titles, tuple(rows))


def measure_table(found: Sequence[SuccessMeasure], currency: str) -> Table:
    """What shows whether the plan worked."""
    rows = [
        (
            each.title, "—" if each.today is None else measured(each.today, each.unit, currency),
            "—" if each.expected is None else measured(each.expected, each.unit, currency),
            f"{DIRECTIONS[each.direction]} {measured(each.target, each.unit, currency)}", each.read_from,
        )
        for each in found
    ]  # fmt: skip
    titles = columns("Measure", "Today", "Expected", "Target", "Read from", widths=(4, 2, 2, 3, 6), numbers=(1, 2, 3))
    return Table(titles, tuple(rows))


def measured(value: float, unit: str, currency: str) -> str:
    """A measure's value with its unit.

    >>> measured(7_201_065_930_674, "money", "USD"), measured(0.000936, "ratio", ""), measured(9e-9, "ratio", "")
    ('$7,201.07', '0.0936 %', 'under 0.001 %')
    """
    if unit == MONEY:
        return money(round(value), currency)
    if unit == "ratio" and 0.0 < abs(value) < SMALLEST_SHARE:
        return f"under {quantity(SMALLEST_SHARE, unit)}"
    return quantity(float(f"{value:.3g}"), unit)


def assumed_table(report: PlanReport) -> Table:
    """What the figures rest on."""
    rows = [
        (
            each.title, quantity(each.value, each.unit),
            "—" if each.low is None else f"{quantity(each.low, each.unit)} to {quantity(each.high, each.unit)}",
            each.source,
        )
        for each in report.assumptions
    ]  # fmt: skip
    return Table(columns("Assumption", "Value", "Range", "From", widths=(5, 2, 3, 5)), tuple(rows))


def limit_table(limits: Sequence[Guardrail]) -> Table:
    """Limits with their verdicts, the broken ones first."""
    ordered = sorted(limits, key=lambda each: LIMIT_ORDER[each.passed])
    rows = [(VERDICTS[each.passed], each.sentence) for each in ordered]
    return Table(columns("Verdict", "Limit", widths=(1, 6)), tuple(rows))
