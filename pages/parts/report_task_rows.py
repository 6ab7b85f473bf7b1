"""One task of a report in words and table rows: what changes, from when it saves, where, and at which risk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exports.document import Table
from model.report_tasks import resource_title
from pages.parts.outcome_words import DISRUPTIONS, setting_words, titles_of
from pages.parts.report_rows import TOTAL, adding_up, columns, days
from pages.parts.wording import counted, money, month, number, quantity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from exports.roadmap_days import Roadmap
    from model.lever import PlanChange
    from model.report import PlanReport
    from model.report_tasks import Task


def change_table(report: PlanReport, changes: Sequence[PlanChange]) -> Table:
    """What is changed on which resource, from what to what."""
    titles = titles_of(report.outcome.bill)
    rows = [
        (
            " · ".join(filter(None, (resource_title(change), change.project))), setting_words(change, titles),
            quantity(change.before, change.unit), quantity(change.after, change.unit), DISRUPTIONS[change.disruption],
        )
        for change in changes
    ]  # fmt: skip
    named = columns("Where", "Setting", "Today", "With the plan", "How it takes effect", widths=(4, 4, 3, 3, 4))
    return Table(named, tuple(rows))


def year_table(task: Task, currency: str) -> Table:
    """What a lever saves in each of the years ahead, at today's usage and prices."""
    total = sum(task.by_year_nanos)
    shown = adding_up(task.by_year_nanos, total, currency)
    titles = [*(f"Year {place}" for place in range(1, len(shown) + 1)), TOTAL]
    return Table(columns(*titles, numbers=range(len(titles))), ((*shown, money(total, currency)),))


def product_sentence(task: Task, currency: str) -> str:
    """In which products' rows a lever's saving stands; '' where there is none."""
    named = [(product or "what is not told", nanos) for product, nanos in task.products]
    saves = ", ".join(f"{money(nanos, currency)} in {product}" for product, nanos in named if nanos > 0)
    costs = ", ".join(f"{money(-nanos, currency)} more for {product}" for product, nanos in named if nanos < 0)
    if not saves:
        return f"Over the months of the bill it costs {costs}." if costs else ""
    return f"Over the months of the bill it saves {saves}{f', against {costs}' if costs else ''}."


def start_sentence(task: Task) -> str:
    """From when a lever's saving is counted."""
    decision = task.decision
    if task.full_from_month is None:
        return f"Counted from {month(decision.by_month)} on; it does not work in full within 36 months."
    if task.full_from_month == decision.by_month:
        return f"Counted in full from {month(decision.by_month)} on."
    return f"Counted from {month(decision.by_month)} on, in full from {month(task.full_from_month)}."


def risk_sentences(task: Task) -> tuple[str, ...]:
    """What the model says of the service risk after a change."""
    return tuple(
        f"{risk.sentence} About {number(round(risk.cold_starts_per_day))} cold starts a day."
        if risk.cold_starts_per_day >= 1.0 else risk.sentence
        for risk in task.risks
    )  # fmt: skip


def count_of_changes(task: Task) -> str:
    """How many settings a lever changes."""
    return counted(len(task.decision.changes), "change", "changes")


def days_of_lever(roadmap: Roadmap, lever: str) -> str:
    """The days on which a lever's changes are made; '' where none is."""
    own = [task for task in roadmap.tasks if task.lever == lever]
    return days(min(task.start for task in own), max(task.end for task in own)) if own else ""
