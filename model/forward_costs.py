"""What the window costs at another demand and another level of prices, with settings and commitments as decided."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from model.commitment_ahead import bought_since_per_hour
from model.commitment_resources import pool_of
from model.growth import is_agreed, paid_for_use
from model.levers.cache_choice import REACHABLE
from model.levers.commitment_standing import Bought, standing, standing_units
from model.levers.commitments import fill_order
from model.levers.resource_purchase import after_resources
from model.money import NANOS
from model.outcome import RATE_LEVER, baseline, moved_levers, parameters, usage_run
from model.scenario import Scenario, best_match

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from model.bill import Bill
    from model.outcome import Outcome, UsageRun

    Floats = NDArray[np.float64]

CACHE_LEVER: Final = "cache"


@dataclass(frozen=True, eq=False)
class Decided:
    """A plan whose settings and commitments are fixed: ``levers`` are the moved usage levers in causal order.

    ``today`` is the outcome itself in currency units a month: now, after each lever in turn, after commitments (L+2,),
    without what is paid or given back once.
    """

    bill: Bill
    scenario: Scenario
    levers: tuple[str, ...]
    bought: tuple[Bought, ...]
    today: Floats

    @property
    def each_lever(self) -> tuple[int, ...]:
        """How many usage levers work at each step, from none to all."""
        return tuple(range(len(self.levers) + 1))

    @property
    def ends(self) -> tuple[int, ...]:
        """None, and all where there are any."""
        return (0, len(self.levers)) if self.levers else (0,)


class SameOutcome:
    """An outcome that equals another of the same bill and scenario, so that what follows from it is remembered."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome

    def __hash__(self) -> int:
        return hash((id(self.outcome.bill), self.outcome.scenario.fingerprint))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SameOutcome):
            return NotImplemented
        mine, theirs = self.outcome, other.outcome
        return mine.bill is theirs.bill and mine.scenario.fingerprint == theirs.scenario.fingerprint


def pinned(outcome: Outcome) -> Scenario:
    """The scenario with what it left to the model typed in as decided: amounts to commit, sizes of caches.

    A target or 'highest savings' would decide anew at every demand; a decision stays while demand moves. A cache's
    hit rate stays beside its size: as typed, or as reached where no size reaches it. Typed rungs stay as they are.
    """
    scenario = _with_reached_hit_ratios(outcome)
    sizes = {c.key: c.after for c in outcome.changes if c.lever == CACHE_LEVER and c.attribute == "size_gib"}
    for key, size in sizes.items():
        scenario = scenario.with_setting(key, size)
    pools = [pool for pool in outcome.pools if pool.term != "none" and all(rung.is_renewed for rung in pool.rungs)]
    if pools:
        scenario = _without_amounts(scenario)
    for key, amount in ((key, amount) for pool in pools for key, amount in pool.signed.items()):
        scenario = scenario.with_setting(key, amount)
    return scenario


def _with_reached_hit_ratios(outcome: Outcome) -> Scenario:
    """The scenario with targets that no size reaches lowered to what was reached; beside a typed size they stand."""
    scenario = outcome.scenario
    for limit in outcome.guardrails:
        if limit.name == REACHABLE and limit.passed is False:
            is_size_typed = best_match(f"{CACHE_LEVER}.{limit.resource}.size_gib", scenario.settings) is not None
            if not is_size_typed:
                scenario = scenario.with_setting(f"{CACHE_LEVER}.{limit.resource}.target_hit_ratio", limit.value)
    return scenario


def _without_amounts(scenario: Scenario) -> Scenario:
    amounts = ("covered_per_hour", "target_coverage_ratio", "target_utilisation_ratio", "plan")
    for key in scenario.settings:
        if key.startswith(f"{RATE_LEVER}.") and key.rpartition(".")[2] in amounts:
            scenario = scenario.with_setting(key, None)
    return scenario


