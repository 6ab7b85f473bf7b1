"""What a Cloud SQL change must keep: CPU at the peak, CPU with the cache lost, memory, allowed shapes, the agreement.

CPU is judged in the highest projected month at the size that then runs: where growth needs a larger one, the projection
prices that step, so it is not a failure too. An instance that is over a limit today is a warning: a plan fails only
where it makes that worse.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from model import horizon
from model.behaviour.database_tier import shape_problem
from model.lever import DatabaseWork, Guardrail
from model.levers.cloud_sql_connections import connections_guardrails
from model.levers.cloud_sql_instance import LEVER
from model.levers.cloud_sql_kinds import REGIONAL
from model.levers.cloud_sql_target import (
    CPU_CACHE_LOST,
    cpu_limit,
    grown,
    judged_cpu,
    memory_share,
    shared_core_vcpu,
    today_of,
)

if TYPE_CHECKING:
    from model.bill import Bill
    from model.lever import Effects
    from model.levers.cloud_sql_instance import Instance
    from model.levers.cloud_sql_target import Target
    from model.parameter import Values

CENSORED_CPU: Final = 0.95
_TOLERANCE: Final = 1e-9


def target_guardrails(
    bill: Bill, instance: Instance, target: Target, values: Values, effects: Effects
) -> list[Guardrail]:
    """Every limit that this change touches."""
    is_resized = target.tier != instance.tier
    work = effects.work_of(instance.name)
    found = [_shape(instance, target)] if is_resized and not instance.is_aggregate else []
    if target.tier.shared_core and is_resized:
        found.append(_agreement(instance, target))
    if is_resized or target.replicas != instance.replica_count or target.reads != 1.0 or work.worst > 1.0:
        found += _cpu(instance, target, values, work, effects.demand)
    if target.tier.memory_gib < instance.tier.memory_gib:
        found.append(_memory(instance, target, values))
    return found + connections_guardrails(bill, instance, target, values)


def highest_demand(values: Values, demand: float) -> float:
    """Usage of the highest projected month against today's: (1 + growth)^3, at least 1 and the demand asked for."""
    years = horizon.HORIZON_MONTHS / 12
    return float(max(1.0, (1.0 + values.number(horizon.GROWTH)) ** years, demand))


def _shape(instance: Instance, target: Target) -> Guardrail:
    problem = shape_problem(target.tier)
    size = target.tier.shared_core or f"{target.tier.vcpu:g} vCPU with {target.tier.memory_gib:g} GiB"
    return Guardrail(
        "allowed shape", LEVER, instance.name, 0.0, float(bool(problem)), "problems", not problem,
        f"{instance.name}: {problem or f'{size} can be had.'}",
    )  # fmt: skip


def _agreement(instance: Instance, target: Target) -> Guardrail:
    """Shared cores stand outside Google's agreement: broken where today's is inside, else not judged."""
    is_covered = instance.availability.value == REGIONAL and not instance.is_shared
    verdict = "today's is" if is_covered else "whether this database is for production is not known"
    sentence = (
        f"{instance.name}: {target.tier.shared_core} is for tests and development, outside Google's service level "
        f"agreement (Cloud SQL operational guidelines); {verdict}."
    )
    return _guardrail(
        "service level agreement", instance.name, 0.0, 1.0 if is_covered else None,
        passed=False if is_covered else None, sentence=sentence, unit="problems",
    )  # fmt: skip


def _cpu(instance: Instance, target: Target, values: Values, work: DatabaseWork, demand: float) -> list[Guardrail]:
    found = [_peak(instance, target, values, work, highest_demand(values, demand))]
    if work.cache_lost > work.worst + _TOLERANCE:
        found.append(_cache_lost(instance, target, values, work.cache_lost))
    return found


