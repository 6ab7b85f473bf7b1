"""One pool, one purchase: from usage by slot to what is bought, covered, saved and lost."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from model.behaviour.commitment_curve import (
    FILL_ORDERS,
    CommitmentCurve,
    FillOrder,
    commitment_curve,
    covered_by_class,
    optimal_level,
    paid_ratio,
)
from model.commitment_rates import LIST, OWN_PRICE, own_discounts, share_of_list
from model.lever import Guardrail
from model.levers.commitment_findings import discount_source, existing_commitment, notes, utilisation_guardrail
from model.levers.commitment_plan import TERM_MONTHS, PoolPlan, console_steps
from model.levers.pool_hours import PoolUsage, by_index, calendar_hours, pool_usage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from model.bill import Bill, Pool

CURVE_POINTS: Final = 81


@dataclass(frozen=True)
class Purchase:
    """What to buy: a term, then a typed amount, a target, or (both None) the highest saving; else nothing."""

    term: str
    covered_per_hour: float | None = None
    target_coverage_ratio: float | None = None
    target_utilisation_ratio: float | None = None
    highest_savings: bool = True
    fill_order: FillOrder = "pro_rata"
    price_base: str = LIST
    beside_per_hour: float = 0.0


@dataclass(frozen=True, eq=False)
class Offer:
    """The part of a pool that a term has a rate for: discounts (K,) and calendar hours (K, C), with its cost curve."""

    rows: tuple[int, ...]
    discounts: tuple[float, ...]
    hours: NDArray[np.float64]
    curve: CommitmentCurve
    mean_paid: float


def plan_pool(bill: Bill, pool: Pool, purchase: Purchase, after: Mapping[str, NDArray[np.float64]]) -> PoolPlan:
    """What a purchase does in one pool; without hourly rows or a known rate nothing is bought and the notes say so."""
    usage = pool_usage(bill, pool, after, purchase.beside_per_hour)
    if purchase.term == "none":
        return _unbought(bill, pool, usage, purchase)
    if not pool.has_hours:
        sentence = f"{pool.name} needs hourly rows to plan a commitment: import the hourly export for these months."
        return _unbought(bill, pool, usage, purchase, sentence)
    rates = own_discounts(bill, pool, usage.classes, purchase.term, purchase.price_base)
    offer = _offer(bill, usage, rates, usage.left, purchase.fill_order)
    if offer is None:
        sentence = _nothing_offered(bill, pool, usage, purchase)
        return _unbought(bill, pool, usage, purchase, sentence)
    level, sentence = _level(pool, purchase, usage, offer)
    if level is None or level <= 0.0:
        return _unbought(bill, pool, usage, purchase, sentence, offer)
    return _bought(bill, pool, usage, purchase, offer, level)


def _nothing_offered(bill: Bill, pool: Pool, usage: PoolUsage, purchase: Purchase) -> str:
    if own_discounts(bill, pool, usage.classes, purchase.term, OWN_PRICE):
        return (
            f"A {purchase.term} commitment of {pool.name} costs more than you pay: its price is off list, and your "
            f"price is {share_of_list(bill, pool):.1%} of list."
        )
    return f"The {purchase.term} rate of {pool.name} is unknown: not planned. Add it to the price book."


def _offer(
    bill: Bill, usage: PoolUsage, rates: Mapping[str, float], left: NDArray[np.float64], fill_order: FillOrder
) -> Offer | None:
    rows = tuple(k for k, key in enumerate(usage.classes) if key in rates)
    if not rows:
        return None
    discounts = tuple(rates[usage.classes[k]] for k in rows)
    hours = calendar_hours(bill.hours).fold(left[list(rows)])
    curve = commitment_curve(hours, discounts, fill_order)
    return Offer(rows, discounts, hours, curve, _mean_paid(curve, hours, discounts))


def _mean_paid(curve: CommitmentCurve, hours: NDArray[np.float64], discounts: tuple[float, ...]) -> float:
    """1 − d̄, weighted by usage; exact where one rate is in use."""
    used = {d for d, series in zip(discounts, hours, strict=True) if series.any()}
    if len(used) > 1:
        return curve.discounted / curve.on_demand
    return paid_ratio(next(iter(used), min(discounts)))


def _level(pool: Pool, purchase: Purchase, usage: PoolUsage, offer: Offer) -> tuple[float | None, str]:
    """Discounted units per hour to buy, with the reason where it is none."""
    if purchase.covered_per_hour is not None:
        return purchase.covered_per_hour * offer.mean_paid, f"Nothing is bought in {pool.name}: the typed amount is 0."
    if purchase.target_coverage_ratio is not None:
        wanted = purchase.target_coverage_ratio * float(usage.after.sum()) - float(usage.covered_after.sum())
        level = offer.curve.level_covering(wanted)
        if level is None:
            return None, (
                f"{pool.name} cannot reach {purchase.target_coverage_ratio:.0%} coverage: part of its usage has no "
                "known rate or ran outside the window. Choose a lower target."
            )
        return level, f"{pool.name} already covers {purchase.target_coverage_ratio:.0%}: nothing more is bought."
    if purchase.target_utilisation_ratio is not None:
        target = purchase.target_utilisation_ratio
        return offer.curve.level_used_at(target), f"No commitment in {pool.name} would be used {target:.0%}."
    if not purchase.highest_savings:
        return None, f"Type commitments.{pool.name}.covered_per_hour: the plan is 'typed' and no amount is given."
    level = optimal_level(offer.hours, offer.discounts, purchase.fill_order)
    return level, f"No commitment of {purchase.term} saves anything in {pool.name} on the usage that is left."


def _bought(bill: Bill, pool: Pool, usage: PoolUsage, purchase: Purchase, offer: Offer, level: float) -> PoolPlan:
    months = len(bill.months)
    calendar = calendar_hours(bill.hours)
    paid = np.array([[paid_ratio(d)] for d in offer.discounts])
    covered = covered_by_class(offer.hours, offer.discounts, level, purchase.fill_order)
    by_slot = calendar.spread(covered, offer.hours, usage.left[list(offer.rows)])
    used = (covered * paid).sum(axis=0)
    calendar_month = bill.hours.month_index[calendar.slot]
    fee_by_month = by_index(calendar_month, np.full(len(calendar_month), level), months)
    unused_by_month = by_index(calendar_month, level - used, months)
    gained = by_index(bill.hours.month_index, ((1.0 - paid) * by_slot).sum(axis=0), months)
    saving_by_month = gained - unused_by_month
    fee, saving = float(fee_by_month.sum()), float(saving_by_month.sum())
    on_demand = float(usage.left.sum())
    covered_on_demand = level / offer.mean_paid
    utilisation = float(used.sum()) / fee
    is_mixed = len(set(offer.discounts)) > 1 and used.any()
    break_even = float(used.sum()) / float(covered.sum()) if is_mixed else offer.mean_paid
    return PoolPlan(
        **_frame(bill, pool, usage, purchase),
        rates=_shown_rates(usage, offer),
        covered_on_demand_per_hour=covered_on_demand,
        commit_per_hour=level,
        fee_by_month=fee_by_month,
        covered_by_month={
            usage.classes[k]: by_index(bill.hours.month_index, series, months)
            for k, series in zip(offer.rows, by_slot, strict=True)
        },
        unused_by_month=unused_by_month,
        saving_by_month=saving_by_month,
        cost=on_demand - saving,
        saving=saving,
        saving_range=_saving_range(offer, level, fee, saving),
        utilisation=utilisation,
        coverage=_ratio(float(covered.sum() + usage.covered_after.sum()), float(usage.after.sum())),
        new_coverage=_ratio(float(covered.sum()), on_demand),
        break_even_utilisation=break_even,
        zero_saving_level=offer.curve.zero_saving_level() / offer.mean_paid,
        break_even_month=ceil(round(break_even * TERM_MONTHS[purchase.term], 9)),
        committing_first_loss=_committing_first_loss(bill, usage, purchase, offer),
        curve=_points(offer, level),
        guardrails=(utilisation_guardrail(pool, utilisation, break_even),),
        notes=notes(bill, pool, usage, purchase, frozenset(usage.classes[k] for k in offer.rows), offer.hours.shape[1]),
        steps=console_steps(pool.pool, pool.region, purchase.term, level, covered_on_demand, bill.currency),
    )


def _unbought(
    bill: Bill, pool: Pool, usage: PoolUsage, purchase: Purchase, sentence: str = "", offer: Offer | None = None
) -> PoolPlan:
    """A plan that buys nothing: existing commitments alone."""
    nothing = np.zeros(len(bill.months))
    guardrail = Guardrail("commitment_planned", "commitments", pool.name, 1.0, None, "", passed=None, sentence=sentence)
    return PoolPlan(
        **_frame(bill, pool, usage, purchase),
        rates=_shown_rates(usage, offer) if offer else {},
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
        curve=_points(offer, 0.0) if offer else (),
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
        "discount_source": discount_source(bill, usage.classes, purchase.term),
        "existing": existing_commitment(bill, pool, usage),
        "stranded_by_month": by_index(
            bill.hours.month_index, (usage.covered_before - usage.covered_after).sum(axis=0), len(bill.months)
        ),
    }


def _shown_rates(usage: PoolUsage, offer: Offer) -> dict[str, float]:
    return {usage.classes[k]: d for k, d in zip(offer.rows, offer.discounts, strict=True)}


def _saving_range(offer: Offer, level: float, fee: float, saving: float) -> tuple[float, float]:
    """The same purchase under every fill order."""
    if len(set(offer.discounts)) == 1:
        return saving, saving
    covered = [float(covered_by_class(offer.hours, offer.discounts, level, order).sum()) for order in FILL_ORDERS]
    return min(*covered, saving + fee) - fee, max(*covered, saving + fee) - fee


def _committing_first_loss(bill: Bill, usage: PoolUsage, purchase: Purchase, offer: Offer) -> float:
    """Cost, on the usage after the levers, of the optimum before them less that of the optimum after them."""
    rows = list(offer.rows)
    if np.array_equal(usage.left_before[rows], usage.left[rows]):
        return 0.0
    hours = calendar_hours(bill.hours).fold(usage.left_before[rows])
    before = optimal_level(hours, offer.discounts, purchase.fill_order)
    best = optimal_level(offer.hours, offer.discounts, purchase.fill_order)
    return float(offer.curve.cost(before) - offer.curve.cost(best))


def _points(offer: Offer, level: float) -> tuple[tuple[float, float], ...]:
    """Evenly spaced points of the curve to beyond its end and beyond what is bought, in on-demand units per hour."""
    end = 1.1 * max(level, float(offer.curve.level[-1]))
    levels = np.linspace(0.0, end, CURVE_POINTS) if end > 0.0 else np.zeros(1)
    covered = levels / offer.mean_paid
    return tuple(zip(covered.tolist(), offer.curve.cost(levels).tolist(), strict=True))


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole > 0.0 else None
