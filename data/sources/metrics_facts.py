"""Facts from metrics: each says how it was measured and over which days.

- latency: mean of the mean latency; where no mean is given, requests in flight ÷ request rate (Little's law), else the
  mean of the median.
- CPU-seconds per request κ: given; else Σ CPU-seconds used ÷ Σ requests; else Σ utilisation × instances × vCPU × time ÷
  Σ requests, over the hours that have all of them.
- burstiness: CV² of the one-minute rate within an hour, (variance − mean)/mean² of the counts, since counting alone
  (Poisson) gives variance = mean; averaged over hours by their requests, at least 0. Beside it that of the burstiest
  hours, which hold 5 % of the requests: the longest wait of a queue is theirs.
- peak CPU: p99 of the samples; beside it their mean. Working set: their maximum.
- share of CPU that queries cause: at the samples that reach the peak, 1 − b ÷ U with U the sample and b = (1 − share) ×
  mean CPU of the share's span: other work is taken as even over it. Without CPU samples at these times, its mean.
- queues: time per attempt and failure ratio as means, burstiness as above, attempts a second over the time measured,
  and each queue's share of all attempts.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from data.facts import Fact, measured

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from data.sources.metrics_units import Series

LEAST_SAMPLES: Final = 30
"""Minutes of an hour that must be there before its burstiness counts."""
PEAK_QUANTILE: Final = 0.99
BURSTIEST_SHARE: Final = 0.05
HOUR_S: Final = 3600

Samples: TypeAlias = NDArray[np.float64]
"""Two rows: epoch seconds, rising; values."""
Found: TypeAlias = "dict[str, tuple[float, str]]"
"""Parameter → value and how it was measured."""


def facts_of_series(series: Series, vcpu_of: Mapping[str, float], source: str) -> list[Fact]:
    """Return the facts of all series, sorted by resource."""
    by_resource: dict[tuple[str, str], dict[str, Samples]] = {}
    for key, samples in series.items():
        by_resource.setdefault((key.product, key.resource), {})[key.metric] = np.array(sorted(set(samples))).T
    facts: list[Fact] = []
    attempts = {name: metrics["attempt_count"] for (product, name), metrics in by_resource.items()
                if product == "tasks" and "attempt_count" in metrics}  # fmt: skip
    for (product, name), metrics in sorted(by_resource.items()):
        if product == "cloud_run":
            found = _service(metrics, vcpu_of.get(name))
        else:
            found = _queue(name, metrics, attempts) if product == "tasks" else _database(metrics)
        days = _days(metrics.values())
        facts += [
            measured(f"{product}.{name}.{parameter}", value, f"{source}: {how}, {days}")
            for parameter, (value, how) in found.items()
        ]
    return facts


def _service(metrics: dict[str, Samples], vcpu: float | None) -> Found:
    found: Found = {}
    if "request_latency_mean" in metrics:
        found["latency_s"] = (_mean(metrics["request_latency_mean"]), "mean of the mean latency")
    elif (waiting := _latency_in_flight(metrics)) is not None:
        found["latency_s"] = waiting
    elif "request_latency_p50" in metrics:
        found["latency_s"] = (_mean(metrics["request_latency_p50"]), "mean of the median latency; no mean was given")
    if (per_request := _cpu_seconds_per_request(metrics, vcpu)) is not None:
        found["cpu_seconds_per_request"] = per_request
    if (counts := _counts(metrics)) is not None:
        found |= _burstiness(counts, "rates")
    if "startup_latency" in metrics:
        found["startup_s"] = (_mean(metrics["startup_latency"]), "mean start-up time")
    if "memory_utilisation" in metrics:
        found["peak_memory_utilisation"] = (float(metrics["memory_utilisation"][1].max()), "largest memory utilisation")
    if "database_time_share" in metrics:
        found["database_time_share"] = (_mean(metrics["database_time_share"]), "mean share of request time")
    return found


def _latency_in_flight(metrics: dict[str, Samples]) -> tuple[float, str] | None:
    """Little's law over the hours that have both: S = mean in flight × time ÷ requests."""
    counts = _counts(metrics)
    if counts is None or "in_flight" not in metrics:
        return None
    spacing_s = _spacing_s(metrics["in_flight"])
    seconds = {hour: total * spacing_s for hour, total in _by_hour(metrics["in_flight"], np.sum).items()}
    return _ratio(seconds, _by_hour(counts, np.sum), "requests in flight ÷ request rate; no mean latency was given")


