"""One pool, one purchase: from usage by slot to what is bought, covered, saved and lost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np

from model.behaviour.commitment_curve import (
    FillOrder,
    covered_by_class,
    optimal_level,
)
from model.commitment_pools import pool_title
from model.commitment_rates import LIST, own_discounts
from model.lever import Guardrail
from model.levers.commitment_findings import (
    discount_source,
    existing_commitment,
    notes,
    nothing_offered,
    rungs_notes,
    utilisation_guardrail,
    without_term,
)
from model.levers.commitment_parts import (
    Offer,
    Part,
    break_even_of,
    committing_first_loss,
    covered_of,
    mean_rates_of,
    offer_of,
    paid_of,
    points_of,
    saving_range_of,
    shown_rates,
)
from model.levers.commitment_plan import TERM_MONTHS, TERM_TITLES, BoughtRung, PoolPlan, console_steps
from model.levers.commitment_rungs import kind_of, next_month
from model.levers.pool_hours import PoolUsage, by_index, calendar_hours, pool_usage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from model.bill import Bill, Pool
    from model.levers.commitment_rungs import PlannedRung


@dataclass(frozen=True)
class Purchase:
    """What to buy: rungs, else a term with a typed amount, a target, or (all None) the highest saving; else nothing."""

    term: str
    covered_per_hour: float | None = None
    target_coverage_ratio: float | None = None
    target_utilisation_ratio: float | None = None
    highest_savings: bool = True
    fill_order: FillOrder = "pro_rata"
    price_base: str = LIST
    beside_per_hour: float = 0.0
    rungs: tuple[PlannedRung, ...] = ()


def plan_pool(bill: Bill, pool: Pool, purchase: Purchase, after: Mapping[str, NDArray[np.float64]]) -> PoolPlan:
    """What a purchase does in one pool; without hourly rows or a known rate nothing is bought and the notes say so."""
    title = pool_title(pool.name)
    usage = pool_usage(bill, pool, after, purchase.beside_per_hour)
    if purchase.term == "none" and not purchase.rungs:
        return _unbought(bill, pool, usage, purchase, without_term(pool, purchase))
    if not pool.has_hours:
        sentence = f"{title} needs hourly rows to plan a commitment: import the hourly export for these months."
        return _unbought(bill, pool, usage, purchase, sentence)
    if purchase.rungs:
        return _with_rungs(bill, pool, usage, purchase)
    offer = _offer_of(bill, pool, usage, purchase, purchase.term)
    if offer is None:
        return _unbought(bill, pool, usage, purchase, nothing_offered(bill, pool, usage, purchase, purchase.term))
    level, sentence = _level(pool, purchase, usage, offer)
    if level is None or level <= 0.0:
        return _unbought(bill, pool, usage, purchase, sentence, offer)
    part = _part(purchase.term, offer, level, offer.hours, purchase.fill_order)
    return _bought(bill, pool, usage, purchase, [part])


def _with_rungs(bill: Bill, pool: Pool, usage: PoolUsage, purchase: Purchase) -> PoolPlan:
    """Those that start at once, the longest first, each on what those before it leave; later ones are only told."""
    offers = {term: _offer_of(bill, pool, usage, purchase, term) for term in {each.term for each in purchase.rungs}}
    parts: list[Part] = []
    rungs, dropped = [], []
    left = calendar_hours(bill.hours).fold(usage.left)
    for rung in purchase.rungs:
        offer, start = offers[rung.term], rung.months_ahead(bill.months[-1])
        if offer is None:
            return _unbought(bill, pool, usage, purchase, nothing_offered(bill, pool, usage, purchase, rung.term))
        if start < 0:
            dropped.append(rung)
            continue
        level = rung.covered_per_hour * offer.mean_paid
        rungs.append(_rung(bill, pool, usage, offer, rung, level, start))
        if start == 0:
            rows = list(offer.rows)
            parts.append(_part(rung.term, offer, level, left[rows], purchase.fill_order))
            left[rows] -= parts[-1].covered
    said = rungs_notes(bill, pool, purchase, dropped)
    if not rungs:
        return _unbought(bill, pool, usage, purchase, said[0])
    plan = _bought(bill, pool, usage, purchase, parts) if parts else _unbought(bill, pool, usage, purchase)
    return replace(
        plan,
        term=kind_of(each for each in purchase.rungs if each not in dropped),
        notes=(*plan.notes, *said),
        rungs=tuple(rungs),
        steps=tuple(step for rung in rungs for step in rung.steps),
    )


def _rung(
    bill: Bill, pool: Pool, usage: PoolUsage, offer: Offer, rung: PlannedRung, level: float, start: int
) -> BoughtRung:
    steps = console_steps(
        pool.pool, pool.region, rung.term, level, rung.covered_per_hour, bill.currency, rung.start_month
    )
    return BoughtRung(
        start, rung.start_month, rung.term, shown_rates(usage, offer), rung.covered_per_hour, level,
        is_renewed=False, steps=steps,
    )  # fmt: skip


def _part(term: str, offer: Offer, level: float, hours: NDArray[np.float64], fill_order: FillOrder) -> Part:
    return Part(term, offer, level, covered_by_class(hours, offer.discounts, level, fill_order))


def _offer_of(bill: Bill, pool: Pool, usage: PoolUsage, purchase: Purchase, term: str) -> Offer | None:
    rates = own_discounts(bill, pool, usage.classes, term, purchase.price_base)
    return offer_of(bill, usage, rates, usage.left, purchase.fill_order)


def _level(pool: Pool, purchase: Purchase, usage: PoolUsage, offer: Offer) -> tuple[float | None, str]:
    """Discounted units per hour to buy, with the reason where it is none."""
    title = pool_title(pool.name)
    if purchase.covered_per_hour is not None:
        return (
            purchase.covered_per_hour * offer.mean_paid,
            f"Nothing is bought in {title}: the typed amount is 0.",
        )
    if purchase.target_coverage_ratio is not None:
        wanted = purchase.target_coverage_ratio * float(usage.after.sum()) - float(usage.covered_after.sum())
        level = offer.curve.level_covering(wanted)
        if level is None:
            return None, (
                f"{title} cannot reach {purchase.target_coverage_ratio:.0%} coverage: part of its usage has no "
                "known rate or ran outside the window. Choose a lower target."
            )
        return (
            level,
            f"{title} already covers {purchase.target_coverage_ratio:.0%}: nothing more is bought.",
        )
    if purchase.target_utilisation_ratio is not None:
        target = purchase.target_utilisation_ratio
        return offer.curve.level_used_at(target), f"No commitment in {title} would be used {target:.0%}."
    if not purchase.highest_savings:
        return None, f"Type commitments.{pool.name}.covered_per_hour: the plan is 'typed' and no amount is given."
    level = optimal_level(offer.hours, offer.discounts, purchase.fill_order)
    return (
        level,
        f"No commitment of {TERM_TITLES[purchase.term]} saves anything in {title} on the usage that is left.",
    )


def _bought(bill: Bill, pool: Pool, usage: PoolUsage, purchase: Purchase, parts: Sequence[Part]) -> PoolPlan:
    """What starts at once, together; a single part is a commitment as Google sells it."""
    months, calendar = len(bill.months), calendar_hours(bill.hours)
    covered, paid = covered_of(usage, parts), paid_of(usage, parts)
    hours = calendar.fold(usage.left)
    level, used = sum(part.level for part in parts), np.sum([part.used for part in parts], axis=0)
    by_slot = calendar.spread(covered, hours, usage.left)
    calendar_month = bill.hours.month_index[calendar.slot]
    fee_by_month = by_index(calendar_month, np.full(len(calendar_month), level), months)
    unused_by_month = by_index(calendar_month, level - used, months)
    gained = by_slot - calendar.spread(paid, hours, usage.left)
    saving_by_month = by_index(bill.hours.month_index, gained.sum(axis=0), months) - unused_by_month
    fee, saving, on_demand = float(fee_by_month.sum()), float(saving_by_month.sum()), float(usage.left.sum())
    covered_on_demand = sum(part.covered_per_hour for part in parts)
    utilisation, break_even = float(used.sum()) / fee, break_even_of(parts, covered, used)
    first = parts[0]
    known = frozenset(usage.classes[k] for part in parts for k in part.offer.rows)
    only = first if len(parts) == 1 else None
    steps = console_steps(pool.pool, pool.region, first.term, level, covered_on_demand, bill.currency) if only else ()
    rates = mean_rates_of(usage, parts)
    return PoolPlan(
        **_frame(bill, pool, usage, purchase),
        rates=rates,
        covered_on_demand_per_hour=covered_on_demand,
        commit_per_hour=level,
        fee_by_month=fee_by_month,
        covered_by_month={
            usage.classes[k]: by_index(bill.hours.month_index, by_slot[k], months)
            for k in sorted({k for part in parts for k in part.offer.rows})
        },
        unused_by_month=unused_by_month,
        saving_by_month=saving_by_month,
        cost=on_demand - saving,
        saving=saving,
        saving_range=saving_range_of(hours, parts, fee, saving),
        utilisation=utilisation,
        coverage=_ratio(float(covered.sum() + usage.covered_after.sum()), float(usage.after.sum())),
        new_coverage=_ratio(float(covered.sum()), on_demand),
        break_even_utilisation=break_even,
        zero_saving_level=first.offer.curve.zero_saving_level() / first.offer.mean_paid,
        break_even_month=ceil(round(break_even * TERM_MONTHS[first.term], 9)) if only else None,
        committing_first_loss=committing_first_loss(bill, usage, purchase.fill_order, first.offer) if only else 0.0,
        curve=points_of(first.offer, level) if only else (),
        guardrails=(utilisation_guardrail(pool, utilisation, break_even),),
        notes=notes(bill, pool, usage, purchase, first.term, known, hours.shape[1]),
        steps=steps,
        rungs=(BoughtRung(0, next_month(bill.months[-1]), first.term, rates, covered_on_demand, level, is_renewed=True,
                          steps=steps),) if only else (),
    )  # fmt: skip


def _unbought(
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
        saving_range=(0.0, 0.0),
        utilisation=None,
        coverage=_ratio(float(usage.covered_after.sum()), float(usage.after.sum())),
        new_coverage=None,
        break_even_utilisation=offer.mean_paid if offer else None,
        zero_saving_level=offer.curve.zero_saving_level() / offer.mean_paid if offer else 0.0,
        break_even_month=None,
        committing_first_loss=0.0,
        curve=points_of(offer, 0.0) if offer else (),
        guardrails=(guardrail,) if sentence else (),
        notes=(sentence,) if sentence else (),
        steps=(),
    )


def _frame(bill: Bill, pool: Pool, usage: PoolUsage, purchase: Purchase) -> dict[str, Any]:
    """What every plan of a pool says, bought or not."""
    return {
        "name": pool.name,
        "pool": pool.pool,
        "region": pool.region,
        "currency": bill.currency,
        "term": purchase.term,
        "discount_source": discount_source(
            bill, usage.classes, purchase.rungs[0].term if purchase.rungs else purchase.term
        ),
        "existing": existing_commitment(bill, pool, usage),
        "stranded_by_month": by_index(
            bill.hours.month_index, (usage.covered_before - usage.covered_after).sum(axis=0), len(bill.months)
        ),
    }


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole > 0.0 else None
