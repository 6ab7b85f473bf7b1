"""Growth of what no lever owns: usage follows demand; what is agreed, charged once or charged by share does not.

Follows demand: usage lines (of any product that no lever reprices). Stays: commitment fees, purchases, support,
subscriptions, corrections, rounding. Tax follows the net that it is levied on, on its own line.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from model.costs import Costs
from model.kinds import RATE_CLASS_OF_KIND
from model.levers.registry import LEVERS
from model.pools import add_to_pool, on_demand_by_pool, prices_by_slot
from model.repricing import FREE_TIER, Delta, paid_when_uncovered

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from model.bill import Bill
    from model.pools import Series

    Place = tuple[int, str, str, str]  # month index, product, project, region

LEVER: Final = "growth"
FORMULA: Final = "actual × (growth of demand − 1); free tier up to what it gave"
SOURCE: Final = "this bill's own rows"
_AGREED: Final = ("support", "subscription")
"""Words of services that are paid by agreement, not by use."""


@dataclass(frozen=True, eq=False)
class Grown:
    """Lines that follow demand (N,), by place (P).

    ``costs`` are list, on-demand and gross cost; ``paid`` is what they would be paid at on-demand before the free tier,
    which gave ``free``.
    """

    places: tuple[Place, ...]
    place: NDArray[np.int64]
    costs: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]
    paid: NDArray[np.int64]
    free: NDArray[np.int64]

    def by_place(self, amounts: NDArray[np.floating]) -> list[int]:
        """Sums of amounts (N,) per place, in whole nanos."""
        return [round(total) for total in np.bincount(self.place, amounts, len(self.places)).tolist()]


def follows_use(bill: Bill) -> NDArray[np.bool_]:
    """Lines whose cost is a price times a usage (N,): what demand and unit prices can move."""
    text = bill.lines.text
    is_use = (text["charge_class"] == "usage") & (text["fee_of"] == "")
    services, code = np.unique(text["service"].astype(str), return_inverse=True)
    agreed = np.array([is_agreed(service) for service in services], dtype=bool)
    follows: NDArray[np.bool_] = is_use & ~agreed[code] if len(services) else is_use.astype(bool)
    return follows


def is_agreed(service: str) -> bool:
    """Whether a service is paid by agreement, not by use."""
    return any(word in service.lower() for word in _AGREED)


def growth_deltas(bill: Bill, demand: float) -> list[Delta]:
    """What lines that no lever owns cost more at ``demand`` times today's usage, per month, product and project."""
    if demand == 1.0:
        return []
    grown, more = _grown(bill), demand - 1.0
    free_now = np.minimum(grown.free, np.maximum(grown.paid, 0.0))
    free_then = np.minimum(grown.free, np.maximum(demand * grown.paid, 0.0))
    amounts = [grown.by_place(more * part) for part in grown.costs]
    paid = grown.by_place(more * grown.paid - (free_then - free_now))
    return [
        Delta(LEVER, month, product, project, region, "", "", _costs(*grown_by), "modelled", FORMULA, SOURCE)
        for (month, product, project, region), *grown_by in zip(grown.places, *amounts, paid, strict=True)
        if any(grown_by)
    ]


def _costs(on_list: int, on_demand: int, cost: int, net: int) -> Costs:
    return Costs(on_list, on_demand, cost, net, net, net)


def grown_pools(bill: Bill, demand: float) -> Series:
    """On-demand amounts (H,) per pool and rate class with what no lever's resource holds at ``demand``."""
    before = on_demand_by_pool(bill)
    if demand == 1.0:
        return before
    rest = _unowned_pools(bill)
    return {
        name: {key: amounts + (demand - 1.0) * rest[name][key] for key, amounts in series.items()}
        for name, series in before.items()
    }


@lru_cache(maxsize=8)
def _unowned_pools(bill: Bill) -> Series:
    owned: Series = {pool.name: {} for pool in bill.pools}
    for resource in (resource for lever in LEVERS for resource in bill.of(lever.key)):
        for kind, usage in resource.usage.items():
            if pool_class := RATE_CLASS_OF_KIND.get(kind):
                add_to_pool(owned, pool_class, resource.region, usage * prices_by_slot(bill, resource, kind))
    return {
        name: {key: np.maximum(amounts - owned[name].get(key, 0.0), 0.0) for key, amounts in series.items()}
        for name, series in on_demand_by_pool(bill).items()
    }


def paid_for_use(bill: Bill) -> float:
    """What lines that follow use would be paid without commitments, after free tier, in nanos: what prices move.

    Lines of levers are in it too.
    """
    rows = np.flatnonzero(follows_use(bill))
    paid = paid_when_uncovered(bill)[rows].astype(np.float64)
    return float((paid - np.minimum(_free(bill)[rows], np.maximum(paid, 0.0))).sum())


@lru_cache(maxsize=8)
def _grown(bill: Bill) -> Grown:
    mask = follows_use(bill)
    mask[_owned(bill)] = False
    rows, lines = np.flatnonzero(mask), bill.lines
    columns = [lines.text[name][rows] for name in ("product", "project", "region")]
    seen: dict[Place, int] = {}
    place = [
        seen.setdefault((month, str(product or ""), str(project or ""), str(region or "")), len(seen))
        for month, product, project, region in zip(lines.month_index[rows].tolist(), *columns, strict=True)
    ]
    costs = (lines.list_nanos[rows], lines.on_demand_nanos[rows], lines.cost_nanos[rows])
    return Grown(tuple(seen), np.array(place, np.int64), costs, paid_when_uncovered(bill)[rows], _free(bill)[rows])


def _free(bill: Bill) -> NDArray[np.int64]:
    credit = bill.lines.credits.get(FREE_TIER)
    return np.zeros(len(bill.lines), np.int64) if credit is None else np.maximum(-credit, 0)


def _owned(bill: Bill) -> NDArray[np.int64]:
    """Lines that a lever reprices."""
    found: Iterable[NDArray[np.int64]] = (
        rows for lever in LEVERS for resource in bill.of(lever.key) for rows in resource.rows.values()
    )
    return np.concatenate([np.empty(0, np.int64), *found])
