"""What a scenario asks of a Cloud SQL instance, and the size that growing usage then makes of it.

Tiers are steps. With g times the usage the peak is g times as high; the size grows to the smallest of its edition,
never below the scenario's, that keeps peak · g ≤ max(limit, peak today at this size). An instance that is over its
limit already keeps the room that it has: only what growth adds is priced, so that at g = 1 nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from model.behaviour.database_tier import SHARED_CORE_VCPU, Tier, fitting_tiers, shared_tier
from model.levers.cloud_sql_instance import DEDICATED, LEVER

if TYPE_CHECKING:
    from model.bill import Bill
    from model.lever import DatabaseWork
    from model.levers.cloud_sql_instance import Instance
    from model.parameter import Value, Values

CPU_TARGET: Final = 0.70
CPU_CACHE_LOST: Final = 1.00
MEMORY_SHARE: Final = 0.90
SPEED: Final = {"enterprise": 1.0, "enterprise_plus": 1.0}
"""Work per vCPU; no source compares the editions, so they count as equal."""
_TOLERANCE: Final = 1e-9


@dataclass(frozen=True)
class Target:
    """What the scenario asks of an instance; ``storage_gib`` 0 where today's is not known.

    ``reads``: reads of a replica after ÷ today, when its primary gets fewer or more of them.
    """

    tier: Tier
    availability: str
    replicas: int
    storage_gib: float = 0.0
    reads: float = 1.0


def today_of(instance: Instance) -> Target:
    """An instance as it is."""
    return Target(instance.tier, str(instance.availability.value), instance.replica_count, instance.disk_gib)


def target_of(bill: Bill, instance: Instance, values: Values) -> Target:
    """What the values ask of an instance; what is not known stays. A replica's disk grows with its primary's."""
    storage = values.number(instance.key("storage_gib"), instance.disk_gib)
    primary = bill.fact(instance.key("replica_of"))
    if primary is not None and instance.disk_gib and values.is_changed(f"{LEVER}.{primary.value}.storage_gib"):
        storage = max(storage, values.number(f"{LEVER}.{primary.value}.storage_gib"))
    availability = values.text(instance.key("availability"), str(instance.availability.value))
    replicas = round(values.number(instance.key("replicas"), instance.replica_count))
    return Target(_tier(instance, values), availability, replicas, storage, _reads(bill, instance, values))


def _reads(bill: Bill, instance: Instance, values: Values) -> float:
    """Reads of a replica after ÷ today, spread evenly over its primary and all replicas; 1 for other instances."""
    primary = bill.fact(instance.key("replica_of"))
    key = f"{LEVER}.{primary.value}.replicas" if primary is not None else ""
    today = bill.fact(key)
    if today is None or not values.is_changed(key):
        return 1.0
    return (1.0 + _count(today.value)) / (1.0 + round(values.number(key)))


def _count(value: Value) -> int:
    return 0 if value is None or isinstance(value, str) else round(value)


def _tier(instance: Instance, values: Values) -> Tier:
    today = instance.tier
    edition = values.text(instance.key("edition"), str(instance.edition.value))
    core = values.text(instance.key("shared_core"), str(instance.shared_core.value))
    is_sized = any(values.is_changed(instance.key(name)) for name in ("vcpu", "memory_gib"))
    if core != DEDICATED and (not is_sized or values.is_changed(instance.key("shared_core"))):
        return replace(shared_tier(core), edition=edition)
    return Tier(
        values.number(instance.key("vcpu"), today.vcpu),
        values.number(instance.key("memory_gib"), today.memory_gib),
        edition,
    )


def contradiction(instance: Instance, values: Values) -> str:
    """Why the settings of one instance do not go together; '' when they do."""
    if not values.is_changed(instance.key("shared_core")):
        return ""
    core = values.text(instance.key("shared_core"))
    if core != DEDICATED and any(values.is_changed(instance.key(name)) for name in ("vcpu", "memory_gib")):
        return f"{instance.name}: a shared core has no vCPU and memory of its own; set {core}, or vCPU and memory."
    if core == DEDICATED and not values.number(instance.key("vcpu")):
        return f"{instance.name}: a shared-core instance leaves it only for a size; set vCPU and memory too."
    return ""


def cpu_limit(values: Values) -> float:
    """Highest CPU that a database may reach at its peak."""
    return values.number("service_level.database_cpu", CPU_TARGET)


def memory_share(values: Values) -> float:
    """Most of a database's memory that its working set may take."""
    return values.number("service_level.database_memory", MEMORY_SHARE)


