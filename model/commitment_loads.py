"""The loads of an outcome's pools: usage levers run at some demands, with the plan's settings as decided."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from model import horizon
from model.behaviour.commitment_curve import paid_ratio
from model.changes import PRODUCTS
from model.commitment_ahead import bought_since_per_hour, standing_share
from model.commitment_load import Load, TermLoad
from model.commitment_rates import price_base
from model.commitment_resources import offered, pool_of, resource_of
from model.forward_costs import SameOutcome, pinned
from model.horizon import HORIZON_MONTHS
from model.kinds import RATE_CLASS_OF_KIND
from model.levers.commitments import fill_order
from model.levers.pool_hours import calendar_hours, pool_usage
from model.levers.resource_purchase import after_resources
from model.outcome import RATE_LEVER, moved_levers, parameters, usage_run
from model.pools import pool_name, prices_by_slot

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from model.bill import Bill, Pool
    from model.outcome import Outcome
    from model.parameter import Values

    Floats = NDArray[np.float64]

SAME_DEMAND: Final = 1e-9
STRAIGHT: Final = 1e-6
"""Share of a pool's usage by which hours may miss a straight line between two demands that were run."""
LADDER_MONTHS: Final = 72
"""Months that loads reach ahead: so far, whatever starts within the horizon has ended."""


@dataclass(frozen=True, eq=False)
class Workload:
    """The largest workload of a pool: its share, and what stays of each class and hour without it (K, C)."""

    title: str
    share: float
    kept: Floats


def loads_of(outcome: Outcome) -> tuple[Load, ...]:
    """The load of every pool that can be planned, at demands that the scenario's growth may reach in six years."""
    return _loads(SameOutcome(outcome))


def term_load(outcome: Outcome, load: Load, term: str, workload: Workload | None = None) -> TermLoad | None:
    """The curves of a load at one term's discounts; None where nothing is offered."""
    bill = outcome.bill
    values, resource = outcome.scenario.values(parameters(bill)), resource_of(bill, load.name)
    base = price_base(values, resource.source if resource is not None else load.name)
    discounts = offered(bill, pool_of(bill, load.name), load.classes, term, base)
    rows = [k for k, key in enumerate(load.classes) if key in discounts]
    if not rows:
        return None
    shares = np.unique(load.standing)
    kept = None if workload is None else workload.kept
    states = [(float(share), None) for share in shares] + ([] if kept is None else [(float(s), kept) for s in shares])
    state = np.searchsorted(shares, load.standing).astype(np.int64)
    return TermLoad(
        load=load,
        term=term,
        discounts=discounts,
        rows=tuple(rows),
        mean_paid=_mean_paid(load, rows, [paid_ratio(discounts[load.classes[k]]) for k in rows]),
        states=tuple(states),
        state=state,
        without=state if kept is None else state + len(shares),
    )


def _mean_paid(load: Load, rows: list[int], paid: list[float]) -> float:
    """1 − d̄ by today's usage; exact where one rate is in use."""
    used = load.left(int(np.argmin(abs(load.demand - 1.0))), float(load.standing[0]))[rows].sum(axis=1)
    in_use = {ratio for ratio, amount in zip(paid, used.tolist(), strict=True) if amount > 0.0}
    if len(in_use) > 1:
        return float(used @ np.array(paid)) / float(used.sum())
    return next(iter(in_use), min(paid))


def largest_workload(outcome: Outcome, load: Load) -> Workload | None:
    """The resource that costs most in a pool after the levers; None where the bill tells no resources apart."""
    bill = outcome.bill
    run = usage_run(bill, _values(outcome))
    changed = {(id(c.resource), c.kind): c.usage for _, result in run.results for c in result.usage}
    series: dict[str, Floats] = {}
    for resource in (each for group in bill.resources.values() for each in group):
        title = f"{resource.name} ({PRODUCTS.get(resource.lever, resource.lever)})"
        for kind in resource.usage:
            pool, rate_class = RATE_CLASS_OF_KIND.get(kind, ("", ""))
            if pool_name(pool, resource.region) == load.name and rate_class in load.classes:
                usage = changed.get((id(resource), kind), resource.usage[kind])
                own = series.setdefault(title, np.zeros((len(load.classes), len(bill.hours))))
                own[load.classes.index(rate_class)] += usage * prices_by_slot(bill, resource, kind)
    if len(series) < 2:
        return None
    title, most = max(series.items(), key=lambda item: float(item[1].sum()))
    today = load.hours[int(np.argmin(abs(load.demand - 1.0)))]
    taken = np.divide(calendar_hours(bill.hours).fold(most), today, out=np.zeros_like(today), where=today > 0.0)
    kept = np.clip(1.0 - taken, 0.0, 1.0)
    return Workload(title, 1.0 - float((today * kept).sum() / max(float(today.sum()), 1e-12)), kept)


