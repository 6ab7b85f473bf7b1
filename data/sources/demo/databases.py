"""The demo's Cloud SQL instances: a highly available one with its replica, a small one for staging, and backups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from data.sources.demo import skus
from data.sources.demo.calendar import calendar
from data.sources.demo.company import CLOUD_SQL_NANOS, PRODUCTION, STAGING, Project, labels
from data.sources.demo.lines import Line, priced
from data.sources.demo.quantities import gib_months, growing


@dataclass(frozen=True)
class Database:
    """A Cloud SQL instance: its shape and the disk it had at the start and has at the end."""

    name: str
    project: Project
    vcpu: int
    memory_gib: int
    highly_available: bool
    first_gib: int
    last_gib: int
    version: str = "POSTGRES_16"
    primary: str | None = None


DATABASES: Final = (
    Database("main-db", PRODUCTION, 8, 32, highly_available=True, first_gib=820, last_gib=1_060),
    Database("main-db-replica", PRODUCTION, 8, 32, highly_available=False, first_gib=820, last_gib=1_060,
             primary="main-db"),
    Database("staging-db", STAGING, 2, 8, highly_available=False, first_gib=100, last_gib=100),
)  # fmt: skip


def cloud_sql_lines() -> list[Line]:
    """Return every instance's vCPU, memory, storage and address; the main instance's backups are the rest."""
    lines = [line for database in DATABASES for line in _database_lines(database)]
    rest = CLOUD_SQL_NANOS - sum(int(line.nanos.sum()) for line in lines)
    backups = priced(skus.SQL_BACKUPS, PRODUCTION, gib_months(growing(700, 1.25)), **_database_shared(DATABASES[0]))
    return [*lines, backups.landed(rest)]


def _database_lines(database: Database) -> list[Line]:
    zonal = (skus.SQL_VCPU, skus.SQL_MEMORY, skus.SQL_STORAGE)
    regional = (skus.SQL_HA_VCPU, skus.SQL_HA_MEMORY, skus.SQL_HA_STORAGE)
    vcpu, memory, storage = regional if database.highly_available else zonal
    ones = np.ones(len(calendar()))
    disk = np.floor(np.linspace(database.first_gib, database.last_gib, len(ones)) / 20) * 20  # grows in steps
    usage = (
        (vcpu, ones * database.vcpu),
        (memory, ones * database.memory_gib),
        (storage, gib_months(disk)),
        (skus.SQL_ADDRESS, ones),
    )
    return [priced(sku, database.project, amount, **_database_shared(database)) for sku, amount in usage]


def _database_shared(database: Database) -> dict[str, Any]:
    path = f"//cloudsql.googleapis.com/projects/{database.project.id}/instances/{database.name}"
    return {
        "resource": f"{database.project.id}:{database.name}",
        "resource_global": path,
        "labels": labels(database.project, "platform", "database"),
    }
