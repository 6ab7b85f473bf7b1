"""Commitments of several terms and start dates: the mix of 1 and 3 years, and the ladder of rungs.

Amounts are on-demand units per hour that a commitment covers; of term t it costs (1 − d_t) of that in every hour.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array

from model.behaviour.commitment_curve import optimum_at_one_rate, paid_ratio

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SEGMENTS: Final = 32
SMALL: Final = 0.005
"""Rungs below this share of the highest total are left out: nobody signs them."""


@dataclass(frozen=True)
class Mix:
    """A commitment of 3 years, with one of 1 year on top in each year: (Y,) on-demand units per hour.

    ``cost`` is of all hours of the years; ``three_years_alone`` is the amount and cost without the other term.
    """

    three_years: float
    one_year: tuple[float, ...]
    cost: float
    three_years_alone: tuple[float, float]


def mix(years: Sequence[Floats], one_year_discount: float, three_years_discount: float) -> Mix:
    """The best mix for some years of hourly usage, each (H,) on-demand units.

    c3 is the smallest level with mean_y min(1 − d1, P_y(s > c3)) ≤ 1 − d3; on top max(0, Q_y(d1) − c3), Q_y(d1) the
    ⌈d1·H⌉-th smallest hour of the year. On a stationary series with d3 > d1 nothing comes on top; at d3 = d1 nothing is
    bought for 3 years.
    """
    ordered = [np.sort(year) for year in years]
    paid_1, paid_3 = paid_ratio(one_year_discount), paid_ratio(three_years_discount)

    def worth(level: float) -> float:
        above = [1.0 - float(np.searchsorted(year, level, side="right")) / len(year) for year in ordered]
        return float(np.mean([min(paid_1, share) for share in above]))

    three = _first_at_most(np.unique(np.concatenate([[0.0], *ordered])), worth, paid_3)
    tops = tuple(max(0.0, optimum_at_one_rate(year, one_year_discount) - three) for year in ordered)
    pooled = np.concatenate(ordered)
    alone = optimum_at_one_rate(pooled, three_years_discount)
    return Mix(
        three_years=three,
        one_year=tops,
        cost=sum(_cost(year, three, paid_3, top, paid_1) for year, top in zip(ordered, tops, strict=True)),
        three_years_alone=(alone, _cost(pooled, alone, paid_3, 0.0, paid_1)),
    )


def _first_at_most(levels: Floats, worth: Callable[[float], float], limit: float) -> float:
    """The first of ascending levels at which a falling function is at most the limit."""
    low, high = 0, len(levels) - 1
    while low < high:
        middle = (low + high) // 2
        if worth(float(levels[middle])) <= limit + 1e-12:
            high = middle
        else:
            low = middle + 1
    return float(levels[low])


def _cost(hours: Floats, three: float, paid_3: float, top: float, paid_1: float) -> float:
    uncovered = float(np.maximum(hours - three - top, 0.0).sum())
    return uncovered + len(hours) * (three * paid_3 + top * paid_1)


@dataclass(frozen=True)
class Tranche:
    """A commitment that could be bought: first month ahead (0 is the next one), months of its term, discount."""

    start: int
    months: int
    discount: float


@dataclass(frozen=True)
class Rung:
    """A tranche that is bought, with the on-demand units per hour that it covers."""

    tranche: Tranche
    covered_per_hour: float


@dataclass(frozen=True, eq=False)
class Ladder:
    """Rungs by start, what they cover per hour in each month (T,), and the cost of each month (T,)."""

    rungs: tuple[Rung, ...]
    covered_per_hour: Floats
    cost: Floats


@dataclass(frozen=True, eq=False)
class LoadDuration:
    """A month's hours as what a level covers: knots ``level`` and ``covered`` = Σ_h min(level, s_h), from 0 up.

    Between knots it is joined straight: exact where every hour has its knot.
    """

    hours: float
    on_demand: float
    level: Floats
    covered: Floats

    def covered_at(self, level: float) -> float:
        """On-demand units that a level covers in the month."""
        return float(np.interp(level, self.level, self.covered))


def load_duration(hourly: Floats, hours: float, segments: int = SEGMENTS) -> LoadDuration:
    """The load duration of a month of ``hours`` hours shaped as ``hourly`` (H,), at so many of its quantiles."""
    ordered = np.sort(hourly)
    sums = np.concatenate([[0.0], np.cumsum(ordered)])
    rank = np.unique(np.linspace(0, len(ordered) - 1, segments + 1).round().astype(np.int64))
    level = np.unique(np.concatenate([[0.0], ordered[rank]]))
    below = np.searchsorted(ordered, level, side="right")
    covered = sums[below] + level * (len(ordered) - below)
    weight = hours / len(ordered)
    return LoadDuration(hours, float(sums[-1]) * weight, level, np.asarray(covered * weight, dtype=np.float64))


def ladder(loads: Sequence[LoadDuration], tranches: Sequence[Tranche], weights: Floats | None = None) -> Ladder:
    """The tranches of least cost for some months, by linear programme; ``weights`` (T,) discount the months.

    min Σ_m w_m (Σs_m − Σ_k n_mk y_mk) + Σ_j x_j (1 − d_j) Σ_{m of j} w_m H_m, where y_mk ≤ width of segment k of month
    m is covered, worth n_mk hours, and Σ_k y_mk ≤ Σ_{j live in m} x_j. A tranche pays for the months given only.
    """
    months = len(loads)
    weight = np.ones(months) if weights is None else weights
    live = np.array([[t.start <= m < t.start + t.months for t in tranches] for m in range(months)], dtype=np.float64)
    fees = np.array([paid_ratio(t.discount) for t in tranches]) * (
        (weight * np.array([load.hours for load in loads])) @ live
    )
    widths = [np.diff(load.level) for load in loads]
    worths = [np.diff(load.covered) / width for load, width in zip(loads, widths, strict=True)]
    month_of = np.repeat(np.arange(months), [len(width) for width in widths])
    gains = np.concatenate(worths) * weight[month_of]
    count = len(tranches)
    row, column = np.nonzero(live)
    matrix: Any = coo_array(
        (
            np.concatenate([-live[row, column], np.ones(len(month_of))]),
            (np.concatenate([row, month_of]), np.concatenate([column, count + np.arange(len(month_of))])),
        ),
        shape=(months, count + len(month_of)),
    )
    upper = [*[np.inf] * count, *np.concatenate(widths).tolist()]
    found = linprog(
        np.concatenate([fees, -gains]), A_ub=matrix.tocsr(), b_ub=np.zeros(months),
        bounds=[(0.0, most) for most in upper], method="highs",
    )  # fmt: skip
    return _priced(loads, tranches, live, np.asarray(found.x, dtype=np.float64)[:count])


def _priced(loads: Sequence[LoadDuration], tranches: Sequence[Tranche], live: Floats, amounts: Floats) -> Ladder:
    """Amounts without what is too small to sign, with the cost of each month."""
    top = float((live @ amounts).max(initial=0.0))
    kept = np.where(amounts > SMALL * top, amounts, 0.0)
    covered = live @ kept
    paid = live @ (kept * np.array([paid_ratio(t.discount) for t in tranches]))
    cost = [
        load.on_demand - load.covered_at(float(c)) + float(p) * load.hours
        for load, c, p in zip(loads, covered, paid, strict=True)
    ]
    bought = sorted(
        (Rung(t, float(a)) for t, a in zip(tranches, kept, strict=True) if a > 0.0),
        key=lambda rung: (rung.tranche.start, rung.tranche.months),
    )
    return Ladder(tuple(bought), covered, np.array(cost))
