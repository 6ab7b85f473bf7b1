"""Usage kinds of Cloud SQL: which edition, availability, core and disk each bills."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from model.behaviour.database_tier import ENTERPRISE, ENTERPRISE_PLUS

if TYPE_CHECKING:
    from model.behaviour.database_tier import Tier

ZONAL: Final = "zonal"
REGIONAL: Final = "regional"
VARIANTS: Final = {
    "zonal": (ENTERPRISE, ZONAL),
    "regional": (ENTERPRISE, REGIONAL),
    "plus_zonal": (ENTERPRISE_PLUS, ZONAL),
    "plus_regional": (ENTERPRISE_PLUS, REGIONAL),
}
"""Variant of the vCPU, memory and SSD storage kinds → edition, availability."""
SHARED_KINDS: Final = {
    "cloud_sql.shared.f1_micro": ("db-f1-micro", ZONAL),
    "cloud_sql.shared.g1_small": ("db-g1-small", ZONAL),
    "cloud_sql.shared_regional.f1_micro": ("db-f1-micro", REGIONAL),
    "cloud_sql.shared_regional.g1_small": ("db-g1-small", REGIONAL),
}
"""Shared-core kind → tier, availability."""
HYPERDISK_KINDS: Final = {ZONAL: "cloud_sql.hyperdisk_zonal.storage", REGIONAL: "cloud_sql.hyperdisk_regional.storage"}
STORAGE: Final = ".storage"


def variant_of(edition: str, availability: str) -> str:
    """Kind variant of an edition and an availability."""
    return next(variant for variant, pair in VARIANTS.items() if pair == (edition, availability))


def compute_kind(variant: str, quantity: str) -> str:
    """Kind of a variant's ``vcpu`` or ``memory``."""
    return f"cloud_sql.{variant}.{quantity}"


def compute_kinds(tier: Tier, availability: str) -> dict[str, float]:
    """Kinds that a size bills, with their usage per hour: vCPU and GiB, or one instance of a shared core."""
    if tier.shared_core:
        kind = next(kind for kind, pair in SHARED_KINDS.items() if pair == (tier.shared_core, availability))
        return {kind: 1.0}
    variant = variant_of(tier.edition, availability)
    return {compute_kind(variant, "vcpu"): tier.vcpu, compute_kind(variant, "memory"): tier.memory_gib}


def storage_kind(kind: str, edition: str, availability: str) -> str:
    """Kind of the same disk under another edition and availability; a Hyperdisk stays one.

    >>> storage_kind("cloud_sql.zonal.storage", "enterprise", "regional")
    'cloud_sql.regional.storage'
    """
    if kind in HYPERDISK_KINDS.values():
        return HYPERDISK_KINDS[availability]
    return f"cloud_sql.{variant_of(edition, availability)}{STORAGE}"


def zonal_kind(kind: str) -> str:
    """Kind of the same thing without a standby.

    >>> zonal_kind("cloud_sql.plus_regional.vcpu"), zonal_kind("cloud_sql.shared_regional.f1_micro")
    ('cloud_sql.plus_zonal.vcpu', 'cloud_sql.shared.f1_micro')
    """
    return kind.replace(".shared_regional.", ".shared.").replace("regional.", "zonal.")
