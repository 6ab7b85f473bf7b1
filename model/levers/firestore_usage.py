"""Firestore settings → usage: its own rows scaled, TTL deletes and what recovery keeps beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from model.kind_words import kind_words
from model.lever import NewUsage, UsageChange
from model.levers.firestore_parameters import DELETES, PITR, READS, STORAGE, WRITES, has_pitr
from model.prices import unit_price

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from model.bill import Bill, Resource

PRODUCT: Final = "Firestore"


class Refused(ValueError):  # noqa: N818
    """A change that cannot be judged or priced; the sentence says why and what would help."""


@dataclass(frozen=True)
class Factors:
    """What each kind is multiplied by, and TTL deletes per write of today."""

    reads: float
    writes: float
    deletes: float
    storage: float
    ttl_deletes_per_write: float = 0.0


def changes(bill: Bill, resource: Resource, factors: Factors, *, is_recovered: bool) -> list[UsageChange]:
    """Every kind whose usage moves; recovery bills the size of the database once more."""
    length = len(bill.hours)
    wanted: dict[str, tuple[float, str]] = {
        READS: (factors.reads, "reads × (1 − k·h) against today's"),
        WRITES: (factors.writes, "writes × (1 − exempted fields × their share)"),
        DELETES: (factors.deletes, "deletes"),
        STORAGE: (factors.storage, "storage × (1 − expired) × (1 − exempted fields × their share)"),
    }
    found = [
        UsageChange(resource, kind, resource.usage[kind] * factor, "modelled", f"actual × {factor:.6g}: {how}")
        for kind, (factor, how) in wanted.items()
        if factor != 1.0 and kind in resource.usage and resource.usage[kind].any()
    ]
    recovery = _recovery(bill, resource, factors.storage, is_recovered=is_recovered)
    today = resource.hourly(PITR, length)
    if not np.array_equal(recovery, today):
        _need_price(bill, resource, PITR if recovery.any() and not today.any() else "")
        formula = "the size of the database once more" if is_recovered else "0: recovery is off"
        found.append(UsageChange(resource, PITR, recovery, "modelled", formula))
    return found


def _recovery(bill: Bill, resource: Resource, storage: float, *, is_recovered: bool) -> NDArray[np.float64]:
    today = resource.hourly(PITR, len(bill.hours))
    if not is_recovered:
        return today * 0.0
    return (
        today * storage if today.any() or has_pitr(bill, resource) else resource.hourly(STORAGE, len(today)) * storage
    )


def ttl_deletes(bill: Bill, resource: Resource, factors: Factors) -> list[NewUsage]:
    """Deletes of what expires, at the rate it is created; they draw on no free tier, so they are usage of their own."""
    usage = resource.hourly(WRITES, len(bill.hours)) * factors.ttl_deletes_per_write
    if not usage.any():
        return []
    _need_price(bill, resource, DELETES)
    formula = f"writes × {factors.ttl_deletes_per_write:.6g} that create a document which expires"
    return [
        NewUsage(
            PRODUCT, resource.project, resource.region, resource.name, DELETES, DELETES, usage, "modelled", formula
        )
    ]


def _need_price(bill: Bill, resource: Resource, kind: str) -> None:
    if kind and unit_price(bill, kind, resource.region) is None:
        raise Refused(
            f"{resource.name}: neither this bill nor the price book has a price for {kind_words(kind)} in "
            f"{resource.region or 'its region'}, so this change is not priced; load your price export."
        )
