"""Coverage of a week hour by hour, cell by cell, where there is usage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from model.commitment_coverage import HourlyCoverage


@dataclass(frozen=True)
class Cell:
    """One hour (UTC) of a weekday (Monday 0): share covered, mean usage, idle share of what would be bought."""

    weekday: int
    hour: int
    coverage: float
    usage: float
    idle: float


def cells(coverage: HourlyCoverage) -> tuple[Cell, ...]:
    """Cells with usage, or with a commitment that finds none; idle is 0 where nothing is bought."""
    idle = np.where(np.isnan(coverage.used), 0.0, 1.0 - coverage.used)
    covered = np.where(np.isnan(coverage.coverage), 0.0, coverage.coverage)
    usage = np.where(np.isnan(coverage.usage), 0.0, coverage.usage)
    return tuple(
        Cell(day, hour, float(covered[day, hour]), float(usage[day, hour]), max(0.0, float(idle[day, hour])))
        for day, hour in np.ndindex(covered.shape)
        if usage[day, hour] > 0.0 or idle[day, hour] > 0.0
    )