def judged_cpu(instance: Instance, target: Target, values: Values, work: float) -> float | None:
    """``peak_cpu``, also to and from shared cores; None where today's peak is not known.

    A shared core is judged by the vCPU that it gives in the mean; what runs on one today may take a whole core.
    """
    today = values.get(instance.key("peak_cpu_utilisation"))
    if today is None or not (instance.tier.shared_core or target.tier.shared_core):
        return peak_cpu(instance, target, values, work)
    load = query_load(instance, values, work) * _replica_relief(instance, target, values) * target.reads
    old = instance.tier.vcpu or 1.0
    new = old if target.tier == instance.tier else target.tier.vcpu or shared_core_vcpu(instance, target, values)
    return values.number(instance.key("peak_cpu_utilisation")) * load * old / new


def shared_core_vcpu(instance: Instance, target: Target, values: Values) -> float:
    """What the target's shared core gives in the mean, in vCPU."""
    return values.number(instance.key("shared_core_vcpu"), SHARED_CORE_VCPU[target.tier.shared_core])


def peak_cpu(instance: Instance, target: Target, values: Values, work: float) -> float | None:
    """Peak CPU utilisation at a query work multiplier M and today's usage; None where it cannot be told.

    U_peak · [(1 − q) + q·M] · (vCPU_old·speed_old) ÷ (vCPU_new·speed_new) · relief by replicas · a replica's reads.
    """
    today = values.get(instance.key("peak_cpu_utilisation"))
    if today is None or instance.tier.vcpu <= 0.0 or target.tier.vcpu <= 0.0:
        return None
    old = instance.tier.vcpu * SPEED[instance.tier.edition]
    new = target.tier.vcpu * SPEED[target.tier.edition]
    load = query_load(instance, values, work) * _replica_relief(instance, target, values) * target.reads
    return values.number(instance.key("peak_cpu_utilisation")) * load * old / new


def query_load(instance: Instance, values: Values, work: float) -> float:
    """(1 − q) + q·M: CPU left when query work is multiplied by M."""
    share = values.number(instance.key("query_cpu_share"))
    return (1.0 - share) + share * work


def _replica_relief(instance: Instance, target: Target, values: Values) -> float:
    """Load of the primary against today's when reads spread evenly over it and its replicas."""
    read = values.number(instance.key("read_share"))
    after, today = ((1.0 - read) + read / (1.0 + n) for n in (target.replicas, instance.replica_count))
    return after / today


def grown(instance: Instance, target: Target, values: Values, work: DatabaseWork, demand: float) -> Target:
    """The target with the size that ``demand`` times today's usage needs; the largest there is where none is enough.

    Memory grows only where the size holds more at least: what the working set does with usage is not known. Unknown
    peaks, shared cores and rows of several instances keep their size. Less usage keeps it too.
    """
    peak = peak_cpu(instance, target, values, work.worst)
    lost = peak_cpu(instance, target, values, work.cache_lost)
    if demand <= 1.0 or peak is None or lost is None or instance.is_aggregate:
        return target
    room = max(peak * demand / max(cpu_limit(values), peak, _TOLERANCE), lost * demand / max(CPU_CACHE_LOST, lost))
    if room <= 1.0:
        return target
    larger = [
        tier for tier in fitting_tiers(target.tier.edition, 0.0, target.tier.memory_gib) if tier.vcpu > target.tier.vcpu
    ]
    enough = [tier for tier in larger if tier.vcpu >= target.tier.vcpu * room * (1.0 - _TOLERANCE)]
    return replace(target, tier=(enough[:1] or larger[-1:] or [target.tier])[0])
