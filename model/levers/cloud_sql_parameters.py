"""What can be set and must be assumed for a Cloud SQL instance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from model.assumed import Assumed
from model.behaviour.database_tier import (
    ENTERPRISE,
    ENTERPRISE_PLUS,
    ENTERPRISE_PLUS_GIB,
    MEMORY_MINIMUM_GIB,
    MEMORY_STEP_GIB,
    SHARED_CORE_GIB,
    SHARED_CORE_VCPU,
)
from model.levers.cloud_sql_instance import DEDICATED
from model.levers.cloud_sql_kinds import REGIONAL, ZONAL
from model.parameter import Parameter

if TYPE_CHECKING:
    from model.bill import Bill
    from model.levers.cloud_sql_instance import Instance

UNKNOWN = "not known: import metrics, or type it"
_TAKEN = ", ".join(f"{vcpu:g} on {name}" for name, vcpu in SHARED_CORE_VCPU.items())
_SMALLEST_DISK_GIB = 10.0
_LARGEST_DISK_GIB = 65_536.0


def instance_parameters(bill: Bill, instance: Instance) -> list[Parameter]:
    """Settings, then assumptions, of one instance."""
    return [
        *_size_settings(instance),
        *_kind_settings(instance),
        *_other_settings(bill, instance),
        *_assumptions(bill, instance),
    ]


def _size_settings(instance: Instance) -> list[Parameter]:
    vcpu, memory_gib = instance.vcpu.value, instance.memory_gib.value
    smallest = 1.0 if vcpu is None else min(1.0, instance.tier.vcpu)
    least_gib = MEMORY_MINIMUM_GIB if memory_gib is None else min(MEMORY_MINIMUM_GIB, instance.tier.memory_gib)
    largest = max(*map(float, ENTERPRISE_PLUS_GIB), instance.tier.vcpu)
    most_gib = max(*ENTERPRISE_PLUS_GIB.values(), instance.tier.memory_gib)
    return [
        Parameter(
            instance.key("vcpu"), f"{instance.name}: vCPU", "vCPU", "setting", instance.vcpu.value,
            instance.vcpu.source, instance.vcpu.evidence,
            "Processors of the instance. Its vCPU-hours scale with it; changing it restarts the database.",
            minimum=smallest, maximum=largest, step=1.0, configures="--cpu", disruption="restart",
        ),
        Parameter(
            instance.key("memory_gib"), f"{instance.name}: memory", "GiB", "setting", instance.memory_gib.value,
            instance.memory_gib.source, instance.memory_gib.evidence,
            "Memory of the instance. Its GiB-hours scale with it. A cache or faster queries do not make the data that "
            "must stay in memory smaller.",
            minimum=least_gib, maximum=most_gib, step=MEMORY_STEP_GIB, configures="--memory", disruption="restart",
        ),
    ]  # fmt: skip


def _kind_settings(instance: Instance) -> list[Parameter]:
    return [
        Parameter(
            instance.key("shared_core"), f"{instance.name}: shared core", "", "setting", instance.shared_core.value,
            instance.shared_core.source, instance.shared_core.evidence,
            "The cheapest tiers share a core with others. Google's service level agreement does not cover them; they "
            "are for tests and development. Choose none, and vCPU and memory, to leave one.",
            choices=(DEDICATED, *SHARED_CORE_GIB), configures="--tier", disruption="restart",
            protects="the service level agreement, and a core of its own",
        ),
        Parameter(
            instance.key("edition"), f"{instance.name}: edition", "", "setting", instance.edition.value,
            instance.edition.source, instance.edition.evidence,
            "Enterprise Plus costs more per vCPU and GiB and takes listed sizes only. The change can be made in place "
            "with a short interruption in some cases; plan it as a migration.",
            choices=(ENTERPRISE, ENTERPRISE_PLUS), configures="--edition", disruption="migration",
            protects="the availability and features of the edition",
        ),
        Parameter(
            instance.key("availability"), f"{instance.name}: availability", "", "setting", instance.availability.value,
            instance.availability.source, instance.availability.evidence,
            "Regional keeps a standby in a second zone: compute and storage bill under the regional SKUs.",
            choices=(ZONAL, REGIONAL), configures="--availability-type", disruption="restart",
            protects="a standby in a second zone",
        ),
    ]  # fmt: skip


def _other_settings(bill: Bill, instance: Instance) -> list[Parameter]:
    pool = bill.fact(instance.key("pool_size"))
    disk = instance.storage_gib
    return [
        Parameter(
            instance.key("storage_gib"), f"{instance.name}: disk", "GiB", "setting", disk.value, disk.source,
            disk.evidence,
            "Size of the disk. It grows by a setting and not back: a smaller disk needs a storage shrink with "
            "downtime, or a migration.",
            minimum=min(_SMALLEST_DISK_GIB, instance.disk_gib or _SMALLEST_DISK_GIB),
            maximum=max(_LARGEST_DISK_GIB, instance.disk_gib), step=1.0, configures="--storage-size",
            disruption="one_way", protects="the data on the disk",
        ),
        Parameter(
            instance.key("replicas"), f"{instance.name}: read replicas", "instances", "setting",
            instance.replicas.value, instance.replicas.source, instance.replicas.evidence,
            "A new replica costs another zonal instance of the same size and storage.",
            minimum=0.0, maximum=10.0, step=1.0, configures="--master-instance-name",
            protects="a copy that can take over, which is deleted for good",
        ),
        Parameter(
            instance.key("pool_size"), f"{instance.name}: connection pool per service instance", "connections",
            "setting", pool.value if pool else None, pool.source if pool else UNKNOWN,
            pool.evidence if pool else "modelled",
            "Connections that each Cloud Run instance may open; times the maximum of instances they must fit "
            "max_connections.",
            minimum=1.0, maximum=1000.0, step=1.0,
        ),
    ]  # fmt: skip


def _assumptions(bill: Bill, instance: Instance) -> list[Parameter]:
    return [
        _assumption(
            bill, instance, "peak_cpu_utilisation", "peak CPU", "ratio",
            "The 99th percentile of one-minute CPU utilisation. From 95 % on the true need is not visible, so the "
            "instance may not shrink.", maximum=1.0,
        ),
        _assumption(
            bill, instance, "working_set_gib", "working set", "GiB",
            "Data that must stay in memory; memory may not fall below it.",
            maximum=max(ENTERPRISE_PLUS_GIB.values()),
        ),
        _assumption(
            bill, instance, "query_cpu_share", "share of CPU caused by queries at the peak", "ratio",
            "What tuning and caching can reduce in the busiest hours; the rest is background work.",
            default=(0.8, 0.5, 0.95), maximum=1.0,
        ),
        _assumption(
            bill, instance, "read_share", "share of query work that reads", "ratio",
            "What read replicas can take over.", default=(0.7, 0.5, 0.9), maximum=1.0,
        ),
        _assumption(
            bill, instance, "cacheable_share", "share of query work that a cache could answer", "ratio",
            "Reads that may be answered from a copy, as a share of the query work there would be without a cache.",
            default=(0.3, 0.0, 0.6), maximum=1.0,
        ),
        _assumption(
            bill, instance, "peak_queries_per_s", "queries at the peak", "queries/s",
            "Rate in the busiest minute; times the mean time of the imported queries, it tells how many connections "
            "are busy.",
            maximum=1e6,
        ),
        Parameter(
            instance.key("shared_core_vcpu"), f"{instance.name}: vCPU that a shared core gives", "vCPU", "assumption",
            None, f"left open: taken as {_TAKEN}, as Compute Engine's types of these names give", "modelled",
            "Cloud SQL does not publish it. A shared core may take a whole core for a while, not for good.",
            minimum=0.05, maximum=1.0, step=0.05,
        ),
    ]  # fmt: skip


def _assumption(
    bill: Bill, instance: Instance, name: str, title: str, unit: str, text: str, *,
    maximum: float, default: tuple[float, float, float] | None = None,
) -> Parameter:  # fmt: skip
    value, low, high = default or (None, None, None)
    step = 0.01 if unit == "ratio" else 0.25
    source = UNKNOWN if value is None else ""
    assumed = Assumed(title, unit, value, low, high, 0.0, maximum, step, text)
    return assumed.parameter(instance.key(name), instance.name, bill.fact(instance.key(name)), source)
