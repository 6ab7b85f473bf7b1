"""How unusual a day is: against the same weekdays before it, and against the week before it.

e = ln(max(cost, 0) + $1) − median of the same over the same weekday of 8 weeks; z = e ÷ max(1.4826·MAD of the 56 e
before it, 0.02). A day below zero (a refund) is none that is too dear. Source: model.md §4.8; 1.4826 makes the median
absolute deviation of a normal distribution its standard deviation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

WEEKS: Final = 8
SCORED_DAYS: Final = 56
TRAINING_DAYS: Final = 28
LEAST_SCALE: Final = 0.02
TRAILING_DAYS: Final = 7
WEEKDAY_WEEKS: Final = 4
HISTORY_DAYS: Final = SCORED_DAYS + 7 * WEEKS
"""Days before a day that its z looks at."""


def weekday_medians(values: Floats, count: int) -> Floats:
    """Median of the same weekday over the 8 weeks before each of the last ``count`` days.

    ``values`` (S, T) with NaN where there was nothing to know; result (S, count), NaN with fewer than 2 values.

    >>> weekday_medians(np.arange(29.0).reshape(1, -1), 2)
    array([[13. , 10.5]])
    """
    series, length = values.shape
    padded = np.concatenate([np.full((series, max(0, 7 * WEEKS + count - length)), np.nan), values], axis=1)
    ends = padded.shape[1] - count + np.arange(count)
    before = padded[:, ends[:, None] - 7 * np.arange(1, WEEKS + 1)]
    return median(before, least=2)


def median(values: Floats, least: int = 1) -> Floats:
    """Median over the last axis without NaN; NaN where fewer than ``least`` values are left."""
    ordered = np.sort(values, axis=-1)
    count = np.isfinite(ordered).sum(axis=-1)
    low = np.take_along_axis(ordered, np.maximum((count - 1) // 2, 0)[..., None], axis=-1)[..., 0]
    high = np.take_along_axis(ordered, np.minimum(count // 2, values.shape[-1] - 1)[..., None], axis=-1)[..., 0]
    high = np.where(count % 2 == 1, low, high)
    return np.where(count >= least, (low + high) / 2.0, np.nan)


def scores(dollars: Floats, count: int) -> tuple[Floats, Floats]:
    """What each of the last ``count`` days usually costs, and its z; (S, count) both, NaN while training.

    ``dollars`` (S, T) ends with the newest day; NaN before a series begins.
    """
    logs = np.log(np.maximum(dollars, 0.0) + 1.0)
    wanted = min(count + SCORED_DAYS, dollars.shape[1])
    medians = weekday_medians(logs, wanted)
    errors = logs[:, -wanted:] - medians
    padded = np.concatenate([np.full((len(errors), count + SCORED_DAYS - wanted), np.nan), errors], axis=1)
    windows = np.stack([padded[:, place : place + SCORED_DAYS] for place in range(count)], axis=1)
    centre = median(windows, least=TRAINING_DAYS - 14)
    spread = median(np.abs(windows - centre[..., None]), least=TRAINING_DAYS - 14)
    scale = np.maximum(1.4826 * spread, LEAST_SCALE)
    short = max(0, count - dollars.shape[1])
    usual = np.concatenate([np.full((len(errors), short), np.nan), np.exp(medians[:, -count:]) - 1.0], axis=1)
    return usual, padded[:, -count:] / scale


def trailing_means(dollars: Floats, count: int) -> Floats:
    """Mean of the 7 days before each of the last ``count`` days (S, count); NaN with fewer."""
    return _means(dollars, count, np.arange(1, TRAILING_DAYS + 1))


def weekday_means(dollars: Floats, count: int) -> Floats:
    """Mean of the same weekday of the 4 weeks before each of the last ``count`` days (S, count); NaN with fewer."""
    return _means(dollars, count, 7 * np.arange(1, WEEKDAY_WEEKS + 1))


def _means(dollars: Floats, count: int, back: NDArray[np.int64]) -> Floats:
    series, length = dollars.shape
    padded = np.concatenate([np.full((series, max(0, int(back[-1]) + count - length)), np.nan), dollars], axis=1)
    ends = padded.shape[1] - count + np.arange(count)
    result: Floats = padded[:, ends[:, None] - back].mean(axis=2)
    return result


def hindsight(dollars: Floats) -> Floats:
    """What each day (S, T) should have cost, seen from the end: median of the same weekday, 4 weeks either side."""
    series, length = dollars.shape
    padded = np.full((series, length + 14 * WEEKDAY_WEEKS), np.nan)
    padded[:, 7 * WEEKDAY_WEEKS : 7 * WEEKDAY_WEEKS + length] = dollars
    places = np.arange(length) + 7 * WEEKDAY_WEEKS
    steps = 7 * np.concatenate([np.arange(-WEEKDAY_WEEKS, 0), np.arange(1, WEEKDAY_WEEKS + 1)])
    return median(padded[:, places[:, None] + steps], least=2)
