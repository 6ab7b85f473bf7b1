"""How a pool's usage moved within the bill, where it has fallen so far that the window's mean misleads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from model.levers.pool_hours import has_fallen

if TYPE_CHECKING:
    from model.bill import Bill
    from model.levers.pool_hours import PoolUsage


@dataclass(frozen=True)
class Trend:
    """Usage an hour of the highest and the last month (YYYYMM), on-demand units.

    ``last_share`` = last month ÷ window; ``per_month`` = (last ÷ highest)^(1 ÷ months between) − 1.
    """

    highest_month: int
    last_month: int
    highest_per_hour: float
    last_per_hour: float
    last_share: float
    per_month: float

    @property
    def fall(self) -> float:
        """By how much usage fell from the highest to the last month, as a ratio."""
        return 1.0 - self.last_per_hour / self.highest_per_hour


def trend_of(bill: Bill, usage: PoolUsage) -> Trend | None:
    """The fall of a pool's usage after the levers; None where it has not fallen."""
    if len(bill.months) < 2 or not has_fallen(usage):
        return None
    months = usage.calendar.months_of_hours
    mean = months.of(usage.calendar.fold(usage.after).sum(axis=0)) / months.length.clip(1.0)
    top = int(np.argmax(mean))
    highest, last = float(mean[top]), float(mean[-1])
    per_month = (last / highest) ** (1.0 / (len(bill.months) - 1 - top)) - 1.0
    return Trend(bill.months[top], bill.months[-1], highest, last, usage.last_month_share, per_month)
