"""The eight figures of a FinOps dashboard, each with its history, its target and whether it is met."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from model.analysis import breakdown, months_of, period_rows, trend
from model.daily_costs import month_of
from model.money import NANOS
from model.month_change import billed_requests
from model.unit_cost import Driver, unit_costs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from model.analysis import CostRows, CostView
    from model.anomalies import Incident
    from model.budgets import Budget, BudgetState

Status = Literal["met", "missed", "no target", "not known"]

UNIT_OF_DRIVER: Final = {"requests": "request", "users": "user", "transactions": "transaction"}
"""The drivers that the dashboard shows, with what one of them is called."""
OPEN_DAYS: Final = 7
"""An incident is open while its last day is no further back than this from the last day that is known."""


@dataclass(frozen=True)
class DashboardFigure:
    """One figure: ``value`` in its unit (money in currency units, shares 0..1, counts), None where not known.

    ``history`` is by month of usage, the last one being ``value``'s for money. Every figure is better when lower;
    ``target`` is typed, None where none is. ``change`` is the relative change against the month before.
    """

    key: str
    value: float | None
    history: tuple[float, ...]
    target: float | None
    change: float | None = None

    @property
    def status(self) -> Status:
        """Met where the value is at most the target."""
        if self.value is None:
            return "not known"
        if self.target is None:
            return "no target"
        return "met" if self.value <= self.target else "missed"


def monthly_figure(rows: CostRows, view: CostView, month: int, budget_nanos: int | None) -> DashboardFigure:
    """Cost of a month of usage in currency units, with the months before it; target: the budget of the whole bill."""
    by_month = {m: nanos for m, nanos in trend(rows, view, "month").items() if m <= month}
    target = None if budget_nanos is None else budget_nanos / NANOS
    return _figure("monthly", [nanos / NANOS for nanos in by_month.values()], target)


def service_figures(
    rows: CostRows, view: CostView, month: int, budgets: Sequence[Budget]
) -> tuple[DashboardFigure, ...]:
    """Cost of every service in a month, the dearest first; targets: their budgets."""
    typed = {each.name: each.amount_nanos / NANOS for each in budgets if each.scope == "service"}
    months = [m for m in months_of(rows) if m <= month]
    sums = [{part.key: part.nanos for part in breakdown(period_rows(rows, m), view, "service")} for m in months]
    found = [
        _figure(name, [each.get(name, 0) / NANOS for each in sums], typed.get(name))
        for name in dict.fromkeys(name for each in reversed(sums) for name in each)
    ]
    return tuple(sorted(found, key=lambda each: (-(each.value or 0.0), each.key)))


def with_billed_requests(rows: CostRows, drivers: Iterable[Driver]) -> list[Driver]:
    """The drivers, and the requests that Cloud Run billed where the drivers count none."""
    given = list(drivers)
    if any(each.name == "requests" for each in given):
        return given
    return given + [Driver(month, "requests", count) for month, count in billed_requests(rows).items()]


def unit_figure(
    rows: CostRows, view: CostView, month: int, drivers: Iterable[Driver], name: str, target: float | None
) -> DashboardFigure:
    """Cost of one unit of a driver in a month, with the months before it that are counted."""
    costs = {m: nanos for m, nanos in trend(rows, view, "month").items() if m <= month}
    found = unit_costs(costs, [each for each in drivers if each.name == name])
    known = [each.cost_each for each in found if each.cost_each is not None]
    is_current = bool(found) and found[-1].month == month and found[-1].cost_each is not None
    figure = _figure(name, known, target)
    return figure if is_current else DashboardFigure(name, None, figure.history, target)


def anomaly_figure(incidents: Sequence[Incident], months: Sequence[int], known_until: int) -> DashboardFigure:
    """Alerts that are open, and how many began in each month; the target is none."""
    alerts = [each for each in incidents if each.is_alert and not each.rule.startswith("budget")]
    is_open = [each for each in alerts if each.last_day >= known_until - OPEN_DAYS]
    began = [float(sum(month_of(each.first_day) == month for each in alerts)) for month in months]
    return DashboardFigure("anomalies", float(len(is_open)), tuple(began), 0.0)


def budget_figure(state: BudgetState | None, monthly: DashboardFigure) -> DashboardFigure:
    """Share of the whole bill's budget that the month comes to (spent so far where it is too early to tell)."""
    if state is None:
        return DashboardFigure("budget", None, (), 1.0)
    expected = state.spent_nanos if state.expected_nanos is None else state.expected_nanos
    amount = state.budget.amount_nanos
    return DashboardFigure("budget", expected / amount, tuple(each * NANOS / amount for each in monthly.history), 1.0)


def _figure(key: str, history: Sequence[float], target: float | None) -> DashboardFigure:
    if not history:
        return DashboardFigure(key, None, (), target)
    before = history[-2] if len(history) > 1 else 0.0
    change = history[-1] / before - 1.0 if before > 0 else None
    return DashboardFigure(key, history[-1], tuple(history), target, change)
