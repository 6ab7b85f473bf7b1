"""Commitments in the months ahead: which are in force when, what new ones save, and what the end of standing ones does.

A standing commitment ends as its export says or as typed: from then on its fee is no longer due and what it covered is
paid at on-demand, with today's settings as with the plan. Rungs start and end in their months; a single commitment of
the window is renewed at the same fee.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from model import horizon
from model.behaviour.commitment_curve import covered_by_class
from model.commitment_ahead import standing_share
from model.commitment_loads import loads_of
from model.commitment_resources import pool_of
from model.forward_costs import SameOutcome
from model.horizon import HORIZON_MONTHS
from model.outcome import RATE_LEVER, evaluate, moved_levers, parameters
from model.scenario import Scenario

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from model.bill import Bill
    from model.commitment_load import Load
    from model.levers.commitment_plan import BoughtRung, PoolPlan
    from model.outcome import Outcome

    Floats = NDArray[np.float64]

AS_BILLED: Final = 1.0


@dataclass(frozen=True, eq=False)
class PoolAhead:
    """One pool: its usage with the plan (``load``) and with today's settings (``unchanged``), what stands, its rungs.

    ``shares`` (36,) is what of the bill's own commitments stands in each month, at most 1; ``fee_per_month`` their fee.
    """

    load: Load
    unchanged: Load
    rungs: tuple[BoughtRung, ...]
    shares: Floats
    fee_per_month: float

    def in_force(self, month: int) -> tuple[float, tuple[int, ...]]:
        """What tells months apart: the share that stands, and the rungs that run."""
        live = tuple(i for i, rung in enumerate(self.rungs) if rung.is_live(month))
        return float(self.load.standing[month]), live

    def saved(self, month: int, demand: float, price: float, kept: Floats | None = None) -> float:
        """Σ covered − fees of the rungs that run, a month; each covers what those before it leave.

        ``kept`` (K, C) is the share of the usage that is still there.
        """
        share, live = self.in_force(month)
        if not live:
            return 0.0
        most = max(1.0, price) if self.load.is_units else price
        hours = self.load.left_at(demand, share, kept) * most
        rungs = [self.rungs[i] for i in live]
        covered = _covered_in_turn(hours, self.load, rungs) * (price / most)
        return covered / self.load.months - sum(each.commit_per_hour for each in rungs) * self.load.hours_per_month

    def ended(self, load: Load, month: int, demand: float, price: float) -> float:
        """What is paid more a month since standing commitments ended: what they covered, less their fee."""
        share = float(self.shares[month])
        if share == AS_BILLED:
            return 0.0
        hours, covered = load.usage_at(demand)
        lost = np.minimum(hours * price, covered) - np.minimum(hours * price, covered * share)
        return float(lost.sum()) / load.months - (1.0 - share) * self.fee_per_month


@dataclass(frozen=True, eq=False)
class Ahead:
    """All pools in the months ahead; ``state`` (36,) numbers the months that differ in what is in force.

    ``is_as_billed`` is True where all months are as the window: nothing ends and nothing starts later.
    """

    pools: tuple[PoolAhead, ...]
    state: tuple[int, ...]
    is_as_billed: bool

    def saved(self, demand: Floats, price: Floats) -> Floats:
        """What new commitments save in each month (36,) at its demand and prices (36,)."""
        return _by_month(lambda each, *at: each.saved(*at), self.pools, demand, price)

    def ended(self, demand: Floats, price: Floats, *, is_plan: bool) -> Floats:
        """What the end of standing ones adds to each month (36,), on the usage of the plan or of today's settings."""
        return _by_month(
            lambda each, *at: each.ended(each.load if is_plan else each.unchanged, *at), self.pools, demand, price
        )

    def layers(self, month: int, demand: float, price: float) -> tuple[float, float, float]:
        """What one month adds to today's cost and to the usage saving, and what new commitments save in it."""
        now = sum(each.ended(each.unchanged, month, demand, price) for each in self.pools)
        then = sum(each.ended(each.load, month, demand, price) for each in self.pools)
        return now, now - then, sum(each.saved(month, demand, price) for each in self.pools)


