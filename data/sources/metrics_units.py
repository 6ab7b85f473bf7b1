"""The metrics that are read, their names in Cloud Monitoring, and the units that each may come in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_RATIO: Final = {"ratio": 1.0, "": 1.0, "1": 1.0, "10^2.%": 1.0, "%": 0.01, "percent": 0.01}
_SECONDS: Final = {"s": 1.0, "seconds": 1.0, "ms": 1e-3, "milliseconds": 1e-3, "us": 1e-6, "ns": 1e-9}
_COUNT: Final = {"count": 1.0, "": 1.0, "1": 1.0}
_GIB: Final = {"GiB": 1.0, "MiB": 2.0**-10, "By": 2.0**-30, "bytes": 2.0**-30, "GB": 1e9 / 2**30}

METRICS: Final[dict[str, dict[str, float]]] = {
    "request_count": _COUNT,  # requests since the sample before
    "request_rate": {"1/s": 1.0, "": 1.0},
    "request_latency_mean": _SECONDS,
    "request_latency_p50": _SECONDS,
    "request_latency_p95": _SECONDS,
    "startup_latency": _SECONDS,
    "cpu_utilisation": _RATIO,
    "memory_utilisation": _RATIO,
    "instance_count": _COUNT,
    "cpu_seconds": {"s": 1.0, "s{CPU}": 1.0, "vCPU-s": 1.0, "": 1.0},  # CPU time really used, not billed
    "cpu_seconds_per_request": _SECONDS,
    "database_time_share": _RATIO,
    "query_cpu_share": _RATIO,
    "working_set": _GIB,
    "attempt_count": _COUNT,  # attempts of a queue's tasks since the sample before
    "attempt_latency_mean": _SECONDS,
    "failure_ratio": _RATIO,  # failed attempts ÷ attempts
}
"""Metric → unit as written → factor to seconds, ratio, GiB or count. ``10^2.%`` is Monitoring's word for a ratio."""

ADDED_UP: Final = ("request_count", "request_rate", "instance_count", "cpu_seconds", "attempt_count")
"""Amounts, whose series of one resource (response codes, states, revisions) are parts of one."""

SPELLINGS: Final = {"cpu_utilization": "cpu_utilisation", "memory_utilization": "memory_utilisation"}

PRODUCTS: Final = {
    "cloud run": "cloud_run",
    "cloud_run": "cloud_run",
    "cloud sql": "cloud_sql",
    "cloud_sql": "cloud_sql",
    "cloud tasks": "tasks",
    "cloud_tasks": "tasks",
    "tasks": "tasks",
}

MONITORING_TYPES: Final = {
    "run.googleapis.com/request_count": "request_count",
    "run.googleapis.com/request_latencies": "request_latency_mean",
    "run.googleapis.com/container/startup_latencies": "startup_latency",
    "run.googleapis.com/container/cpu/utilizations": "cpu_utilisation",
    "run.googleapis.com/container/memory/utilizations": "memory_utilisation",
    "run.googleapis.com/container/instance_count": "instance_count",
    "run.googleapis.com/container/cpu/usage": "cpu_seconds",
    "cloudsql.googleapis.com/database/cpu/utilization": "cpu_utilisation",
    "cloudsql.googleapis.com/database/memory/total_usage": "working_set",
}
"""Cloud Monitoring's metric type → the metric."""

DEFAULT_UNITS: Final = {
    "request_latency_mean": "ms",
    "startup_latency": "ms",
    "working_set": "By",
    "cpu_seconds": "s{CPU}",
}
"""Units of Cloud Monitoring's series that do not carry one."""


@dataclass(frozen=True)
class SeriesKey:
    """Which series: product as in keys (``cloud_run``), resource, metric."""

    product: str
    resource: str
    metric: str


Series = dict[SeriesKey, list[tuple[float, float]]]
"""(epoch seconds, value in the metric's base unit) in any order."""


def factor_of(metric: str, unit: str) -> float | None:
    """Return what brings a value in this unit to the metric's base unit; None for a unit that does not fit.

    >>> factor_of("request_latency_mean", "ms"), factor_of("cpu_utilisation", "%"), factor_of("working_set", "furlong")
    (0.001, 0.01, None)
    """
    return METRICS[metric].get(unit.strip())
