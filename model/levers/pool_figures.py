"""The figures of one pool's plan: fee, cover, saving and loss by month, with what its notes and guardrails say."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np

from model.lever import Guardrail
from model.levers.commitment_findings import (
    discount_source,
    existing_commitment,
    falling_guardrail,
    notes,
    utilisation_guardrail,
)
from model.levers.commitment_parts import break_even_of, covered_of, mean_rates_of, paid_of, shown_rates
from model.levers.commitment_plan import TERM_MONTHS, TYPED, BoughtRung, PoolPlan, console_steps
from model.levers.commitment_rungs import next_month
from model.levers.commitment_shape import PlanShape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from model.bill import Bill, Pool
    from model.levers.commitment_parts import Offer, Part
    from model.levers.pool_hours import PoolUsage
    from model.levers.pool_planning import Purchase

    Floats = NDArray[np.float64]


def bought(bill: Bill, pool: Pool, usage: PoolUsage, purchase: Purchase, parts: Sequence[Part]) -> PoolPlan:
    """What starts at once, together; a single part is a commitment as Google sells it."""
    calendar, first = usage.calendar, parts[0]
    covered, paid = covered_of(usage, parts), paid_of(usage, parts)
    level, used = sum(part.level for part in parts), np.sum([part.used for part in parts], axis=0)
    by_slot = calendar.spread(covered, usage.hours, usage.left)
    gained = calendar.spread(covered - paid, usage.hours, usage.left).sum(axis=0)
    fee_by_month = level * calendar.months_of_hours.length
    unused_by_month = fee_by_month - calendar.months_of_hours.of(used)
    saving_by_month = calendar.months_of_slots.of(gained) - unused_by_month
    fee, saving, on_demand = float(fee_by_month.sum()), float(saving_by_month.sum()), float(usage.left.sum())
    utilisation, break_even = min(1.0, float(used.sum()) / fee), break_even_of(parts, covered, used)
    known = sorted({k for part in parts for k in part.offer.rows})
    return PoolPlan(
        **_frame(bill, pool, usage, purchase),
        **_purchased(bill, pool, usage, parts),
        fee_by_month=fee_by_month,
        covered_by_month={usage.classes[k]: calendar.months_of_slots.of(by_slot[k]) for k in known},
        unused_by_month=unused_by_month,
        saving_by_month=saving_by_month,
        cost=on_demand - saving,
        saving=saving,
        utilisation=utilisation,
        coverage=_ratio(float(covered.sum() + usage.covered_after.sum()), float(usage.after.sum())),
        new_coverage=_ratio(float(covered.sum()), on_demand),
        break_even_utilisation=break_even,
        break_even_month=ceil(round(break_even * TERM_MONTHS[first.term], 9)) if len(parts) == 1 else None,
        guardrails=(
            utilisation_guardrail(pool, utilisation, break_even),
            *(falling_guardrail(bill, pool, usage, first, break_even) if len(parts) == 1 else ()),
        ),
        notes=notes(bill, pool, usage, purchase, first.term, frozenset(usage.classes[k] for k in known)),
        shape=PlanShape(usage, first.offer, tuple(parts), fee, saving),
    )


def _purchased(bill: Bill, pool: Pool, usage: PoolUsage, parts: Sequence[Part]) -> dict[str, Any]:
    """What is bought at which rates; the steps and the rung of a single commitment, which is renewed."""
    level, covered = sum(part.level for part in parts), sum(part.covered_per_hour for part in parts)
    rates, term, starts = mean_rates_of(usage, parts), parts[0].term, next_month(bill.months[-1])
    amounts = {"rates": rates, "covered_on_demand_per_hour": covered, "commit_per_hour": level}
    if len(parts) > 1:
        return amounts | {"steps": (), "rungs": ()}
    steps = console_steps(pool.pool, pool.region, term, level, covered, bill.currency)
    rung = BoughtRung(0, starts, term, rates, covered, level, is_renewed=True, steps=steps)
    return amounts | {"steps": steps, "rungs": (rung,)}


def unbought(
    bill: Bill, pool: Pool, usage: PoolUsage, purchase: Purchase, sentence: str = "", offer: Offer | None = None
) -> PoolPlan:
    """A plan that buys nothing: existing commitments alone."""
    nothing = np.zeros(len(bill.months))
    guardrail = Guardrail("commitment_planned", "commitments", pool.name, 1.0, None, "", passed=None, sentence=sentence)
    return PoolPlan(
        **_frame(bill, pool, usage, purchase),
        rates=shown_rates(usage, offer) if offer else {},
        covered_on_demand_per_hour=0.0,
        commit_per_hour=0.0,
        fee_by_month=nothing,
        covered_by_month={},
        unused_by_month=nothing,
        saving_by_month=nothing,
        cost=float(usage.left.sum()),
        saving=0.0,
        utilisation=None,
        coverage=_ratio(float(usage.covered_after.sum()), float(usage.after.sum())),
        new_coverage=None,
        break_even_utilisation=offer.mean_paid if offer else None,
        break_even_month=None,
        guardrails=(guardrail,) if sentence else (),
        notes=(sentence,) if sentence else (),
        steps=(),
        shape=PlanShape(usage, offer),
    )


def _frame(bill: Bill, pool: Pool, usage: PoolUsage, purchase: Purchase) -> dict[str, Any]:
    """What every plan of a pool says, bought or not."""
    term = purchase.rungs[0].term if purchase.rungs else purchase.term
    stranded = np.zeros(len(bill.months))
    if usage.covered_before is not usage.covered_after:
        lost = (usage.covered_before - usage.covered_after).sum(axis=0)
        stranded = usage.calendar.months_of_slots.of(lost)
    return {
        "name": pool.name,
        "pool": pool.pool,
        "region": pool.region,
        "currency": bill.currency,
        "term": purchase.term,
        "amount": purchase.amount if purchase.is_sized else TYPED,
        "discount_source": discount_source(bill, usage.classes, term),
        "existing": existing_commitment(bill, pool, usage),
        "stranded_by_month": stranded,
    }


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole > 0.0 else None
