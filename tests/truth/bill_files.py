"""What a user would have of a simulated month: the detailed export as Parquet, the inventory, and noisy metrics."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow.parquet as pq

from data.sources.demo import skus
from data.sources.demo.company import PRODUCTION, REGION
from data.sources.demo.export import export_table
from data.sources.demo.lines import Line
from data.sources.demo.rows import Rows
from data.sources.demo.skus import GIB, NANOS, Free, Sku
from tests.truth.traffic import FIRST_HOUR, MONTH, MONTH_DAYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from tests.truth.cloud_run_platform import Config, Played, Service

HOURS: Final = MONTH_DAYS * 24
MONTH_SECONDS: Final = HOURS * 3600
NOISE: Final = 0.025
"""Metrics are off by up to 2.5 % as a series and up to 2.5 % more at each sample: ±5 % in all."""

_RUN = ("152E-C115-5142", "Cloud Run")
_ALWAYS_CPU = Free("Cloud Run vCPU by instance", 240_000, "month")
_ALWAYS_MEMORY = Free("Cloud Run memory by instance", 450_000, "month")
RUN_ALWAYS_CPU: Final = Sku(*_RUN, "DE31-0001-C001", "Services CPU (Instance-based billing) in us-central1", "0.000018",
                            "second", "seconds", free=_ALWAYS_CPU)  # fmt: skip
RUN_ALWAYS_MEMORY: Final = Sku(*_RUN, "DE31-0001-C002", "Services Memory (Instance-based billing) in us-central1",
                               "0.000002", "gibibyte second", "byte-seconds", base_units=GIB,
                               free=_ALWAYS_MEMORY)  # fmt: skip
_REDIS_PRICES: Final = {
    "Basic": ((4, "M1", "0.049"), (10, "M2", "0.027"), (35, "M3", "0.023"), (100, "M4", "0.019"), (300, "M5", "0.016")),
    "Standard": (
        (4, "M1", "0.064"), (10, "M2", "0.054"), (35, "M3", "0.046"), (100, "M4", "0.035"), (300, "M5", "0.030"),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Usage:
    """One SKU of one resource, in pricing units per hour of the month (672,)."""

    sku: Sku
    resource: str
    path: str
    amount: NDArray[np.float64]


def month_of(per_hour: NDArray[np.number], days: int) -> NDArray[np.float64]:
    """Simulated hours repeated to the whole month."""
    return np.tile(np.asarray(per_hour, dtype=np.float64), MONTH_DAYS // days)


def cloud_run_usage(name: str, config: Config, played: Played) -> list[Usage]:
    """Billed usage of one service."""
    days = played.hours // 24
    path = f"//run.googleapis.com/projects/{PRODUCTION.id}/locations/{REGION}/services/{name}"
    if config.billing_mode == "instance_based":
        up = month_of(played.up_s, days)
        amounts = [(RUN_ALWAYS_CPU, up * config.vcpu), (RUN_ALWAYS_MEMORY, up * config.memory_gib)]
    else:
        active, idle = month_of(played.active_s, days), month_of(played.idle_s, days)
        amounts = [
            (skus.RUN_CPU, active * config.vcpu),
            (skus.RUN_MEMORY, active * config.memory_gib),
            (skus.RUN_IDLE_CPU, idle * config.vcpu),
            (skus.RUN_IDLE_MEMORY, idle * config.memory_gib),
            (skus.RUN_REQUESTS, month_of(played.requests, days)),
        ]
    return [Usage(sku, name, path, amount) for sku, amount in amounts]


def cloud_sql_usage(name: str, vcpu: float, memory_gib: float, storage_gib: float, pool: str = "zonal") -> list[Usage]:
    """Billed usage of one instance without replicas."""
    regional = pool == "regional"
    path = f"//cloudsql.googleapis.com/projects/{PRODUCTION.id}/instances/{name}"
    ones = np.ones(HOURS)
    amounts = (
        (skus.SQL_HA_VCPU if regional else skus.SQL_VCPU, ones * vcpu),
        (skus.SQL_HA_MEMORY if regional else skus.SQL_MEMORY, ones * memory_gib),
        (skus.SQL_HA_STORAGE if regional else skus.SQL_STORAGE, ones * storage_gib / HOURS),
    )
    return [Usage(sku, f"{PRODUCTION.id}:{name}", path, amount) for sku, amount in amounts]


def redis_usage(name: str, size_gib: int, tier: str = "Basic") -> list[Usage]:
    """Billed usage of a Redis instance: all of it at the price of its size class."""
    label, price = next((label, price) for most, label, price in _REDIS_PRICES[tier] if size_gib <= most)
    sku = Sku("5AF5-2C11-D467", "Cloud Memorystore for Redis", f"DE31-0002-{tier[0]}{label}",
              f"Redis Capacity {tier} {label} Iowa", price, "gibibyte hour", "byte-seconds",
              base_units=GIB * 3600)  # fmt: skip
    path = f"//redis.googleapis.com/projects/{PRODUCTION.id}/locations/{REGION}/instances/{name}"
    return [Usage(sku, name, path, np.full(HOURS, float(size_gib)))]


def firestore_usage(reads: NDArray[np.float64], writes: NDArray[np.float64]) -> list[Usage]:
    """Billed operations of the default database, per hour."""
    path = f"//firestore.googleapis.com/projects/{PRODUCTION.id}/databases/(default)"
    amounts = ((skus.FIRESTORE_READS, reads), (skus.FIRESTORE_WRITES, writes))
    return [Usage(sku, "(default)", path, np.rint(amount)) for sku, amount in amounts]


def tasks_usage(operations: NDArray[np.float64]) -> list[Usage]:
    """Billed operations of all queues: Cloud Tasks has no resource rows."""
    return [Usage(skus.TASKS, "", "", np.rint(operations))]


def write_bill(usages: Iterable[Usage], path: Path) -> int:
    """Write the export; return cost and free tier together, in nanos: the effective cost, as there is nothing else."""
    lines, columns = [], []
    free: dict[tuple[str, int], float] = {}
    total = 0
    for usage in usages:
        nanos = np.rint(usage.amount * usage.sku.price_nanos / usage.sku.per).astype(np.int64)
        hour = np.flatnonzero(nanos)
        credit = _free_tier(usage, free)[hour]
        resource = {"resource": usage.resource, "resource_global": usage.path} if usage.resource else {}
        lines.append(Line(usage.sku, PRODUCTION, hour, nanos[hour], **resource))
        columns.append((np.full(len(hour), len(lines) - 1), hour, usage.amount[hour], nanos[hour], credit))
        total += int(nanos[hour].sum() + credit.sum())
    line, hour, amount, nanos, credit = (np.concatenate(column) for column in zip(*columns, strict=True))
    start = (hour + FIRST_HOUR) * 3600
    rows = Rows(
        lines=tuple(lines), line=line, start_s=start, invoice_month=np.full(len(hour), MONTH), usage=amount,
        month_seconds=np.full(len(hour), MONTH_SECONDS), cost_nanos=nanos, free_tier_nanos=credit,
        promotion_nanos=np.zeros(len(hour), dtype=np.int64), export_s=start + 10 * 86_400,
    )  # fmt: skip
    pq.write_table(export_table(rows), path)
    return total


def _free_tier(usage: Usage, used: dict[tuple[str, int], float]) -> NDArray[np.int64]:
    """Free tier per hour as negative nanos; ``used`` counts what lines of the same allowance took before."""
    free = usage.sku.free
    if free is None or (free.per_project and free.period == "month"):
        return np.zeros(HOURS, dtype=np.int64)
    length = 24 if free.period == "day" else HOURS
    granted = np.zeros(HOURS)
    for first in range(0, HOURS, length):
        key = (free.pool, first)
        amount = usage.amount[first : first + length]
        running = np.minimum(np.cumsum(amount), max(0.0, free.quantity - used.get(key, 0.0)))
        granted[first : first + length] = np.diff(running, prepend=0.0)
        used[key] = used.get(key, 0.0) + float(amount.sum())
    return -np.rint(granted * usage.sku.price_nanos / usage.sku.per).astype(np.int64)


def cloud_run_record(name: str, config: Config) -> dict[str, Any]:
    """One item of ``gcloud run services list --format=json``."""
    notes = {
        "autoscaling.knative.dev/maxScale": str(config.max_instances),
        "autoscaling.knative.dev/minScale": str(config.min_instances),
        "run.googleapis.com/cpu-throttling": "false" if config.billing_mode == "instance_based" else "true",
    }
    limits = {"cpu": f"{config.vcpu * 1000:g}m", "memory": f"{config.memory_gib * 1024:g}Mi"}
    return {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": PRODUCTION.id, "labels": {"cloud.googleapis.com/location": REGION}},
        "spec": {
            "template": {
                "metadata": {"annotations": notes},
                "spec": {
                    "containerConcurrency": config.concurrency,
                    "containers": [{"resources": {"limits": limits}}],
                },
            }
        },
    }


def cloud_sql_record(name: str, vcpu: int, memory_gib: float, storage_gib: float) -> dict[str, Any]:
    """One item of ``gcloud sql instances list --format=json``."""
    return {
        "kind": "sql#instance", "name": name, "project": PRODUCTION.id, "region": REGION,
        "databaseVersion": "POSTGRES_16", "instanceType": "CLOUD_SQL_INSTANCE",
        "settings": {
            "availabilityType": "ZONAL", "dataDiskSizeGb": f"{storage_gib:g}", "edition": "ENTERPRISE",
            "databaseFlags": [{"name": "max_connections", "value": "1000"}],
            "tier": f"db-custom-{vcpu}-{round(memory_gib * 1024)}",
        },
    }  # fmt: skip


def queue_record(name: str, dispatches_per_s: float, concurrent: int, attempts: int) -> dict[str, Any]:
    """One item of ``gcloud tasks queues list --format=json``."""
    return {
        "name": f"projects/{PRODUCTION.id}/locations/{REGION}/queues/{name}",
        "rateLimits": {
            "maxBurstSize": 100, "maxConcurrentDispatches": concurrent, "maxDispatchesPerSecond": dispatches_per_s,
        },
        "retryConfig": {"maxAttempts": attempts, "minBackoff": "0.100s", "maxBackoff": "3600s", "maxDoublings": 16},
        "state": "RUNNING",
    }  # fmt: skip


def firestore_record() -> dict[str, Any]:
    """One item of ``gcloud firestore databases list --format=json``."""
    return {
        "name": f"projects/{PRODUCTION.id}/databases/(default)", "locationId": REGION, "type": "FIRESTORE_NATIVE",
        "pointInTimeRecoveryEnablement": "POINT_IN_TIME_RECOVERY_DISABLED",
    }  # fmt: skip


@dataclass(frozen=True)
class Series:
    """One metric's samples, ``every_s`` apart from the first hour of the month."""

    product: str
    resource: str
    metric: str
    unit: str
    every_s: int
    values: NDArray[np.float64]