def _peak(instance: Instance, target: Target, values: Values, work: DatabaseWork, demand: float) -> Guardrail:
    now, name, limit = judged_cpu(instance, target, values, work.worst), instance.name, cpu_limit(values)
    if now is None:
        return _guardrail("peak CPU", name, limit, None, passed=None, sentence=_not_judged(instance))
    measured = values.number(instance.key("peak_cpu_utilisation"))
    if measured >= CENSORED_CPU and target.tier.vcpu < instance.tier.vcpu:
        sentence = f"{name}: CPU peaks at {measured:.0%}, so its true need is not visible; it may not shrink."
        return _guardrail("peak CPU", name, limit, now, passed=False, sentence=sentence)
    later, growth = _projected(instance, target, values, work, demand)
    left, _ = _projected(instance, today_of(instance), values, DatabaseWork(), demand)
    after, today = max(now, later), max(measured, left)
    is_over, is_worse = after > limit + _TOLERANCE, after > today + _TOLERANCE
    state = "above the limit already today, and not made worse" if is_over and not is_worse else "after the change"
    sentence = f"{name}: CPU peaks at {now:.0%}{_of_shared(instance, target, values)} {state}; the limit is "
    sentence += f"{limit:.0%}.{growth}"
    return _guardrail("peak CPU", name, limit, after, passed=not (is_over and is_worse), sentence=sentence)


def _projected(
    instance: Instance, target: Target, values: Values, work: DatabaseWork, demand: float
) -> tuple[float, str]:
    """Peak CPU of the highest projected month at the size that then runs, and what is said of it."""
    then = grown(instance, target, values, work, demand)
    later = (judged_cpu(instance, then, values, work.worst) or 0.0) * demand
    if demand <= 1.0:
        return later, ""
    said = f" With {demand:.3g} times the usage it peaks at {later:.0%}"
    if then.tier == target.tier:
        return later, f"{said}."
    size = f"{then.tier.vcpu:g} vCPU with {then.tier.memory_gib:g} GiB"
    return later, f"{said} on {size}, a step that the projection prices."


def _cache_lost(instance: Instance, target: Target, values: Values, work: float) -> Guardrail:
    after, name = judged_cpu(instance, target, values, work), "peak CPU with the cache lost"
    if after is None:
        sentence = f"{instance.name}: peak CPU is not known, so the loss of the cache is not judged."
        return _guardrail(name, instance.name, CPU_CACHE_LOST, None, passed=None, sentence=sentence)
    sentence = f"{instance.name}: with the cache lost CPU would peak at {after:.0%}; the limit is {CPU_CACHE_LOST:.0%}."
    passed = after <= CPU_CACHE_LOST + _TOLERANCE
    return _guardrail(name, instance.name, CPU_CACHE_LOST, after, passed=passed, sentence=sentence)


def _of_shared(instance: Instance, target: Target, values: Values) -> str:
    if not target.tier.shared_core or target.tier == instance.tier:
        return ""
    return (
        f" of the {shared_core_vcpu(instance, target, values):g} vCPU that {target.tier.shared_core} is taken to give"
    )


def _not_judged(instance: Instance) -> str:
    key = instance.key("peak_cpu_utilisation")
    return f"{instance.name}: peak CPU is not known, so the size is not judged; import metrics or type {key}."


def _guardrail(name: str, resource: str, limit: float, value: float | None, *, passed: bool | None, sentence: str,
               unit: str = "ratio") -> Guardrail:  # fmt: skip
    return Guardrail(name, LEVER, resource, limit, value, unit, passed, sentence)


def _memory(instance: Instance, target: Target, values: Values) -> Guardrail:
    name, key, memory = "memory for the working set", instance.key("working_set_gib"), target.tier.memory_gib
    limit = memory * memory_share(values)
    if values.get(key) is None:
        sentence = f"{instance.name}: the working set is not known, so {memory:g} GiB are not judged; type {key}."
        return _guardrail(name, instance.name, limit, None, passed=None, sentence=sentence, unit="GiB")
    working_set = values.number(key)
    sentence = (
        f"{instance.name}: a working set of {working_set:g} GiB in {memory:g} GiB of memory, of which it may take "
        f"{memory_share(values):.0%}."
    )
    passed = working_set <= limit * (1.0 + _TOLERANCE)
    return _guardrail(name, instance.name, limit, working_set, passed=passed, sentence=sentence, unit="GiB")
