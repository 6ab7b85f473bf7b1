"""The complete report of a plan: one document that every report, guide and JSON file is written from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from model.answer import answer, moved
from model.levers.housekeeping_findings import findings
from model.levers.housekeeping_moves import KEY as HOUSEKEEPING
from model.outcome import missing, parameters
from model.projection import figures, project
from model.report_assumed import assumed_values
from model.report_success import success_measures
from model.report_tasks import month_mean, tasks
from model.summary import levels

if TYPE_CHECKING:
    from collections.abc import Mapping

    from model.answer import Answer, Moved
    from model.finance import Figures
    from model.levers.housekeeping_findings import Finding
    from model.outcome import Outcome
    from model.parameter import Disruption, Evidence
    from model.projection import Projection
    from model.report_assumed import AssumedValue
    from model.report_success import SuccessMeasure
    from model.report_tasks import Task
    from model.summary import Level
    from model.uncertainty import Uncertainty

NOT_IN_PLAN: Final = 10
"""Most recommendations that the plan leaves out and the report still names."""


@dataclass(frozen=True)
class TrendMonth:
    """One invoice month: headline nanos today and with the plan, and the change of today's against the month before.

    ``change`` is a ratio; None in the first month and after a month that is not positive.
    """

    month: int
    before_nanos: int
    after_nanos: int
    change: float | None


@dataclass(frozen=True)
class BilledMonth:
    """One month of the whole bill, tax included: what its invoice asks for, and what was used up in it (nanos)."""

    month: int
    billed_nanos: int
    effective_nanos: int


@dataclass(frozen=True)
class ServiceCost:
    """One product over the window, headline nanos; shares are of the whole, None where the whole is not positive."""

    product: str
    before_nanos: int
    after_nanos: int
    before_share: float | None
    after_share: float | None


@dataclass(frozen=True)
class Recommendation:
    """What to do, by what it saves a month; ``saving_per_month_nanos`` None where it cannot be priced (``note``).

    In the plan: a lever, in causal order after those before it. Not in the plan: a housekeeping rule, alone.
    """

    lever: str
    title: str
    is_in_plan: bool
    action: str
    saving_per_month_nanos: int | None
    evidence: Evidence
    disruption: Disruption
    risk: str
    note: str


@dataclass(frozen=True)
class Gap:
    """What is not known, as sentences under one question."""

    question: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class PlanReport:
    """A plan reported whole; ``uncertainty`` and ``billed`` are None and empty where nobody gave them."""

    outcome: Outcome
    answer: Answer
    projection: Projection
    figures: Figures
    uncertainty: Uncertainty | None
    levels: tuple[Level, ...]
    tasks: tuple[Task, ...]
    trend: tuple[TrendMonth, ...]
    billed: tuple[BilledMonth, ...]
    services: tuple[ServiceCost, ...]
    recommendations: tuple[Recommendation, ...]
    success: tuple[SuccessMeasure, ...]
    assumptions: tuple[AssumedValue, ...]
    gaps: tuple[Gap, ...]

    @property
    def currency(self) -> str:
        """Of every amount."""
        return self.outcome.bill.currency


def report_of(
    outcome: Outcome, uncertainty: Uncertainty | None = None, billed: Mapping[int, tuple[int, int]] | None = None
) -> PlanReport:
    """The report of an outcome; ``billed`` has (billed, effective) nanos by month of the whole bill, if at hand."""
    projection = project(outcome)
    to_do = tasks(outcome, projection)
    return PlanReport(
        outcome=outcome,
        answer=answer(outcome),
        projection=projection,
        figures=figures(projection),
        uncertainty=uncertainty,
        levels=levels(projection),
        tasks=to_do,
        trend=_trend(outcome),
        billed=tuple(BilledMonth(month, *amounts) for month, amounts in sorted((billed or {}).items())),
        services=_services(outcome),
        recommendations=(*_in_plan(to_do), *_not_in_plan(outcome)),
        success=success_measures(outcome),
        assumptions=assumed_values(outcome, uncertainty),
        gaps=_gaps(outcome, projection, uncertainty),
    )


def _trend(outcome: Outcome) -> tuple[TrendMonth, ...]:
    rows = sorted(moved(outcome.baseline.by_month, outcome.result.by_month), key=lambda row: row.key)
    before = [None, *(row.before_nanos for row in rows)]
    return tuple(
        TrendMonth(
            row.key, row.before_nanos, row.after_nanos,
            (row.before_nanos - last) / last if last is not None and last > 0 else None,
        )
        for row, last in zip(rows, before, strict=False)
    )  # fmt: skip


def _services(outcome: Outcome) -> tuple[ServiceCost, ...]:
    """Products of the bill, the dearest today first."""
    rows = moved(outcome.baseline.by_product, outcome.result.by_product)
    before, after = outcome.baseline.total.headline, outcome.result.total.headline
    return tuple(_service(row, before, after) for row in sorted(rows, key=lambda row: (-row.before_nanos, row.key)))


def _service(row: Moved[str], before: int, after: int) -> ServiceCost:
    shares = (
        row.before_nanos / before if before > 0 else None,
        row.after_nanos / after if after > 0 else None,
    )
    return ServiceCost(row.key, row.before_nanos, row.after_nanos, *shares)


def _in_plan(to_do: tuple[Task, ...]) -> list[Recommendation]:
    ranked = sorted(to_do, key=lambda task: -task.decision.saving_per_month_nanos)
    return [
        Recommendation(
            task.decision.lever, task.decision.title, True, "; ".join(dict.fromkeys(  # noqa: FBT003
                change.reason for change in task.decision.changes if change.reason
            )),
            task.decision.saving_per_month_nanos, task.evidence, task.decision.disruption,
            " ".join(limit.sentence for limit in task.guardrails if limit.passed is False), "",
        )
        for task in ranked
    ]  # fmt: skip


def _not_in_plan(outcome: Outcome) -> list[Recommendation]:
    """Housekeeping that the scenario does not apply and that saves something, or cannot be priced."""
    values = outcome.scenario.values(parameters(outcome.bill))
    left = [each for each in findings(outcome.bill, values) if not each.is_applied]
    worth = [each for each in left if each.saving_nanos is None or each.saving_nanos > 0]
    return [_of_finding(each, len(outcome.bill.months)) for each in worth[:NOT_IN_PLAN]]


def _of_finding(found: Finding, months: int) -> Recommendation:
    saving = None if found.saving_nanos is None else month_mean(found.saving_nanos, months)
    return Recommendation(
        HOUSEKEEPING, found.title, False, found.action, saving, found.evidence, found.disruption, found.risk,  # noqa: FBT003
        found.note,
    )  # fmt: skip


def _gaps(outcome: Outcome, projection: Projection, uncertainty: Uncertainty | None) -> tuple[Gap, ...]:
    bill = outcome.bill
    unjudged = [limit.sentence for limit in outcome.guardrails if limit.passed is None]
    groups = (
        ("Limits that could not be judged", unjudged),
        ("What this bill does not hold", missing(bill).values()),
        ("Remarks of the model on this bill and plan", (*bill.notes, *outcome.notes)),
        ("What is taken for granted of the months ahead",
         (*projection.notes, *(uncertainty.notes if uncertainty is not None else ()))),
    )  # fmt: skip
    return tuple(Gap(question, (*dict.fromkeys(told),)) for question, told in groups if told)