def _database(metrics: dict[str, Samples]) -> Found:
    found: Found = {}
    if "cpu_utilisation" in metrics:
        cpu = metrics["cpu_utilisation"]
        how = f"p99 of CPU utilisation, one sample in {_spacing_s(cpu):.0f} s"
        found["peak_cpu_utilisation"] = (float(np.quantile(cpu[1], PEAK_QUANTILE)), how)
        found["mean_cpu_utilisation"] = (_mean(cpu), "mean CPU utilisation")
    if "working_set" in metrics:
        found["working_set_gib"] = (float(metrics["working_set"][1].max()), "largest working set")
    if "query_cpu_share" in metrics:
        found["query_cpu_share"] = _query_cpu_share(metrics["query_cpu_share"], metrics.get("cpu_utilisation"))
    return found


def _query_cpu_share(share: Samples, cpu: Samples | None) -> tuple[float, str]:
    """Share at the CPU samples that reach the peak; spans are those of the wider spacing."""
    if cpu is not None:
        span_s = max(_spacing_s(share), _spacing_s(cpu), 1.0)
        mean_share, mean_cpu = (_by_span(samples, span_s) for samples in (share, cpu))
        at_peak = cpu[:, cpu[1] >= max(float(np.quantile(cpu[1], PEAK_QUANTILE)), 1e-9)].T.tolist()
        found = [1.0 - (1.0 - mean_share[span]) * mean_cpu[span] / utilisation
                 for time, utilisation in at_peak if (span := int(time // span_s)) in mean_share]  # fmt: skip
        if found:
            return math.fsum(found) / len(found), "share of CPU that queries cause while CPU is at its peak"
    return _mean(share), "mean share of CPU that queries cause; no CPU at these times to tell the peak"


def _by_span(samples: Samples, span_s: float) -> dict[int, float]:
    spans, index = np.unique(samples[0] // span_s, return_inverse=True)
    means = np.bincount(index, samples[1]) / np.bincount(index)
    return {int(span): float(mean) for span, mean in zip(spans, means, strict=True)}


def _queue(name: str, metrics: dict[str, Samples], attempts: Mapping[str, Samples]) -> Found:
    found: Found = {}
    if "attempt_latency_mean" in metrics:
        found["task_time_s"] = (_mean(metrics["attempt_latency_mean"]), "mean time of an attempt")
    if "failure_ratio" in metrics:
        found["failure_ratio"] = (_mean(metrics["failure_ratio"]), "mean share of failed attempts")
    if name in attempts:
        found |= _burstiness(attempts[name], "attempts")
        if (span_s := float(np.ptp(attempts[name][0])) + _spacing_s(attempts[name])) > 0.0:
            found["attempts_per_s"] = (float(attempts[name][1].sum()) / span_s, "attempts ÷ time measured")
        total = math.fsum(float(samples[1].sum()) for samples in attempts.values())
        if len(attempts) > 1 and total > 0:
            share = float(attempts[name][1].sum()) / total
            found["operation_share"] = (share, f"attempts ÷ those of all {len(attempts)} queues measured")
    return found


def _cpu_seconds_per_request(metrics: dict[str, Samples], vcpu: float | None) -> tuple[float, str] | None:
    if "cpu_seconds_per_request" in metrics:
        return _mean(metrics["cpu_seconds_per_request"]), "mean CPU time per request"
    counts = _counts(metrics)
    if counts is None:
        return None
    requests = _by_hour(counts, np.sum)
    if "cpu_seconds" in metrics:
        return _ratio(_by_hour(metrics["cpu_seconds"], np.sum), requests, "CPU-seconds used ÷ requests")
    if vcpu is None or not {"cpu_utilisation", "instance_count"} <= metrics.keys():
        return None
    utilisation, instances = (_by_hour(metrics[name], np.mean) for name in ("cpu_utilisation", "instance_count"))
    used = {h: utilisation[h] * instances[h] * vcpu * HOUR_S for h in utilisation.keys() & instances.keys()}
    return _ratio(used, requests, "CPU utilisation × instances × vCPU ÷ requests")


def _ratio(above: dict[int, float], below: dict[int, float], how: str) -> tuple[float, str] | None:
    both = above.keys() & below.keys()
    total = sum(below[hour] for hour in both)
    return (sum(above[hour] for hour in sorted(both)) / total, how) if total > 0 else None


def _burstiness(counts: Samples, of: str) -> Found:
    mean, peak = burstiness_of(counts), burstiness_of(counts, BURSTIEST_SHARE)
    if mean is None or peak is None:
        return {}
    how = f"CV² of one-minute {of} within the hour"
    return {"burstiness": (mean, how), "peak_burstiness": (max(mean, peak), f"{how}, in the burstiest hours")}


def burstiness_of(counts: Samples, burstiest_share: float = 1.0) -> float | None:
    """Return CV² of the one-minute rate within an hour, free of counting noise; None without a one-minute series.

    The mean over hours by their requests, of the burstiest hours that hold this share of the requests.
    """
    if counts.shape[1] < LEAST_SAMPLES or abs(_spacing_s(counts) - 60) > 1:
        return None
    hours = [minutes for minutes in _hours(counts) if len(minutes) >= LEAST_SAMPLES and minutes.mean() > 0]
    found = sorted((((m.var(ddof=1) - m.mean()) / m.mean() ** 2, m.sum()) for m in hours), reverse=True)
    left = burstiest_share * sum(requests for _, requests in found)
    weighted, total = 0.0, 0.0
    for variation, requests in found:
        if total < left:
            counted = min(requests, left - total)
            weighted, total = weighted + variation * counted, total + counted
    return float(max(0.0, weighted / total)) if total else None


def _counts(metrics: dict[str, Samples]) -> Samples | None:
    """Return requests per sample, from counts or from rates per second."""
    if "request_count" in metrics:
        return metrics["request_count"]
    if "request_rate" in metrics and metrics["request_rate"].shape[1] > 1:
        rate = metrics["request_rate"]
        return np.stack([rate[0], rate[1] * _spacing_s(rate)])
    return None


def _hours(samples: Samples) -> list[NDArray[np.float64]]:
    cuts = np.flatnonzero(np.diff(samples[0] // HOUR_S)) + 1
    return np.split(samples[1], cuts)


def _by_hour(samples: Samples, reduce: Callable[[NDArray[np.float64]], np.float64]) -> dict[int, float]:
    hours = np.unique(samples[0] // HOUR_S).astype(np.int64)
    return {int(h): float(reduce(v)) for h, v in zip(hours, _hours(samples), strict=True)}


def _mean(samples: Samples) -> float:
    return math.fsum(samples[1].tolist()) / len(samples[1])


def _spacing_s(samples: Samples) -> float:
    return float(np.median(np.diff(samples[0]))) if samples.shape[1] > 1 else 0.0


def _days(all_samples: Iterable[Samples]) -> str:
    times = np.concatenate([samples[0] for samples in all_samples])
    first, last = (datetime.fromtimestamp(float(t), UTC).date().isoformat() for t in (times.min(), times.max()))
    return f"{first} to {last}"
