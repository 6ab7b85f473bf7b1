"""Requests as they arrive: a rhythm of hours and days, bursts of minutes, and chance (Gamma-modulated Poisson).

The simulated month is February 2026 in Pacific time: four whole weeks from a Sunday, without a change of clocks. A
world simulates some days of it, which then repeat, so that the bill is a whole invoice month.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.stats import gamma, norm

if TYPE_CHECKING:
    from numpy.typing import NDArray

MONTH: Final = 202602
FIRST_HOUR: Final = 491_648
"""2026-02-01 00:00 Pacific, in UTC hours since 1970."""
MONTH_DAYS: Final = 28
MINUTES_PER_DAY: Final = 1440
OFFICE_HOURS: Final = range(8, 18)
BATCH_HOUR: Final = 2


@dataclass(frozen=True)
class Traffic:
    """Mean rate per second over the rhythm's open hours, and how it moves.

    ``rhythm``: 'weekly' (a day's swing, quiet nights, 60 % at weekends), 'office' (weekdays 8 to 18 only), 'batch'
    (one hour a night), 'steady'. ``burstiness``: CV² of the one-minute rate around its hour; ``memory``: correlation
    of one minute with the next.
    """

    per_s: float
    rhythm: str = "weekly"
    burstiness: float = 0.3
    memory: float = 0.6
    days: int = 7
    seed: int = 1

    @property
    def seconds(self) -> float:
        """Length of the simulated time."""
        return self.days * 86_400.0


def hourly_shape(rhythm: str, days: int) -> NDArray[np.float64]:
    """Expected rate of each hour relative to ``per_s`` (day 0 is a Sunday)."""
    hour = np.tile(np.arange(24), days)
    weekday = np.repeat(np.arange(days) % 7, 24)
    is_weekend = (weekday == 0) | (weekday == 6)
    if rhythm == "steady":
        return np.ones(24 * days)
    if rhythm == "office":
        return np.where(np.isin(hour, OFFICE_HOURS) & ~is_weekend, 1.0, 0.0)
    if rhythm == "batch":
        return np.where(hour == BATCH_HOUR, 1.0, 0.0)
    swing = 1 + 0.75 * np.sin(2 * np.pi * (hour - 9) / 24)
    shape = swing * np.where(is_weekend, 0.6, 1.0)
    return np.asarray(shape / shape.mean(), dtype=np.float64)


@cache
def arrivals(traffic: Traffic, multiple: float = 1.0) -> NDArray[np.float64]:
    """Arrival times in seconds, rising; ``multiple`` scales the demand."""
    random = np.random.default_rng([2026, traffic.seed])
    rate = np.repeat(hourly_shape(traffic.rhythm, traffic.days), 60) * traffic.per_s * multiple
    rate *= _bursts(traffic, random)
    count = random.poisson(rate * 60)
    minute = np.repeat(np.arange(len(rate)), count)
    return np.sort((minute + random.random(len(minute))) * 60.0)


def _bursts(traffic: Traffic, random: np.random.Generator) -> NDArray[np.float64]:
    """Gamma factors of mean 1 per minute, correlated from minute to minute (Gaussian copula of an AR(1))."""
    steps = random.standard_normal(traffic.days * MINUTES_PER_DAY)
    if traffic.burstiness == 0:
        return np.ones(len(steps))
    walk = np.empty(len(steps))
    level = steps[0]
    fresh = np.sqrt(1 - traffic.memory**2)
    for i, step in enumerate(steps.tolist()):
        level = traffic.memory * level + fresh * step
        walk[i] = level
    shape = 1 / traffic.burstiness
    return np.asarray(gamma.ppf(norm.cdf(walk), shape, scale=1 / shape), dtype=np.float64)
