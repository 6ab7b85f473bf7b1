"""Free tier of a changed bill: a quantity per billing account and month, evaluated again on what is used then.

Google takes it off as a discount at tier 1 prices, once for all resources of the account.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from model.costs import Costs
from model.kind_words import product_of
from model.prices import NANOS, unit_price
from model.repricing import FREE_TIER, Delta, by_month

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from model.bill import Bill
    from model.lever import UsageChange
    from model.parameter import Evidence

FORMULA: Final = "free tier = min(allowance, usage) × price, evaluated again"


@dataclass(frozen=True, slots=True)
class Grant:
    """What the free tier gave of one usage kind in one month: usage and allowance in the kind's unit."""

    month_index: int
    usage: float
    allowance: float
    nanos_per_unit: float
    source: str = "this bill's FREE_TIER credits"
    evidence: Evidence = "measured"

    def lost(self, shift: float) -> int:
        """Nanos that are free no longer when usage moves by ``shift``; negative where more is free."""
        left = max(0.0, self.usage + shift)
        return round((min(self.allowance, self.usage) - min(self.allowance, left)) * self.nanos_per_unit)


def free_tier_deltas(bill: Bill, changes: Iterable[tuple[str, UsageChange]]) -> list[Delta]:
    """What the free tier gives more or less of when usage moves: per kind and month, over the whole account.

    The allowance is what the bill's own FREE_TIER credits granted; a month whose usage was free altogether shows only a
    lower bound, so the book's allowance counts there where it is larger. A kind that is new in a month gets the book's,
    if that month's credits show that the account gets the product's free tier. A kind that shares its allowance with
    another (idle time with active) draws nothing new from it.
    """
    moved: dict[tuple[str, str], list[UsageChange]] = {}
    for lever, change in changes:
        moved.setdefault((lever, change.kind), []).append(change)
    return [delta for (lever, kind), found in moved.items() for delta in _of_kind(bill, lever, kind, tuple(found))]


@lru_cache(maxsize=256)
def _of_kind(bill: Bill, lever: str, kind: str, changes: tuple[UsageChange, ...]) -> tuple[Delta, ...]:
    """Memoised, since most plans hand out most changes again."""
    grants = (*free_tier_grants(bill).get(kind, ()), *_new_grants(bill, kind, changes))
    if not grants:
        return ()
    shift = sum(by_month(bill, c.usage - c.resource.hourly(kind, len(bill.hours))) for c in changes)
    first = changes[0].resource
    return tuple(
        Delta(
            lever, grant.month_index, product_of(kind), first.project, first.region, first.name, kind,
            Costs(net=lost, effective=lost, headline=lost), grant.evidence, FORMULA, grant.source,
        )
        for grant in grants if (lost := grant.lost(float(np.asarray(shift)[grant.month_index])))
    )  # fmt: skip


@lru_cache(maxsize=8)
def free_tier_grants(bill: Bill) -> dict[str, tuple[Grant, ...]]:
    """Free tier by usage kind, from the bill's own FREE_TIER credits; months without them are not named."""
    lines = bill.lines
    if FREE_TIER not in lines.credits or not len(lines):
        return {}
    granted_rows = lines.credits[FREE_TIER] != 0
    kinds = sorted({str(kind) for kind in lines.text["kind"][granted_rows]} - {""})
    found: dict[str, tuple[Grant, ...]] = {}
    for kind in kinds:
        rows = np.flatnonzero(lines.text["kind"] == kind)
        months = range(len(bill.months))
        grants = [_grant(bill, kind, m, rows[lines.month_index[rows] == m]) for m in months]
        found[kind] = tuple(grant for grant in grants if grant is not None)
    return found


def _grant(bill: Bill, kind: str, m: int, rows: NDArray[np.int64]) -> Grant | None:
    lines = bill.lines
    granted = -int(lines.credits[FREE_TIER][rows].sum())
    usage, cost = float(lines.usage[rows].sum()), int(lines.cost_nanos[rows].sum())
    if granted <= 0 or usage <= 0 or cost <= 0:
        return None
    price = cost / usage
    allowance = granted / price
    if granted >= cost:
        allowance = max(allowance, bill.prices.free_per_month.get(kind, 0.0))
    return Grant(m, usage, allowance, price)


def _new_grants(bill: Bill, kind: str, changes: tuple[UsageChange, ...]) -> list[Grant]:
    """The book's allowance for the months in which nobody of the bill used this kind, at tier 1 prices."""
    allowance = bill.prices.free_per_month.get(kind, 0.0)
    months = _months_with_product(bill, kind) - _months_with_kind(bill, kind) if allowance > 0.0 else frozenset()
    price = unit_price(bill, kind, changes[0].resource.region) if months else None
    if price is None or price.on_demand <= 0.0:
        return []
    book = [entry.usd for (key, _), entry in bill.prices.prices.items() if key == kind]
    tier_1 = min([price.on_demand, *(usd * (bill.conversion_rate or 0.0) for usd in book)])
    quantity, nanos = allowance * tier_1 / price.on_demand, price.on_demand / NANOS
    source = "the price book's free tier, as this bill shows that the account gets it"
    return [Grant(m, 0.0, quantity, nanos, source, "modelled") for m in sorted(months)]


@lru_cache(maxsize=64)
def _months_with_product(bill: Bill, kind: str) -> frozenset[int]:
    """Months whose FREE_TIER credits name a kind of the same product."""
    product = kind.partition(".")[0]
    return frozenset(
        grant.month_index
        for other, grants in free_tier_grants(bill).items() if other.partition(".")[0] == product
        for grant in grants
    )  # fmt: skip


@lru_cache(maxsize=64)
def _months_with_kind(bill: Bill, kind: str) -> frozenset[int]:
    rows = bill.lines.text["kind"] == kind
    return frozenset(int(m) for m in bill.lines.month_index[rows & (bill.lines.usage != 0.0)])
