"""The cheapest Cloud SQL size that carries the load: what tuning and caching are worth, through rows only."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from model.behaviour.connection_pool import memory_for_connections
from model.behaviour.database_tier import SHARED_CORE_GIB, Tier, cheapest_tier, fitting_tiers, shared_tier
from model.levers.cloud_sql_connections import connections_needed, engine_of
from model.levers.cloud_sql_kinds import compute_kinds
from model.levers.cloud_sql_limits import CENSORED_CPU
from model.levers.cloud_sql_target import CPU_CACHE_LOST, cpu_limit, memory_share, peak_cpu, today_of
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
    """The cheapest allowed size of the same edition and availability that keeps every limit at this demand, or today's.

    Needed vCPU = peak load ÷ the CPU limit at the largest query work, and ÷ 100 % with the cache lost; from 95 % peak
    CPU on at least today's. Needed memory = the working set ÷ the share that it may take, else today's; and enough for
    the connections. Shared cores are never among them: ``shared_core_choice`` prices those for who asks.
    """
    today = instance.tier
    now = _monthly(bill, instance, today)
    prices = _prices(bill, instance)
    if now is None or prices is None:
        return TierChoice(today, now, today, now, f"{instance.name}: {_why_unpriced(instance)}.")
    vcpu = _vcpu_needed(instance, values, effects)
    if vcpu is None or instance.is_aggregate:
        why = "these rows are several instances" if instance.is_aggregate else "its peak CPU is not known"
        return TierChoice(today, now, today, now, f"{instance.name}: {why}, so no smaller size is suggested.")
    memory = _memory_needed(bill, instance, values)
    tier = cheapest_tier([today, *fitting_tiers(today.edition, vcpu, memory)], *prices) or today
    text = f"{tier.vcpu:g} vCPU with {tier.memory_gib:g} GiB is the cheapest size that fits"
    sentence = "today's size is the cheapest that fits" if tier == today else text
    return TierChoice(tier, tier.cost_per_hour(*prices) * HOURS_PER_MONTH, today, now, f"{instance.name}: {sentence}.")


def shared_core_choice(bill: Bill, instance: Instance, values: Values) -> TierChoice:
    """The cheapest shared core whose memory holds the working set and the connections, for who asks; else today's.

    Its CPU is judged where the plan asks for it. Google's agreement does not cover it: for tests and development only.
    """
    today = instance.tier
    now = _monthly(bill, instance, today)
    memory = _memory_needed(bill, instance, values)
    costs = {tier: _monthly(bill, instance, tier) for tier in map(shared_tier, SHARED_CORE_GIB)}
    fitting = [(cost, tier) for tier, cost in costs.items() if cost is not None and tier.memory_gib >= memory]
    cost, tier = min(fitting, key=lambda item: item[0], default=(now, today))
    if not fitting or (now is not None and cost is not None and cost >= now):
        return TierChoice(
            today, now, today, now, f"{instance.name}: no shared core is cheaper and holds {memory:.4g} GiB."
        )
    sentence = f"{instance.name}: {tier.shared_core} holds {memory:.4g} GiB; no agreement covers it."
    return TierChoice(tier, cost, today, now, sentence)


def _why_unpriced(instance: Instance) -> str:
    return "a shared core is not resized" if instance.is_shared else "this bill has no price for its size"


def _monthly(bill: Bill, instance: Instance, tier: Tier) -> float | None:
    """On-demand cost of a size for a month of 730 hours; None where a price is not known."""
    cost = 0.0
    for kind, size in compute_kinds(tier, str(instance.availability.value)).items():
        price = _price(bill, kind, instance.resource.region)
        if price is None or (not tier.vcpu and not tier.shared_core):
            return None
        cost += price * size
    return cost * HOURS_PER_MONTH


@lru_cache(maxsize=256)
def _price(bill: Bill, kind: str, region: str) -> float | None:
    found = unit_price(bill, kind, region)
    return None if found is None else found.on_demand


def _prices(bill: Bill, instance: Instance) -> tuple[float, float] | None:
    """Prices of a vCPU-hour and a GiB-hour of today's edition and availability; None on a shared core."""
    if instance.is_shared:
        return None
    kinds = compute_kinds(instance.tier, str(instance.availability.value))
    vcpu, memory = (_price(bill, kind, instance.resource.region) for kind in kinds)
    return None if vcpu is None or memory is None else (vcpu, memory)


def _vcpu_needed(instance: Instance, values: Values, effects: Effects) -> float | None:
    today, work = today_of(instance), effects.work_of(instance.name)
    worst = peak_cpu(instance, today, values, work.worst)
    lost = peak_cpu(instance, today, values, work.cache_lost)
    if worst is None or lost is None:
        return None
    load = max(worst / cpu_limit(values), lost / CPU_CACHE_LOST) * effects.demand
    needed = load * today.tier.vcpu
    is_censored = values.number(instance.key("peak_cpu_utilisation")) >= CENSORED_CPU
    return max(needed, today.tier.vcpu) if is_censored else needed


def _memory_needed(bill: Bill, instance: Instance, values: Values) -> float:
    key = instance.key("working_set_gib")
    is_known = values.get(key) is not None
    memory = values.number(key) / memory_share(values) if is_known else instance.tier.memory_gib
    connections = connections_needed(bill, instance, values)
    if connections is None or bill.fact(instance.key("max_connections")) is not None:
        return memory
    least = memory_for_connections(connections, engine_of(bill, instance))
    return memory if least == float("inf") else max(memory, least)
