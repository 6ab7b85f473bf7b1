"""A month, or some, of a bill as the ledger compares them: what is paid for use, and what is paid beside it.

headline = paid for use + free tier − what commitments save + agreed, where paid for use is what rows would be paid
uncovered by commitments, before free tier and promotions; agreed is what follows no use (support, corrections).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from model.costs import line_costs
from model.growth import follows_use
from model.hours import month_hours
from model.money import exact_sum
from model.monthly_kinds import unit_of
from model.pools import pool_name
from model.repricing import FREE_TIER, paid_when_uncovered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from model.bill import Bill

    RowKey = tuple[str, ...]

ROW_TEXT: Final = ("service", "sku_key", "project", "region", "resource", "pricing_unit")
"""What makes rows of two months the same usage."""


@dataclass(frozen=True)
class Amounts:
    """Usage and what is paid for it (nanos, uncovered), by the month: sums ÷ number of months."""

    usage: float = 0.0
    paid: float = 0.0


@dataclass(frozen=True, eq=False)
class Period:
    """Some invoice months of a bill; every amount is a mean month, in nanos."""

    bill: Bill
    months: tuple[int, ...]

    @cached_property
    def count(self) -> int:
        """How many months."""
        return len(self.months)

    @cached_property
    def _rows(self) -> NDArray[np.bool_]:
        places = [self.bill.months.index(month) for month in self.months]
        return np.isin(self.bill.lines.month_index, places)

    @cached_property
    def is_use(self) -> NDArray[np.bool_]:
        """Which lines (N,) are usage of these months."""
        found: NDArray[np.bool_] = follows_use(self.bill) & self._rows
        return found

    @cached_property
    def _headline(self) -> NDArray[np.int64]:
        return np.where(self._rows, line_costs(self.bill.lines)["headline"], 0)

    @cached_property
    def _free(self) -> NDArray[np.int64]:
        credit = self.bill.lines.credits.get(FREE_TIER)
        return np.zeros(len(self.bill.lines), np.int64) if credit is None else np.where(self.is_use, credit, 0)

    @property
    def headline(self) -> float:
        """What the months cost."""
        return exact_sum(self._headline) / self.count

    @property
    def free(self) -> float:
        """What the free tier gives, negative."""
        return exact_sum(self._free) / self.count

    @cached_property
    def commitments(self) -> Mapping[str, float]:
        """What commitments save by pool, fees taken off; '' is what stands under no pool."""
        text, paid = self.bill.lines.text, paid_when_uncovered(self.bill)
        saved = np.where(self.is_use, paid + self._free - self._headline, np.where(self._is_fee, -self._headline, 0))
        pools = np.where(text["fee_of"] != "", text["fee_of"], text["pool"])
        found: dict[str, float] = {}
        for row in np.flatnonzero(saved):
            name = pool_name(str(pools[row]), str(text["region"][row] or ""))
            found[name] = found.get(name, 0.0) + int(saved[row]) / self.count
        return found

    @property
    def agreed(self) -> float:
        """What follows no use and is no commitment's."""
        return exact_sum(np.where(self.is_use | self._is_fee, 0, self._headline)) / self.count

    @cached_property
    def _is_fee(self) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = (self.bill.lines.text["fee_of"] != "") & self._rows
        return found

    def of(self, rows: NDArray[np.int64]) -> Amounts:
        """Usage and payment of some lines, as far as they are usage of these months."""
        mine = rows[self.is_use[rows]]
        paid = exact_sum(paid_when_uncovered(self.bill)[mine])
        return Amounts(float(self.bill.lines.usage[mine].sum()) / self.count, paid / self.count)

    def by_row_key(self, without: NDArray[np.int64]) -> dict[RowKey, Amounts]:
        """Usage and payment by ``ROW_TEXT`` of all lines but some."""
        kept = self.is_use.copy()
        kept[without] = False
        rows = np.flatnonzero(kept)
        columns = [self.bill.lines.text[name][rows] for name in ROW_TEXT]
        amounts = (self.bill.lines.usage[rows].tolist(), paid_when_uncovered(self.bill)[rows].tolist())
        sums: dict[RowKey, list[float]] = {}
        for key, usage, paid in zip(zip(*columns, strict=True), *amounts, strict=True):
            both = sums.setdefault(tuple(str(text) for text in key), [0.0, 0])
            both[0] += usage
            both[1] += paid
        return {key: Amounts(usage / self.count, paid / self.count) for key, (usage, paid) in sums.items()}

    def length(self, unit: str) -> float:
        """Mean days of a month; 1 for usage that is stated by the month whatever its days."""
        return 1.0 if "month" in unit.lower() else sum(map(_days, self.months)) / self.count

    def length_of(self, kind: str) -> float:
        """``length`` of a usage kind."""
        return self.length(unit_of(kind))


def _days(month: int) -> float:
    """Days by their hours: daylight saving makes one shorter and one longer."""
    first, last = month_hours(month)
    return (last - first) / 24.0
