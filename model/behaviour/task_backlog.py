"""What waits in a queue of tasks: a fluid backlog in minute steps under bursty arrivals, and attempts per task.

One-minute arrival rates within an hour are Gamma with CV² ``burstiness``, as for Cloud Run: 60 equal-probability points
whose mean is the hour's rate, so nothing is drawn and nothing is lost. The busiest minutes of an hour stand together
around its middle: of all orders of these minutes this is the one with the longest wait within the hour.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from model.behaviour.autoscaler import demand_points

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MINUTES: Final = 60
MINUTE_S: Final = 60.0
WEEK_HOURS: Final = 168


@dataclass(frozen=True)
class Backlog:
    """What a queue went through; ``busiest_week`` is the highest mean rate over a week ÷ capacity (above 1: it grows).

    ``peak_dispatches_per_s`` counts tasks (not attempts) in the busiest minute; ``waiting_hours`` have a backlog.
    """

    longest_delay_s: float
    busiest_week: float
    peak_dispatches_per_s: float
    waiting_hours: float


@dataclass(frozen=True, eq=False)
class Dispatches:
    """Tasks as they leave a queue: a second by hour (U,), and CV² of the one-minute rate within the hour.

    The last is a mean over hours by their tasks. ``is_held_back``: some minute has to wait.
    """

    per_s: Floats
    burstiness: float
    is_held_back: bool


def attempts_per_task(failure_ratio: float, max_attempts: float) -> float:
    """Mean attempts of a task whose attempts fail independently: (1 − f^A) ÷ (1 − f); A below 1 is without limit.

    Special cases: f = 0 gives 1, f = 1 gives A (∞ without limit).

    >>> attempts_per_task(0.5, 2), attempts_per_task(0.5, -1), attempts_per_task(0.0, 5)
    (1.5, 2.0, 1.0)
    """
    if failure_ratio >= 1.0:
        return max_attempts if max_attempts >= 1.0 else math.inf
    return (1.0 - lost_share(failure_ratio, max_attempts)) / (1.0 - failure_ratio)


def lost_share(failure_ratio: float, max_attempts: float) -> float:
    """Share of tasks that fail in every attempt: f^A; none without a limit (A below 1).

    >>> lost_share(0.1, 3), lost_share(0.1, -1)
    (0.0010000000000000002, 0.0)
    """
    return float(failure_ratio**max_attempts) if max_attempts >= 1.0 else 0.0


def dispatches_per_s(rate_limit: float, concurrent: float, task_time_s: float) -> float:
    """Attempts that a queue can make a second: min(rate limit, concurrent ÷ task time).

    >>> dispatches_per_s(500.0, 100, 2.0), dispatches_per_s(20.0, 100, 2.0)
    (50.0, 20.0)
    """
    return min(rate_limit, concurrent / task_time_s) if task_time_s > 0.0 else rate_limit


def minute_profile(burstiness: float) -> Floats:
    """Rates of the 60 minutes of an hour over its mean (60,), rising to the middle and falling again; Σ = 60."""
    points = np.resize(demand_points(burstiness, MINUTES), MINUTES)
    return np.concatenate([points[::2], points[1::2][::-1]])


def backlog(tasks_per_s: Floats, follows: NDArray[np.bool_], capacity_per_s: float, burstiness: float) -> Backlog:
    """What tasks of hourly mean rates (U,) find in a queue that starts ``capacity_per_s`` of them a second.

    B(t) = max(0, B(t − 1) + arrivals − capacity), by minute; the longest delay is max B ÷ capacity. ``follows`` (U,) is
    False where an hour does not continue the one before: the queue is empty there. Within an hour only minutes above
    capacity raise B, so minutes are looked at in hours that have some; from hour to hour B′ = max(B + net, end), where
    net is arrivals − capacity and end what an empty queue would hold after it.
    """
    if capacity_per_s <= 0.0 or not math.isfinite(capacity_per_s):
        return Backlog(math.inf if tasks_per_s.any() else 0.0, math.inf if tasks_per_s.any() else 0.0, 0.0, 0.0)
    profile, busiest_week = minute_profile(burstiness), _busiest_week(tasks_per_s) / capacity_per_s
    peak_per_s = float(tasks_per_s.max(initial=0.0) * profile.max())
    hot = np.flatnonzero(tasks_per_s * profile.max() > capacity_per_s)
    if not len(hot):
        return Backlog(0.0, busiest_week, peak_per_s, 0.0)
    before, sums, from_empty = _filled(tasks_per_s, follows, capacity_per_s, profile, hot)
    highest = np.maximum(before[hot] + sums.max(axis=1), from_empty.max(axis=1))
    is_waiting = before + (tasks_per_s * profile[0] - capacity_per_s) * MINUTE_S > 0.0
    is_waiting[hot] = True
    longest = max(float(highest.max()), float(before.max()))
    return Backlog(longest / capacity_per_s, busiest_week, capacity_per_s, float(is_waiting.sum()))


def dispatches(tasks_per_s: Floats, follows: NDArray[np.bool_], capacity_per_s: float, burstiness: float) -> Dispatches:
    """When tasks of hourly mean rates (U,) leave the same queue: arrivals less what the backlog grows by, by minute.

    What is still waiting at the end is spread over all hours alike, since it is work that will be done: no task is
    lost here. Without a capacity (0, or ∞) tasks leave as they come.
    """
    profile = minute_profile(burstiness)
    own = float(profile.var())
    hot = np.flatnonzero(tasks_per_s * profile.max() > capacity_per_s)
    if capacity_per_s <= 0.0 or not len(hot):
        return Dispatches(tasks_per_s, own, is_held_back=False)
    before, _, _ = _filled(tasks_per_s, follows, capacity_per_s, profile, hot)
    held = np.flatnonzero((before > 0.0) | (tasks_per_s * profile.max() > capacity_per_s))
    arriving = tasks_per_s[held, None] * profile
    sums = np.cumsum(arriving - capacity_per_s, axis=1) * MINUTE_S
    level = sums + np.maximum(before[held, None], -np.minimum.accumulate(sums, axis=1))
    leaving = np.maximum(arriving - np.diff(level, axis=1, prepend=before[held, None]) / MINUTE_S, 0.0)
    per_s, varies = tasks_per_s.astype(np.float64), np.full(len(tasks_per_s), own)
    per_s[held] = leaving.mean(axis=1)
    varies[held] = leaving.var(axis=1) / np.maximum(per_s[held], np.finfo(np.float64).tiny) ** 2
    left, came = float(per_s.sum()), float(tasks_per_s.sum())
    return Dispatches(per_s * (came / left), float((varies * per_s).sum()) / left, is_held_back=True)


def _filled(
    tasks_per_s: Floats, follows: NDArray[np.bool_], capacity_per_s: float, profile: Floats, hot: NDArray[np.intp]
) -> tuple[Floats, Floats, Floats]:
    """Backlog at the start of each hour (U,); and by minute of the hot hours (·, 60): net sums, level from empty."""
    sums = np.cumsum(tasks_per_s[hot, None] * profile - capacity_per_s, axis=1) * MINUTE_S
    from_empty = sums - np.minimum(np.minimum.accumulate(sums, axis=1), 0.0)
    end = np.zeros(len(tasks_per_s))
    end[hot] = from_empty[:, -1]
    before = _before_each_hour((tasks_per_s - capacity_per_s) * MINUTES * MINUTE_S, end, follows)
    return before, sums, from_empty


def _before_each_hour(net: Floats, end: Floats, follows: NDArray[np.bool_]) -> Floats:
    """Backlog at the start of each hour (U,): B′ = max(B + net, end) is S + running maximum of (end − S), S = Σ net."""
    before = np.zeros(len(net))
    starts = np.flatnonzero(~follows[1:]) + 1
    for first, last in zip([0, *starts], [*starts, len(net)], strict=True):
        running = np.cumsum(net[first:last])
        after = running + np.maximum(np.maximum.accumulate(end[first:last] - running), 0.0)
        before[first + 1 : last] = np.maximum(after, 0.0)[:-1]
    return before


def _busiest_week(rate: Floats) -> float:
    """Highest mean over a week of hours in a row, over all of them where there are fewer."""
    width = min(WEEK_HOURS, len(rate))
    if not width:
        return 0.0
    sums = np.concatenate([[0.0], np.cumsum(rate)])
    return float((sums[width:] - sums[:-width]).max()) / width
