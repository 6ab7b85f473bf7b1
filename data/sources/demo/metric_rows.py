"""The demo's metrics: what Cloud Monitoring would have said of the simulated last week, minute by minute."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import numpy as np

from data.sources.demo.calendar import MINUTES_PER_HOUR, calendar
from data.sources.demo.company import CLOUD_RUN_NANOS
from data.sources.demo.databases import DATABASES
from data.sources.demo.others import ATTEMPTS_PER_TASK, TASK_QUEUES
from data.sources.demo.workload import SEED, Simulated, workload

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

HEADER: Final = ("time", "product", "resource", "metric", "unit", "value")
HOURS: Final = 7 * 24
LATENCY_SPREAD: Final = 0.55
"""Log-normal spread of latency: p50 = mean·e^(−s²/2), p95 = mean·e^(1.645 s − s²/2)."""

_MEMORY_UTILISATION: Final = {"api": 0.31, "renderer": 0.62, "worker": 0.38}
"""Largest share of its memory that an instance used."""

_CPU_AT_MEAN_LOAD: Final = {"main-db": 0.17, "main-db-replica": 0.13, "staging-db": 0.05}
_WORKING_SET_GIB: Final = {"main-db": 11.4, "main-db-replica": 10.2, "staging-db": 1.6}
_QUERY_CPU_SHARE: Final = {"main-db": 0.82, "main-db-replica": 0.80, "staging-db": 0.60}

Row = tuple[str, str, str, str, str, str]


def metric_rows() -> Iterator[Row]:
    """Yield the rows of ``metrics.csv`` for the last seven days of the bill."""
    served = workload(CLOUD_RUN_NANOS)
    for simulated in served:
        yield from _service_rows(simulated)
    api = served[0].requests[-HOURS * MINUTES_PER_HOUR :]
    for queue, service in TASK_QUEUES:
        yield from _queue_rows(queue, next(each for each in served if each.service.name == service))
    for index, database in enumerate(DATABASES):
        yield from _database_rows(database.name, api / served[0].requests.mean(), index)


def _service_rows(simulated: Simulated) -> Iterator[Row]:
    service = simulated.service
    requests = simulated.requests[-HOURS * MINUTES_PER_HOUR :]
    instances = simulated.instances[-HOURS * MINUTES_PER_HOUR :]
    used = requests / 60 * service.cpu_seconds_per_request
    utilisation = _hourly(used) / (_hourly(instances) * service.vcpu)
    half = LATENCY_SPREAD**2 / 2
    latency = {"mean": 1.0, "p50": np.exp(-half), "p95": np.exp(1.645 * LATENCY_SPREAD - half)}
    name = ("Cloud Run", service.name)
    yield from _series(*name, "request_count", "count", _minutes(), requests)
    yield from _series(*name, "instance_count", "count", _hours(), _hourly(instances))
    yield from _series(*name, "cpu_utilisation", "ratio", _hours(), utilisation)
    for statistic, factor in latency.items():
        constant = np.full(HOURS, service.latency_s * factor * 1000)
        yield from _series(*name, f"request_latency_{statistic}", "ms", _hours(), constant)
    yield from _series(*name, "startup_latency", "s", _hours()[::24], np.full(HOURS // 24, service.startup_s))
    memory = np.full(HOURS // 24, _MEMORY_UTILISATION[service.name])
    yield from _series(*name, "memory_utilisation", "ratio", _hours()[::24], memory)
    share = np.full(HOURS // 24, service.database_time_share)
    yield from _series(*name, "database_time_share", "ratio", _hours()[::24], share)


def _queue_rows(queue: str, target: Simulated) -> Iterator[Row]:
    """Every request of a queue's target is an attempt of its tasks, as its operations are billed."""
    attempts = target.requests[-HOURS * MINUTES_PER_HOUR :]
    failed = np.full(HOURS // 24, 1.0 - 1.0 / ATTEMPTS_PER_TASK)
    yield from _series("Cloud Tasks", queue, "attempt_count", "count", _minutes(), attempts)
    yield from _series("Cloud Tasks", queue, "failure_ratio", "ratio", _hours()[::24], failed)


def _database_rows(name: str, load: NDArray[np.float64], index: int) -> Iterator[Row]:
    noise = np.random.default_rng([SEED, 900 + index]).standard_normal(len(load))
    cpu = np.minimum(1.0, _CPU_AT_MEAN_LOAD[name] * (0.35 + 0.65 * load) * np.exp(0.06 * noise))
    days = HOURS // 24
    yield from _series("Cloud SQL", name, "cpu_utilisation", "ratio", _minutes(), cpu)
    yield from _series("Cloud SQL", name, "working_set", "GiB", _hours()[::24], np.full(days, _WORKING_SET_GIB[name]))
    share = np.full(days, _QUERY_CPU_SHARE[name])
    yield from _series("Cloud SQL", name, "query_cpu_share", "ratio", _hours()[::24], share)


def _series(
    product: str, resource: str, metric: str, unit: str, times: list[str], values: NDArray[np.number]
) -> Iterator[Row]:
    for time, value in zip(times, values.tolist(), strict=True):
        yield time, product, resource, metric, unit, f"{value:.6g}" if isinstance(value, float) else str(value)


def _hourly(per_minute: NDArray[np.number]) -> NDArray[np.float64]:
    means: NDArray[np.float64] = per_minute.reshape(-1, MINUTES_PER_HOUR).mean(axis=1)
    return means


def _hours() -> list[str]:
    return [_stamp(int(hour) * 3600) for hour in calendar().epoch_hour[-HOURS:]]


def _minutes() -> list[str]:
    first = int(calendar().epoch_hour[-HOURS]) * 3600
    return [_stamp(first + 60 * minute) for minute in range(HOURS * MINUTES_PER_HOUR)]


def _stamp(epoch_s: int) -> str:
    return datetime.fromtimestamp(epoch_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
