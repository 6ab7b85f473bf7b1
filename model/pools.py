"""Commitment pools after the usage levers: what could be covered, hour by hour."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from model.kinds import RATE_CLASS_OF_KIND
from model.prices import NANOS, unit_price
from model.repricing import by_month

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from model.bill import Bill, Pool, Resource
    from model.lever import NewUsage, UsageChange

REGIONAL_POOLS = ("cloud_sql", "bigquery")
LARGE_REDIS = ("@M2", "@M3", "@M4", "@M5")
"""Size classes of 5 GiB and more: the ones that a Memorystore commitment covers."""

Series = dict[str, dict[str, "NDArray[np.float64]"]]


def eligible_after(
    bill: Bill,
    changes: list[tuple[str, UsageChange]],
    fresh: list[tuple[str, NewUsage]],
    before: Series | None = None,
) -> Series:
    """On-demand amounts (H,) per pool and rate class, covered or not, after the changes; never negative.

    ``before`` is what they are changes of: the bill's own amounts where it is not given.
    """
    after = {name: dict(series) for name, series in (before or on_demand_by_pool(bill)).items()}
    for _, change in changes:
        pool_class = RATE_CLASS_OF_KIND.get(change.kind)
        if pool_class:
            add_to_pool(after, pool_class, change.resource.region, _on_demand_shift(bill, change))
    for _, usage in fresh:
        pool_class = _class_of_new(usage)
        price = unit_price(bill, usage.kind, usage.region, usage.price_key)
        if pool_class and price:
            add_to_pool(after, pool_class, usage.region, usage.usage * price.on_demand)
    return {name: {key: np.maximum(v, 0.0) for key, v in series.items()} for name, series in after.items()}


def pool_name(pool: str, region: str) -> str:
    """The name of a pool in scenario keys; regional pools carry their region."""
    return f"{pool}-{region}" if pool in REGIONAL_POOLS and region else pool


def on_demand_by_pool(bill: Bill) -> Series:
    """On-demand amounts (H,) of the bill per pool and rate class, covered or not."""
    return {pool.name: _before(pool) for pool in bill.pools}


def _before(pool: Pool) -> dict[str, NDArray[np.float64]]:
    zero = np.zeros(len(pool.fee))
    classes = {**pool.eligible, **pool.covered}
    return {key: pool.eligible.get(key, zero) + pool.covered.get(key, zero) for key in classes}


def add_to_pool(after: Series, pool_class: tuple[str, str], region: str, shift: NDArray[np.float64]) -> None:
    """Add on-demand amounts (H,) to a pool and rate class, where the bill has that pool."""
    pool, rate_class = pool_class
    series = after.get(pool_name(pool, region))
    if series is not None:
        series[rate_class] = series.get(rate_class, 0.0) + shift


def _class_of_new(usage: NewUsage) -> tuple[str, str] | None:
    if usage.kind.startswith("memorystore."):
        return ("memorystore", "memorystore") if usage.price_key.endswith(LARGE_REDIS) else None
    return RATE_CLASS_OF_KIND.get(usage.kind)


@lru_cache(maxsize=512)
def _on_demand_shift(bill: Bill, change: UsageChange) -> NDArray[np.float64]:
    """Memoised, since most plans hand out most changes again."""
    old = change.resource.hourly(change.kind, len(bill.hours))
    return (change.usage - old) * prices_by_slot(bill, change.resource, change.kind)


@lru_cache(maxsize=1024)
def prices_by_slot(bill: Bill, resource: Resource, kind: str) -> NDArray[np.float64]:
    """On-demand price per unit of the resource's own rows in each month (H,), else the price of the kind."""
    rows = resource.rows.get(kind, np.empty(0, np.int64))
    cost = np.bincount(bill.lines.month_index[rows], bill.lines.on_demand_nanos[rows] * NANOS, len(bill.months))
    usage = by_month(bill, resource.hourly(kind, len(bill.hours)))
    price = unit_price(bill, kind, resource.region)
    fallback = price.on_demand if price else 0.0
    monthly = np.divide(cost, usage, out=np.full(len(bill.months), fallback), where=usage > 0)
    slots: NDArray[np.float64] = monthly[bill.hours.month_index]
    return slots
