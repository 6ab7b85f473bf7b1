"""The month's budget: how much of it is spent, and how much it will be, as it was known at the end of each day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from model.anomalies import Finding, Incident
from model.daily_costs import BUDGETED, RECURRING, day_of, month_days, month_of
from model.money import to_nanos

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from model.alert_rules import AlertRule, WatchSettings
    from model.anomalies import Severity
    from model.daily_costs import DailyCosts

    Floats = NDArray[np.float64]

WEEKS: Final = 4
LEAST_DAYS: Final = 14
"""Days of history below which no month is foretold."""


@dataclass(frozen=True)
class MonthState:
    """A month at the end of a day: spent until then, and foretold for the whole month (None: too little history)."""

    day: int
    spent_nanos: int
    foretold_nanos: int | None


def month_path(costs: DailyCosts) -> list[MonthState]:
    """The state of its month at the end of every day of the history.

    Foretold = days before today as known + for each other day the mean of its weekday over the last 4 weeks known.
    One-off purchases count when they happen and are not expected again; tax is in neither.
    """
    spent_day, regular_day = np.zeros(costs.day_count), np.zeros(costs.day_count)
    order = np.argsort(costs.known_day, kind="stable")
    rows = np.stack([costs.known_day, costs.day - costs.first_day, costs.nanos])[:, order]
    is_spent, is_regular = costs.rows_of(BUDGETED)[order], costs.rows_of(RECURRING)[order]
    place, states = 0, []
    for today in range(costs.first_day, min(costs.last_day, costs.known_until) + 1):
        until = int(np.searchsorted(rows[0], today, side="right"))
        new = slice(place, until)
        np.add.at(spent_day, rows[1, new][is_spent[new]], rows[2, new][is_spent[new]])
        np.add.at(regular_day, rows[1, new][is_regular[new]], rows[2, new][is_regular[new]])
        place = until
        states.append(_state(costs, spent_day, regular_day, today))
    return states


def _state(costs: DailyCosts, spent_day: Floats, regular_day: Floats, today: int) -> MonthState:
    first, last = month_days(month_of(today))
    start, now = max(0, first - costs.first_day), today - costs.first_day
    spent = round(float(spent_day[start : now + 1].sum()))
    if now < LEAST_DAYS:
        return MonthState(today, spent, None)
    recent = regular_day[max(0, now - 7 * WEEKS) : now][::-1]
    by_weekday = np.array([recent[step::7].mean() for step in range(7)])
    ahead = np.arange(now, last - costs.first_day + 1)
    rest = by_weekday[(-1 - (ahead - now)) % 7].sum()
    one_offs = spent_day[now] - regular_day[now]
    return MonthState(today, spent, round(float(spent_day[start:now].sum() + one_offs + rest)))


def budget_incidents(costs: DailyCosts, rule: AlertRule, settings: WatchSettings) -> list[Incident]:
    """One incident for each month that crosses threshold × budget, on the first day that shows it; none untyped."""
    if settings.budget_nanos is None or not rule.is_enabled:
        return []
    found: dict[int, Incident] = {}
    for state in month_path(costs):
        month = month_of(state.day)
        amount = state.spent_nanos if rule.method == "budget_actual" else state.foretold_nanos
        if month not in found and amount is not None and amount > rule.threshold * settings.budget_nanos:
            found[month] = _incident(rule, settings, settings.budget_nanos, state.day, amount)
    return [found[month] for month in sorted(found, reverse=True)]


def _incident(rule: AlertRule, settings: WatchSettings, budget: int, day: int, amount: int) -> Incident:
    finding = Finding(rule.key, "", day, day, amount / budget, amount, to_nanos(rule.threshold * budget / 1e9))
    severity: Severity = "critical" if amount > budget else "warning"
    return Incident(rule.key, "", (finding,), severity, settings.reason_for("", day, day), f"{day_of(day):%Y-%m}")


def final_month_nanos(costs: DailyCosts) -> dict[int, int]:
    """What each calendar month came to in the end, by 202601."""
    total = costs.total(BUDGETED)
    months: dict[int, int] = {}
    for place, nanos in enumerate(total.tolist()):
        month = month_of(costs.first_day + place)
        months[month] = months.get(month, 0) + nanos
    return months
