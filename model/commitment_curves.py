"""What a month costs against the amount that is committed, for each term on offer, with the amounts that matter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from model.levers.commitment_plan import HIGHEST, TERM_MONTHS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from model.commitment_advice import CommitmentAdvice
    from model.commitment_judgement import PoolAdvice
    from model.levers.commitment_plan import PoolPlan

TODAY: Final = "today"
BEST: Final = "highest savings"
SAFE: Final = "best if usage goes on falling"
CHOSEN: Final = "chosen"


@dataclass(frozen=True)
class Amount:
    """One amount of a pool at one term, in on-demand and in discounted units per hour, and what a month then costs.

    ``kind`` is '' for a point of the curve, else which amount it is.
    """

    term: str
    kind: str
    covered_per_hour: float
    commit_per_hour: float
    cost_per_month: float


@dataclass(frozen=True)
class CostCurve:
    """One term's curve over evenly spaced amounts, and the amounts that are marked on it."""

    term: str
    points: tuple[Amount, ...]
    marks: tuple[Amount, ...]


def cost_curves(advice: PoolAdvice, month_count: int) -> tuple[CostCurve, ...]:
    """A curve for each term that is on offer, the one that is judged first.

    cost = (Σs + fee − covered) ÷ months on the usage that existing commitments leave. Today is no new commitment; an
    amount other than the best is marked as chosen. A term at the same discounts costs the same and is left out. Empty
    where nothing can be planned.
    """
    options = {option.term: option for option in advice.options or (advice.plan,) if option.curve}
    judged = advice.plan.term if advice.plan.term in options else ""
    terms = sorted(options, key=lambda term: (term != judged, TERM_MONTHS[term]))
    told = [term for term in terms if term == terms[0] or options[term].rates != options[terms[0]].rates]
    return tuple(_curve(options[term], advice.plan, month_count) for term in told)


def _curve(option: PoolPlan, judged: PoolPlan, month_count: int) -> CostCurve:
    plan = judged if judged.term == option.term and judged.is_planned else option
    unbought = plan.break_even_utilisation or 0.0
    paid = plan.commit_per_hour / plan.covered_on_demand_per_hour if plan.is_planned else unbought
    points = [Amount(plan.term, "", x, x * paid, cost / month_count) for x, cost in plan.curve]
    marks = [Amount(plan.term, TODAY, 0.0, 0.0, points[0].cost_per_month)]
    if option.is_planned and not judged.units:
        marks.append(_mark(option, BEST if option.amount == HIGHEST else SAFE, month_count))
    if plan.is_planned and (judged.units or round(plan.commit_per_hour - option.commit_per_hour, 6)):
        marks.append(_mark(plan, CHOSEN, month_count))
    return CostCurve(plan.term, tuple(points), tuple(marks))


def _mark(plan: PoolPlan, kind: str, month_count: int) -> Amount:
    covered, commit = plan.covered_on_demand_per_hour, plan.commit_per_hour
    return Amount(plan.term, kind, covered, commit, plan.cost / month_count)


def saving_per_month(plan: PoolPlan, month_count: int) -> float:
    """What a purchase saves in a month of the window, currency units."""
    return plan.saving / month_count


def bought(advice: CommitmentAdvice) -> tuple[PoolAdvice, ...]:
    """The pools in which something is bought or would be, the largest saving first."""
    found: Iterable[PoolAdvice] = (pool for pool in advice.pools if pool.risk is not None)
    return tuple(sorted(found, key=lambda pool: -pool.plan.saving))
