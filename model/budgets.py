"""Budgets a month by scope: what is spent, what the month comes to at its pace, and whether that is too much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from model.analysis import UNDATED, amounts, filtered, sums_of
from model.daily_costs import day_of, month_days

if TYPE_CHECKING:
    from collections.abc import Iterable

    from model.analysis import CostRows, CostView

Status = Literal["over", "at risk", "within", "too early"]

WHOLE, EACH = "bill", "cost each"
"""Scope of the whole bill; scope of a target for the cost of one unit, named by its driver."""
LEAST_DAYS: Final = 3
"""Days of a month below which no pace is told."""
RULE: Final = "Month end = spent so far ÷ days so far × days of the month; what stands on no day is added once."


@dataclass(frozen=True)
class Budget:
    """An amount a month for one project, service or SKU; ``name`` '' of scope WHOLE is everything.

    Of scope EACH it is what one unit of the driver ``name`` may cost.
    """

    scope: str
    name: str
    amount_nanos: int


@dataclass(frozen=True)
class BudgetState:
    """A budget in one month, in nanos: ``expected_nanos`` is for the whole month, None while it is too early."""

    budget: Budget
    month: int
    until_day: int
    spent_nanos: int
    expected_nanos: int | None
    status: Status

    @property
    def spent_share(self) -> float:
        """Spent ÷ budget."""
        return self.spent_nanos / self.budget.amount_nanos


def budget_states(
    rows: CostRows, view: CostView, budgets: Iterable[Budget], month: int, until_day: int
) -> tuple[BudgetState, ...]:
    """Every budget of costs in a month of usage whose cost is known until a day (days since 1970), the fullest first.

    Over: more is spent already. At risk: the pace leads beyond it. A month that has ended is not foretold.
    """
    first, last = month_days(month)
    until = min(max(until_day, first - 1), last)
    of_month = rows.where(rows.usage_month == month)
    found = [_state(of_month, view, each, (first, until, last), month) for each in budgets if each.scope != EACH]
    return tuple(sorted(found, key=lambda each: -each.spent_share))


def _state(rows: CostRows, view: CostView, budget: Budget, days: tuple[int, int, int], month: int) -> BudgetState:
    first, until, last = days
    mine = filtered(rows, {} if budget.scope == WHOLE else {budget.scope: (budget.name,)})
    is_known = (mine.day <= until) | (mine.day == UNDATED)
    nanos = amounts(mine, view)
    once, paced = sums_of((mine.day != UNDATED).astype(np.int64)[is_known], nanos[is_known], 2)
    spent, so_far, whole = once + paced, until - first + 1, last - first + 1
    expected = None if so_far < LEAST_DAYS else once + (paced * whole) // so_far
    return BudgetState(budget, month, until, spent, expected, _status(budget.amount_nanos, spent, expected))


def _status(budget: int, spent: int, expected: int | None) -> Status:
    if spent > budget:
        return "over"
    if expected is None:
        return "too early"
    return "at risk" if expected > budget else "within"


def month_and_day(rows: CostRows, settled_day: int | None) -> tuple[int, int]:
    """The last month of usage with the last day that is known in it: the settled day where it lies before."""
    last = int(rows.day.max(initial=UNDATED))
    if last == UNDATED:
        month = int(rows.usage_month.max())
        return month, month_days(month)[1]
    until = last if settled_day is None else min(last, settled_day)
    found = day_of(until)
    return found.year * 100 + found.month, until
