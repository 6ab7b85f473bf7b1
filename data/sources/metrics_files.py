"""Files of metrics: CSV and the JSON of Cloud Monitoring's time series, both to (resource, metric) → samples.

Several samples of one time in a file are parts of one where the metric is an amount, and are added up; mean times are
weighted by what they are the mean of.
"""

from __future__ import annotations

import csv
import json
import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from data.sources.metrics_units import (
    ADDED_UP,
    DEFAULT_UNITS,
    METRICS,
    MONITORING_TYPES,
    RATIOS,
    Series,
    SeriesKey,
    factor_of,
    metric_of,
    product_of,
)
from data.sources.refusal import SourceRefused

if TYPE_CHECKING:
    from pathlib import Path

_Means = dict[SeriesKey, dict[float, tuple[float, float]]]
"""Σ mean × count and Σ count by time."""

MOST_RATIO: Final = 2.0
"""Above it a share was surely written in percent; a container may use a little more CPU than it has."""
COLUMNS: Final = ("time", "product", "resource", "metric", "unit", "value")


def read_csv(path: Path) -> Series:
    """Read ``metrics.csv``; rows of other products or metrics are passed over, a file of nothing else is refused."""
    series: Series = {}
    others: set[str] = set()
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            wanted = ",".join(COLUMNS)
            raise SourceRefused(f"{path.name} line 1 has no column {missing[0]}: metrics need the columns {wanted}.")
        for row in reader:
            product, read = product_of(row["product"] or ""), metric_of(row["metric"] or "", row["unit"] or "")
            if product is None or read is None:
                others.add(f"{row['metric']} of {row['product']}")
                continue
            key, sample = _sample(row, product, read, f"{path.name} line {reader.line_num}")
            series.setdefault(key, []).append(sample)
    if others and not series:
        raise SourceRefused(_nothing_read(path.name, sorted(others)))
    return _together(series)


def _sample(
    row: dict[str, str | None], product: str, read: tuple[str, str], place: str
) -> tuple[SeriesKey, tuple[float, float]]:
    metric, unit = read
    resource = (row["resource"] or "").rpartition(":")[2] if product == "cloud_sql" else row["resource"]
    if not resource:
        raise SourceRefused(f"{place} has no resource in column resource: name the service or instance.")
    value = _number(row["value"], place) * _factor(metric, unit, place)
    if metric in RATIOS and value > MOST_RATIO:
        raise SourceRefused(
            f"{place} has {row['value']!r} in column value: {metric} is a ratio; give percent as unit %."
        )
    return SeriesKey(product, resource, metric), (_time(row["time"], place), value)


def _nothing_read(name: str, others: list[str]) -> str:
    shown = ", ".join(others[:3]) + (f" and {len(others) - 3} more" if len(others) > 3 else "")
    read = ", ".join(METRICS)
    return f"{name} holds no metric that is read ({shown}): give {read} of Cloud Run, Cloud SQL or Cloud Tasks."


def _together(series: Series) -> Series:
    """One sample a time of each amount."""
    return {key: _added_up(samples) if key.metric in ADDED_UP else samples for key, samples in series.items()}


def _added_up(samples: list[tuple[float, float]]) -> list[tuple[float, float]]:
    sums: dict[float, float] = {}
    for time, value in samples:
        sums[time] = sums.get(time, 0.0) + value
    return list(sums.items())


def _time(text: str | None, place: str) -> float:
    try:
        parsed = datetime.fromisoformat((text or "").strip().replace(" UTC", "Z"))
    except ValueError as error:
        raise SourceRefused(f"{place} has {text!r} in column time: write it like 2026-01-31T23:59:00Z.") from error
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()


def _number(text: str | None, place: str) -> float:
    try:
        value = float(text or "")
    except ValueError as error:
        raise SourceRefused(f"{place} has {text!r} in column value: write a plain number such as 0.42.") from error
    if not math.isfinite(value) or value < 0:
        raise SourceRefused(f"{place} has {text!r} in column value: a metric is a finite number of zero or more.")
    return value


def _factor(metric: str, unit: str | None, place: str) -> float:
    factor = factor_of(metric, unit or "")
    if factor is None:
        units = ", ".join(name for name in METRICS[metric] if name)
        raise SourceRefused(f"{place} has {unit!r} in column unit: {metric} comes in {units}.")
    return factor


def read_time_series(path: Path) -> Series:
    """Read Cloud Monitoring's ``timeSeries.list`` answer, or its bare list; unknown metric types are passed over."""
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise SourceRefused(
            f"{path.name} is not JSON: give the answer of Cloud Monitoring's timeSeries.list."
        ) from error
    listed = content.get("timeSeries") if isinstance(content, dict) else content
    if not isinstance(listed, list):
        raise SourceRefused(f"{path.name} holds no timeSeries: give the answer of Cloud Monitoring's timeSeries.list.")
    series: Series = {}
    means: _Means = {}
    for number, record in enumerate(listed, start=1):
        try:
            _add_time_series(series, means, record, f"{path.name} timeSeries {number}")
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            message = f"{path.name} timeSeries {number} has no readable {error}: export it again from Cloud Monitoring."
            raise SourceRefused(message) from error
    for key, by_time in means.items():
        found = [(time, total / count) for time, (total, count) in by_time.items() if count > 0.0]
        series.setdefault(key, []).extend(found)
    return _together({key: samples for key, samples in series.items() if samples})


def _add_time_series(series: Series, means: _Means, record: dict[str, Any], place: str) -> None:
    metric = MONITORING_TYPES.get(record["metric"]["type"])
    if metric is None:
        return
    labels = record["resource"]["labels"]
    is_run = record["metric"]["type"].startswith("run.")
    name = labels["service_name"] if is_run else labels["database_id"].rpartition(":")[2]
    if metric == "request_count" and record.get("metricKind") == "GAUGE" and record.get("valueType") == "DOUBLE":
        metric = "request_rate"  # aligned to a rate: requests per second, whatever unit stands there
        record = {**record, "unit": "1/s"}
    factor = _factor(metric, record.get("unit") or DEFAULT_UNITS.get(metric, ""), place)
    key = SeriesKey("cloud_run" if is_run else "cloud_sql", name, metric)
    for point in record["points"]:
        time, value = _time(point["interval"]["endTime"], place), point["value"]
        if "distributionValue" in value:
            mean, count = _mean_of(value["distributionValue"])
            total, counted = means.setdefault(key, {}).get(time, (0.0, 0.0))
            means[key][time] = (total + mean * factor * count, counted + count)
        else:
            number = float(value.get("doubleValue", value.get("int64Value", 0)))
            series.setdefault(key, []).append((time, number * factor))


def _mean_of(distribution: dict[str, Any]) -> tuple[float, float]:
    """Mean and count; one without a count weighs one, one of nothing has no mean."""
    return float(distribution.get("mean", 0.0)), float(
        distribution.get("count", 1.0 if "mean" in distribution else 0.0)
    )
