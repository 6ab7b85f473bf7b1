"""The smallest Cloud SQL size that carries the load: what tuning and caching are worth, through rows only."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from model.behaviour.database_tier import Tier, cheapest_tier, fitting_tiers, memory_for_connections
from model.levers.cloud_sql_instance import compute_kind, variant_of
from model.levers.cloud_sql_limits import (
    CENSORED_CPU,
    CPU_CACHE_LOST,
    CPU_TARGET,
    Target,
    connections_needed,
    peak_cpu,
)
from model.prices import unit_price

if TYPE_CHECKING:
    from model.bill import Bill
    from model.lever import Effects
    from model.levers.cloud_sql_instance import Instance
    from model.parameter import Values

HOURS_PER_MONTH: Final = 730.0


@dataclass(frozen=True)
class TierChoice:
    """The cheapest size that fits, and today's, with on-demand compute cost per month in the bill's currency.

    ``tier`` is today's where nothing cheaper fits. Costs None where a price is unknown; the sentence says why.
    """

    tier: Tier
    cost_per_month: float | None
    current: Tier
    current_cost_per_month: float | None
    sentence: str


def smallest_fitting_tier(bill: Bill, instance: Instance, values: Values, effects: Effects) -> TierChoice:
    """The cheapest allowed size of the same edition and availability that keeps every limit, or today's.

    Needed vCPU = peak load ÷ 70 % at the largest query work, and ÷ 100 % with the cache lost; from 95 % peak CPU on at
    least today's. Needed memory = the working set, else today's; and enough for the connections.
    """
    today = instance.tier
    prices = _prices(bill, instance)
    if prices is None:
        return TierChoice(today, None, today, None, f"{instance.name}: this bill has no price for its size.")
    vcpu = _vcpu_needed(instance, values, effects)
    if vcpu is None or instance.is_aggregate:
        cost = _monthly(today, prices)
        why = "these rows are several instances" if instance.is_aggregate else "its peak CPU is not known"
        return TierChoice(today, cost, today, cost, f"{instance.name}: {why}, so no smaller size is suggested.")
    memory = _memory_needed(bill, instance, values)
    tier = cheapest_tier([today, *fitting_tiers(today.edition, vcpu, memory)], *prices) or today
    cost, now = _monthly(tier, prices), _monthly(today, prices)
    text = f"{tier.vcpu:g} vCPU with {tier.memory_gib:g} GiB is the cheapest size that fits"
    sentence = "today's size is the cheapest that fits" if tier == today else text
    return TierChoice(tier, cost, today, now, f"{instance.name}: {sentence}.")


@lru_cache(maxsize=256)
def _prices(bill: Bill, instance: Instance) -> tuple[float, float] | None:
    if instance.is_shared or not instance.tier.vcpu:
        return None
    variant = variant_of(instance.tier.edition, str(instance.availability.value))
    vcpu, memory = (
        unit_price(bill, compute_kind(variant, quantity), instance.resource.region) for quantity in ("vcpu", "memory")
    )
    return None if vcpu is None or memory is None else (vcpu.on_demand, memory.on_demand)


def _monthly(tier: Tier, prices: tuple[float, float]) -> float:
    return tier.cost_per_hour(*prices) * HOURS_PER_MONTH


def _vcpu_needed(instance: Instance, values: Values, effects: Effects) -> float | None:
    today = instance.tier
    at_today = Target(today, str(instance.availability.value), round(float(instance.replicas.value or 0)))
    work = effects.work_of(instance.name)
    worst = peak_cpu(instance, at_today, values, work.worst)
    lost = peak_cpu(instance, at_today, values, work.cache_lost)
    if worst is None or lost is None:
        return None
    needed = max(worst / CPU_TARGET, lost / CPU_CACHE_LOST) * today.vcpu
    is_censored = values.number(instance.key("peak_cpu_utilisation")) >= CENSORED_CPU
    return max(needed, today.vcpu) if is_censored else needed


def _memory_needed(bill: Bill, instance: Instance, values: Values) -> float:
    key = instance.key("working_set_gib")
    memory = instance.tier.memory_gib if values.get(key) is None else values.number(key)
    connections = connections_needed(bill, instance, values)
    if connections is None or bill.fact(instance.key("max_connections")) is not None:
        return memory
    least = memory_for_connections(connections)
    return memory if math.isinf(least) else max(memory, least)
