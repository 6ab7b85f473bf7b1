"""The demo's credits: free allowances, re-counted per Pacific day or month, and one promotion that ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from data.sources.demo.calendar import calendar
from data.sources.demo.company import PROMOTION_MONTH, PROMOTION_NANOS
from data.sources.demo.lines import counted_before, portion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from data.sources.demo.lines import Line


def free_tier_nanos(lines: Sequence[Line]) -> list[NDArray[np.int64]]:
    """Return each line's FREE_TIER credit per row, as a negative amount at the row's own price.

    The first rows of a period, in time order over all lines that share the allowance, use it up. Corrections take none.
    """
    credits_of = [np.zeros(len(line.nanos), dtype=np.int64) for line in lines]
    pools: dict[tuple[str, str], list[int]] = {}
    for i, line in enumerate(lines):
        if line.sku.free and line.project and line.adjustment is None:
            owner = line.project.id if line.sku.free.per_project else ""
            pools.setdefault((line.sku.free.pool, owner), []).append(i)
    for members in pools.values():
        for i, amount in zip(members, _pool_credits([lines[i] for i in members]), strict=True):
            credits_of[i] = amount
    return credits_of


def _pool_credits(lines: list[Line]) -> list[NDArray[np.int64]]:
    allowance = lines[0].sku.free
    if allowance is None:
        return []
    hour, usage = np.concatenate([line.hour for line in lines]), np.concatenate([line.usage for line in lines])
    order = np.argsort(hour, kind="stable")
    clock = calendar().pacific_day if allowance.period == "day" else calendar().invoice_month
    before = np.empty(len(usage))
    before[order] = counted_before(usage[order], clock[hour[order]])
    free = portion(before, usage, 0.0, allowance.quantity)
    price = np.concatenate([np.full(len(line.hour), line.sku.price_nanos / line.sku.per) for line in lines])
    nanos = -np.rint(free * price).astype(np.int64)
    return np.split(nanos, np.cumsum([len(line.hour) for line in lines])[:-1])


def promotion_nanos(
    cost: NDArray[np.int64], free: NDArray[np.int64], month: NDArray[np.int64], order: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the promotion per row (negative): it pays what the first rows of its month leave, until it is used up."""
    payable = np.where(month == PROMOTION_MONTH, np.maximum(0, cost + free), 0)[order]
    used = np.minimum(np.cumsum(payable), PROMOTION_NANOS)
    amount = np.empty_like(cost)
    amount[order] = -np.diff(used, prepend=0)
    return amount
