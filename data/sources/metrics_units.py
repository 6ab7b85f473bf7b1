"""The metrics that are read, their names in Cloud Monitoring, and the units that each may come in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_RATIO: Final = {"ratio": 1.0, "": 1.0, "1": 1.0, "10^2.%": 1.0, "%": 0.01, "percent": 0.01}
_SECONDS: Final = {"s": 1.0, "seconds": 1.0, "ms": 1e-3, "milliseconds": 1e-3, "us": 1e-6, "ns": 1e-9}
_COUNT: Final = {"count": 1.0, "": 1.0, "1": 1.0}
_GIB: Final = {"GiB": 1.0, "MiB": 2.0**-10, "By": 2.0**-30, "bytes": 2.0**-30, "GB": 1e9 / 2**30}

METRICS: Final[dict[str, dict[str, float]]] = {
    "request_count": _COUNT,  # requests since the sample before
    "request_rate": {"1/s": 1.0, "": 1.0, "1/min": 1.0 / 60.0},
    "in_flight": _COUNT,  # requests under way, as a mean over the time since the sample before
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

ADDED_UP: Final = ("request_count", "request_rate", "in_flight", "instance_count", "cpu_seconds", "attempt_count")
"""Amounts, whose series of one resource (response codes, states, revisions) are parts of one."""

RATIOS: Final = tuple(name for name, units in METRICS.items() if units is _RATIO)

NAMES: Final = {
    "cpu_utilization": "cpu_utilisation",
    "cpu_utilizations": "cpu_utilisation",
    "container/cpu/utilizations": "cpu_utilisation",
    "database/cpu/utilization": "cpu_utilisation",
    "memory_utilization": "memory_utilisation",
    "memory_utilizations": "memory_utilisation",
    "container/memory/utilizations": "memory_utilisation",
    "database/memory/total_usage": "working_set",
    "container/cpu/usage": "cpu_seconds",
    "container/instance_count": "instance_count",
    "instances": "instance_count",
    "container/startup_latencies": "startup_latency",
    "startup_latencies": "startup_latency",
    "startup": "startup_latency",
    "latency": "request_latency_mean",
    "latency_mean": "request_latency_mean",
    "mean_latency": "request_latency_mean",
    "request_latency": "request_latency_mean",
    "request_latencies": "request_latency_mean",
    "request_latencies_mean": "request_latency_mean",
    "latency_p50": "request_latency_p50",
    "request_latencies_p50": "request_latency_p50",
    "latency_p95": "request_latency_p95",
    "request_latencies_p95": "request_latency_p95",
    "requests": "request_count",
    "requests_per_second": "request_rate",
    "rps": "request_rate",
    "concurrent_requests": "in_flight",
    "in_flight_requests": "in_flight",
    "queue/task_attempt_count": "attempt_count",
}
"""Other names of these metrics, in lower case: Cloud Monitoring's after the service's, and what people write."""

UNIT_ENDINGS: Final = {"_s": "s", "_seconds": "s", "_ms": "ms"}
"""What the end of a name says of its unit, as in ``latency_ms``."""

UNIT_WORDS: Final = {
    "sec": "s", "second": "s", "msec": "ms", "millisecond": "ms", "microseconds": "us", "nanoseconds": "ns",
    "fraction": "ratio", "pct": "%", "requests": "count", "request": "count", "req": "count", "instances": "count",
    "instance": "count", "attempts": "count", "requests/s": "1/s", "req/s": "1/s", "rps": "1/s",
    "requests/min": "1/min", "req/min": "1/min", "rpm": "1/min",
    "gib": "GiB", "mib": "MiB", "gb": "GB", "byte": "bytes", "b": "bytes",
}  # fmt: skip
"""Other words for these units, in lower case and without braces."""

PRODUCTS: Final = {
    "cloudrun": "cloud_run",
    "run": "cloud_run",
    "cloudrunrevision": "cloud_run",
    "cloudsql": "cloud_sql",
    "sql": "cloud_sql",
    "sqladmin": "cloud_sql",
    "cloudsqldatabase": "cloud_sql",
    "cloudtasks": "tasks",
    "cloudtasksqueue": "tasks",
    "tasks": "tasks",
}
"""Product or Cloud Monitoring's resource type, in lower case and letters only → its prefix in keys."""

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


@lru_cache(maxsize=1024)
def product_of(text: str) -> str | None:
    """Return a product's prefix in keys; None for one without metrics.

    >>> product_of("Cloud Run"), product_of("run.googleapis.com"), product_of("cloudsql_database"), product_of("GKE")
    ('cloud_run', 'cloud_run', 'cloud_sql', None)
    """
    letters = "".join(letter for letter in text.lower().removesuffix(".googleapis.com") if letter.isalpha())
    return PRODUCTS.get(letters)


@lru_cache(maxsize=1024)
def metric_of(text: str, unit: str = "") -> tuple[str, str] | None:
    """Return the metric that a name means, and its unit; None for a name that is not read.

    A unit that is not given is that of the name's ending, else Cloud Monitoring's where the name is Monitoring's own.
    Requests in a unit of rate are a rate.

    >>> metric_of("run.googleapis.com/request_latencies"), metric_of("Latency_ms"), metric_of("requests", "req/s")
    (('request_latency_mean', 'ms'), ('request_latency_mean', 'ms'), ('request_rate', 'req/s'))
    """
    service, _, tail = text.strip().lower().rpartition(".googleapis.com/")
    name = tail.replace("-", "_").replace(" ", "_")
    ending = next((end for end in UNIT_ENDINGS if name.endswith(end) and name not in METRICS), "")
    metric = name if name in METRICS else NAMES.get(name) or NAMES.get(name.removesuffix(ending))
    if metric is None and ending and name.removesuffix(ending) in METRICS:
        metric = name.removesuffix(ending)
    if metric is None:
        return None
    stated = unit.strip() or UNIT_ENDINGS.get(ending, "") or (DEFAULT_UNITS.get(metric, "") if service else "")
    is_rate = metric == "request_count" and factor_of("request_count", stated) is None
    return ("request_rate", stated) if is_rate and factor_of("request_rate", stated) else (metric, stated)


def factor_of(metric: str, unit: str) -> float | None:
    """Return what brings a value in this unit to the metric's base unit; None for a unit that does not fit.

    >>> factor_of("request_latency_mean", "ms"), factor_of("cpu_utilisation", "%"), factor_of("working_set", "furlong")
    (0.001, 0.01, None)
    >>> factor_of("request_latency_mean", "Seconds"), factor_of("request_count", "{request}")
    (1.0, 1.0)
    """
    word = unit.strip()
    if word in METRICS[metric]:
        return METRICS[metric][word]
    plain = word.lower().strip("{}")
    return METRICS[metric].get(plain, METRICS[metric].get(UNIT_WORDS.get(plain, plain)))
