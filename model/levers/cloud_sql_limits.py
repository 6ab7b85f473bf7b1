"""What a Cloud SQL change must keep: CPU at the peak, CPU with the cache lost, memory, connections, allowed shapes.

Peak after = U_peak · [(1 − q) + q·M] · (vCPU_old·speed_old) ÷ (vCPU_new·speed_new) · replicas' relief, in the highest
projected month. An instance that is over a limit today is a warning: a plan fails only where it makes that worse.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from model.behaviour.database_tier import default_max_connections, shape_problem
from model.lever import Guardrail
from model.levers.cloud_sql_instance import LEVER

if TYPE_CHECKING:
    from model.behaviour.database_tier import Tier
    from model.bill import Bill
    from model.lever import DatabaseWork, Effects
    from model.levers.cloud_sql_instance import Instance
    from model.parameter import Values

CPU_TARGET: Final = 0.70
CPU_CACHE_LOST: Final = 1.00
CENSORED_CPU: Final = 0.95
PROJECTION_YEARS: Final = 3
SPEED: Final = {"enterprise": 1.0, "enterprise_plus": 1.0}
"""Work per vCPU; no source compares the editions, so they count as equal."""
_TOLERANCE: Final = 1e-9


@dataclass(frozen=True)
class Target:
    """What the scenario asks of an instance."""

    tier: Tier
    availability: str
    replicas: int


def target_guardrails(
    bill: Bill, instance: Instance, target: Target, values: Values, effects: Effects
) -> list[Guardrail]:
    """Every limit that this change touches."""
    is_resized = target.tier != instance.tier
    work = effects.work_of(instance.name)
    found = [_shape(instance, target)] if is_resized and not instance.is_aggregate else []
    if is_resized or target.replicas != _replicas(instance) or work.worst > 1.0:
        found += _cpu(instance, target, values, work)
    if target.tier.memory_gib < instance.tier.memory_gib:
        found.append(_memory(instance, target, values))
    return found + connections_guardrail(bill, instance, target, values)


def peak_cpu(instance: Instance, target: Target, values: Values, work: float) -> float | None:
    """Peak CPU utilisation after the change at a query work multiplier M; None where today's peak is not known."""
    today = values.get(instance.key("peak_cpu_utilisation"))
    if today is None or instance.tier.vcpu <= 0.0 or target.tier.vcpu <= 0.0:
        return None
    old = instance.tier.vcpu * SPEED[instance.tier.edition]
    new = target.tier.vcpu * SPEED[target.tier.edition]
    relief = _replica_relief(instance, target, values)
    load = _grown(values) * query_load(instance, values, work)
    return values.number(instance.key("peak_cpu_utilisation")) * load * old / new * relief


def query_load(instance: Instance, values: Values, work: float) -> float:
    """(1 − q) + q·M: CPU left when query work is multiplied by M."""
    share = values.number(instance.key("query_cpu_share"))
    return (1.0 - share) + share * work


def _grown(values: Values) -> float:
    """Usage of the highest projected month over today's."""
    return float(max(1.0, (1.0 + values.number("growth.usage_per_year")) ** PROJECTION_YEARS))


def _replicas(instance: Instance) -> int:
    return round(float(instance.replicas.value or 0))


def _replica_relief(instance: Instance, target: Target, values: Values) -> float:
    """Load of the primary against today's when reads spread evenly over it and its replicas."""
    read = values.number(instance.key("read_share"))
    after, today = ((1.0 - read) + read / (1.0 + n) for n in (target.replicas, _replicas(instance)))
    return after / today


def _shape(instance: Instance, target: Target) -> Guardrail:
    problem = shape_problem(target.tier)
    return Guardrail(
        "allowed shape", LEVER, instance.name, 0.0, float(bool(problem)), "problems", not problem,
        f"{instance.name}: {problem or f'{target.tier.vcpu:g} vCPU with {target.tier.memory_gib:g} GiB can be had.'}",
    )  # fmt: skip


def _cpu(instance: Instance, target: Target, values: Values, work: DatabaseWork) -> list[Guardrail]:
    found = [_peak(instance, target, values, work.worst)]
    if work.cache_lost > work.worst + _TOLERANCE:
        found.append(_cache_lost(instance, target, values, work.cache_lost))
    return found


def _peak(instance: Instance, target: Target, values: Values, work: float) -> Guardrail:
    after, name = peak_cpu(instance, target, values, work), instance.name
    if after is None:
        sentence = f"{name}: peak CPU is not known, so the size is not judged; import metrics or type {{}}."
        return _guardrail("peak CPU", name, CPU_TARGET, None, passed=None, sentence=sentence.format(
            instance.key("peak_cpu_utilisation")
        ))  # fmt: skip
    measured = values.number(instance.key("peak_cpu_utilisation"))
    today = measured * _grown(values)
    if measured >= CENSORED_CPU and target.tier.vcpu < instance.tier.vcpu:
        sentence = f"{name}: CPU peaks at {measured:.0%}, so its true need is not visible; it may not shrink."
        return _guardrail("peak CPU", name, CPU_TARGET, after, passed=False, sentence=sentence)
    is_over, is_worse = after > CPU_TARGET + _TOLERANCE, after > today + _TOLERANCE
    state = "above the limit already today, and not made worse" if is_over and not is_worse else "after the change"
    sentence = f"{name}: CPU peaks at {after:.0%} {state}; the limit is {CPU_TARGET:.0%}."
    return _guardrail("peak CPU", name, CPU_TARGET, after, passed=not (is_over and is_worse), sentence=sentence)


