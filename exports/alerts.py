"""What has to be watched when a plan is applied: one alert for each limit that a changed resource may come to break.

Thresholds are the plan's own limits where it has them, else those of ``_DEFAULTS``; each alert says which.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from exports.names import slug
from exports.shell import shown
from exports.steps import name_problem, own_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from model.lever import PlanChange
    from model.plan import Plan

_DEFAULTS: Final = {"errors": 0.01, "instances": 0.9, "cpu": 0.8, "connections": 0.8, "memory": 0.8, "delay_s": 60.0}
_P95_OF_MEAN: Final = 3.0
"""p95 ÷ mean of exponential times (ln 20), where only the mean is known."""
_METRIC_OF_CONNECTIONS: Final = {"PostgreSQL": "postgresql/num_backends", "MySQL": "network/connections"}


@dataclass(frozen=True)
class Alert:
    """A threshold on a metric of one resource; with ``divided_by`` (a filter) the share of one sum in another."""

    slug: str
    title: str
    project: str
    filter: str
    aligner: str
    reducer: str
    threshold: float
    unit: str
    why: str
    divided_by: str = ""
    is_below: bool = False
    duration_s: int = 300

    @property
    def comparison(self) -> str:
        """Google's name of the direction."""
        return "COMPARISON_LT" if self.is_below else "COMPARISON_GT"


def alerts(plan: Plan) -> list[Alert]:
    """Alerts of every resource that the plan changes, in its order; none where a resource has no name or project."""
    found: dict[str, Alert] = {}
    for change in plan.changes:
        of_lever = _OF_LEVER.get(change.lever)
        if of_lever is None or not change.project or name_problem(change) or change.attribute == "replica_of":
            continue
        for alert in of_lever(plan, change):
            found.setdefault(alert.slug, alert)
    return list(found.values())


def quoted_in_filter(text: str) -> str:
    r"""A text within the quotes of a monitoring filter; control characters become spaces.

    >>> quoted_in_filter('a"b')
    '"a\\"b"'
    """
    clean = "".join(" " if ord(c) < 32 else c for c in text)
    return '"' + clean.replace("\\", "\\\\").replace('"', '\\"') + '"'


def limit_of(plan: Plan, change: PlanChange, name: str) -> float | None:
    """The plan's limit of that name for the resource of a change; None where it has none."""
    limits = (
        g.limit for g in plan.guardrails if (g.lever, g.resource, g.name) == (change.lever, change.resource, name)
    )
    return next((limit for limit in limits if math.isfinite(limit) and limit > 0.0), None)


def _why(told: float | None) -> str:
    return "the plan's own limit" if told is not None else "a usual limit: set it to your own"


def _alert(change: PlanChange, what: str, title: str, **fields: object) -> Alert:
    key = f"{change.lever}/{change.project}/{change.region}/{change.resource}/{what}"
    name = f"{slug(own_name(change), length=24)}-{slug(what)}"
    unique = name if key == name else f"{name}-{slug(key)[-6:]}"
    return Alert(slug=unique, title=f"{shown(own_name(change), 80)}: {title}", project=change.project, **fields)  # type: ignore[arg-type]


def _cloud_run(plan: Plan, change: PlanChange) -> list[Alert]:
    where = (
        f'resource.type = "cloud_run_revision" AND resource.labels.service_name = {quoted_in_filter(own_name(change))}'
    )
    if change.region:
        where += f" AND resource.labels.location = {quoted_in_filter(change.region)}"
    return [
        _requests_that_fail(plan, change, where),
        *_slow_requests(plan, change, where),
        *_instances_near_maximum(plan, change, where),
    ]


def _requests_that_fail(plan: Plan, change: PlanChange, where: str) -> Alert:
    requests = f'{where} AND metric.type = "run.googleapis.com/request_count"'
    told = limit_of(plan, change, "rejected_share")
    return _alert(
        change, "errors", "share of requests that fail or are turned away",
        filter=f'{requests} AND metric.labels.response_code = monitoring.regex.full_match("429|5..")',
        divided_by=requests, aligner="ALIGN_RATE", reducer="REDUCE_SUM", unit="ratio",
        threshold=told or _DEFAULTS["errors"], why=_why(told),
    )  # fmt: skip


def _slow_requests(plan: Plan, change: PlanChange, where: str) -> list[Alert]:
    peak = next((p for p in plan.peaks if (p.service, p.project) == (change.resource, change.project)), None)
    if peak is None or peak.latency_s <= 0.0:
        return []
    slower = limit_of(plan, change, "latency") or 1.0
    return [
        _alert(
            change, "p95", "time of 95% of requests",
            filter=f'{where} AND metric.type = "run.googleapis.com/request_latencies"',
            aligner="ALIGN_PERCENTILE_95", reducer="REDUCE_MAX", unit="ms",
            threshold=round(1000.0 * peak.latency_s * _P95_OF_MEAN * slower, 3),
            why=f"3 times today's mean of {peak.latency_s:g} s, times the slowdown that is taken ({slower:g})",
        )
    ]  # fmt: skip


