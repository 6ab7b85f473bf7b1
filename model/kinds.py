"""Usage kinds: the physical quantities that levers change, as the bill's SKUs are classified.

A kind is a string ``product.variant.quantity`` (the SKU table in ``data`` writes it, a test keeps both in step).
Usage of a kind is always in the one physical unit given here, whatever pricing unit the row carried.
"""

from __future__ import annotations

from typing import Final

UNIT_OF_KIND: Final[dict[str, str]] = {
    "cloud_run.request_based.cpu": "vCPU-second",
    "cloud_run.request_based.memory": "GiB-second",
    "cloud_run.request_based.idle_cpu": "vCPU-second",
    "cloud_run.request_based.idle_memory": "GiB-second",
    "cloud_run.request_based.requests": "request",
    "cloud_run.instance_based.cpu": "vCPU-second",
    "cloud_run.instance_based.memory": "GiB-second",
    "cloud_sql.zonal.vcpu": "vCPU-hour",
    "cloud_sql.zonal.memory": "GiB-hour",
    "cloud_sql.zonal.storage": "GiB-month",
    "cloud_sql.regional.vcpu": "vCPU-hour",
    "cloud_sql.regional.memory": "GiB-hour",
    "cloud_sql.regional.storage": "GiB-month",
    "cloud_sql.plus_zonal.vcpu": "vCPU-hour",
    "cloud_sql.plus_zonal.memory": "GiB-hour",
    "cloud_sql.plus_zonal.storage": "GiB-month",
    "cloud_sql.plus_regional.vcpu": "vCPU-hour",
    "cloud_sql.plus_regional.memory": "GiB-hour",
    "cloud_sql.plus_regional.storage": "GiB-month",
    "cloud_sql.hyperdisk_zonal.storage": "GiB-month",
    "cloud_sql.hyperdisk_regional.storage": "GiB-month",
    "cloud_sql.shared.f1_micro": "instance-hour",
    "cloud_sql.shared.g1_small": "instance-hour",
    "cloud_sql.shared_regional.f1_micro": "instance-hour",
    "cloud_sql.shared_regional.g1_small": "instance-hour",
    "firestore.reads": "operation",
    "firestore.writes": "operation",
    "firestore.deletes": "operation",
    "firestore.storage": "GiB-month",
    "firestore.pitr_storage": "GiB-month",
    "memorystore.basic.capacity": "GiB-hour",
    "memorystore.standard.capacity": "GiB-hour",
    "cloud_tasks.operations": "operation",
}
"""Kind → its physical unit. Tier 2 regions of Cloud Run use the same kinds (their own prices come with their rows)."""

RATE_CLASS_OF_KIND: Final[dict[str, tuple[str, str]]] = {
    **{
        f"cloud_run.request_based.{quantity}": ("compute_flexible", "cloud_run_request_based")
        for quantity in ("cpu", "memory", "idle_cpu", "idle_memory", "requests")
    },
    **{
        f"cloud_run.instance_based.{quantity}": ("compute_flexible", "cloud_run_instance_based")
        for quantity in ("cpu", "memory")
    },
    **{
        f"cloud_sql.{edition}.{quantity}": ("cloud_sql", "cloud_sql")
        for edition in ("zonal", "regional", "plus_zonal", "plus_regional")
        for quantity in ("vcpu", "memory")
    },
    **{f"firestore.{operation}": ("firestore", "firestore") for operation in ("reads", "writes", "deletes")},
}
"""Kind → (commitment pool, rate class) where a commitment covers it. Memorystore depends on its size (≥ 5 GiB)."""
