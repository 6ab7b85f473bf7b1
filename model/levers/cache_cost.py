"""What a cache costs: new capacity at its size class, or the bill's own rows of an existing one, resized."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from model.lever import LeverResult, NewUsage, PlanChange, UsageChange
from model.levers.cache_capacity import capacity_kind, cost_per_hour, price_key, size_class
from model.levers.cache_instance import LEVER
from model.levers.cache_parameters import asked_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from model.bill import Bill
    from model.levers.cache_choice import CacheChoice
    from model.levers.cache_instance import Cache
    from model.parameter import Value, Values

PRODUCT = "Memorystore for Redis"


def pricing_problem(bill: Bill, cache: Cache, choice: CacheChoice) -> str:
    """Why the cache cannot be priced, so that neither its cost nor what it saves counts; '' when it can."""
    if _keeps_price(cache, choice) or cost_per_hour(bill, choice.tier, choice.size_gib, cache.region) is not None:
        return ""
    return (
        f"{cache.name}: neither this bill nor the price book has a price for Redis {choice.tier} of "
        f"{choice.size_gib:g} GiB in {cache.region or 'its region'}, so neither its cost nor what it "
        "saves counts; load your price export."
    )


def cache_usage(bill: Bill, cache: Cache, choice: CacheChoice) -> LeverResult:
    """Changed usage of an existing cache, new usage of a new one or of one that changes class or tier."""
    if cache.resource is None:
        hours = bill.hours.is_calendar.astype(np.float64)
        formula = f"{choice.size_gib:g} GiB × hours, the whole instance in class {size_class(choice.size_gib)}"
        new = (_new(cache, choice, choice.size_gib * hours, formula),) if choice.size_gib else ()
        return LeverResult(new_usage=new)
    if (choice.size_gib, choice.tier) == (cache.size_gib, cache.tier):
        return LeverResult()
    ratio = choice.size_gib / cache.size_gib if cache.size_gib else 0.0
    formula = f"actual × {choice.size_gib:g} ÷ {cache.size_gib:g} GiB"
    kept = {kind: usage for kind, usage in cache.resource.usage.items() if usage.any()}
    factor = ratio if _keeps_price(cache, choice) else 0.0
    changes = tuple(
        UsageChange(cache.resource, kind, usage * factor, "modelled", formula) for kind, usage in kept.items()
    )
    if factor or not ratio:
        return LeverResult(usage=changes)
    total = np.asarray(np.sum([*kept.values()], axis=0), dtype=np.float64) * ratio
    return LeverResult(changes, (_new(cache, choice, total, f"{formula}, at the price of its class"),))


def cache_plan(cache: Cache, choice: CacheChoice, values: Values) -> tuple[PlanChange, ...]:
    """Size and tier as they come out; a new cache always states both, with its place."""
    is_new = cache.resource is None
    if is_new and not choice.size_gib:
        return ()
    changes: list[tuple[str, Value, Value, str, str]] = []
    if choice.size_gib != cache.size_gib and (choice.is_size_derived or is_new):
        changes.append(("size_gib", cache.size_gib, choice.size_gib, "GiB", "--size"))
    if is_new:
        changes.append(("tier", None, choice.tier, "", "--tier"))
        changes.append(("policy", None, asked_of(values, cache).policy, "", "--redis-config"))
    ttl_key = cache.key("ttl_s")
    if values.is_changed(ttl_key) and choice.size_gib:
        changes.append(("ttl_s", None if is_new else 0, values.get(ttl_key), "s", "SET key value EX seconds"))
    sliding_key = cache.key("ttl_sliding")
    if values.is_changed(sliding_key) and choice.size_gib:
        changes.append(("ttl_sliding", False, values.get(sliding_key), "", "EXPIRE key seconds, at each hit"))
    size = f"{cache.size_gib:g} → {choice.size_gib:g} GiB"
    reason = f"{size}, for a hit rate of {choice.hit_ratio:.1%}." if choice.size_gib else f"{size}: no cache is left."
    return tuple(
        PlanChange(
            LEVER, PRODUCT, cache.name, cache.project, cache.region, attribute, before, after, unit, flag,
            "online" if is_new or attribute.startswith("ttl") else "restart", reason, cache.key(attribute),
        )
        for attribute, before, after, unit, flag in changes
    )  # fmt: skip


def _keeps_price(cache: Cache, choice: CacheChoice) -> bool:
    """Whether the bill's own rows price the size: no cache, or an existing one within its class and tier."""
    is_same_class = size_class(choice.size_gib) == size_class(cache.size_gib) and choice.tier == cache.tier
    return not choice.size_gib or (cache.resource is not None and is_same_class)


def _new(cache: Cache, choice: CacheChoice, usage: NDArray[np.float64], formula: str) -> NewUsage:
    return NewUsage(
        PRODUCT, cache.project, cache.region, cache.name, capacity_kind(choice.tier),
        price_key(choice.tier, choice.size_gib), usage, "modelled", formula,
    )  # fmt: skip
