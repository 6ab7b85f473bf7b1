"""The axis of slots that hours stand on: Pacific calendars of the invoice months, then what was billed late."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from model.bill import HourAxis

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Columns = Mapping[str, NDArray[np.generic]]

PACIFIC = ZoneInfo("America/Los_Angeles")


def month_hours(month: int) -> tuple[int, int]:
    """First and past-last UTC hour since 1970 of a Pacific calendar month.

    >>> first, last = month_hours(202603)  # daylight saving begins: one hour less
    >>> last - first
    743
    """
    year, number = divmod(month, 100)
    start = datetime(year, number, 1, tzinfo=PACIFIC)
    end = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=PACIFIC)
    return int(start.astimezone(UTC).timestamp()) // 3600, int(end.astimezone(UTC).timestamp()) // 3600


def hour_axis(months: tuple[int, ...], *tables: Columns) -> HourAxis:
    """Calendar slots of every month, then one for each (month, hour) that lies outside its month's calendar."""
    spans = [month_hours(month) for month in months]
    calendar = [np.arange(first, last) for first, last in spans]
    index = [np.full(len(hours), i) for i, hours in enumerate(calendar)]
    late = _late_pairs(months, spans, tables)
    return HourAxis(
        hour=np.concatenate([*calendar, late[:, 1]]).astype(np.int64),
        month_index=np.concatenate([*index, late[:, 0]]).astype(np.int64),
        is_calendar=np.repeat([True, False], [sum(map(len, calendar)), len(late)]),
    )


def _late_pairs(
    months: tuple[int, ...], spans: list[tuple[int, int]], tables: tuple[Columns, ...]
) -> NDArray[np.int64]:
    found = []
    for table in tables:
        m = np.searchsorted(months, table["month"].astype(np.int64))
        hour = table["hour"].astype(np.int64)
        first, last = np.array([spans[i][0] for i in range(len(spans))]), np.array([s[1] for s in spans])
        outside = (hour < first[m]) | (hour >= last[m]) if len(m) else np.zeros(0, bool)
        found.append(np.unique(np.stack([m[outside], hour[outside]], axis=1), axis=0))
    return np.unique(np.concatenate(found), axis=0).astype(np.int64)


def slots_of(
    hours: HourAxis, months: tuple[int, ...], month: NDArray[np.generic], hour: NDArray[np.generic]
) -> NDArray[np.int64]:
    """Slot of each (month, hour) pair."""
    wide = np.int64(1) << 40
    keys = hours.month_index * wide + hours.hour
    order = np.argsort(keys)
    wanted = np.searchsorted(months, month.astype(np.int64)) * wide + hour.astype(np.int64)
    return order[np.searchsorted(keys[order], wanted)]
