"""The demo's time: hours and minutes in UTC, invoice months and days in US Pacific time (Google's rule)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import numpy as np

from data.charge import PACIFIC

if TYPE_CHECKING:
    from numpy.typing import NDArray

MONTHS: Final = (202508, 202509, 202510, 202511, 202512, 202601)
MINUTES_PER_HOUR: Final = 60


@dataclass(frozen=True)
class Calendar:
    """One entry per hour of the six Pacific months, in order (4,417 hours: one day has 25)."""

    epoch_hour: NDArray[np.int64]  # hours since 1970-01-01T00:00Z
    invoice_month: NDArray[np.int64]  # 202508 …, Pacific
    pacific_day: NDArray[np.int64]  # days since 1970-01-01, Pacific
    pacific_hour: NDArray[np.int64]  # 0..23
    weekday: NDArray[np.int64]  # Monday 0
    hours_in_month: NDArray[np.int64]  # of the hour's own Pacific month
    years: NDArray[np.float64]  # since the first hour

    def __len__(self) -> int:
        return len(self.epoch_hour)


@cache
def calendar() -> Calendar:
    """Build the hours from 2025-08-01 to 2026-01-31, both Pacific and inclusive."""
    zone = ZoneInfo(PACIFIC)
    start = datetime(2025, 8, 1, tzinfo=zone).astimezone(UTC)
    end = datetime(2026, 2, 1, tzinfo=zone).astimezone(UTC)
    count = int((end - start) / timedelta(hours=1))
    local = [(start + timedelta(hours=i)).astimezone(zone) for i in range(count)]
    month = np.array([t.year * 100 + t.month for t in local])
    _, position, sizes = np.unique(month, return_inverse=True, return_counts=True)
    return Calendar(
        epoch_hour=int(start.timestamp()) // 3600 + np.arange(count),
        invoice_month=month,
        pacific_day=np.array([t.date().toordinal() for t in local]) - datetime(1970, 1, 1, tzinfo=UTC).toordinal(),
        pacific_hour=np.array([t.hour for t in local]),
        weekday=np.array([t.weekday() for t in local]),
        hours_in_month=sizes[position],
        years=np.arange(count) / 8766.0,
    )


def rhythm(hour_of_day: NDArray[np.float64], weekday: NDArray[np.int64], shape: Rhythm) -> NDArray[np.float64]:
    """Return the daily and weekly shape of demand, about 1 on average over a working day.

    Formula: night + (2 − 2·night)·((1 + cos(2π(h − peak)/24))/2)², times the weekend share on Saturday and Sunday.
    Shapes: one value per entry; hours are Pacific, 0..24.
    """
    swing = ((1 + np.cos(2 * np.pi * (hour_of_day - shape.peak_hour) / 24)) / 2) ** 2
    day = shape.night_share + (2 - 2 * shape.night_share) * swing
    return day * np.where(weekday >= 5, shape.weekend_share, 1.0)


@dataclass(frozen=True)
class Rhythm:
    """When people use the product: the peak hour (Pacific), the night's level and the weekend's share of a weekday."""

    peak_hour: float
    night_share: float
    weekend_share: float