def cloud_run_series(
    name: str, service: Service, config: Config, played: Played, database_share: float = 0.0
) -> list[Series]:
    """What Cloud Monitoring saw of a service over its simulated days, and traces of the time in the database."""
    up = played.up_s / 3600
    served = played.requests > 0
    used = played.cpu_s / np.maximum(played.up_s * config.vcpu, 1e-9)
    days = played.hours // 24
    hourly = (
        ("instance_count", "count", up),
        ("cpu_utilisation", "ratio", np.where(played.up_s > 0, used, 0.0)),
        ("request_latency_mean", "s", np.where(served, played.latency_s, np.nan)),
    )
    daily = [("startup_latency", "s", np.full(days, service.startup_s))]
    if database_share > 0:
        daily.append(("database_time_share", "ratio", np.full(days, database_share)))
    counts = Series("Cloud Run", name, "request_count", "count", 60, played.requests_by_minute.astype(np.float64))
    return [
        counts,
        *(Series("Cloud Run", name, metric, unit, 3600, values) for metric, unit, values in hourly),
        *(Series("Cloud Run", name, metric, unit, 86_400, values) for metric, unit, values in daily),
    ]


def write_metrics(all_series: Sequence[Series], path: Path, seed: int = 5) -> None:
    """Write ``metrics.csv``; a sample that is not a number is left out, as Monitoring leaves it out."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("time", "product", "resource", "metric", "unit", "value"))
        for number, series in enumerate(all_series):
            random = np.random.default_rng([seed, number])
            noisy = series.values * (1 + random.uniform(-NOISE, NOISE))
            noisy = noisy * (1 + random.uniform(-NOISE, NOISE, len(noisy)))
            for index in np.flatnonzero(~np.isnan(noisy)).tolist():
                moment = datetime.fromtimestamp(FIRST_HOUR * 3600 + index * series.every_s, UTC)
                stamp = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
                writer.writerow(
                    (stamp, series.product, series.resource, series.metric, series.unit, f"{noisy[index]:.6g}")
                )


def write_inventory(records: Sequence[dict[str, Any]], folder: Path) -> list[Path]:
    """Write each kind of record into a file of its own, as gcloud's list commands would."""
    folder.mkdir(exist_ok=True)
    paths = []
    for number, record in enumerate(records):
        path = folder / f"inventory-{number}.json"
        path.write_text(json.dumps([record]), encoding="utf-8")
        paths.append(path)
    return paths


def dollars(nanos: int) -> float:
    """Nanos as dollars."""
    return nanos / NANOS