def _instances_near_maximum(plan: Plan, change: PlanChange, where: str) -> list[Alert]:
    most = next(
        (c.after for c in plan.changes if c.resource == change.resource and c.attribute == "max_instances"), None
    )
    if not isinstance(most, int | float) or most <= 0:
        return []
    return [
        _alert(
            change, "instances", "instances near their maximum",
            filter=f'{where} AND metric.type = "run.googleapis.com/container/instance_count"',
            aligner="ALIGN_MAX", reducer="REDUCE_SUM", unit="instances",
            threshold=round(_DEFAULTS["instances"] * most, 3), why=f"90% of the new maximum of {most:g}",
        )
    ]  # fmt: skip


def _cloud_sql(plan: Plan, change: PlanChange) -> list[Alert]:
    database = quoted_in_filter(f"{change.project}:{own_name(change)}")
    where = f'resource.type = "cloudsql_database" AND resource.labels.database_id = {database}'
    told = limit_of(plan, change, "peak CPU")
    found = [
        _alert(
            change, what, title, filter=f'{where} AND metric.type = "cloudsql.googleapis.com/database/{metric}"',
            aligner="ALIGN_MEAN", reducer="REDUCE_MAX", unit="ratio", threshold=threshold, why=why,
        )
        for what, title, metric, threshold, why in (
            ("cpu", "CPU in use", "cpu/utilization", told or _DEFAULTS["cpu"], _why(told)),
            ("memory", "memory in use", "memory/utilization", 0.9, _why(None)),
        )
    ]  # fmt: skip
    known = next((d for d in plan.databases if d.name == change.resource), None)
    metric = _METRIC_OF_CONNECTIONS.get(known.engine) if known else None
    if known is not None and metric and known.max_connections:
        found.append(
            _alert(
                change, "connections", "open connections",
                filter=f'{where} AND metric.type = "cloudsql.googleapis.com/database/{metric}"',
                aligner="ALIGN_MAX", reducer="REDUCE_SUM", unit="connections",
                threshold=round(_DEFAULTS["connections"] * known.max_connections, 3),
                why=f"80% of max_connections, {known.max_connections:g}",
            )
        )  # fmt: skip
    return found


def _cache(plan: Plan, change: PlanChange) -> list[Alert]:
    name = quoted_in_filter(f"projects/{change.project}/locations/{change.region}/instances/{own_name(change)}")
    where = f'resource.type = "redis_instance" AND resource.labels.instance_id = {name}'
    found = [
        _alert(
            change, "memory", "system memory in use",
            filter=f'{where} AND metric.type = "redis.googleapis.com/stats/memory/system_memory_usage_ratio"',
            aligner="ALIGN_MEAN", reducer="REDUCE_MAX", unit="ratio", threshold=_DEFAULTS["memory"],
            why="Google's own advice: above it a cache may block writes",
        )
    ]  # fmt: skip
    target = limit_of(plan, change, "hit rate reachable")
    if target is not None:
        found.append(
            _alert(
                change, "hits", "hit rate", is_below=True, duration_s=3600,
                filter=f'{where} AND metric.type = "redis.googleapis.com/stats/cache_hit_ratio"',
                aligner="ALIGN_MEAN", reducer="REDUCE_MEAN", unit="ratio", threshold=round(0.9 * target, 6),
                why=f"90% of the hit rate that the plan counts on, {target:.1%}",
            )
        )  # fmt: skip
    return found


def _tasks(plan: Plan, change: PlanChange) -> list[Alert]:
    told = limit_of(plan, change, "longest_delay")
    where = f'resource.type = "cloud_tasks_queue" AND resource.labels.queue_id = {quoted_in_filter(own_name(change))}'
    return [
        _alert(
            change, "delay", "delay of 95% of attempts",
            filter=f'{where} AND metric.type = "cloudtasks.googleapis.com/queue/task_attempt_delays"',
            aligner="ALIGN_PERCENTILE_95", reducer="REDUCE_MAX", unit="ms",
            threshold=round(1000.0 * (told or _DEFAULTS["delay_s"]), 3), why=_why(told),
        )
    ]  # fmt: skip


_OF_LEVER: Final[dict[str, Callable[[Plan, PlanChange], list[Alert]]]] = {
    "cloud_run": _cloud_run,
    "cloud_sql": _cloud_sql,
    "cache": _cache,
    "tasks": _tasks,
}
