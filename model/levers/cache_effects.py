"""What a cache does to others: query work left to each database, Firestore reads, and the hit rate that pays for it.

Work is measured against today's, which a cache of today already lowers: (m_q + cache) ÷ (1 − k·h_today). Several caches
each stand before their share of the work, by size.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from model.behaviour.query_work import break_even_hit_ratio, multiplier_of_totals
from model.lever import Effects, UsageChange
from model.levers.cache_capacity import cost_per_hour
from model.levers.cache_instance import READS, database_weights
from model.levers.cloud_sql_choice import HOURS_PER_MONTH, smallest_fitting_tier
from model.levers.cloud_sql_instance import instances
from model.parameter import Chosen, Values
from model.prices import unit_price

if TYPE_CHECKING:
    from collections.abc import Mapping

    from model.behaviour.query_work import WorkMultiplier
    from model.bill import Bill
    from model.levers.cache_choice import CacheChoice
    from model.levers.cache_instance import Cache
    from model.parameter import Value

    Moved = Mapping[Cache, CacheChoice]


def reads_factor(values: Values, moved: Moved) -> float:
    """Firestore reads after ÷ today: 1 + Σ weight · ((1 − k_f h) ÷ (1 − k_f h_today) − 1)."""
    factor = 1.0
    for cache, choice in moved.items():
        share = values.number(cache.key("firestore_cacheable_share"))
        factor += cache.weight * (_against_today(1.0 - share * choice.hit_ratio, share, choice) - 1.0)
    return factor


def reads_usage(bill: Bill, factor: float) -> tuple[UsageChange, ...]:
    """Every Firestore resource's reads × the factor; nothing at 1."""
    if factor == 1.0:
        return ()
    formula = f"actual × {factor:.6g}, reads × (1 − k·h) against today's"
    return tuple(
        UsageChange(resource, READS, resource.usage[READS] * factor, "modelled", formula)
        for resource in bill.of("firestore")
        if READS in resource.usage and resource.usage[READS].any()
    )


def database_effects(bill: Bill, values: Values, moved: Moved, before: Effects, factor: float) -> Effects:
    """Effects after those before: the value weighted by vCPU-hours, the worst and the lost cache over all databases."""
    weights = database_weights(bill)
    shares = {name: values.number(f"cloud_sql.{name}.cacheable_share") for name in weights}
    if not weights:
        return replace(before, firestore_reads=before.firestore_reads * factor)
    value = sum(weights[name] * _work(share, moved, before.database_work, "value") for name, share in shares.items())
    worst = max(_work(share, moved, before.database_work_worst, "high") for share in shares.values())
    lost = max(_work(share, moved, before.database_work_cache_lost, "cache_lost") for share in shares.values())
    return replace(
        before,
        database_work=value,
        database_work_worst=worst,
        database_work_cache_lost=lost,
        firestore_reads=before.firestore_reads * factor,
    )


def _work(share: float, moved: Moved, tuned: float, which: str) -> float:
    """Query work of a database with a cacheable share, after ÷ today, from a tuned ratio m_q."""
    left = tuned * (1.0 - sum(cache.weight for cache in moved))
    for cache, choice in moved.items():
        work: WorkMultiplier = multiplier_of_totals(tuned, share, choice.hit_ratio)
        left += cache.weight * _against_today(float(getattr(work, which)), share, choice)
    return left


def _against_today(after: float, share: float, choice: CacheChoice) -> float:
    today = 1.0 - share * choice.hit_ratio_today
    return after / today if today > 0.0 else 1.0


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
    asked = (*values.of("cloud_sql"), *values.of("growth"), *_fan_out(bill, values))
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
    reads = _reads_cost_per_hour(bill) * cacheable_reads
    without = _databases_cost_per_hour(bill, values, before, 0.0)

    def saving(hit: float) -> float:
        return reads * hit + without - _databases_cost_per_hour(bill, values, before, hit)

    return break_even_hit_ratio(saving, lambda _: cost)


def _databases_cost_per_hour(bill: Bill, values: Values, before: Effects, hit: float) -> float:
    cost = 0.0
    for instance in instances(bill):
        share = values.number(instance.key("cacheable_share"))
        effects = Effects(
            multiplier_of_totals(before.database_work, share, hit).value,
            multiplier_of_totals(before.database_work_worst, share, hit).high,
            before.database_work_cache_lost,
        )
        cost += smallest_fitting_tier(bill, instance, values, effects).cost_per_month or 0.0
    return cost / HOURS_PER_MONTH


def _reads_cost_per_hour(bill: Bill) -> float:
    cost = 0.0
    for resource in bill.of("firestore"):
        price = unit_price(bill, READS, resource.region)
        if price is not None and READS in resource.usage:
            cost += price.on_demand * float(resource.usage[READS].sum())
    return cost / max(1.0, float(bill.hours.is_calendar.sum()))
