"""Cloud SQL settings → usage: its own rows, scaled and moved to the kinds of the new edition, availability or core.

vCPU-hours × v′/v, GiB-hours × m′/m, GiB-months × s′/s; a stopped hour has no compute and stays so. Shared-core hours
become vCPU and memory hours of the new size, and the reverse. New replicas are zonal instances like their primary.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from model.kind_words import kind_words
from model.lever import LeverResult, NewUsage, UsageChange
from model.levers.cloud_sql_instance import total_usage
from model.levers.cloud_sql_kinds import (
    SHARED_KINDS,
    STORAGE,
    VARIANTS,
    ZONAL,
    compute_kind,
    compute_kinds,
    storage_kind,
    variant_of,
    zonal_kind,
)
from model.levers.cloud_sql_target import today_of
from model.prices import unit_price

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from model.bill import Bill
    from model.levers.cloud_sql_instance import Instance
    from model.levers.cloud_sql_target import Target

    Usage = dict[str, NDArray[np.float64]]

PRODUCT = "Cloud SQL"


class Refused(ValueError):  # noqa: N818
    """A change that cannot be priced honestly; the sentence says why and what would help."""


def instance_usage(bill: Bill, instance: Instance, target: Target, demand: float = 1.0) -> LeverResult:
    """Changed and new usage of one instance at its target, with the disk of ``demand`` times the data; or Refused."""
    after = _compute(bill, instance, target) | _storage(bill, instance, target, demand)
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
    """Compute usage after, by kind; kinds that it leaves are 0."""
    today, usage = today_of(instance), instance.resource.usage
    own = {kind: usage[kind] for kind in usage if kind in SHARED_KINDS or kind.endswith((".vcpu", ".memory"))}
    if (today.tier, today.availability) == (target.tier, target.availability):
        return own
    after = {kind: np.zeros(len(bill.hours)) for kind in own}
    if instance.is_shared or target.tier.shared_core:
        hours = _hours_up(bill, instance, target)
        return after | {kind: hours * size for kind, size in compute_kinds(target.tier, target.availability).items()}
    factors = dict(zip((".vcpu", ".memory"), _factors(instance, target), strict=True))
    is_moved = (today.tier.edition, today.availability) != (target.tier.edition, target.availability)
    to = variant_of(target.tier.edition, target.availability)
    for variant in VARIANTS:
        for ending, factor in factors.items():
            kind = compute_kind(variant, ending[1:])
            if kind in own:
                new = compute_kind(to, ending[1:]) if is_moved else kind
                after[new] = after.get(new, np.zeros(len(bill.hours))) + own[kind] * factor
    return after


def _factors(instance: Instance, target: Target) -> tuple[float, float]:
    today = instance.tier
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


def _hours_up(bill: Bill, instance: Instance, target: Target) -> NDArray[np.float64]:
    """Hours that the instance runs (H,): as billed on a shared core, else vCPU-hours ÷ vCPU."""
    if not target.tier.vcpu and not target.tier.shared_core:
        raise Refused(f"{instance.name}: a shared-core instance changes only with its size; set vCPU and memory too.")
    if instance.is_shared:
        shared = [instance.resource.hourly(kind, len(bill.hours)) for kind in SHARED_KINDS]
        return np.asarray(np.sum(shared, axis=0), dtype=np.float64)
    if instance.tier.vcpu <= 0.0:
        raise Refused(f"{instance.name}: today's vCPU is not known, so nothing is priced; import the inventory.")
    return total_usage(bill, instance.resource, "vcpu") / instance.tier.vcpu


def _storage(bill: Bill, instance: Instance, target: Target, demand: float) -> Usage:
    """Storage after, by kind; a disk only grows, by setting or with the data."""
    today = today_of(instance)
    if target.storage_gib < today.storage_gib:
        raise Refused(
            f"{instance.name}: a disk of {today.storage_gib:g} GiB does not shrink to {target.storage_gib:g} by a "
            "setting; `gcloud sql instances perform-storage-shrink` does it with downtime, or migrate to a new one."
        )
    factor = max(1.0, demand, target.storage_gib / today.storage_gib if today.storage_gib else 1.0)
    own = {kind: series for kind, series in instance.resource.usage.items() if kind.endswith(STORAGE)}
    is_moved = (today.tier.edition, today.availability) != (target.tier.edition, target.availability)
    after: Usage = {kind: np.zeros(len(bill.hours)) for kind in own}
    for kind, series in own.items():
        new = storage_kind(kind, target.tier.edition, target.availability) if is_moved else kind
        after[new] = after.get(new, np.zeros(len(bill.hours))) + series * factor
    return after


def _changes(bill: Bill, instance: Instance, target: Target, after: Usage) -> tuple[UsageChange, ...]:
    size, disk = (
        _formula(instance, target),
        f"actual × growth of the disk, at least {target.storage_gib:g} GiB, {target.availability}",
    )
    return tuple(
        UsageChange(instance.resource, kind, usage, "modelled", disk if kind.endswith(STORAGE) else size)
        for kind, usage in after.items()
        if not np.array_equal(usage, instance.resource.hourly(kind, len(bill.hours)))
    )


def _formula(instance: Instance, target: Target) -> str:
    today, wanted = instance.tier, target.tier
    size = f"actual × ({wanted.vcpu:g} ÷ {today.vcpu:g} vCPU, {wanted.memory_gib:g} ÷ {today.memory_gib:g} GiB)"
    if instance.is_shared or wanted.shared_core:
        size = f"hours up × {wanted.shared_core or f'{wanted.vcpu:g} vCPU, {wanted.memory_gib:g} GiB'}"
    return f"{size}, {wanted.edition}, {target.availability}"


def _replicas(bill: Bill, instance: Instance, target: Target, after: Usage) -> tuple[NewUsage, ...]:
    added = target.replicas - instance.replica_count
    if added <= 0:
        return ()
    used: Usage = {}
    for kind, series in after.items():
        if series.any():
            used[zonal_kind(kind)] = used.get(zonal_kind(kind), np.zeros(len(bill.hours))) + series * added
    formula = f"{added} × the primary's own usage at its new size, {ZONAL}"
    resource = instance.resource
    return tuple(
        NewUsage(
            PRODUCT, resource.project, resource.region, f"{instance.name}-replica", kind, kind, usage, "modelled",
            formula,
        )
        for kind, usage in used.items()
    )  # fmt: skip


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
            f"{instance.name}: neither this bill nor the price book has a price for "
            f"{', '.join(map(kind_words, missing))} in {region}, "
            "so this change is not priced; load your price export, or leave the setting."
        )
