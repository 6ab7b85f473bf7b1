"""Commitment plans → deltas by month, product and project: fees against what they cover, and what is stranded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from model.costs import Costs
from model.money import apportion, to_nanos
from model.pools import pool_name
from model.repricing import Delta

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from model.bill import Bill
    from model.levers.commitments import PoolPlan

STRANDED = "stranded commitment: covered before − covered after"
Place = tuple[str, str]  # product, project


def rate_deltas(bill: Bill, pools: Iterable[PoolPlan], usage_deltas: Sequence[Delta]) -> list[Delta]:
    """New commitments change what is paid, never usage or on-demand cost; stranded ones give back a usage saving.

    Amounts are spread over the products and projects of the pool by their on-demand cost after the usage levers.
    """
    months = range(len(bill.months))
    return [delta for pool in pools for m in months for delta in _of_month(bill, pool, m, usage_deltas)]


def _of_month(bill: Bill, pool: PoolPlan, m: int, usage_deltas: Sequence[Delta]) -> list[Delta]:
    saving, stranded = to_nanos(float(pool.saving_by_month[m])), to_nanos(float(pool.stranded_by_month[m]))
    if not saving and not stranded:
        return []
    weights = _weights(bill, pool, m, usage_deltas)
    new = _spread(pool, m, -saving, weights, "commitment fee − on-demand cost that it covers", pool.discount_source)
    lost = _spread(pool, m, stranded, weights, STRANDED, "this bill's rows")
    return new + lost


def _spread(pool: PoolPlan, m: int, total: int, weights: dict[Place, float], formula: str, source: str) -> list[Delta]:
    if not total:
        return []
    parts = apportion(total, list(weights.values()))
    return [
        Delta(
            "commitments", m, product, project, pool.region, pool.name, f"commitment.{pool.pool}",
            Costs(net=part, effective=part, headline=part, cost=part), "modelled", formula, source,
        )
        for (product, project), part in zip(weights, parts, strict=True) if part
    ]  # fmt: skip


def _weights(bill: Bill, pool: PoolPlan, m: int, usage_deltas: Sequence[Delta]) -> dict[Place, float]:
    """On-demand cost after the usage levers by product and project of the pool, in one month."""
    text, lines = bill.lines.text, bill.lines
    inside = (lines.month_index == m) & (text["pool"] == pool.pool)
    if pool.name != pool.pool:
        inside &= text["region"] == pool.region
    weights: dict[Place, float] = {}
    for row in np.flatnonzero(inside):
        place = (str(text["product"][row]), str(text["project"][row] or ""))
        weights[place] = weights.get(place, 0.0) + float(lines.on_demand_nanos[row])
    for delta in usage_deltas:
        place = (delta.product, delta.project)
        if delta.month_index == m and place in weights and pool_name(pool.pool, delta.region) == pool.name:
            weights[place] += float(delta.costs.on_demand)
    kept = {place: max(0.0, weight) for place, weight in weights.items()}
    return kept or {("Commitments", ""): 1.0}
