"""Tasks of a plan: per lever what is decided, what it saves and from when, what it touches, and what may go wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from model.answer import weakest
from model.attribution import attribution
from model.commitment_pools import pool_title
from model.horizon import HORIZON_MONTHS
from model.levers.housekeeping_moves import KEY as HOUSEKEEPING
from model.levers.housekeeping_rules import RULES
from model.outcome import RATE_LEVER, parameters
from model.projection import ramp_share_of
from model.summary import decisions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from model.lever import Calibration, Guardrail, PlanChange, Risk
    from model.outcome import LeverOutcome, Outcome
    from model.parameter import Evidence
    from model.projection import Projection
    from model.summary import Decision


@dataclass(frozen=True)
class Task:
    """One lever of the plan to carry out; money is headline nanos over the window unless said otherwise.

    ``by_year_nanos`` is what it saves in each of the three years ahead as it ramps up, at today's usage and prices;
    ``full_from_month`` (YYYYMM) is the first month in which it works in full, None where it never does. ``products``
    (saving in sequence, the largest first) add up to ``in_sequence_nanos``. The evidence is the weakest of its own
    rows, and of the whole plan where it saves through rows of others (a cache through a smaller database).
    """

    decision: Decision
    alone_nanos: int
    in_sequence_nanos: int
    evidence: Evidence
    full_from_month: int | None
    by_year_nanos: tuple[int, ...]
    products: tuple[tuple[str, int], ...]
    guardrails: tuple[Guardrail, ...]
    risks: tuple[Risk, ...]
    calibrations: tuple[Calibration, ...]


def tasks(outcome: Outcome, projection: Projection) -> tuple[Task, ...]:
    """One per moved lever, in causal order."""
    by_product = attribution(outcome).by("lever", "product")
    found = zip(decisions(outcome, projection), outcome.levers, strict=True)
    return tuple(
        _task(outcome, projection, decision, lever, _of_lever(by_product, lever.lever)) for decision, lever in found
    )


def _of_lever(by_product: Mapping[tuple[str | int, ...], int], lever: str) -> tuple[tuple[str, int], ...]:
    found = [(str(product), nanos) for (key, product), nanos in by_product.items() if key == lever and nanos]
    return tuple(sorted(found, key=lambda item: (-item[1], item[0])))


def resource_title(change: PlanChange) -> str:
    """A change's resource as people name it: pools and housekeeping rules by their titles, others by their names."""
    if change.lever == RATE_LEVER:
        return pool_title(change.resource)
    return next((rule.title for rule in RULES if change.key == f"{HOUSEKEEPING}.{rule.key}.applied"), change.resource)


def month_mean(nanos: int, months: int) -> int:
    """A month of an amount over several, to the nearest nano.

    >>> month_mean(10, 4), month_mean(-10, 4)
    (3, -2)
    """
    return (2 * nanos + months) // (2 * months)


def _task(
    outcome: Outcome, projection: Projection, decision: Decision, lever: LeverOutcome,
    products: tuple[tuple[str, int], ...],
) -> Task:  # fmt: skip
    shares = ramp_share_of(outcome.scenario.values(parameters(outcome.bill)), lever.lever)
    full = [month for month, share in zip(projection.months, shares.tolist(), strict=True) if share >= 1.0]
    touched = {change.resource for change in decision.changes}
    return Task(
        decision=decision,
        alone_nanos=lever.alone_nanos,
        in_sequence_nanos=lever.in_sequence_nanos,
        evidence=_evidence(outcome, lever),
        full_from_month=full[0] if full else None,
        by_year_nanos=tuple(
            round(lever.in_sequence_nanos / len(outcome.bill.months) * float(shares[first : first + 12].sum()))
            for first in range(0, HORIZON_MONTHS, 12)
        ),
        products=products,
        guardrails=tuple(limit for limit in outcome.guardrails if limit.lever == lever.lever),
        risks=tuple(risk for risk in outcome.risks if risk.lever == lever.lever),
        calibrations=tuple(each for each in outcome.calibrations if each.resource in touched),
    )


def _evidence(outcome: Outcome, lever: LeverOutcome) -> Evidence:
    own = [delta for delta in outcome.deltas if delta.lever == lever.lever]
    is_own = -sum(delta.costs.headline for delta in own) == lever.in_sequence_nanos
    return weakest(delta.evidence for delta in (own if is_own else outcome.deltas))
