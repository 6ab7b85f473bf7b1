"""Forecasts judged on the user's own history: made again on past days, with what was known then, against what came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from model.daily_costs import RECURRING
from model.forecast import (
    HIGH,
    LEAST_DAYS,
    LOW,
    MOST_DAYS,
    SEED,
    WEEK,
    ForecastRefused,
    History,
    Path,
    benchmarks,
    history_of,
    path_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from model.daily_costs import DailyCosts
    from model.forecast import Method

    Floats = NDArray[np.float64]

JUDGED_DAYS: Final = 28
ORIGINS: Final = 6
DAYS_BETWEEN: Final = 14
NAIVE: Final = "seasonal_naive"
LINE: Final = "straight_line"
CLOSE: Final = 1.05
"""Errors of methods that differ by less are a tie."""


@dataclass(frozen=True)
class Score:
    """How a method did over all origins, on the days that came after each.

    ``mape`` is None where a day cost nothing; ``mase`` is the mean absolute error ÷ that of "as a week ago" within the
    history then known; ``bias`` is (Σ foretold − Σ came) ÷ Σ came; ``coverage`` the share of days within P10 to P90,
    widened by what the totals of the other origins were off (``total_error``: root mean square of their logarithms);
    skills are 1 − its mean absolute error ÷ that of the last week repeated, and of the straight line.
    """

    method: str
    title: str
    origins: int
    days: int
    mape: float | None
    mase: float
    bias: float
    coverage: float
    total_error: float
    skill_against_naive: float
    skill_against_line: float


@dataclass(frozen=True, eq=False)
class Forecast:
    """A forecast with its scorecard. ``method`` is what was used; ``sentence`` says why."""

    history: History
    path: Path
    method: str
    title: str
    scores: tuple[Score, ...]
    sentence: str

    @property
    def score(self) -> Score | None:
        """The scorecard of the method that was used; None where nothing could be judged."""
        return next((score for score in self.scores if score.method == self.method), None)


@dataclass(frozen=True, eq=False)
class Trial:
    """One method on one origin: what it foretold, against what came (both over the judged days), and the scale."""

    foretold: Path
    came: Floats
    scale: float


def forecast(
    costs: DailyCosts,
    fitted: Sequence[Method],
    horizon_days: int,
    service: str | None = None,
    on_progress: Callable[[float, str], None] | None = None,
) -> Forecast:
    """Foretell cost by day, by the method that did best on rolling origins; raises ForecastRefused.

    ``fitted`` are judged beside the benchmarks. Best is the lowest MASE; of methods within 5 % of it, the one whose
    interval held closest to 8 days in 10. A method is used only where it beats the last week repeated.
    """
    if not 1 <= horizon_days <= MOST_DAYS:
        raise ForecastRefused(f"A forecast reaches 1 to {MOST_DAYS} days ahead, not {horizon_days}.")
    history = history_of(costs, service)
    methods = (*benchmarks(), *fitted)
    scores = scorecard(costs, methods, service, on_progress)
    for key in ranked(scores):
        method = next(each for each in methods if each.key == key)
        draws = method.draw(history.values, history.first_day, horizon_days)
        if draws is not None:
            error = next((score.total_error for score in scores if score.method == key), 0.0)
            path = path_of(widened(draws, error), history.end)
            return Forecast(history, path, key, method.title, tuple(scores), _sentence(scores, key))
    raise ForecastRefused("No method could be fitted to this history.")


def ranked(scores: Sequence[Score]) -> list[str]:
    """Methods in the order in which they are used: those that beat repeating the last week, then that."""
    naive = next((score.mase for score in scores if score.method == NAIVE), 0.0)
    better = sorted((each for each in scores if each.mase < naive), key=lambda each: each.mase)
    close = [each for each in better if each.mase <= CLOSE * better[0].mase]
    close.sort(key=lambda each: abs(each.coverage - (HIGH - LOW)))
    return [each.method for each in (*close, *better[len(close) :])] + [NAIVE]


def scorecard(
    costs: DailyCosts,
    methods: Sequence[Method],
    service: str | None = None,
    on_progress: Callable[[float, str], None] | None = None,
) -> list[Score]:
    """Scores of every method that could be fitted on every origin; empty where the history is too short for one."""
    origins = origins_of(costs, service)
    trials: dict[str, list[Trial]] = {}
    for number, origin in enumerate(origins):
        for place, method in enumerate(methods):
            if on_progress:
                done = (number + place / len(methods)) / len(origins)
                on_progress(done, f"Judging {method.title.lower()} on past day {number + 1} of {len(origins)}")
            trial = trial_of(costs, method, origin, service)
            if trial is not None:
                trials.setdefault(method.key, []).append(trial)
    whole = {key: found for key, found in trials.items() if len(found) == len(origins)}
    errors = {key: _error(found) for key, found in whole.items()}
    return [_score(method, whole[method.key], errors) for method in methods if method.key in whole]


def origins_of(costs: DailyCosts, service: str | None = None) -> list[int]:
    """Up to six days of the past, two weeks apart, on which a forecast is made again: the newest lets 28 days come.

    Before the first of them there must be four weeks of settled days.
    """
    lag = costs.known_until - costs.settled_day
    begin = history_of(costs, service).first_day
    newest = costs.settled_day - JUDGED_DAYS + lag
    found = [newest - DAYS_BETWEEN * step for step in range(ORIGINS)]
    return sorted(origin for origin in found if origin - lag - begin + 1 >= 2 * LEAST_DAYS)


def trial_of(costs: DailyCosts, method: Method, origin: int, service: str | None = None) -> Trial | None:
    """A forecast made on a past day with what was known at its end, against the settled days that came."""
    try:
        known = history_of(costs.known_on(origin), service)
    except ForecastRefused:
        return None
    draws = method.draw(known.values, known.first_day, JUDGED_DAYS)
    if draws is None:
        return None
    table = costs.by_service(RECURRING)
    row = table.sum(axis=0) if service is None else table[costs.services.index(service)]
    start = known.end - costs.first_day
    came = row[start : min(start + JUDGED_DAYS, costs.settled_day - costs.first_day + 1)] / 1e9
    path = path_of(draws[:, : len(came)], known.end)
    scale = float(np.abs(known.values[WEEK:] - known.values[:-WEEK]).mean())
    return Trial(path, came, scale)


def widened(draws: Floats, total_error: float) -> Floats:
    """Draws whose totals over 28 days vary as far as past totals were off; beyond, as a random walk goes on.

    Each draw is multiplied by exp(B), B a random walk. Its mean over n days has the deviation σ√(n ÷ 3), hence
    σ = total_error·√(3 ÷ 28) a day. What the draws vary by themselves comes on top.
    """
    if total_error <= 0.0:
        return draws
    random = np.random.default_rng(SEED)
    steps = random.normal(0.0, total_error * np.sqrt(3.0 / JUDGED_DAYS), draws.shape)
    result: Floats = draws * np.exp(np.cumsum(steps, axis=1))
    return result


def _total_error(trials: Sequence[Trial]) -> float:
    totals = [(float(t.came.sum()), float(t.foretold.middle.sum())) for t in trials]
    logs = [np.log(came / foretold) for came, foretold in totals if came > 0.0 and foretold > 0.0]
    return float(np.sqrt(np.mean(np.square(logs)))) if logs else 0.0


def _inside(trial: Trial, others: Sequence[Trial]) -> NDArray[np.bool_]:
    path = path_of(widened(trial.foretold.draws, _total_error(others)), trial.foretold.first_day)
    result: NDArray[np.bool_] = (path.low <= trial.came) & (trial.came <= path.high)
    return result


def _error(trials: Sequence[Trial]) -> float:
    return float(np.mean([np.abs(trial.foretold.middle - trial.came).mean() for trial in trials]))


def _score(method: Method, trials: Sequence[Trial], errors: dict[str, float]) -> Score:
    foretold = np.concatenate([trial.foretold.middle for trial in trials])
    came = np.concatenate([trial.came for trial in trials])
    inside = [_inside(trial, [each for each in trials if each is not trial]) for trial in trials]
    scaled = [np.abs(t.foretold.middle - t.came).mean() / max(t.scale, 1e-9) for t in trials]
    total = float(came.sum())
    return Score(
        method=method.key,
        title=method.title,
        origins=len(trials),
        days=len(came),
        mape=float(np.mean(np.abs(foretold - came) / np.abs(came))) if (came != 0.0).all() else None,
        mase=float(np.mean(scaled)),
        bias=float((foretold.sum() - total) / total) if total else 0.0,
        coverage=float(np.mean(np.concatenate(inside))),
        total_error=_total_error(trials),
        skill_against_naive=_skill(errors[method.key], errors.get(NAIVE)),
        skill_against_line=_skill(errors[method.key], errors.get(LINE)),
    )


def _skill(error: float, benchmark: float | None) -> float:
    return 1.0 - error / benchmark if benchmark else 0.0


def _sentence(scores: Sequence[Score], key: str) -> str:
    if not scores:
        return "The history is too short to judge a forecast: the last week is repeated, and nothing tells how well."
    found = next(score for score in scores if score.method == key)
    if key == NAIVE:
        return "Nothing beat repeating the last week on this history, so the last week is repeated."
    return (
        f"{found.title}: its error is {found.skill_against_naive:.0%} below that of repeating the last week, over "
        f"{found.days} days after {found.origins} past days."
    )
