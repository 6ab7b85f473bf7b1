"""One pool, one purchase: what is bought, and why nothing where nothing is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from model.behaviour.commitment_curve import FillOrder, covered_by_class, optimal_level
from model.commitment_pools import pool_title
from model.commitment_rates import LIST, own_discounts
from model.levers.commitment_findings import nothing_offered, rungs_notes, without_term
from model.levers.commitment_parts import Offer, Part, offer_of, shown_rates
from model.levers.commitment_plan import HIGHEST, LAST_MONTH, TERM_TITLES, TYPED, BoughtRung, PoolPlan, console_steps
from model.levers.commitment_rungs import kind_of
from model.levers.pool_figures import bought, unbought
from model.levers.pool_hours import PoolUsage, pool_usage

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from model.bill import Bill, Pool
    from model.levers.commitment_rungs import PlannedRung


@dataclass(frozen=True)
class Purchase:
    """What to buy: rungs, else a term with a typed amount, a target, or (all None) ``amount``; else nothing."""

    term: str
    covered_per_hour: float | None = None
    target_coverage_ratio: float | None = None
    target_utilisation_ratio: float | None = None
    amount: str = HIGHEST
    fill_order: FillOrder = "pro_rata"
    price_base: str = LIST
    beside_per_hour: float = 0.0
    rungs: tuple[PlannedRung, ...] = ()

    @property
    def is_sized(self) -> bool:
        """Whether ``amount`` says how much to buy, since nothing else does."""
        given = (self.covered_per_hour, self.target_coverage_ratio, self.target_utilisation_ratio)
        return not self.rungs and all(each is None for each in given)


def plan_pool(bill: Bill, pool: Pool, purchase: Purchase, after: Mapping[str, NDArray[np.float64]]) -> PoolPlan:
    """What a purchase does in one pool; without hourly rows or a known rate nothing is bought and the notes say so."""
    return plan_usage(bill, pool, purchase, pool_usage(bill, pool, after, purchase.beside_per_hour))


def plan_usage(bill: Bill, pool: Pool, purchase: Purchase, usage: PoolUsage) -> PoolPlan:
    """``plan_pool`` on usage that is laid out already, which several purchases may share."""
    title = pool_title(pool.name)
    if purchase.term == "none" and not purchase.rungs:
        return unbought(bill, pool, usage, purchase, without_term(pool, purchase))
    if not pool.has_hours:
        sentence = f"{title} needs hourly rows to plan a commitment: import the hourly export for these months."
        return unbought(bill, pool, usage, purchase, sentence)
    if purchase.rungs:
        return _with_rungs(bill, pool, usage, purchase)
    offer = _offer_of(bill, pool, usage, purchase, purchase.term)
    if offer is None:
        return unbought(bill, pool, usage, purchase, nothing_offered(bill, pool, usage, purchase, purchase.term))
    level, sentence = _level(pool, purchase, usage, offer)
    if level is None or level <= 0.0:
        return unbought(bill, pool, usage, purchase, sentence, offer)
    covered = covered_by_class(offer.hours, offer.discounts, level, purchase.fill_order)
    return bought(bill, pool, usage, purchase, [Part(purchase.term, offer, level, covered)])


def _with_rungs(bill: Bill, pool: Pool, usage: PoolUsage, purchase: Purchase) -> PoolPlan:
    """Those that start at once, the longest first, each on what those before it leave; later ones are only told."""
    offers: dict[str, Offer] = {}
    for term in {each.term for each in purchase.rungs}:
        offer = _offer_of(bill, pool, usage, purchase, term)
        if offer is None:
            return unbought(bill, pool, usage, purchase, nothing_offered(bill, pool, usage, purchase, term))
        offers[term] = offer
    starts = {rung: rung.months_ahead(bill.months[-1]) for rung in purchase.rungs}
    dropped = [rung for rung in purchase.rungs if starts[rung] < 0]
    said = rungs_notes(bill, pool, purchase, dropped)
    kept = [rung for rung in purchase.rungs if starts[rung] >= 0]
    if not kept:
        return unbought(bill, pool, usage, purchase, said[0])
    parts = _in_turn(usage, [(rung, offers[rung.term]) for rung in kept if starts[rung] == 0], purchase.fill_order)
    plan = bought(bill, pool, usage, purchase, parts) if parts else unbought(bill, pool, usage, purchase)
    rungs = tuple(_rung(bill, pool, usage, offers[rung.term], rung, starts[rung]) for rung in kept)
    return replace(
        plan,
        term=kind_of(kept),
        amount=TYPED,
        notes=(*plan.notes, *said),
        rungs=rungs,
        steps=tuple(step for rung in rungs for step in rung.steps),
    )


def _key(pool: Pool) -> str:
    return f"commitments.{pool.name}"


def _in_turn(usage: PoolUsage, rungs: list[tuple[PlannedRung, Offer]], fill_order: FillOrder) -> list[Part]:
    """What each rung covers of what those before it leave."""
    left, parts = usage.hours.copy(), []
    for rung, offer in rungs:
        rows, level = list(offer.rows), rung.covered_per_hour * offer.mean_paid
        covered = covered_by_class(left[rows], offer.discounts, level, fill_order)
        left[rows] -= covered
        parts.append(Part(rung.term, offer, level, covered))
    return parts


def _rung(bill: Bill, pool: Pool, usage: PoolUsage, offer: Offer, rung: PlannedRung, start: int) -> BoughtRung:
    level, covered = rung.covered_per_hour * offer.mean_paid, rung.covered_per_hour
    steps = console_steps(pool.pool, pool.region, rung.term, level, covered, bill.currency, rung.start_month)
    rates = shown_rates(usage, offer)
    return BoughtRung(start, rung.start_month, rung.term, rates, covered, level, is_renewed=False, steps=steps)


def _offer_of(bill: Bill, pool: Pool, usage: PoolUsage, purchase: Purchase, term: str) -> Offer | None:
    rates = own_discounts(bill, pool, usage.classes, term, purchase.price_base)
    return offer_of(usage, rates, purchase.fill_order)


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
    if purchase.amount == TYPED:
        return (
            None,
            f"{title}: only what is typed is to be bought, and no amount is: set {_key(pool)}.covered_per_hour.",
        )
    hours, when = offer.hours, ""
    if purchase.amount == LAST_MONTH:
        hours, when = usage.calendar.months_of_hours.last(offer.hours), " in its last month"
    return (
        optimal_level(hours, offer.discounts, purchase.fill_order),
        f"No commitment of {TERM_TITLES[purchase.term]} saves anything in {title} on the usage that is left{when}.",
    )
