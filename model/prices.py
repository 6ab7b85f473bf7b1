"""Unit prices: the bill's own rows first, then the account's own prices, then the dated book; never a guess."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from model.monthly_kinds import UNIT_OF_MONTHLY_KIND

if TYPE_CHECKING:
    from collections.abc import Mapping

    from model.bill import Bill
    from model.parameter import Evidence

NANOS = 1e-9
FROM_ROWS = "this bill's rows of "
"""How the source of a price begins that the bill's rows tell."""


@dataclass(frozen=True)
class BookPrice:
    """One list price in USD per physical unit, from the dated book."""

    usd: float
    unit: str
    region: str
    source: str
    as_of: str
    confidence: str


@dataclass(frozen=True)
class AccountPrice:
    """What the account itself pays per physical unit, as its price export says; ``source`` names SKU and day."""

    on_demand: float
    list: float
    currency: str
    source: str


@dataclass(frozen=True)
class Discount:
    """Commitment discounts of a rate class as ratios off on-demand; None is unknown."""

    one_year: float | None
    three_years: float | None
    source: str
    as_of: str
    confidence: str


@dataclass(frozen=True)
class PriceBook:
    """The dated book: ``prices[(price_key, region)]`` (region '*': everywhere) and ``discounts`` by rate class.

    ``free_per_month`` is the free tier per billing account and month by usage kind, in the kind's physical unit.
    ``own`` are the account's own prices by the same keys, which stand in place of the book's.
    """

    name: str = "empty"
    prices: Mapping[tuple[str, str], BookPrice] = field(default_factory=dict)
    discounts: Mapping[str, Discount] = field(default_factory=dict)
    free_per_month: Mapping[str, float] = field(default_factory=dict)
    own: Mapping[tuple[str, str], AccountPrice] = field(default_factory=dict)

    def find(self, price_key: str, region: str) -> BookPrice | None:
        """The price of a key in a region, else the one that holds everywhere, else None."""
        return self.prices.get((price_key, region)) or self.prices.get((price_key, "*"))

    def find_own(self, price_key: str, region: str, currency: str) -> AccountPrice | None:
        """The account's own price of a key in a region, else everywhere; None in another currency than the bill's."""
        found = self.own.get((price_key, region)) or self.own.get((price_key, "*"))
        return found if found is not None and found.currency == currency else None


@dataclass(frozen=True)
class UnitPrice:
    """Price per physical unit in the bill's currency, with where it comes from."""

    on_demand: float
    list: float
    source: str
    evidence: Evidence


def unit_price(bill: Bill, kind: str, region: str, price_key: str = "") -> UnitPrice | None:
    """On-demand and list price of a usage kind in a region: Σ cost ÷ Σ usage of the bill's rows, else a price list.

    The account's own prices come before the dated book's. ``price_key`` names their entry where it differs from the
    kind (size classes): then they alone are asked, since the bill's rows of the kind may be of another class. None when
    nothing knows it.
    """
    if price_key and price_key != kind:
        return _listed_price(bill, price_key, region)
    return _bill_price(bill, kind, region) or _listed_price(bill, kind, region)


def _bill_price(bill: Bill, kind: str, region: str) -> UnitPrice | None:
    rows = _rows_of(bill, kind, region)
    usage = float(bill.lines.usage[rows].sum())
    if usage <= 0.0:
        return None
    on_demand = float(bill.lines.on_demand_nanos[rows].sum()) * NANOS / usage
    list_price = float(bill.lines.list_nanos[rows].sum()) * NANOS / usage
    return UnitPrice(on_demand, list_price, f"{FROM_ROWS}{kind} in {region or 'all regions'}", "measured")


def _rows_of(bill: Bill, kind: str, region: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    found = [
        rows
        for resources in bill.resources.values()
        for resource in resources
        if resource.region == region and (rows := resource.rows.get(kind)) is not None
    ]
    if found:
        return np.concatenate(found)
    return _monthly_rows(bill, kind, region) if kind in UNIT_OF_MONTHLY_KIND else np.empty(0, dtype=np.int64)


@lru_cache(maxsize=256)
def _monthly_rows(bill: Bill, kind: str, region: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Lines of a kind that no resource holds."""
    text = bill.lines.text
    return np.flatnonzero((text["kind"] == kind) & (text["region"] == region)).astype(np.int64)


def _listed_price(bill: Bill, price_key: str, region: str) -> UnitPrice | None:
    own = bill.prices.find_own(price_key, region, bill.currency)
    if own is None:
        return _book_price(bill, price_key, region)
    return UnitPrice(own.on_demand, own.list, f"your own price: {own.source}", "measured")


def _book_price(bill: Bill, price_key: str, region: str) -> UnitPrice | None:
    found = bill.prices.find(price_key, region)
    if found is None or bill.conversion_rate is None:
        return None
    amount = found.usd * bill.conversion_rate
    where = f"{found.source}, read {found.as_of}, {found.confidence}"
    rate = "" if bill.currency == "USD" else f", at the bill's own rate {bill.conversion_rate:g} {bill.currency}/USD"
    return UnitPrice(amount, amount, where + rate, "modelled")
