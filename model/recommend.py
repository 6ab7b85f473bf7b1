"""The best plan: settings only, highest NPV of 36 months that breaks no limit, with what holds it back.

A limit that today breaks and the plan makes no worse is no obstacle; a limit that the plan makes unknown is one, and
what is missing is said. Settings that protect something no limit judges stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from model.horizon import HORIZON_MONTHS
from model.money import NANOS
from model.outcome import baseline, evaluate, parameters
from model.projection import figures, project
from model.recommend_climb import GAIN
from model.recommend_frontier import Binding, FrontierPoint, bindings, frontier
from model.recommend_judge import Cancelled, Judge
from model.recommend_search import Search
from model.recommend_space import APPETITES, Appetite, RiskLevel, axes, protected

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence

    from model.bill import Bill
    from model.finance import Figures
    from model.outcome import Outcome
    from model.recommend_judge import Point
    from model.recommend_space import Axis
    from model.scenario import Scenario

    Progress = Callable[[float, str], None]

__all__ = ["APPETITES", "Appetite", "Binding", "Cancelled", "FrontierPoint", "Recommendation", "RiskLevel", "recommend"]

WORTH_A_CHANGE: Final = 1e-4
"""Least share of the bill for which a setting is moved at all: $1 a month of $10,000."""

SEARCH_SHARE: Final = 0.85
"""Share of the work that is the search; the rest looks for the frontier and at what holds the plan back."""


@dataclass(frozen=True)
class Recommendation:
    """A plan with its outcome and what its 36 months are worth.

    ``frontier`` are plans of which none has both more NPV and less risk. ``binding`` are limits that keep the plan from
    saving more, the dearest first. ``missing`` says what would have to be known for more, ``kept`` what was left alone.
    """

    risk: RiskLevel
    scenario: Scenario
    outcome: Outcome
    figures: Figures
    frontier: tuple[FrontierPoint, ...]
    binding: tuple[Binding, ...]
    missing: tuple[str, ...]
    kept: tuple[str, ...]
    evaluations: int


def recommend(
    bill: Bill,
    start: Scenario,
    risk: RiskLevel = "balanced",
    on_progress: Progress = lambda *_: None,
    cancel: threading.Event | None = None,
) -> Recommendation:
    """The plan of highest NPV within its limits under the assumptions of ``start``; raises Cancelled.

    ``start`` itself is tried too, so the plan is no worse than it where its settings are allowed. A setting that is
    worth less than a ten-thousandth of the bill stays as it is.
    """
    appetite = APPETITES[risk]
    judge = Judge(bill, start, appetite.share_of_limit, cancel)
    space = axes(parameters(bill), appetite)
    point = best_point(judge, space, start, lambda share, text: on_progress(SEARCH_SHARE * share, text))
    on_progress(SEARCH_SHARE, "Weighing savings against risk.")
    points = frontier(judge, space, point)
    on_progress(0.5 + SEARCH_SHARE / 2.0, "Looking at the limits that hold the plan back.")
    held_back = bindings(judge, space, point)
    scenario = replace(
        judge.scenario(point.settings), name=appetite.title, author="Cloudlever", reason=appetite.sentence
    )
    outcome = evaluate(bill, scenario)
    on_progress(1.0, f"{len(judge.priced):,} plans compared.")
    return Recommendation(
        risk=risk,
        scenario=scenario,
        outcome=outcome,
        figures=figures(project(outcome)),
        frontier=points,
        binding=held_back,
        missing=_missing(judge, point),
        kept=tuple(f"{p.title} is left alone: {p.protects.rstrip('.')}." for p in protected(parameters(bill))),
        evaluations=len(judge.priced),
    )


def best_point(judge: Judge, space: Sequence[Axis], start: Scenario, on_progress: Progress) -> Point:
    """The best plan from today's settings and from those of the start."""
    today = judge.judge({})
    allowed = {axis.key: axis for axis in space}
    own = {key: value for key, value in start.settings.items() if key in allowed and value != allowed[key].current}
    per_month = baseline(judge.bill).total.headline / NANOS / len(judge.bill.months)
    search = Search(judge, space, on_progress, WORTH_A_CHANGE * HORIZON_MONTHS * max(0.0, per_month))
    best = search.best([today, judge.judge(own)])
    return best if best.npv > today.npv + GAIN else today


def _missing(judge: Judge, point: Point) -> tuple[str, ...]:
    """What is not known about plans that would be worth more and break nothing that is known."""
    found: dict[str, None] = {}
    for other in sorted(judge.points.values(), key=lambda each: -each.npv):
        if other.npv > point.npv + GAIN and other.problems and other.problems <= judge.unjudged.keys():
            found |= dict.fromkeys(judge.unjudged[limit] for limit in sorted(other.problems))
    return tuple(found)
