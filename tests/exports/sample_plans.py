"""Plans to export in tests."""

from __future__ import annotations

from typing import Any

from model.lever import Guardrail, PlanChange
from model.plan import Database, KnownQuery, LeverSaving, PeakLoad, Plan, Scan

PRODUCTS = {
    "cloud_run": "Cloud Run",
    "cloud_sql": "Cloud SQL",
    "cache": "Memorystore for Redis",
    "tasks": "Cloud Tasks",
    "firestore": "Firestore",
}


def change(lever: str, resource: str, attribute: str, before: Any, after: Any, **other: Any) -> PlanChange:
    fields: dict[str, Any] = {
        "project": "demo",
        "region": "us-central1",
        "unit": "",
        "configures": "",
        "disruption": "online",
        "reason": "",
        "key": f"{lever}.{resource}.{attribute}",
        **other,
    }
    return PlanChange(
        lever=lever,
        product=PRODUCTS.get(lever, lever),
        resource=resource,
        attribute=attribute,
        before=before,
        after=after,
        **fields,
    )


EVERYTHING = (
    change("cloud_run", "api", "min_instances", 5, 1),
    change("cloud_run", "api", "max_instances", 50, 20),
    change("cloud_run", "api", "vcpu", 2.0, 1.0),
    change("cloud_run", "api", "memory_gib", 4.0, 2.0),
    change("cloud_run", "api", "concurrency", 80, 40),
    change("cloud_run", "api", "billing_mode", "request_based", "instance_based"),
    change("cloud_sql", "main", "vcpu", 8, 4, disruption="restart"),
    change("cloud_sql", "main", "availability", "regional", "zonal", disruption="restart"),
    change("cache", "sessions", "size_gib", 0, 5),
    change("cache", "sessions", "tier", None, "standard"),
    change("tasks", "jobs", "max_dispatches_per_s", 500.0, 50.5),
    change("tasks", "jobs", "max_attempts", 100, 5),
    change("firestore", "(default)", "pitr_enabled", True, False),
)
BY_HAND = (
    change("cloud_sql", "main", "replicas", 1, 0),
    change("commitments", "compute_flexible", "term", "none", "3y", project="", region="", disruption="one_way"),
    change("cloud_run", "api", "colour", "red", "blue"),
    change("cloud_run", "all", "min_instances", None, 1, project="", region=""),
)


def plan(*changes: PlanChange, **other: Any) -> Plan:
    fields: dict[str, Any] = {
        "scenario_name": "Scale down api",
        "fingerprint": "0123456789ab",
        "snapshot": "bill-1",
        "scenario_toml": "version = 1\n",
        "currency": "USD",
        "months": (202511, 202512, 202601),
        "is_demo": False,
        "baseline_nanos": 29_740_345_000_000,
        "outcome_nanos": 20_000_000_000_000,
        "savings": (
            LeverSaving("cloud_run", "Cloud Run", 7_000_000_000_000, 6_740_344_999_999),
            LeverSaving("cloud_sql", "Cloud SQL", 3_000_000_000_000, 3_000_000_000_001),
        ),
        "interaction_nanos": -259_655_000_000,
        "guardrails": (Guardrail("p95", "cloud_run", "api", 1.0, 2.0, "s", False, "p95 is 2 s, above 1 s."),),
        "notes": ("Cache size is modelled.",),
        **other,
    }
    return Plan(changes=changes, **fields)


PEAKS = (
    PeakLoad("api", "demo", "us-central1", 120.5, 0.25, 490_000, "measured", "metrics.csv"),
    PeakLoad("worker", "demo", "us-central1", 3.0, 2.0, 490_001, "modelled", "the bill"),
)
DATABASES = (Database("main", "demo", "us-central1", "PostgreSQL", "POSTGRES_16", 600.0, 60.0, 5.0),)
QUERIES = (
    KnownQuery(
        "user_by_email", "main", "SELECT id, name FROM users WHERE email = $1",
        "SELECT id, name FROM users WHERE email = $1",
        "CREATE INDEX idx_users_email ON users (email);\nusers(status, updated_at DESC)", 0.8, True,
    ),
    KnownQuery("pending", "main", "SELECT count(*) FROM reports WHERE status = $1", "",
               "reports(status) WHERE status IN ('pending', 'processing')\nreports(pipeline_id)\n"
               "reports(pipeline_id, status, created_at DESC)", 0.0, True),
    KnownQuery("untouched", "main", "SELECT 1", "", "", None, False),
)  # fmt: skip


SCANS = (Scan("demo", 0.5, 6.25), Scan("o'brien $(touch pwned)", 0.0, 5.0))


def whole_plan(*more: PlanChange) -> Plan:
    """A plan with every kind of change and every fact that exports use."""
    changes = (
        *EVERYTHING,
        change("queries", "user_by_email", "applied", False, True),
        change("queries", "pending", "applied", False, True),
        change("cloud_sql", "main", "pool_size", 10, 5),
        change("cache", "sessions", "ttl_s", None, 300),
        *more,
    )
    return plan(
        *changes, accounts=("012345-6789AB-CDEF01",), peaks=PEAKS, databases=DATABASES, queries=QUERIES, scans=SCANS
    )
