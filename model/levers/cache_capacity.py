"""What a Memorystore for Redis instance costs by size: the whole instance bills at the price of its size class.

So price is not monotonic in size: 4 GiB Basic at 0.049 cost more than 5 GiB at 0.027. A size that a larger, cheaper one
dominates is never recommended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from model.prices import unit_price

if TYPE_CHECKING:
    from model.bill import Bill

SIZE_CLASSES: Final = ((1, 4, "M1"), (5, 10, "M2"), (11, 35, "M3"), (36, 100, "M4"), (101, 300, "M5"))
"""First GiB, last GiB, class (Memorystore for Redis capacity SKUs)."""
TIERS: Final = ("basic", "standard")


def size_class(size_gib: float) -> str:
    """The class that a size bills at; '' where there is no such size.

    >>> size_class(4), size_class(5), size_class(301)
    ('M1', 'M2', '')
    """
    return next((name for first, last, name in SIZE_CLASSES if first <= size_gib <= last), "")


def capacity_kind(tier: str) -> str:
    """Usage kind of a tier."""
    return f"memorystore.{tier}.capacity"


def price_key(tier: str, size_gib: float) -> str:
    """The price book's key of a tier at a size."""
    return f"{capacity_kind(tier)}@{size_class(size_gib)}"


def cost_per_hour(bill: Bill, tier: str, size_gib: float, region: str) -> float | None:
    """Cost of an instance per hour in the bill's currency; 0 for no size, None where the price is not known."""
    if size_gib <= 0.0:
        return 0.0
    price = unit_price(bill, capacity_kind(tier), region, price_key(tier, size_gib))
    return None if price is None else price.on_demand * size_gib


def cheapest_size_at_least(bill: Bill, tier: str, size_gib: float, region: str) -> float:
    """The cheapest whole size that is no smaller: the size itself, or the first GiB of a larger class.

    Where prices are not known, the size itself.
    """
    candidates = [size_gib, *(float(first) for first, _, _ in SIZE_CLASSES if first > size_gib)]
    priced = [(cost, size) for size in candidates if (cost := cost_per_hour(bill, tier, size, region)) is not None]
    return min(priced)[1] if priced and size_gib > 0.0 else size_gib