@lru_cache(maxsize=8)
def _loads(same: SameOutcome) -> tuple[Load, ...]:
    outcome = same.outcome
    bill, values = outcome.bill, _values(outcome)
    units = {plan.name: plan.units for plan in outcome.pools if plan.units}
    runs = _Runs(bill, values, units)
    ends = runs.at(1.0)
    spend = [p for p in bill.pools if p.has_hours and (p.eligible or p.covered or ends.get(p.name))]
    pools = [*(pool_of(bill, name) for name in units), *spend]
    assumed = _assumed_demand(values)
    for node in _between_ends(values, assumed):
        runs.at(node)
    runs.fill(assumed, pools)
    return tuple(_load(bill, pool, values, assumed, runs) for pool in pools)


class _Runs:
    """Usage levers run at some demands: on-demand amounts per pool and rate class, as asked for.

    ``units`` are those of the resource commitments that are bought, whose cover is taken out of the spend pools.
    """

    def __init__(self, bill: Bill, values: Values, units: Mapping[str, int]) -> None:
        self.bill, self.values, self.units = bill, values, units
        self.found: dict[float, Mapping[str, Mapping[str, Floats]]] = {}
        self.hours: dict[tuple[float, str], Floats] = {}

    def at(self, demand: float) -> Mapping[str, Mapping[str, Floats]]:
        """What a run at this demand leaves to cover."""
        if demand not in self.found:
            eligible = usage_run(self.bill, self.values, demand).eligible
            self.found[demand] = after_resources(self.bill, self.units, eligible)
        return self.found[demand]

    def of(self, pool: Pool, demand: float) -> Floats:
        """Calendar hours of a pool at a demand (K, C)."""
        key = (demand, pool.name)
        if key not in self.hours:
            usage = pool_usage(self.bill, pool, self.at(demand).get(pool.name, {}))
            self.hours[key] = calendar_hours(self.bill.hours).fold(usage.after)
        return self.hours[key]

    def fill(self, demand: Floats, pools: Sequence[Pool]) -> None:
        """Halve a path of demands until the middle of each stretch lies between its ends, hour by hour."""
        path = np.unique(demand).tolist()
        open_ = [(0, len(path) - 1)]
        while open_:
            low, high = open_.pop()
            for end in (low, high):
                self.at(path[end])
            middle = (low + high) // 2
            if middle == low:
                continue
            self.at(path[middle])
            weight = (path[middle] - path[low]) / (path[high] - path[low])
            if high - low == len(path) - 1 or any(
                self._miss(pool, path[low], path[middle], path[high], weight) for pool in pools
            ):
                open_ += [(low, middle), (middle, high)]

    def _miss(self, pool: Pool, low: float, middle: float, high: float, weight: float) -> bool:
        at = self.of(pool, middle)
        guess = self.of(pool, low) * (1.0 - weight) + self.of(pool, high) * weight
        return float(np.abs(at - guess).sum()) > STRAIGHT * float(at.sum())


def _values(outcome: Outcome) -> Values:
    """Settings as decided, without commitments."""
    levers = frozenset(lever for lever in moved_levers(outcome.bill, outcome.scenario) if lever != RATE_LEVER)
    return pinned(outcome).values(parameters(outcome.bill), levers)


def _assumed_demand(values: Values) -> Floats:
    """Demand now and in every month of the assumed growth, ascending."""
    growth = values.number(horizon.GROWTH)
    return np.unique(np.append((1.0 + growth) ** (np.arange(1, HORIZON_MONTHS + 1) / 12.0), 1.0))


def _between_ends(values: Values, assumed: Floats) -> list[float]:
    """Some demands between the ends that growth may reach, apart from those that are assumed."""
    growth, chosen = values.number(horizon.GROWTH), values.by_key.get(horizon.GROWTH)
    bounds = [growth, *((chosen.low, chosen.high) if chosen is not None else ())]
    ends = [(1.0 + bound) ** (HORIZON_MONTHS / 12) for bound in bounds if bound is not None]
    low, high = min(1.0, *ends), max(1.0, *ends)
    between = np.unique(np.concatenate([np.geomspace(low, 1.0, 3), np.geomspace(1.0, high, 4)]))
    return [node for node in between.tolist() if abs(assumed - node).min() > SAME_DEMAND]


def _load(bill: Bill, pool: Pool, values: Values, assumed: Floats, runs: _Runs) -> Load:
    calendar = calendar_hours(bill.hours)
    known = np.array(sorted(runs.found))
    usages = [pool_usage(bill, pool, runs.at(node).get(pool.name, {})) for node in known.tolist()]
    demand = np.unique(np.concatenate([known, assumed]))
    at_known = Load(
        name=pool.name,
        classes=usages[0].classes,
        fill_order=fill_order(values, pool.name),
        demand=known,
        hours=np.stack([calendar.fold(usage.after) for usage in usages]),
        covered=np.stack([calendar.fold(usage.covered_after) for usage in usages]),
        standing=standing_share(bill, pool, values, LADDER_MONTHS),
        bought_since=bought_since_per_hour(bill, pool, values),
        months=len(bill.months),
        is_units=resource_of(bill, pool.name) is not None,
    )
    parts = [at_known.usage_at(node) for node in demand.tolist()]
    return replace(
        at_known,
        demand=demand,
        hours=np.stack([hours for hours, _ in parts]),
        covered=np.stack([covered for _, covered in parts]),
    )