def decided(outcome: Outcome) -> Decided:
    """The plan of an outcome as it would be signed."""
    bill, scenario = outcome.bill, pinned(outcome)
    values = outcome.scenario.values(parameters(bill))
    beside = {pool.name: bought_since_per_hour(bill, pool, values) for pool in bill.pools}
    bought = tuple(
        Bought(
            pool.name, pool.commit_per_hour, dict(pool.rates), fill_order(values, pool.name),
            beside.get(pool.name, 0.0), pool.units,
        )
        for pool in outcome.pools
        if pool.is_planned
    )  # fmt: skip
    levers = tuple(lever for lever in moved_levers(bill, outcome.scenario) if lever != RATE_LEVER)
    steps = [lever.in_sequence_nanos for lever in outcome.levers]
    steps = steps if RATE_LEVER in {lever.lever for lever in outcome.levers} else [*steps, 0]
    today = outcome.baseline.total.headline - np.cumsum(np.array([0, *steps], dtype=object))
    recurring = today.astype(np.float64) / NANOS - paid_once(bill)
    return Decided(bill, scenario, levers, bought, recurring / len(bill.months))


def paid_once(bill: Bill, demand: float = 1.0, price: float = 1.0) -> float:
    """What the window holds of refunds and corrections that come once, in currency units, as these scale it.

    Lines of use are scaled with what they stand among; agreed and adjusted amounts are not.
    """
    scale = demand * price
    return sum(
        each.nanos * (scale if each.kind or (each.charge_class == "usage" and not is_agreed(each.service)) else 1.0)
        for each in bill.one_offs
    ) / NANOS  # fmt: skip


def costs_at(
    plan: Decided, scenario: Scenario, demand: float, prices: Sequence[float], lever_counts: Sequence[int]
) -> Floats:
    """Headline cost a month in currency units at one demand and some price levels: (P, N+1).

    One step for each of ``lever_counts`` (the first n usage levers active), then the last of them with commitments.
    ``scenario`` is the plan's own, or it with other assumptions. Prices move what is paid for use, at on-demand; fees
    of commitments stay, and existing ones cover as many currency units as before.
    """
    bill, known = plan.bill, parameters(plan.bill)
    runs = [
        usage_run(bill, scenario.values(known, frozenset(plan.levers[:n])), demand)
        if n
        else _unchanged(bill, Scenario(assumptions=scenario.assumptions), demand)
        for n in lever_counts
    ]
    once = [paid_once(bill, demand, price) for price in prices]
    steps: Floats = np.array([_steps(plan, runs, price) for price in prices]) - np.array(once)[:, None]
    return steps / len(bill.months)


@lru_cache(maxsize=128)
def _unchanged(bill: Bill, assumed: Scenario, demand: float) -> UsageRun:
    """Today's settings at a demand: every plan of the same assumptions is held against them."""
    return usage_run(bill, assumed.values(parameters(bill)), demand)


def _steps(plan: Decided, runs: Sequence[UsageRun], price: float) -> list[float]:
    bill = plan.bill
    now, use = baseline(bill).total.headline / NANOS, paid_for_use(bill) / NANOS
    steps, saving = [], 0.0
    bought = {each.pool: each for each in plan.bought}
    units = {each.pool: each.units for each in plan.bought if each.units}
    for i, run in enumerate(runs):
        is_last = i == len(runs) - 1
        eligible = after_resources(bill, units, run.eligible) if is_last else run.eligible
        found = [
            standing(
                bill, pool, bought.get(pool.name) if is_last else None,
                {key: amounts * price for key, amounts in eligible.get(pool.name, {}).items()},
            )
            for pool in bill.pools
        ]  # fmt: skip
        found += [
            standing_units(bill, pool_of(bill, name), bought[name], eligible[name], price) for name in units if is_last
        ]
        more = sum(delta.costs.headline for delta in run.deltas) / NANOS
        steps.append(now + (price - 1.0) * use + price * more + sum(each.stranded for each in found))
        saving = sum(each.saving for each in found)
    return [*steps, steps[-1] - saving]
