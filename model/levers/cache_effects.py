"""What a cache does to others: query work left to each database, Firestore reads, and the hit rate that pays for it.

Both are measured against today's, which a cache of today already lowers. A cache that stands and is not moved has one
effect: what its loss would do, for the guardrail of a database that changes.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from model.behaviour.query_work import break_even_hit_ratio
from model.levers.cache_capacity import cost_per_hour
from model.levers.cache_choice import hit_ratio_today
from model.levers.cache_instance import READS, caches
from model.levers.cloud_sql_choice import HOURS_PER_MONTH, smallest_fitting_tier
from model.levers.cloud_sql_instance import instances
from model.levers.database_work import Caching, cacheable_shares, with_database_work
from model.parameter import Chosen, Values
from model.prices import unit_price

if TYPE_CHECKING:
    from collections.abc import Mapping

    from model.bill import Bill
    from model.lever import Effects
    from model.levers.cache_choice import CacheChoice
    from model.levers.cache_instance import Cache
    from model.parameter import Value

    Moved = Mapping[Cache, CacheChoice]


def effects_of(bill: Bill, values: Values, before: Effects, moved: Moved) -> Effects:
    """Effects after those before, from every cache that stands: those that a scenario or demand moves, and the rest."""
    choices = {cache: moved.get(cache) for cache in caches(bill) if cache in moved or cache.resource is not None}
    caching = [_caching(bill, values, cache, choice) for cache, choice in choices.items()]
    if not any(part.hit_ratio or part.hit_ratio_today for part in caching):
        return before
    told = with_database_work(bill, before, cacheable_shares(bill, values), caching)
    return replace(told, firestore_reads=before.firestore_reads * _reads_factor(values, moved))


def _caching(bill: Bill, values: Values, cache: Cache, choice: CacheChoice | None) -> Caching:
    waived = values.get(cache.key("loss_waived")) is True
    if choice is not None:
        return Caching(cache.weight, choice.hit_ratio, choice.hit_ratio_today, waived)
    today = hit_ratio_today(bill, values, cache)
    return Caching(cache.weight, today, today, waived)


def _reads_factor(values: Values, moved: Moved) -> float:
    """Firestore reads after ÷ today: 1 + Σ weight · ((1 − k_f h) ÷ (1 − k_f h_today) − 1)."""
    factor = 1.0
    for cache, choice in moved.items():
        share = values.number(cache.key("firestore_cacheable_share"))
        left, today = (1.0 - share * hit for hit in (choice.hit_ratio, choice.hit_ratio_today))
        factor += cache.weight * (left / today - 1.0 if today > 0.0 else 0.0)
    return factor


def work_notes(after: Effects) -> tuple[str, ...]:
    """M of each database with its bounds, where only totals are known."""
    notes = []
    for name, work in after.work_by_database:
        if work.value == work.worst == 1.0:
            continue
        bound = f", {work.worst:.1%} at most however the two overlap" if work.worst > work.value else ""
        notes.append(f"{name}: {work.value:.1%} of today's query work is left by tuning and cache{bound}.")
    return tuple(notes)


def break_even_notes(bill: Bill, values: Values, moved: Moved, before: Effects) -> tuple[str, ...]:
    """The hit rate from which a new cache is paid for by Firestore reads and smaller databases, or that none does."""
    notes = []
    for cache, choice in moved.items():
        cost = cost_per_hour(bill, choice.tier, choice.size_gib, cache.region)
        if cache.resource is not None or not cost:
            continue
        even = break_even_hit_ratio_of(bill, values, cache, cost, before)
        paid = f"for its {cost * HOURS_PER_MONTH:.2f} {bill.currency} a month, by Firestore reads and smaller databases"
        if even is None:
            notes.append(f"{cache.name}: no hit rate pays {paid}.")
        else:
            notes.append(f"{cache.name}: from {even:.1%} on the hit rate pays {paid} (at the size that then fits).")
    return tuple(notes)


def break_even_hit_ratio_of(bill: Bill, values: Values, cache: Cache, cost: float, before: Effects) -> float | None:
    """inf{h : saving per hour(h) ≥ cost per hour}; saving = reads·k_f·h + cheapest fitting databases at 0 less at h."""
    asked = (*values.of("cloud_sql"), *values.of("service_level"), *_fan_out(bill, values))
    return _break_even(bill, cost, before, values.number(cache.key("firestore_cacheable_share")), asked)


def _fan_out(bill: Bill, values: Values) -> tuple[tuple[str, Value], ...]:
    keys = [f"cloud_run.{service.name}.max_instances" for service in bill.of("cloud_run")]
    return tuple((key, values.get(key)) for key in keys)


@lru_cache(maxsize=256)
def _break_even(
    bill: Bill, cost: float, before: Effects, cacheable_reads: float, asked: tuple[tuple[str, Value], ...]
) -> float | None:
    """Memoised, since it does not depend on the hit rate that a slider moves."""
    values = Values({key: Chosen(value, "modelled", "") for key, value in asked})
    reads = _reads_cost_per_hour(bill) * before.demand * cacheable_reads
    without = _databases_cost_per_hour(bill, values, before, 0.0)

    def saving(hit: float) -> float:
        return reads * hit + without - _databases_cost_per_hour(bill, values, before, hit)

    return break_even_hit_ratio(saving, lambda _: cost)


def _databases_cost_per_hour(bill: Bill, values: Values, before: Effects, hit: float) -> float:
    """Cheapest fitting databases at a hit ratio of one new cache, whose loss they must carry."""
    effects = with_database_work(bill, before, cacheable_shares(bill, values), (Caching(1.0, hit, 0.0),))
    chosen = (smallest_fitting_tier(bill, instance, values, effects) for instance in instances(bill))
    return sum(choice.cost_per_month or 0.0 for choice in chosen) / HOURS_PER_MONTH


def _reads_cost_per_hour(bill: Bill) -> float:
    cost = 0.0
    for resource in bill.of("firestore"):
        price = unit_price(bill, READS, resource.region)
        if price is not None and READS in resource.usage:
            cost += price.on_demand * float(resource.usage[READS].sum())
    return cost / max(1.0, float(bill.hours.is_calendar.sum()))
