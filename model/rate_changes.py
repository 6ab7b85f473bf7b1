"""Commitment plans → deltas by month, product and project: fees against what they cover, and what is stranded."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from model.commitment_resources import resource_of
from model.costs import Costs
from model.money import apportion, to_nanos
from model.pools import pool_name
from model.repricing import Delta

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from model.bill import Bill
    from model.commitment_resources import ResourcePool
    from model.levers.commitments import PoolPlan

BOUGHT = "commitment fee that finds usage − on-demand cost that it covers"
UNUSED = "commitment fee that finds no usage"
UNUSED_PRODUCT = "Commitments"
STRANDED = "stranded commitment: covered before − covered after"
Place = tuple[str, str]  # product, project


def rate_deltas(bill: Bill, pools: Iterable[PoolPlan], usage_deltas: Sequence[Delta]) -> list[Delta]:
    """New commitments change what is paid, never usage or on-demand cost; stranded ones give back a usage saving.

    Amounts are spread over the products and projects of the pool by their on-demand cost after the usage levers. A fee
    that finds no usage stays on a line of its own, as it does in the bill: no project bears it. What is stranded is
    credit (or fee offset) that no longer comes, so it leaves the gross cost alone.
    """
    months = range(len(bill.months))
    return [delta for pool in pools for m in months for delta in _of_month(bill, pool, m, usage_deltas)]


def headline_of(pool: PoolPlan) -> int:
    """Σ headline nanos of what ``rate_deltas`` answers for a pool, without its lines."""
    amounts = (-pool.saving_by_month, pool.stranded_by_month)
    return sum(to_nanos(amount) for by_month in amounts for amount in by_month.tolist())


def _of_month(bill: Bill, pool: PoolPlan, m: int, usage_deltas: Sequence[Delta]) -> list[Delta]:
    saving, stranded = to_nanos(float(pool.saving_by_month[m])), to_nanos(float(pool.stranded_by_month[m]))
    if not saving and not stranded:
        return []
    weights = place_weights(bill, pool, m, usage_deltas)
    unused = to_nanos(float(pool.unused_by_month[m]))
    bought = [_paid(part) for part in _parts(-saving - unused, weights)]
    lost = [Costs(net=part, effective=part, headline=part) for part in _parts(stranded, weights)]
    return [
        *_spread(pool, m, weights, bought, BOUGHT, pool.discount_source),
        *_spread(pool, m, {(UNUSED_PRODUCT, ""): 1.0}, [_paid(unused)], UNUSED, pool.discount_source),
        *_spread(pool, m, weights, lost, STRANDED, "this bill's rows"),
    ]


def _paid(nanos: int) -> Costs:
    return Costs(cost=nanos, net=nanos, effective=nanos, headline=nanos)


def _parts(total: int, weights: Mapping[Place, float]) -> list[int]:
    return apportion(total, list(weights.values())) if total else []


def _spread(
    pool: PoolPlan, m: int, weights: Mapping[Place, float], parts: Sequence[Costs], formula: str, source: str
) -> list[Delta]:
    kind = f"commitment.{pool.pool}"
    return [
        Delta("commitments", m, product, project, pool.region, pool.name, kind, costs, "modelled", formula, source)
        for (product, project), costs in zip(weights, parts, strict=False)
        if costs.net
    ]


def place_weights(bill: Bill, pool: PoolPlan, m: int, usage_deltas: Sequence[Delta]) -> dict[Place, float]:
    """On-demand cost after the usage levers by product and project of the pool, in one month."""
    if (resource := resource_of(bill, pool.name)) is not None:
        own = _on_demand_of_resource(bill, resource, m)
        return own or {(UNUSED_PRODUCT, ""): 1.0}
    weights = dict(_on_demand_by_place(bill).get((pool.name, m), {}))
    for delta in usage_deltas:
        place = (delta.product, delta.project)
        if delta.month_index == m and place in weights and pool_name(pool.pool, delta.region) == pool.name:
            weights[place] += float(delta.costs.on_demand)
    kept = {place: max(0.0, weight) for place, weight in weights.items()}
    return kept or {(UNUSED_PRODUCT, ""): 1.0}


def _on_demand_of_resource(bill: Bill, resource: ResourcePool, m: int) -> dict[Place, float]:
    """On-demand cost of the rows that a resource commitment covers, in one month, by product and project."""
    text, lines = bill.lines.text, bill.lines
    found: dict[Place, float] = {}
    rows = resource.rows(bill)
    for row in rows[lines.month_index[rows] == m].tolist():
        place = (str(text["product"][row]), str(text["project"][row] or ""))
        found[place] = found.get(place, 0.0) + float(lines.on_demand_nanos[row])
    return {place: max(0.0, amount) for place, amount in found.items()}


@lru_cache(maxsize=8)
def _on_demand_by_place(bill: Bill) -> dict[tuple[str, int], dict[Place, float]]:
    """On-demand cost of the bill's own lines by pool and month, then by product and project."""
    text, lines = bill.lines.text, bill.lines
    found: dict[tuple[str, int], dict[Place, float]] = {}
    for row in np.flatnonzero(text["pool"] != ""):
        name = pool_name(str(text["pool"][row]), str(text["region"][row] or ""))
        places = found.setdefault((name, int(lines.month_index[row])), {})
        place = (str(text["product"][row]), str(text["project"][row] or ""))
        places[place] = places.get(place, 0.0) + float(lines.on_demand_nanos[row])
    return found
