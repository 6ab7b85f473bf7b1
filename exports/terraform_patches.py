"""The attributes of existing resources that change, as Terraform's provider names and nests them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from exports import gcloud_values as values
from exports.hcl import Block
from exports.steps import own_name

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from model.lever import PlanChange

Body = tuple["tuple[str, object] | Block", ...]


@dataclass(frozen=True)
class Patch:
    """Kind of resource, what ``terraform import`` calls it, the attributes that change, and what must be known."""

    kind: str
    identity: str
    body: Body
    notes: tuple[str, ...] = ()


def _after(changes: Sequence[PlanChange]) -> dict[str, object]:
    return {change.attribute: change.after for change in changes}


def _within(name: str, body: Sequence[tuple[str, object] | Block]) -> list[tuple[str, object] | Block]:
    return [Block((name,), tuple(body))] if body else []


def _set(wanted: dict[str, object], names: dict[str, str]) -> list[tuple[str, object] | Block]:
    return [(written, wanted[name]) for name, written in names.items() if name in wanted]


def _cloud_run(changes: Sequence[PlanChange]) -> Patch:
    first, wanted = changes[0], _after(changes)
    limits: dict[str, object] = {}
    if "vcpu" in wanted:
        limits["cpu"] = values.cpu(wanted["vcpu"])  # type: ignore[arg-type]
    if "memory_gib" in wanted:
        limits["memory"] = values.memory(wanted["memory_gib"])  # type: ignore[arg-type]
    resources: list[tuple[str, object] | Block] = []
    if "billing_mode" in wanted:
        resources.append(("cpu_idle", wanted["billing_mode"] == "request_based"))
    if limits:
        resources.append(("limits", limits))
    scaling = _set(wanted, {"min_instances": "min_instance_count", "max_instances": "max_instance_count"})
    template = [
        *_set(wanted, {"concurrency": "max_instance_request_concurrency"}),
        *_within("scaling", scaling),
        *_within("containers", _within("resources", resources)),
    ]
    notes = ["With google_cloud_run_service (v1): the same values under template.spec and its annotations."]
    if resources:
        notes.append("containers: in the block of the container that has the port; image, env and secrets stay.")
    if limits and len(limits) == 1:
        notes.append("limits is one map: keep the entry that is not shown.")
    return Patch(
        "google_cloud_run_v2_service",
        f"projects/{first.project}/locations/{first.region}/services/{own_name(first)}",
        tuple(_within("template", template)),
        tuple(notes),
    )


def _cloud_sql(changes: Sequence[PlanChange]) -> Patch | None:
    first, wanted = changes[0], _after(changes)
    settings: list[tuple[str, object] | Block] = []
    notes = []
    if {"vcpu", "memory_gib", "edition"} & wanted.keys():
        tier = _tier(wanted)
        if tier:
            settings.append(("tier", tier))
        else:
            notes.append("tier: the plan changes one part of the size only; see apply.sh for how the rest follows.")
    if "edition" in wanted:
        settings.append(("edition", str(wanted["edition"]).upper()))
    if "availability" in wanted:
        settings.append(("availability_type", str(wanted["availability"]).upper()))
    settings += _set(wanted, {"storage_gib": "disk_size"})
    identity = f"projects/{first.project}/instances/{own_name(first)}"
    body = tuple(_within("settings", settings))
    return Patch("google_sql_database_instance", identity, body, tuple(notes)) if body else None


def _tier(wanted: dict[str, object]) -> str:
    """The tier of a size that the plan states whole; '' where it states a part."""
    vcpu, memory = wanted.get("vcpu"), wanted.get("memory_gib")
    if not isinstance(vcpu, int | float):
        return ""
    if wanted.get("edition") == "enterprise_plus":
        return f"db-perf-optimized-N-{int(vcpu)}"
    return f"db-custom-{int(vcpu)}-{round(memory * 1024)}" if isinstance(memory, int | float) else ""


def _cache(changes: Sequence[PlanChange]) -> Patch:
    first, wanted = changes[0], _after(changes)
    body = _set(wanted, {"size_gib": "memory_size_gb"})
    if "policy" in wanted:
        body.append(("redis_configs", {"maxmemory-policy": wanted["policy"]}))
    identity = f"projects/{first.project}/locations/{first.region}/instances/{own_name(first)}"
    notes = ("redis_configs is one map: keep its other entries.",) if "policy" in wanted else ()
    return Patch("google_redis_instance", identity, tuple(body), notes)


def _tasks(changes: Sequence[PlanChange]) -> Patch:
    first, wanted = changes[0], _after(changes)
    rates = {
        "max_concurrent_dispatches": "max_concurrent_dispatches",
        "max_dispatches_per_s": "max_dispatches_per_second",
    }
    body = [
        *_within("rate_limits", _set(wanted, rates)),
        *_within("retry_config", _set(wanted, {"max_attempts": "max_attempts"})),
    ]
    identity = f"projects/{first.project}/locations/{first.region}/queues/{own_name(first)}"
    return Patch("google_cloud_tasks_queue", identity, tuple(body))


def _firestore(changes: Sequence[PlanChange]) -> Patch | None:
    first, wanted = changes[0], _after(changes)
    if "pitr_enabled" not in wanted:
        return None
    state = f"POINT_IN_TIME_RECOVERY_{'ENABLED' if wanted['pitr_enabled'] else 'DISABLED'}"
    identity = f"projects/{first.project}/databases/{own_name(first)}"
    return Patch("google_firestore_database", identity, (("point_in_time_recovery_enablement", state),))


PATCHES: Final[dict[str, Callable[[Sequence[PlanChange]], Patch | None]]] = {
    "cloud_run": _cloud_run,
    "cloud_sql": _cloud_sql,
    "cache": _cache,
    "tasks": _tasks,
    "firestore": _firestore,
}
"""Lever → its patch; None where nothing of it can be said in Terraform."""
