"""Metrics: what Cloud Monitoring saw of the workload, from ``metrics.csv`` or the JSON of a time series list.

``metrics.csv`` has the columns ``time,product,resource,metric,unit,value``. The metrics read are in ``METRICS``; others
are ignored, so a larger export may be given as it is. They become facts that replace typed assumptions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.sources.metrics_facts import facts_of_series
from data.sources.metrics_files import read_csv, read_time_series
from data.sources.metrics_units import METRICS
from data.sources.refusal import SourceRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from data.facts import Fact
    from data.sources.metrics_units import Series

__all__ = ["METRICS", "read_metrics"]


def read_metrics(paths: Iterable[Path], vcpu_of: Mapping[str, float] | None = None) -> list[Fact]:
    """Return the facts that metrics give: latency, CPU time per request, burstiness, start-up, database load, queues.

    ``vcpu_of``: vCPU by Cloud Run service (from the inventory), needed for CPU-seconds per request from utilisation.
    Raises SourceRefused, in one sentence with line and column, for a file that cannot be read.
    """
    points: Series = {}
    for path in paths:
        reader = read_time_series if path.suffix.lower() == ".json" else read_csv
        try:
            for key, samples in reader(path).items():
                points.setdefault(key, []).extend(samples)
        except (OSError, UnicodeDecodeError) as error:
            raise SourceRefused(f"{path.name} cannot be read as text: give metrics as CSV or JSON.") from error
    return facts_of_series(points, vcpu_of or {}, ", ".join(path.name for path in paths))
