"""Lines of the demo's bill: hourly quantities of one SKU by one resource, priced exactly in nano-dollars."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from data.sources.demo.company import Labels, Project
    from data.sources.demo.skus import Sku


Hourly: TypeAlias = NDArray[np.float64]
"""A quantity per hour of the calendar."""


@dataclass(frozen=True)
class Adjustment:
    """What the export says about a row that corrects another one."""

    id: str
    description: str
    type: str
    mode: str


@dataclass(frozen=True)
class Line:
    """Hourly rows that share everything but time and quantity.

    ``hour`` indexes the calendar; ``nanos`` is the cost in nano-dollars. The quantity is ``nanos × per ÷ price``, so
    price × quantity is the cost on every row; whole units (requests, tenths of seconds) come back as they were.
    """

    sku: Sku
    project: Project | None
    hour: NDArray[np.int64]
    nanos: NDArray[np.int64]
    resource: str | None = None
    resource_global: str | None = None
    labels: Labels = ()
    adjustment: Adjustment | None = None
    may_be_late: bool = False  # its last hours of a month reach the next invoice

    @property
    def usage(self) -> NDArray[np.float64]:
        """Quantity per row in pricing units."""
        if self.sku.price_nanos == 0:
            return np.zeros(len(self.nanos))
        return self.nanos * self.sku.per / self.sku.price_nanos

    def landed(self, target_nanos: int) -> Line:
        """Return the line with usage scaled so that its cost is ``target_nanos`` exactly, rounded as it adds up."""
        running = [int(n) for n in np.cumsum(self.nanos)]
        scaled = np.array([0] + [n * target_nanos // running[-1] for n in running], dtype=np.int64)
        return replace(self, nanos=np.diff(scaled))


def priced(sku: Sku, project: Project, usage: NDArray[np.number], **shared: Any) -> Line:
    """Price one quantity per calendar hour, in pricing units; hours without usage have no row, as in a real bill."""
    nanos = np.rint(usage * sku.price_nanos / sku.per).astype(np.int64)
    hour = np.flatnonzero(nanos)
    return replace(Line(sku, project, hour, nanos[hour]), **shared)


def tiered(
    tiers: tuple[Sku, ...], project: Project, usage: NDArray[np.float64], month: NDArray[np.int64]
) -> list[Line]:
    """Price usage by tiers that count from the start of each month; a row that crosses a tier becomes two."""
    before = counted_before(usage, month)
    ends = (*(sku.tier_start for sku in tiers[1:]), np.inf)
    return [
        priced(sku, project, portion(before, usage, sku.tier_start, end), may_be_late=True)
        for sku, end in zip(tiers, ends, strict=True)
    ]


def counted_before(usage: NDArray[np.float64], period: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the usage earlier in the same period, per row; rows of a period stand together, in time order."""
    running = np.cumsum(usage) - usage
    first = np.flatnonzero(np.diff(period, prepend=period[:1] - 1))
    return running - np.repeat(running[first], np.diff(np.append(first, len(period))))


def portion(before: NDArray[np.float64], usage: NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
    """Return the part of each row's usage that falls between two marks of the running count."""
    return np.clip(before + usage, low, high) - np.clip(before, low, high)
