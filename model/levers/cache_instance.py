"""The caches that a bill has, or could have: where they stand, how large they are, what they stand before."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from model.levers.cache_capacity import TIERS, capacity_kind
from model.levers.cloud_sql_instance import instances
from model.levers.database_work import database_weights

if TYPE_CHECKING:
    from model.bill import Bill, Resource
    from model.parameter import Evidence

LEVER: Final = "cache"
NEW: Final = "new"
READS: Final = "firestore.reads"
POLICIES: Final = ("allkeys-lru", "allkeys-random", "volatile-lru", "volatile-random", "volatile-ttl")
"""Memorystore's maxmemory-policy, as far as the cache curve knows it."""
NEW_POLICY: Final = "allkeys-lru"
GOOGLES_POLICY: Final = "volatile-lru"


@dataclass(frozen=True, eq=False)
class Cache:
    """One cache; ``resource`` None for a new one (size 0 today). ``weight`` is its share of the bill's caches."""

    name: str
    resource: Resource | None
    project: str
    region: str
    size_gib: float
    size_source: str
    size_evidence: Evidence
    tier: str
    tier_source: str
    weight: float

    def key(self, parameter: str) -> str:
        """Scenario key of one of its parameters."""
        return f"{LEVER}.{self.name}.{parameter}"


@lru_cache(maxsize=8)
def caches(bill: Bill) -> tuple[Cache, ...]:
    """The bill's Redis instances; without any, one that could be made, where there is something to cache."""
    existing = bill.of(LEVER)
    if existing:
        total = sum(_gib_hours(resource) for resource in existing)
        return tuple(_existing(bill, resource, total) for resource in existing)
    place = _place(bill)
    if place is None:
        return ()
    return (Cache(NEW, None, *place, 0.0, "this bill has no cache", "measured", "basic", "Google's default", 1.0),)


def firestore_reads(bill: Bill) -> float:
    """Document reads in the window."""
    return float(sum(resource.usage[READS].sum() for resource in bill.of("firestore") if READS in resource.usage))


def _gib_hours(resource: Resource) -> float:
    return sum(float(usage.sum()) for usage in resource.usage.values())


def _existing(bill: Bill, resource: Resource, total: float) -> Cache:
    size = bill.fact(f"{LEVER}.{resource.name}.size_gib")
    tier = bill.fact(f"{LEVER}.{resource.name}.tier")
    billed_tier = max(TIERS, key=lambda name: float(resource.hourly(capacity_kind(name), len(bill.hours)).sum()))
    usage = np.sum([resource.hourly(capacity_kind(name), len(bill.hours)) for name in TIERS], axis=0)
    return Cache(
        name=resource.name,
        resource=resource,
        project=resource.project,
        region=resource.region,
        size_gib=_billed_size(usage[bill.hours.is_calendar]) if size is None else float(size.value or 0),
        size_source="this bill's GiB-hours per hour" if size is None else size.source,
        size_evidence="measured" if size is None else size.evidence,
        tier=billed_tier if tier is None else str(tier.value),
        tier_source="this bill's rows" if tier is None else tier.source,
        weight=_gib_hours(resource) / total if total > 0.0 else 1.0,
    )


def _billed_size(usage: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    used = usage[usage > 0.0]
    return float(round(float(np.median(used)))) if len(used) else 0.0


def _place(bill: Bill) -> tuple[str, str] | None:
    """Project and region of a new cache: beside the largest database, else beside what reads Firestore."""
    weights = database_weights(bill)
    if weights:
        largest = max(instances(bill), key=lambda item: weights[item.name]).resource
        return largest.project, largest.region
    if not firestore_reads(bill):
        return None
    callers = [*bill.of("cloud_run"), *bill.of("firestore")]
    return callers[0].project, callers[0].region
