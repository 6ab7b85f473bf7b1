"""Cloud SQL shapes: what may be configured, and the cheapest of those that carry a load.

Sources: Cloud SQL instance settings (Enterprise: 1 vCPU or an even number up to 96, 0.9–6.5 GB per vCPU in steps of
0.25, at least 3.75; Enterprise Plus: listed machine types with 8 GB per vCPU, the largest with 6.75), machine series
overview (their list), read 2026-11-24.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

ENTERPRISE: Final = "enterprise"
ENTERPRISE_PLUS: Final = "enterprise_plus"
ENTERPRISE_VCPU: Final = (1, *range(2, 97, 2))
ENTERPRISE_PLUS_GIB: Final = {
    2: 16.0, 4: 32.0, 8: 64.0, 16: 128.0, 32: 256.0, 48: 384.0, 64: 512.0, 80: 640.0, 96: 768.0, 128: 864.0,
}  # fmt: skip
"""vCPU → memory in GiB of db-perf-optimized-N."""
SHARED_CORE_GIB: Final = {"db-f1-micro": 0.6, "db-g1-small": 1.7}
"""Tier → memory in GiB; they share a core and stand outside Google's service level agreement."""
SHARED_CORE_VCPU: Final = {"db-f1-micro": 0.2, "db-g1-small": 0.5}
"""Tier → vCPU that it gives in the mean, beside short bursts to 1: those of Compute Engine's types of these names."""
GIB_PER_VCPU_MINIMUM: Final = 0.9
GIB_PER_VCPU_MAXIMUM: Final = 6.5
MEMORY_MINIMUM_GIB: Final = 3.75
MEMORY_STEP_GIB: Final = 0.25


@dataclass(frozen=True)
class Tier:
    """A database size: vCPU (0 for a shared core), memory in GiB, edition."""

    vcpu: float
    memory_gib: float
    edition: str = ENTERPRISE

    @property
    def shared_core(self) -> str:
        """Name of the shared-core tier; '' for a dedicated one."""
        found = [name for name, memory in SHARED_CORE_GIB.items() if not self.vcpu and memory == self.memory_gib]
        return found[0] if found else ""

    def cost_per_hour(self, vcpu_price: float, memory_price: float) -> float:
        """Compute price per hour at a vCPU-hour and a GiB-hour price."""
        return self.vcpu * vcpu_price + self.memory_gib * memory_price


def shared_tier(name: str) -> Tier:
    """The size of a shared-core tier.

    >>> shared_tier("db-g1-small")
    Tier(vcpu=0, memory_gib=1.7, edition='enterprise')
    """
    return Tier(0, SHARED_CORE_GIB[name])


def shape_problem(tier: Tier) -> str:
    """Why a size cannot be configured, with what is allowed; '' when it can.

    >>> shape_problem(Tier(4, 16.0))
    ''
    >>> shape_problem(Tier(3, 16.0))
    '3 vCPU cannot be had; Enterprise takes 1 or an even number up to 96.'
    """
    if tier.edition == ENTERPRISE_PLUS:
        return _plus_problem(tier)
    if tier.shared_core:
        return ""
    if tier.vcpu not in ENTERPRISE_VCPU:
        return f"{tier.vcpu:g} vCPU cannot be had; Enterprise takes 1 or an even number up to 96."
    low, high = memory_range_gib(tier.vcpu)
    if not low <= tier.memory_gib <= high or tier.memory_gib % MEMORY_STEP_GIB:
        return f"{tier.memory_gib:g} GiB do not go with {tier.vcpu:g} vCPU; {low:g} to {high:g} in steps of 0.25 do."
    return ""


def _plus_problem(tier: Tier) -> str:
    if tier.shared_core:
        return "Enterprise Plus has no shared-core tier; choose Enterprise, or a size of Enterprise Plus."
    if tier.vcpu not in ENTERPRISE_PLUS_GIB:
        sizes = ", ".join(map(str, ENTERPRISE_PLUS_GIB))
        return f"{tier.vcpu:g} vCPU cannot be had; Enterprise Plus takes {sizes}."
    memory = ENTERPRISE_PLUS_GIB[int(tier.vcpu)]
    return "" if tier.memory_gib == memory else f"Enterprise Plus has {memory:g} GiB with {tier.vcpu:g} vCPU."


def memory_range_gib(vcpu: float) -> tuple[float, float]:
    """Least and most Enterprise memory for a vCPU count, in steps of 0.25 GiB.

    >>> memory_range_gib(2), memory_range_gib(6)
    ((3.75, 13.0), (5.5, 39.0))
    """
    least = max(MEMORY_MINIMUM_GIB, _ceil_step(GIB_PER_VCPU_MINIMUM * vcpu))
    return least, math.floor(GIB_PER_VCPU_MAXIMUM * vcpu / MEMORY_STEP_GIB) * MEMORY_STEP_GIB


def fitting_tiers(edition: str, vcpu_needed: float, memory_needed_gib: float) -> list[Tier]:
    """Allowed sizes with at least that vCPU and memory, by vCPU; of each only the least memory (more only costs)."""
    if edition == ENTERPRISE_PLUS:
        sizes = [Tier(vcpu, memory, edition) for vcpu, memory in ENTERPRISE_PLUS_GIB.items()]
        return [
            tier for tier in sizes if _reaches(tier.vcpu, vcpu_needed) and _reaches(tier.memory_gib, memory_needed_gib)
        ]
    found = []
    for vcpu in ENTERPRISE_VCPU:
        least, most = memory_range_gib(vcpu)
        memory = max(least, _ceil_step(memory_needed_gib))
        if _reaches(vcpu, vcpu_needed) and memory <= most:
            found.append(Tier(vcpu, memory, edition))
    return found


def cheapest_tier(tiers: Iterable[Tier], vcpu_price: float, memory_price: float) -> Tier | None:
    """The cheapest by the hour; of equal ones the larger. None of none."""
    return min(tiers, key=lambda tier: (tier.cost_per_hour(vcpu_price, memory_price), -tier.vcpu), default=None)


def _reaches(size: float, needed: float) -> bool:
    return size >= needed * (1.0 - 1e-12)


def _ceil_step(memory_gib: float) -> float:
    if math.isinf(memory_gib):
        return memory_gib
    return math.ceil(memory_gib / MEMORY_STEP_GIB - 1e-9) * MEMORY_STEP_GIB
