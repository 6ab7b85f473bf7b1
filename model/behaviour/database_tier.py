"""Cloud SQL shapes: what may be configured, and the cheapest of those that carry a load.

Sources: Cloud SQL instance settings (Enterprise: 1 vCPU or an even number up to 96, 0.9–6.5 GB per vCPU in steps of
0.25, at least 3.75), machine series overview (Enterprise Plus N: listed sizes, 8 GB per vCPU).
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
ENTERPRISE_PLUS_VCPU: Final = (2, 4, 8, 16, 32, 48, 64, 80)
GIB_PER_VCPU_MINIMUM: Final = 0.9
GIB_PER_VCPU_MAXIMUM: Final = 6.5
GIB_PER_VCPU_PLUS: Final = 8.0
MEMORY_MINIMUM_GIB: Final = 3.75
MEMORY_STEP_GIB: Final = 0.25
DEFAULT_CONNECTIONS: Final = (
    (3.75, 100),
    (6.0, 200),
    (7.5, 400),
    (15.0, 500),
    (30.0, 600),
    (60.0, 800),
    (120.0, 1000),
)
"""PostgreSQL's default max_connections from a memory size on (from memory, not sourced; a flag may change it)."""


@dataclass(frozen=True)
class Tier:
    """A database size: vCPU, memory in GiB, edition."""

    vcpu: float
    memory_gib: float
    edition: str = ENTERPRISE

    def cost_per_hour(self, vcpu_price: float, memory_price: float) -> float:
        """Compute price per hour at a vCPU-hour and a GiB-hour price."""
        return self.vcpu * vcpu_price + self.memory_gib * memory_price


def shape_problem(tier: Tier) -> str:
    """Why a size cannot be configured, with what is allowed; '' when it can.

    >>> shape_problem(Tier(4, 16.0))
    ''
    >>> shape_problem(Tier(3, 16.0))
    '3 vCPU cannot be had; Enterprise takes 1 or an even number up to 96.'
    """
    if tier.edition == ENTERPRISE_PLUS:
        return _plus_problem(tier)
    if tier.vcpu not in ENTERPRISE_VCPU:
        return f"{tier.vcpu:g} vCPU cannot be had; Enterprise takes 1 or an even number up to 96."
    low, high = memory_range_gib(tier.vcpu)
    if not low <= tier.memory_gib <= high or tier.memory_gib % MEMORY_STEP_GIB:
        return f"{tier.memory_gib:g} GiB do not go with {tier.vcpu:g} vCPU; {low:g} to {high:g} in steps of 0.25 do."
    return ""


def _plus_problem(tier: Tier) -> str:
    if tier.vcpu not in ENTERPRISE_PLUS_VCPU:
        sizes = ", ".join(map(str, ENTERPRISE_PLUS_VCPU))
        return f"{tier.vcpu:g} vCPU cannot be had; Enterprise Plus takes {sizes}."
    if tier.memory_gib != tier.vcpu * GIB_PER_VCPU_PLUS:
        return f"Enterprise Plus has 8 GiB per vCPU: {tier.vcpu * GIB_PER_VCPU_PLUS:g} GiB with {tier.vcpu:g} vCPU."
    return ""


def memory_range_gib(vcpu: float) -> tuple[float, float]:
    """Least and most Enterprise memory for a vCPU count, in steps of 0.25 GiB.

    >>> memory_range_gib(2), memory_range_gib(6)
    ((3.75, 13.0), (5.5, 39.0))
    """
    least = max(MEMORY_MINIMUM_GIB, _ceil_step(GIB_PER_VCPU_MINIMUM * vcpu))
    return least, math.floor(GIB_PER_VCPU_MAXIMUM * vcpu / MEMORY_STEP_GIB) * MEMORY_STEP_GIB


def fitting_tiers(edition: str, vcpu_needed: float, memory_needed_gib: float) -> list[Tier]:
    """Allowed sizes with at least that vCPU and memory; for each vCPU count only the least memory (more only costs)."""
    if edition == ENTERPRISE_PLUS:
        sizes = [Tier(vcpu, vcpu * GIB_PER_VCPU_PLUS, edition) for vcpu in ENTERPRISE_PLUS_VCPU]
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


def default_max_connections(memory_gib: float) -> int:
    """PostgreSQL's default connection limit by memory; 0 below the table (not known).

    >>> default_max_connections(16.0), default_max_connections(32.0)
    (500, 600)
    """
    return max((limit for least, limit in DEFAULT_CONNECTIONS if memory_gib >= least), default=0)


def memory_for_connections(connections: float) -> float:
    """The least memory whose default limit allows that many connections; infinite beyond the largest."""
    return next((least for least, limit in DEFAULT_CONNECTIONS if limit >= connections), math.inf)


def _reaches(size: float, needed: float) -> bool:
    return size >= needed * (1.0 - 1e-12)


def _ceil_step(memory_gib: float) -> float:
    if math.isinf(memory_gib):
        return memory_gib
    return math.ceil(memory_gib / MEMORY_STEP_GIB - 1e-9) * MEMORY_STEP_GIB
