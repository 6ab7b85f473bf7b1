"""What each amount would cost in each future above the best amount in hindsight: the table of regrets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from model.commitment_load import Future, best_level, saved_by_month
from model.horizon import HORIZON_MONTHS
from model.levers.commitment_findings import FALLING_MONTHS
from model.levers.commitment_plan import TERM_MONTHS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from model.commitment_load import TermLoad
    from model.commitment_loads import Workload
    from model.commitment_risk import Money
    from model.commitment_trend import Trend

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Shocks:
    """What is held against a commitment beside growth: usage that falls, a price cut, a workload that goes.

    Shares are ratios, months count from the start of the term (0: at once).
    """

    fall: float = 0.3
    fall_from_month: int = 6
    price_cut: float = 0.15
    price_cut_from_month: int = 12
    workload_gone_from_month: int = 6


@dataclass(frozen=True)
class Amount:
    """An amount that is held against the futures, in discounted units per hour and what it covers at on-demand."""

    title: str
    commit_per_hour: float
    covered_on_demand_per_hour: float


@dataclass(frozen=True, eq=False)
class RegretTable:
    """Amounts (A) against futures (F) over one term, in currency units.

    ``saving`` (A, F) against on-demand, ``regret`` (A, F) against the best amount in hindsight ``best`` (F,) in
    discounted units per hour. ``least`` is the amount whose largest regret is smallest.
    """

    term: str
    amounts: tuple[Amount, ...]
    futures: tuple[str, ...]
    saving: Floats
    regret: Floats
    best: Floats

    @property
    def worst(self) -> Floats:
        """The largest regret of each amount (A,)."""
        return np.asarray(self.regret.max(axis=1), dtype=np.float64)

    @property
    def least(self) -> Amount:
        """The amount whose largest regret is smallest."""
        return self.amounts[int(np.argmin(self.worst))]


PLANNED: Final = "the plan"
FALLING: Final = "Usage goes on falling"
SHARES: Final = ((0.5, "half of it"), (0.8, "four fifths of it"), (1.2, "a fifth more"))


def assumed_future(money: Money, months: int) -> Future:
    """Growth and prices as the scenario assumes them; after the horizon nothing moves any more."""
    return _grown("As assumed", money.growth.value, money, months)


def falling_future(money: Money, trend: Trend, months: int) -> Future:
    """Usage goes on falling for a year as it did within the bill, then stays."""
    assumed = assumed_future(money, months)
    fallen = (1.0 + trend.per_month) ** np.minimum(np.arange(1, months + 1), FALLING_MONTHS)
    return Future(f"{FALLING} by {-trend.per_month:.0%} a month for a year", assumed.demand,
                  assumed.scale * fallen)  # fmt: skip


def futures(
    money: Money, shocks: Shocks, workload: Workload | None, months: int, trend: Trend | None = None
) -> tuple[Future, ...]:
    """What an amount is held against: as assumed, growth at its ends, a fall, a price cut, a workload that goes.

    Where usage has fallen (``trend``), that it goes on falling too.
    """
    assumed, ahead = assumed_future(money, months), np.arange(months)
    ends = (("Growth at its low", money.growth.low), ("Growth at its high", money.growth.high))
    grown = [
        _grown(f"{title} ({rate:+.0%} a year)", rate, money, months)
        for title, rate in ends
        if rate != money.growth.value
    ]
    fallen = np.where(ahead >= shocks.fall_from_month, 1.0 - shocks.fall, 1.0)
    cut = np.where(ahead >= shocks.price_cut_from_month, 1.0 - shocks.price_cut, 1.0)
    shocked = [
        (f"Usage {shocks.fall:.0%} lower after month {shocks.fall_from_month}", fallen),
        (f"Prices cut by {shocks.price_cut:.0%} after month {shocks.price_cut_from_month}", cut),
    ]
    falling = [falling_future(money, trend, months)] if trend is not None else []
    found = [
        assumed,
        *grown,
        *falling,
        *(Future(title, assumed.demand, assumed.scale * left) for title, left in shocked),
    ]
    if workload is not None:
        gone = shocks.workload_gone_from_month
        title = f"{workload.title}, {workload.share:.0%} of the pool, gone after month {gone}"
        found.append(Future(title, assumed.demand, assumed.scale, gone))
    return tuple(found)


def saving_if(table: RegretTable, future: str) -> float:
    """What the plan saves in the future whose name begins so; 0 where the table has none."""
    planned = [amount.title for amount in table.amounts].index(PLANNED)
    return next(
        (float(table.saving[planned, i]) for i, name in enumerate(table.futures) if name.startswith(future)), 0.0
    )


def _grown(title: str, growth: float, money: Money, months: int) -> Future:
    years = np.minimum(np.arange(1, months + 1), HORIZON_MONTHS) / 12.0
    return Future(title, (1.0 + growth) ** years, money.usage_share * (1.0 + money.price.value) ** years)


def regret_table(term: TermLoad, planned: Amount, careful: Amount, against: tuple[Future, ...]) -> RegretTable:
    """Hold the planned amount, shares of it, the amount under uncertainty and none against some futures."""
    months = TERM_MONTHS[term.term]
    amounts = [Amount("nothing", 0.0, 0.0), planned, careful]
    amounts += [
        Amount(title, planned.commit_per_hour * share, planned.covered_on_demand_per_hour * share)
        for share, title in SHARES
    ]
    ordered = tuple(sorted(amounts, key=lambda amount: amount.commit_per_hour))
    best = np.array([best_level(term, future, months) for future in against])
    levels = np.array([amount.commit_per_hour for amount in ordered])
    saving = np.stack([saved_by_month(term, levels, future, months).sum(axis=0) for future in against], axis=1)
    hindsight = np.array(
        [
            float(saved_by_month(term, np.array([level]), future, months).sum())
            for level, future in zip(best, against, strict=True)
        ]
    )
    top = np.maximum(hindsight, saving.max(axis=0))
    return RegretTable(term.term, ordered, tuple(future.title for future in against), saving, top - saving, best)