def _cache_lost(instance: Instance, target: Target, values: Values, work: float) -> Guardrail:
    after, name = peak_cpu(instance, target, values, work), "peak CPU with the cache lost"
    if after is None:
        sentence = f"{instance.name}: peak CPU is not known, so the loss of the cache is not judged."
        return _guardrail(name, instance.name, CPU_CACHE_LOST, None, passed=None, sentence=sentence)
    sentence = f"{instance.name}: with the cache lost CPU would peak at {after:.0%}; the limit is {CPU_CACHE_LOST:.0%}."
    passed = after <= CPU_CACHE_LOST + _TOLERANCE
    return _guardrail(name, instance.name, CPU_CACHE_LOST, after, passed=passed, sentence=sentence)


def _guardrail(name: str, resource: str, limit: float, value: float | None, *, passed: bool | None, sentence: str,
               unit: str = "ratio") -> Guardrail:  # fmt: skip
    return Guardrail(name, LEVER, resource, limit, value, unit, passed, sentence)


def _memory(instance: Instance, target: Target, values: Values) -> Guardrail:
    key, memory = instance.key("working_set_gib"), target.tier.memory_gib
    if values.get(key) is None:
        sentence = f"{instance.name}: the working set is not known, so {memory:g} GiB are not judged; type {key}."
        return _guardrail(
            "memory for the working set", instance.name, memory, None, passed=None, sentence=sentence, unit="GiB"
        )
    needed = values.number(key)
    sentence = f"{instance.name}: {memory:g} GiB of memory for a working set of {needed:g} GiB."
    return _guardrail(
        "memory for the working set", instance.name, memory, needed, passed=needed <= memory, sentence=sentence,
        unit="GiB",
    )  # fmt: skip


def connections_needed(bill: Bill, instance: Instance, values: Values) -> float | None:
    """Σ (maximum of Cloud Run instances × pool size) over the services of the database's project; None: not known."""
    pool = values.get(instance.key("pool_size"))
    services = [s for s in bill.of("cloud_run") if s.project == instance.resource.project]
    most = [values.get(f"cloud_run.{service.name}.max_instances") for service in services]
    if pool is None or not most or any(count is None for count in most):
        return None
    return sum(float(count) for count in most if count is not None) * values.number(instance.key("pool_size"))


def connections_limit(bill: Bill, instance: Instance, memory_gib: float) -> float | None:
    """max_connections as configured, else PostgreSQL's default by memory; None where neither is known."""
    flag = bill.fact(instance.key("max_connections"))
    if flag is not None and flag.value is not None:
        return float(flag.value)
    version = bill.fact(instance.key("database_version"))
    if version is not None and not str(version.value).upper().startswith("POSTGRES"):
        return None
    return float(default_max_connections(memory_gib)) or None


def connections_guardrail(bill: Bill, instance: Instance, target: Target, values: Values) -> list[Guardrail]:
    """Connections against the limit, where the change moves either and both are known."""
    needed = connections_needed(bill, instance, values)
    limit = connections_limit(bill, instance, target.tier.memory_gib)
    if needed is None or limit is None:
        return []
    before = _limit_today(bill, instance)
    is_moved = limit != before or values.is_changed(instance.key("pool_size")) or _is_fan_out_moved(bill, values)
    if not is_moved:
        return []
    is_default = bill.fact(instance.key("max_connections")) is None
    origin = "PostgreSQL's default for this memory, from memory, not sourced" if is_default else "as configured"
    is_over = needed > limit
    is_worse = limit < before or needed > _connections_today(bill, instance, values)
    state = ", already too many today and not made worse" if is_over and not is_worse else ""
    sentence = f"{instance.name}: up to {needed:g} connections{state}; max_connections is {limit:g} ({origin})."
    return [
        _guardrail("connections", instance.name, limit, needed, passed=not (is_over and is_worse), sentence=sentence,
                   unit="connections")
    ]  # fmt: skip


def _limit_today(bill: Bill, instance: Instance) -> float:
    return connections_limit(bill, instance, instance.tier.memory_gib) or math.inf


def _connections_today(bill: Bill, instance: Instance, values: Values) -> float:
    """Connections at today's maxima and pool size; 0 where today is not known, so that the limit holds strictly."""
    services = [s for s in bill.of("cloud_run") if s.project == instance.resource.project]
    most = [bill.fact(f"cloud_run.{service.name}.max_instances") for service in services]
    pool = bill.fact(instance.key("pool_size"))
    size = values.number(instance.key("pool_size")) if pool is None else float(pool.value or 0)
    return size * sum(float(fact.value or 0) for fact in most if fact is not None)


def _is_fan_out_moved(bill: Bill, values: Values) -> bool:
    return any(values.is_changed(f"cloud_run.{service.name}.max_instances") for service in bill.of("cloud_run"))