def ahead(outcome: Outcome) -> Ahead:
    """The commitments of an outcome in the next 36 months; remembered by bill and scenario."""
    return _ahead(SameOutcome(outcome))


@lru_cache(maxsize=16)
def _ahead(same: SameOutcome) -> Ahead:
    outcome = same.outcome
    plans = {plan.name: plan for plan in outcome.pools}
    stands = _stands(outcome)
    shares = {name: np.minimum(share, AS_BILLED) for name, share in stands.items()}
    names = [name for name, plan in plans.items() if plan.rungs or (stands[name] != AS_BILLED).any()]
    growth = outcome.scenario.values(parameters(outcome.bill)).number(horizon.GROWTH)
    if not names or (growth == 0.0 and _is_as_window(plans, stands)):
        return Ahead((), (0,) * HORIZON_MONTHS, is_as_billed=True)
    loads = {load.name: load for load in loads_of(outcome)}
    today = loads if all((shares[name] == AS_BILLED).all() for name in names) else _unchanged(outcome, loads)
    pools = tuple(
        PoolAhead(loads[name], today[name], plans[name].rungs, shares[name], _fee_per_month(outcome.bill, name))
        for name in names
        if name in loads
    )
    keys = [tuple(each.in_force(month) for each in pools) for month in range(HORIZON_MONTHS)]
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    return Ahead(pools, tuple(numbers[key] for key in keys), _is_as_window(plans, stands))


def _is_as_window(plans: dict[str, PoolPlan], stands: dict[str, Floats]) -> bool:
    """Whether every month ahead has what the window has: one commitment a pool, renewed, and all that stands."""
    is_single = all(rung.is_renewed for plan in plans.values() for rung in plan.rungs)
    return is_single and all((share == AS_BILLED).all() for share in stands.values())


def _stands(outcome: Outcome) -> dict[str, Floats]:
    """What of the bill's own commitments stands by pool and month (36,): above 1 where more was bought since."""
    bill, values = outcome.bill, outcome.scenario.values(parameters(outcome.bill))
    return {
        plan.name: standing_share(bill, pool_of(bill, plan.name), values, HORIZON_MONTHS)
        if plan.existing.fee_per_hour > 0.0
        else np.ones(HORIZON_MONTHS)
        for plan in outcome.pools
    }


def _unchanged(outcome: Outcome, loads: dict[str, Load]) -> dict[str, Load]:
    """The loads with today's settings, which are the plan's own where no usage lever moves."""
    if not any(lever != RATE_LEVER for lever in moved_levers(outcome.bill, outcome.scenario)):
        return loads
    still = evaluate(outcome.bill, Scenario(assumptions=outcome.scenario.assumptions))
    return {load.name: load for load in loads_of(still)}


def _fee_per_month(bill: Bill, name: str) -> float:
    return float(sum(float(pool.fee.sum()) for pool in bill.pools if pool.name == name)) / len(bill.months)


def _covered_in_turn(hours: Floats, load: Load, rungs: Sequence[BoughtRung]) -> float:
    """On-demand units covered over all hours (K, C) by several commitments, one after the other."""
    left = hours.copy()
    for rung in rungs:
        rows = [k for k, key in enumerate(load.classes) if key in rung.rates]
        discounts = [rung.rates[load.classes[k]] for k in rows]
        left[rows] -= covered_by_class(left[rows], discounts, rung.commit_per_hour, load.fill_order)
    return float((hours - left).sum())


def _by_month(
    amount: Callable[[PoolAhead, int, float, float], float], pools: Sequence[PoolAhead], demand: Floats, price: Floats
) -> Floats:
    """Σ over pools by month; months that are alike are reckoned once."""
    found: dict[tuple[object, ...], float] = {}
    total = np.zeros(HORIZON_MONTHS)
    for each in pools:
        for month in range(HORIZON_MONTHS):
            at = (float(demand[month]), float(price[month]))
            key = (id(each), each.in_force(month), *at)
            if key not in found:
                found[key] = amount(each, month, *at)
            total[month] += found[key]
    return total
