"""What a candidate plan is worth while the search runs: the NPV of 36 months from a few priced demands.

NPV = Σ_levers Σ_k saving_k · (1 + p)^(k/12) · ramp_k ÷ (1 + i)^k − recurring annuity − one-off cost, with the saving of
month k taken on the line between the priced demands beside it; a plan's final figures come from the projection.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from model.finance import monthly_rate
from model.horizon import DISCOUNT_RATE, GROWTH, HORIZON_MONTHS, ONE_OFF_COST, PRICE_CHANGE, RECURRING_COST
from model.money import NANOS
from model.outcome import parameters
from model.projection import ramp_share_of
from model.recommend_pricing import Pricing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from model.bill import Bill
    from model.recommend_pricing import Quote
    from model.scenario import Scenario

YEAR: Final = 12.0


class Worth:
    """Values plans on one bill under one set of assumptions; ``demands`` are the usage levels to price."""

    def __init__(self, bill: Bill, start: Scenario) -> None:
        values = start.values(parameters(bill))
        self._values = values
        self._months = np.arange(1, HORIZON_MONTHS + 1, dtype=np.float64)
        growth = 1.0 + values.number(GROWTH)
        self._demand = growth ** (self._months / YEAR)
        self.demands: tuple[float, ...] = _nodes(float(self._demand[-1]))
        self._shares = _shares(self._demand, self.demands)
        self._discount = (1.0 + monthly_rate(values.number(DISCOUNT_RATE))) ** -self._months
        self._price = (1.0 + values.number(PRICE_CHANGE)) ** (self._months / YEAR)
        self._window = len(bill.months) * NANOS
        self.pricing = Pricing(bill)
        today = replace(start, settings={})
        self._today = {demand: self.pricing.quote(today, demand).by_lever for demand in self.demands}
        self._weights: dict[str, NDArray[np.float64]] = {}

    def npv(self, quotes: Mapping[float, Quote]) -> float:
        """NPV in currency units of a plan's quotes by demand."""
        saved = [self._saved(demand, quotes[demand].by_lever) for demand in self.demands]
        levers = dict.fromkeys(lever for each in saved for lever in each)
        worth = sum(float(self._weight(x) @ [each.get(x, 0.0) for each in saved]) for x in levers)
        return worth - self._own_costs()

    def _saved(self, demand: float, after: Mapping[str, int]) -> dict[str, float]:
        """Saving a month by lever against today's settings at the same demand."""
        today = self._today[demand]
        return {x: (today.get(x, 0) - after.get(x, 0)) / self._window for x in {**today, **after}}

    def _weight(self, lever: str) -> NDArray[np.float64]:
        """Present value of one a month at each demand (D,), with the lever's ramp."""
        if lever not in self._weights:
            worth = self._discount * self._price * ramp_share_of(self._values, lever)
            self._weights[lever] = self._shares @ worth
        return self._weights[lever]

    def _own_costs(self) -> float:
        recurring = self._values.number(RECURRING_COST) * float(self._discount.sum())
        return recurring + self._values.number(ONE_OFF_COST)


def _nodes(last: float) -> tuple[float, ...]:
    """Demands to price: today's, and the last month's where there is growth."""
    return (1.0,) if last == 1.0 else (1.0, last)


def _shares(demand: NDArray[np.float64], nodes: tuple[float, ...]) -> NDArray[np.float64]:
    """How much of each node (D, K) a month's demand (K,) takes on the line between its neighbours."""
    order = np.argsort(nodes)
    places = np.asarray(nodes)[order]
    shares = np.empty((len(nodes), len(demand)))
    for row, unit in zip(order, np.eye(len(nodes)), strict=True):
        shares[row] = np.interp(demand, places, unit)
    return shares
