"""The rest of the demo's bill: queues, logs (and their spike), analysis (and its correction), traffic, objects."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from data.sources.demo import skus
from data.sources.demo.calendar import calendar
from data.sources.demo.company import ANALYTICS, PRODUCTION, STAGING, Project, labels
from data.sources.demo.lines import Adjustment, Hourly, Line, priced, tiered
from data.sources.demo.quantities import gib_months, growing, noisy

if TYPE_CHECKING:
    from data.sources.demo.skus import Sku

ATTEMPTS_PER_TASK: Final = 1.02
TASK_QUEUES: Final = (("pipeline-tasks", "worker"), ("render-tasks", "renderer"))
LOG_SPIKE_DAYS: Final = ("2025-11-18", "2025-11-19", "2025-11-20")
LOG_SPIKE_FACTOR: Final = 11.0
CORRECTED_DAY: Final = "2025-12-09"


def other_lines(requests: dict[str, Hourly]) -> list[Line]:
    """Return everything beside Cloud Run, Firestore and Cloud SQL, but for the renders bucket's storage."""
    return [
        *_task_lines(requests),
        *_log_lines(requests),
        *_analysis_lines(),
        *_traffic_lines(requests),
        *_small_lines(),
    ]


def _task_lines(requests: dict[str, Hourly]) -> list[Line]:
    """Cloud Tasks has no resource rows: one line for both queues. Each task is one creation and its attempts."""
    attempts = sum(requests[service] for _, service in TASK_QUEUES)
    operations = np.rint(attempts / ATTEMPTS_PER_TASK) + attempts
    return [priced(skus.TASKS, PRODUCTION, operations, labels=labels(PRODUCTION, "pipeline", "queues"))]


def _log_lines(requests: dict[str, Hourly]) -> list[Line]:
    days = [int(np.datetime64(day, "D").astype(np.int64)) for day in LOG_SPIKE_DAYS]
    spike = np.where(np.isin(calendar().pacific_day, days), LOG_SPIKE_FACTOR, 1.0)
    gib = (requests["api"] * 6_100 * spike + requests["worker"] * 14_000 + requests["renderer"] * 90_000) / skus.GIB
    noise = noisy("staging logs", 0.4)
    return [
        priced(skus.LOG_VOLUME, PRODUCTION, gib, may_be_late=True),
        priced(skus.LOG_VOLUME, STAGING, 0.12 * noise, may_be_late=True),
    ]


def _analysis_lines() -> list[Line]:
    """Analysts query in working hours; one day's queries were billed too high and corrected on the same invoice."""
    hours = calendar()
    office = np.where((hours.weekday < 5) & (hours.pacific_hour >= 8) & (hours.pacific_hour < 19), 1.0, 0.08)
    shared = {
        "resource_global": f"//bigquery.googleapis.com/projects/{ANALYTICS.id}/datasets/events",
        "resource": "events",
    }
    analysts = priced(skus.BIGQUERY_ANALYSIS, ANALYTICS, 0.17 * office * noisy("analysts", 0.5) * growing(1, 1.25),
                      labels=labels(ANALYTICS, "data", "reports"), **shared)  # fmt: skip
    reports = priced(skus.BIGQUERY_ANALYSIS, PRODUCTION, 0.016 * noisy("reports", 0.3), **shared)
    stored = priced(skus.BIGQUERY_STORAGE, ANALYTICS, gib_months(growing(7_500, 1.3)), **shared)
    return [analysts, reports, stored, *_correction(analysts)]


def _correction(line: Line) -> list[Line]:
    day = int(np.datetime64(CORRECTED_DAY, "D").astype(np.int64))
    wrong = np.flatnonzero((calendar().pacific_day[line.hour] == day) & (calendar().pacific_hour[line.hour] == 14))
    note = "Queries of a failed job were billed twice"
    ids = ("ADJ-4471-N", "ADJ-4471-R")
    mode = "COMPLETE_NEGATION_WITH_REMONETIZATION"
    negation, replacement = (Adjustment(i, note, "USAGE_CORRECTION", mode) for i in ids)
    hour, nanos = line.hour[wrong], line.nanos[wrong]
    return [
        replace(line, hour=hour, nanos=-nanos, adjustment=negation),
        replace(line, hour=hour, nanos=nanos // 2, adjustment=replacement),
    ]


def _traffic_lines(requests: dict[str, Hourly]) -> list[Line]:
    """Video goes out as the api serves it; renders and uploads become objects in buckets."""
    month = calendar().invoice_month
    tags = labels(PRODUCTION, "pipeline", "media")
    return [
        *tiered(skus.EGRESS, PRODUCTION, requests["api"] * 44e3 / skus.GIB, month),
        priced(skus.PUBSUB, PRODUCTION, requests["api"] * 12_000 / skus.GIB / 1024, labels=tags),
        bucket(skus.GCS_NEARLINE, PRODUCTION, "aiprod-archive", growing(9_000, 1.8)),
        bucket(skus.GCS_STANDARD, STAGING, "aiprod-staging-media", growing(500, 1.0)),
        _operations(skus.GCS_CLASS_A, np.rint(requests["renderer"] * 60 + requests["worker"] * 2)),
        _operations(skus.GCS_CLASS_B, np.rint(requests["api"] * 0.35)),
    ]


def _small_lines() -> list[Line]:
    months = 1 / calendar().hours_in_month
    return [
        priced(skus.ARTIFACTS, PRODUCTION, gib_months(growing(140, 1.9))),
        priced(skus.ARTIFACTS, STAGING, gib_months(growing(45, 1.4))),
        priced(skus.SECRETS, PRODUCTION, 46 * months),
        priced(skus.SECRETS, STAGING, 18 * months),
    ]


def bucket(sku: Sku, project: Project, name: str, gib: Hourly) -> Line:
    """Return what a bucket of a storage class keeps."""
    path = f"//storage.googleapis.com/projects/_/buckets/{name}"
    tags = labels(project, "pipeline", "media")
    return priced(sku, project, gib_months(gib), resource=name, resource_global=path, labels=tags)


def _operations(sku: Sku, count: Hourly) -> Line:
    path = "//storage.googleapis.com/projects/_/buckets/aiprod-renders"
    return priced(sku, PRODUCTION, count, resource="aiprod-renders", resource_global=path)
