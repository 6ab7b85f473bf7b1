"""Cloud SQL settings → usage: its own rows, scaled and moved to the kinds of the new edition or availability.

vCPU-hours × v′/v, GiB-hours × m′/m, storage as it is; a stopped hour has no usage and stays so. Shared-core hours
become dedicated vCPU and memory hours of the new size. New replicas are zonal instances like their primary.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from model.lever import LeverResult, NewUsage, UsageChange
from model.levers.cloud_sql_instance import SHARED_KINDS, VARIANTS, ZONAL, compute_kind, variant_of
from model.prices import unit_price

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from model.bill import Bill
    from model.levers.cloud_sql_instance import Instance
    from model.levers.cloud_sql_limits import Target

    Usage = dict[str, NDArray[np.float64]]

PRODUCT = "Cloud SQL"
STORAGE = "cloud_sql.{availability}.storage"


class Refused(ValueError):  # noqa: N818
    """A change that cannot be priced honestly; the sentence says why and what would help."""


def instance_usage(bill: Bill, instance: Instance, target: Target) -> LeverResult:
    """Changed and new usage of one instance at its target; raises Refused."""
    after = _compute(bill, instance, target) | _storage(bill, instance, target)
    changes = _changes(bill, instance, target, after)
    replicas = _replicas(bill, instance, target, after)
    _need_prices(bill, instance, changes, replicas)
    return LeverResult(usage=changes, new_usage=replicas)


def removed_usage(bill: Bill, instance: Instance) -> tuple[UsageChange, ...]:
    """A replica deleted: all its own usage goes to 0."""
    zero = np.zeros(len(bill.hours))
    return tuple(
        UsageChange(instance.resource, kind, zero, "modelled", "0: the replica is deleted")
        for kind in instance.resource.usage
    )


def _compute(bill: Bill, instance: Instance, target: Target) -> Usage:
    vcpu, memory = _factors(instance, target)
    length = len(bill.hours)
    is_moved = (target.tier.edition, target.availability) != (instance.tier.edition, instance.availability.value)
    to = variant_of(target.tier.edition, target.availability)
    after: Usage = {}
    for variant in VARIANTS:
        for quantity, factor in (("vcpu", vcpu), ("memory", memory)):
            usage = instance.resource.usage.get(compute_kind(variant, quantity))
            if usage is not None:
                kind = compute_kind(to if is_moved else variant, quantity)
                after[kind] = after.get(kind, np.zeros(length)) + usage * factor
    return after | (_dedicated(bill, instance, target, to) if instance.is_shared else {})


def _factors(instance: Instance, target: Target) -> tuple[float, float]:
    today = instance.tier
    if instance.is_shared:
        return 1.0, 1.0
    for name, before, after in (
        ("vCPU", today.vcpu, target.tier.vcpu),
        ("memory", today.memory_gib, target.tier.memory_gib),
    ):
        if before <= 0.0 and after != before:
            raise Refused(f"{instance.name}: today's {name} is not known, so nothing is priced; import the inventory.")
    return (
        target.tier.vcpu / today.vcpu if today.vcpu else 1.0,
        target.tier.memory_gib / today.memory_gib if today.memory_gib else 1.0,
    )


def _dedicated(bill: Bill, instance: Instance, target: Target, variant: str) -> Usage:
    if not target.tier.vcpu:
        raise Refused(f"{instance.name}: a shared-core instance changes only with its size; set vCPU and memory too.")
    hours = np.asarray(np.sum([instance.resource.hourly(kind, len(bill.hours)) for kind in SHARED_KINDS], axis=0))
    zero = np.zeros(len(hours))
    return {kind: zero for kind in SHARED_KINDS if kind in instance.resource.usage} | {
        compute_kind(variant, "vcpu"): hours * target.tier.vcpu,
        compute_kind(variant, "memory"): hours * target.tier.memory_gib,
    }


def _storage(bill: Bill, instance: Instance, target: Target) -> Usage:
    if target.availability == instance.availability.value:
        return {}
    kinds = [STORAGE.format(availability=availability) for availability in ("zonal", "regional")]
    total = np.asarray(np.sum([instance.resource.hourly(kind, len(bill.hours)) for kind in kinds], axis=0))
    return {STORAGE.format(availability=target.availability): total} if total.any() else {}


def _changes(bill: Bill, instance: Instance, target: Target, after: Usage) -> tuple[UsageChange, ...]:
    length = len(bill.hours)
    moved = [kind for kind in instance.resource.usage if kind not in after and _is_moved_kind(instance, target, kind)]
    wanted = after | {kind: np.zeros(length) for kind in moved}
    formula = (
        f"actual × ({target.tier.vcpu:g} ÷ {instance.tier.vcpu:g} vCPU, "
        f"{target.tier.memory_gib:g} ÷ {instance.tier.memory_gib:g} GiB), {target.tier.edition}, {target.availability}"
    )
    return tuple(
        UsageChange(instance.resource, kind, usage, "modelled", formula)
        for kind, usage in wanted.items()
        if not np.array_equal(usage, instance.resource.hourly(kind, length))
    )


def _is_moved_kind(instance: Instance, target: Target, kind: str) -> bool:
    """Whether usage of a kind that the target does not use has gone to another kind."""
    if kind.endswith(".storage"):
        return target.availability != instance.availability.value
    return kind.endswith((".vcpu", ".memory"))


def _replicas(bill: Bill, instance: Instance, target: Target, after: Usage) -> tuple[NewUsage, ...]:
    added = target.replicas - round(float(instance.replicas.value or 0))
    if added <= 0:
        return ()
    resource = instance.resource
    hours = {
        compute_kind(variant_of(target.tier.edition, ZONAL), quantity): _sum(after, f".{quantity}", len(bill.hours))
        for quantity in ("vcpu", "memory")
    }
    storage = _sum(dict(resource.usage), ".storage", len(bill.hours))
    used = hours | ({STORAGE.format(availability=ZONAL): storage} if storage.any() else {})
    template = NewUsage(
        PRODUCT, resource.project, resource.region, f"{instance.name}-replica", "", "", np.zeros(0), "modelled",
        f"{added} × the primary's own usage at its new size, zonal",
    )  # fmt: skip
    return tuple(replace(template, kind=kind, price_key=kind, usage=usage * added) for kind, usage in used.items())


def _sum(usage: Mapping[str, NDArray[np.float64]], ending: str, length: int) -> NDArray[np.float64]:
    found = [series for kind, series in usage.items() if kind.endswith(ending)]
    return np.asarray(np.sum([np.zeros(length), *found], axis=0), dtype=np.float64)


def _need_prices(
    bill: Bill, instance: Instance, changes: tuple[UsageChange, ...], replicas: tuple[NewUsage, ...]
) -> None:
    region, length = instance.resource.region, len(bill.hours)
    fresh = [c.kind for c in changes if bool((c.usage[instance.resource.hourly(c.kind, length) <= 0.0] > 0.0).any())]
    missing = [
        kind
        for kind in dict.fromkeys([*fresh, *(new.kind for new in replicas)])
        if unit_price(bill, kind, region) is None
    ]
    if missing:
        raise Refused(
            f"{instance.name}: neither this bill nor the price book has a price for {', '.join(missing)} in {region}, "
            "so this change is not priced; load your price export, or leave the setting."
        )
