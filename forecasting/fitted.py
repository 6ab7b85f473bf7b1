"""The fitted methods: unobserved components and Holt-Winters, as functions from a history to draws of its future."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from model.anomaly_score import hindsight
from model.daily_costs import day_of, month_days, month_of
from model.forecast import DRAWS, SEED, WEEK, Method

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEAST_WEEKS: Final = 6
MOST_STEPS: Final = 60
SPIKE_SCALES: Final = 5.0
LEAST_SPIKE: Final = 0.1


def methods() -> tuple[Method, ...]:
    """The fitted methods, to be judged beside the benchmarks."""
    return (
        Method("structural", "Level that shifts, steady growth, weekly and turn-of-month rhythm", _structural),
        Method("smoothing", "Holt-Winters: damped trend, weekly rhythm", _smoothing),
    )


def turn_of_month(first_day: int, count: int) -> Floats:
    """Regressors (count, 3): first day of a month, second and third, last; free tiers and monthly jobs stand there.

    >>> turn_of_month(0, 3).tolist()  # 1 to 3 January 1970
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 1.0, 0.0]]
    """
    days = range(first_day, first_day + count)
    of_month = np.array([day_of(day).day for day in days])
    last = np.array([month_days(month_of(day))[1] == day for day in days])
    return np.stack([of_month == 1, (of_month == 2) | (of_month == 3), last], axis=1).astype(np.float64)


def without_spikes(values: Floats) -> Floats:
    """The history with short-lived unusual days as they should have been: one bad week must not widen a whole year.

    A day is unusual when its logarithm is further than max(5 × 1.4826·MAD, 10 %) from that of the median of the same
    weekday, four weeks either side. Only runs of a week at most are replaced, and never in the last two weeks: what
    lasts, or may last, is a new level.

    >>> calm = np.full(84, 10.0)
    >>> spiked = np.where(np.arange(84) == 40, 50.0, calm)
    >>> bool((without_spikes(spiked) == calm).all())
    True
    """
    usual = hindsight(values.reshape(1, -1))[0]
    with np.errstate(invalid="ignore", divide="ignore"):
        gap = np.log(values) - np.log(usual)
    scale = 1.4826 * float(np.nanmedian(np.abs(gap - np.nanmedian(gap))))
    unusual = np.abs(gap) > max(SPIKE_SCALES * scale, LEAST_SPIKE)
    unusual[-2 * WEEK :] = False
    edges = np.flatnonzero(np.diff(np.concatenate([[0], unusual.astype(np.int64), [0]])))
    result = values.copy()
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if end - start <= WEEK:
            result[start:end] = usual[start:end]
    return result


def _structural(values: Floats, first_day: int, horizon: int) -> Floats | None:
    """Draws (DRAWS, horizon) of an unobserved components model of the logarithm; None where it cannot be fitted."""
    if len(values) < LEAST_WEEKS * WEEK or float(values.min()) <= 0.0:
        return None
    from statsmodels.tsa.statespace.structural import UnobservedComponents  # noqa: PLC0415 - slow to import

    turn = turn_of_month(first_day, len(values) + horizon)
    used = turn[: len(values)].sum(axis=0) >= 2
    known, ahead = turn[: len(values), used], turn[len(values) :, used]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        built = UnobservedComponents(
            np.log(without_spikes(values)),
            level="lldtrend",
            seasonal=WEEK,
            exog=known if used.any() else None,
            mle_regression=False,
        )
        fitted = built.fit(disp=0, maxiter=MOST_STEPS)
        drawn = fitted.simulate(
            horizon, anchor="end", repetitions=DRAWS, exog=ahead if used.any() else None,
            rng=np.random.default_rng(SEED),
        )  # fmt: skip
    return _exponential(np.asarray(drawn).reshape(horizon, DRAWS).T)


def _smoothing(values: Floats, first_day: int, horizon: int) -> Floats | None:  # noqa: ARG001
    """Draws of an additive Holt-Winters model with damped trend of the logarithm; None where it cannot be fitted."""
    if len(values) < LEAST_WEEKS * WEEK or float(values.min()) <= 0.0:
        return None
    from statsmodels.tsa.holtwinters import ExponentialSmoothing  # noqa: PLC0415 - slow to import

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted: Any = ExponentialSmoothing(
            np.log(without_spikes(values)), trend="add", damped_trend=True, seasonal="add", seasonal_periods=WEEK,
            initialization_method="estimated",
        ).fit()  # fmt: skip
        drawn = fitted.simulate(horizon, anchor="end", repetitions=DRAWS, rng=np.random.default_rng(SEED))
    return _exponential(np.asarray(drawn).reshape(horizon, DRAWS).T)


def _exponential(logs: Floats) -> Floats | None:
    """Back to amounts; None where the fit ran away."""
    with np.errstate(over="ignore"):
        result = np.exp(logs)
    return result if bool(np.isfinite(result).all()) else None
