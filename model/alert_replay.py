"""The history replayed: how unusual each day looked on the days after it, with what was known then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from model import anomaly_score
from model.daily_costs import WATCHED
from model.money import to_nanos

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from model.alert_rules import Method
    from model.daily_costs import DailyCosts

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

LOOKS: Final = 5
"""Days after a day on which it is looked at again, as its late rows come in (model: settled after 5)."""
ALL_SERVICES: Final = ""
_NANOS: Final = 1e9


@dataclass(frozen=True, eq=False)
class Replay:
    """What every day looked like ``lag`` days later; arrays (LOOKS, series, days), NaN where it could not be judged.

    ``series`` are the services and, last, all of them ('').  ``cost`` and ``usual`` are in US dollars, so that the
    minimum amounts of rules mean the same in any currency. ``final`` (series, days) is in nanos of the bill's currency.
    """

    costs: DailyCosts
    series: tuple[str, ...]
    cost: Floats
    usual: dict[Method, Floats]
    score: dict[Method, Floats]
    final: Ints
    hindsight: Floats

    @property
    def months(self) -> float:
        """Length of what could be judged, in months of 365.25 ÷ 12 days."""
        judged = np.isfinite(self.score["weekday_score"]).any(axis=(0, 1)).sum()
        return float(judged) / (365.25 / 12)

    def is_training(self, service: str) -> bool:
        """Whether the newest judged day of a service still had too little history."""
        place = self.series.index(service)
        return not bool(np.isfinite(self.score["weekday_score"][:, place, -LOOKS - 1 :]).any())


def replay(costs: DailyCosts) -> Replay:
    """Replay the whole history: at the end of each day only rows with that export day or an earlier one are known."""
    series = (*costs.services, ALL_SERVICES)
    shape = (LOOKS, len(series), costs.day_count)
    cost = np.full(shape, np.nan)
    usual: dict[Method, Floats] = {
        name: np.full(shape, np.nan) for name in ("trailing_mean", "weekday_mean", "weekday_score")
    }
    score = {name: np.full(shape, np.nan) for name in usual}
    known = np.zeros((len(series), costs.day_count))
    arriving = _arrivals(costs)
    for today in range(costs.first_day, min(costs.last_day + LOOKS, costs.known_until) + 1):
        for place, day, dollars in arriving.get(today, ()):
            known[place, day] += dollars
            known[-1, day] += dollars
        _look(known, today - costs.first_day, cost, usual, score)
    final = costs.by_service(WATCHED)
    final = np.concatenate([final, final.sum(axis=0, keepdims=True)])
    return Replay(costs, series, cost, usual, score, final, anomaly_score.hindsight(final / (_NANOS * costs.dollar)))


def _arrivals(costs: DailyCosts) -> dict[int, list[tuple[int, int, float]]]:
    """What became known on each day: (series, place of the usage day, dollars)."""
    mask = costs.rows_of(WATCHED)
    found: dict[int, list[tuple[int, int, float]]] = {}
    columns = (costs.known_day, costs.service, costs.day - costs.first_day, costs.nanos / (_NANOS * costs.dollar))
    for known, place, day, dollars in zip(*(column[mask].tolist() for column in columns), strict=True):
        found.setdefault(known, []).append((place, day, dollars))
    return found


def _look(known: Floats, today: int, cost: Floats, usual: dict[Method, Floats], score: dict[Method, Floats]) -> None:
    """Judge the LOOKS days before today (a place) with what is known at its end."""
    yesterday = min(today - 1, known.shape[1] - 1)
    oldest = max(0, today - LOOKS)
    count = yesterday - oldest + 1
    if count <= 0:
        return
    seen = known[:, : yesterday + 1]
    begun = np.where(seen.any(axis=1), (seen != 0.0).argmax(axis=1), seen.shape[1])
    start = max(0, oldest - anomaly_score.HISTORY_DAYS)
    window = np.where(np.arange(start, yesterday + 1) >= begun[:, None], seen[:, start:], np.nan)
    medians, z = anomaly_score.scores(window, count)
    means = {
        "trailing_mean": anomaly_score.trailing_means(window, count),
        "weekday_mean": anomaly_score.weekday_means(window, count),
    }
    for step in range(count):
        day = oldest + step
        lag = today - day - 1
        is_trained = day - begun >= anomaly_score.TRAINING_DAYS
        cost[lag, :, day] = window[:, step - count]
        usual["weekday_score"][lag, :, day] = np.where(is_trained, medians[:, step], np.nan)
        score["weekday_score"][lag, :, day] = np.where(is_trained, z[:, step], np.nan)
        for name, mean in means.items():
            usual[name][lag, :, day] = mean[:, step]  # type: ignore[index]
            with np.errstate(divide="ignore", invalid="ignore"):
                ratio = np.where(mean[:, step] > 0.0, window[:, step - count] / mean[:, step], np.nan)
            score[name][lag, :, day] = ratio  # type: ignore[index]


@dataclass(frozen=True)
class SeenDay:
    """A day of a series: cost in the end, what was usual at the last look (None: training), whether it is settled."""

    day: int
    nanos: int
    usual_nanos: int | None
    is_settled: bool


def seen_days(replayed: Replay, service: str) -> list[SeenDay]:
    """Every day of a service, or of the whole bill (''), against the median of its weekdays."""
    place, costs = replayed.series.index(service), replayed.costs
    looks = replayed.usual["weekday_score"][:, place, :]
    found = []
    for day, nanos in enumerate(replayed.final[place].tolist()):
        known = looks[np.isfinite(looks[:, day]), day]
        usual = to_nanos(float(known[-1]) * costs.dollar) if len(known) else None
        number = costs.first_day + day
        found.append(SeenDay(number, nanos, usual, number <= costs.settled_day))
    return found
