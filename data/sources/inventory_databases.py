"""Databases of an inventory: Cloud SQL instances, Redis instances, Firestore databases."""

from __future__ import annotations

import re
from typing import Any, Final

from data.sources.inventory_resource import Resource, Value, path_parts

Record = dict[str, Any]

DEFAULT_POLICY: Final = "volatile-lru"
SHARED_CORE_TIERS: Final = ("db-f1-micro", "db-g1-small")
_AGENT: Final = re.compile(r"p(\d+)-[a-z0-9]+@gcp-sa-cloud-sql\.iam\.gserviceaccount\.com")


def shape_of_tier(tier: str) -> dict[str, Value]:
    """Return vCPU and GiB of a Cloud SQL tier; shared-core and unknown tiers have no shape to resize.

    >>> shape_of_tier("db-custom-8-32768")
    {'vcpu': 8.0, 'memory_gib': 32.0}
    >>> shape_of_tier("db-perf-optimized-N-8")
    {'vcpu': 8.0, 'memory_gib': 64.0}
    """
    if tier in SHARED_CORE_TIERS:
        return {"shared_core": True}
    if match := re.fullmatch(r"db-custom-(?:[A-Z0-9]+-)?(\d+)-(\d+)", tier):
        return {"vcpu": float(match[1]), "memory_gib": float(match[2]) / 1024}
    for pattern, gib_per_vcpu in ((r"db-perf-optimized-N-(\d+)", 8.0), (r"db-n1-standard-(\d+)", 3.75),
                                  (r"db-n1-highmem-(\d+)", 6.5)):  # fmt: skip
        if match := re.fullmatch(pattern, tier):
            return {"vcpu": float(match[1]), "memory_gib": float(match[1]) * gib_per_vcpu}
    return {}


def sql_instance(record: Record, source: str) -> Resource:
    """Read one item of ``gcloud sql instances list``."""
    settings = record["settings"]
    tier = str(settings["tier"])
    plus = tier.startswith("db-perf-optimized") or settings.get("edition") == "ENTERPRISE_PLUS"
    values: dict[str, Value] = {
        **shape_of_tier(tier),
        "edition": "enterprise_plus" if plus else "enterprise",
        "availability": "regional" if settings.get("availabilityType") == "REGIONAL" else "zonal",
        "tier": tier,
        "storage_gib": float(settings["dataDiskSizeGb"]) if "dataDiskSizeGb" in settings else None,
        "database_version": record.get("databaseVersion"),
        "max_connections": _max_connections(settings),
    }
    primary = str(record.get("masterInstanceName") or "").rpartition(":")[2]
    values["replica_of"] = primary or None
    return Resource(
        "cloud_sql", record["name"], record.get("region", ""), record.get("project", ""), source, values,
        replica_of=primary,
    )  # fmt: skip


def _max_connections(settings: Record) -> float | None:
    flags = {flag["name"]: flag.get("value") for flag in settings.get("databaseFlags") or []}
    value = flags.get("max_connections")
    return None if value is None else float(value)


def project_number(record: Record) -> dict[str, str]:
    """Return project number → id where a Cloud SQL instance shows both (its service agent carries the number).

    Cloud Run's list names projects by number, the bill by id.
    """
    match = _AGENT.fullmatch(str(record.get("serviceAccountEmailAddress") or ""))
    return {match[1]: str(record["project"])} if match and record.get("project") else {}


def redis_instance(record: Record, source: str) -> Resource:
    """Read one item of ``gcloud redis instances list``."""
    parts = path_parts(record["name"])
    policy = (record.get("redisConfigs") or {}).get("maxmemory-policy")
    values: dict[str, Value] = {
        "policy": DEFAULT_POLICY if policy is None else str(policy),
        "size_gib": float(record["memorySizeGb"]),
        "tier": "standard" if record.get("tier") == "STANDARD_HA" else "basic",
    }
    return Resource(
        "cache", parts["instances"], parts.get("locations", ""), parts["projects"], source, values,
        defaults=frozenset(() if policy else ("policy",)),
    )  # fmt: skip


def firestore_database(record: Record, source: str) -> Resource:
    """Read one item of ``gcloud firestore databases list``."""
    parts = path_parts(record["name"])
    recovery = record.get("pointInTimeRecoveryEnablement") == "POINT_IN_TIME_RECOVERY_ENABLED"
    values: dict[str, Value] = {"pitr_enabled": recovery}
    region = str(record.get("locationId") or "")
    return Resource("firestore", parts["databases"], region, parts["projects"], source, values)
