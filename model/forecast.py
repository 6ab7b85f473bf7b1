"""Cost by day foretold: history, benchmarks, what a forecast is, and how its months add up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from model.daily_costs import RECURRING, month_of
from model.money import to_nanos

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from model.daily_costs import DailyCosts

    Floats = NDArray[np.float64]

WEEK: Final = 7
DRAWS: Final = 400
SEED: Final = 20_261_124
LOW, HIGH = 0.1, 0.9
"""Quantiles of the interval: eight days in ten should fall within."""
MOST_DAYS: Final = 366
LEAST_DAYS: Final = 28
_NANOS: Final = 1e9


class ForecastRefused(Exception):  # noqa: N818 - a wish that cannot be met
    """Nothing can be foretold; the message is one sentence."""


@dataclass(frozen=True)
class Method:
    """A way to foretell: ``draw(values, first_day, horizon)`` gives draws (DRAWS, horizon), None where it cannot."""

    key: str
    title: str
    draw: Callable[[Floats, int, int], Floats | None]


@dataclass(frozen=True, eq=False)
class History:
    """Settled cost by day in currency units, without one-off purchases and tax; ``first_day`` since 1970, Pacific."""

    currency: str
    first_day: int
    values: Floats

    @property
    def end(self) -> int:
        """The day after the last: where a forecast begins."""
        return self.first_day + len(self.values)


@dataclass(frozen=True, eq=False)
class Path:
    """A forecast by day in currency units: median, P10 and P90 (H,), and the draws (DRAWS, H) they come from."""

    first_day: int
    middle: Floats
    low: Floats
    high: Floats
    draws: Floats


@dataclass(frozen=True)
class MonthAhead:
    """A calendar month: what is settled of it, and its whole (median, P10, P90) in nanos."""

    month: int
    settled_nanos: int
    middle_nanos: int
    low_nanos: int
    high_nanos: int
    is_whole: bool


def history_of(costs: DailyCosts, service: str | None = None) -> History:
    """The settled days of a bill, or of one of its services; raises ForecastRefused.

    A service's history begins with its first cost: it cannot be told what it would have cost before.
    """
    if service is not None and service not in costs.services:
        known = ", ".join(costs.services)
        raise ForecastRefused(f"The bill has no service {service!r}: choose from {known}.")
    table = costs.by_service(RECURRING)
    row = table.sum(axis=0) if service is None else table[costs.services.index(service)]
    row = row[: max(0, costs.settled_day - costs.first_day + 1)]
    begun = int(np.argmax(row != 0)) if row.any() else len(row)
    values = row[begun:] / _NANOS
    if len(values) < LEAST_DAYS:
        raise ForecastRefused(
            f"{service or 'The bill'} has {len(values)} settled days with cost; a forecast needs {LEAST_DAYS}."
        )
    return History(costs.currency, costs.first_day + begun, values)


def benchmarks() -> tuple[Method, ...]:
    """What every forecast has to beat."""
    return (
        Method("seasonal_naive", "The last week, again and again", seasonal_naive),
        Method("straight_line", "A straight line through the history", straight_line),
    )


def seasonal_naive(values: Floats, first_day: int, horizon: int) -> Floats:  # noqa: ARG001
    """Draws around the last week repeated: errors of one week add up from week to week, weekday by weekday."""
    random = np.random.default_rng(SEED)
    weeks = -(-horizon // WEEK)
    middle = np.tile(values[-WEEK:], weeks)
    errors = values[WEEK:] - values[:-WEEK]
    steps = random.choice(errors, size=(DRAWS, weeks, WEEK)) if len(errors) else np.zeros((DRAWS, weeks, WEEK))
    walks = np.cumsum(steps - np.median(errors), axis=1).reshape(DRAWS, weeks * WEEK)
    result: Floats = (middle + walks)[:, :horizon]
    return result


def straight_line(values: Floats, first_day: int, horizon: int) -> Floats:  # noqa: ARG001
    """Draws around the line of least squares: its own residuals, each day by itself."""
    random = np.random.default_rng(SEED)
    place = np.arange(len(values))
    slope, level = np.polyfit(place, values, 1)
    residuals = values - (level + slope * place)
    line = level + slope * (len(values) + np.arange(horizon))
    result: Floats = line + random.choice(residuals - np.median(residuals), size=(DRAWS, horizon))
    return result


def path_of(draws: Floats, first_day: int) -> Path:
    """Median and interval of draws."""
    low, middle, high = np.quantile(draws, [LOW, 0.5, HIGH], axis=0)
    return Path(first_day, middle, low, high, draws)


def months_ahead(history: History, path: Path) -> list[MonthAhead]:
    """Calendar months that the forecast reaches: settled days plus draws; quantiles of sums, not sums of quantiles.

    The last month is not whole where the horizon ends within it, the first where the history begins within it.
    """
    months = np.array([month_of(path.first_day + step) for step in range(path.draws.shape[1])])
    of_history = np.array([month_of(history.first_day + step) for step in range(len(history.values))])
    found = []
    for month in sorted(set(months.tolist())):
        settled = float(history.values[of_history == month].sum())
        low, middle, high = np.quantile(path.draws[:, months == month].sum(axis=1), [LOW, 0.5, HIGH])
        begins = month_of(history.first_day - 1) != month
        ends = month_of(path.first_day + path.draws.shape[1]) != month
        of_whole = {
            f"{name}_nanos": to_nanos(settled + float(part))
            for name, part in (("middle", middle), ("low", low), ("high", high))
        }
        found.append(MonthAhead(month, to_nanos(settled), is_whole=begins and ends, **of_whole))
    return found
