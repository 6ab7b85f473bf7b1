"""What a commitment takes off the customer's own price: d = 1 − commitment price ÷ own on-demand price.

The account's own price export tells d where it was given; else d is measured where the bill holds usage at a
commitment's prices. Else the book's discount, which is off list: with
a negotiated price q × list, commitment prices are taken as off list, so d = 1 − (1 − d_list) ÷ q, unless the scenario
says that the contract lowers them alike. Below 0 nothing is offered.

Usage that a commitment covers earns no sustained-use discount, so where that brings the own price down to a share k of
on-demand (Σ on-demand + credits ÷ Σ on-demand), what is left of d is 1 − (1 − d) ÷ k. Source: a brief on Google's
commitments (docs.archera.ai, 2026-03).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from model.commitment_pools import class_in_book, rule_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from model.bill import Bill, Pool
    from model.parameter import Fact, Values

LIST, OWN_PRICE = "list", "own_price"
PRICE_BASES: Final = (LIST, OWN_PRICE)
AT_LIST: Final = 0.999
"""Prices above this share of list count as list: rounding of unit prices."""
SUSTAINED: Final = "credit_sustained_usage_nanos"
RESOURCE: Final = "credit_resource_commitment_nanos"


def price_base(values: Values, name: str) -> str:
    """What commitment prices of this pool are off, as the scenario assumes it."""
    return values.text(f"commitments.{name}.price_base", LIST)


def own_discounts(
    bill: Bill, pool: Pool, classes: Iterable[str], term: str, price_base: str = LIST
) -> dict[str, float]:
    """Known discounts of a term by rate class, as ratios of the own price in 0 ≤ d < 1."""
    found: dict[str, float] = {}
    for key in classes:
        known = (_of_export(bill, key, term), _measured(bill, pool, key, term))
        told = next((each for each in known if each is not None), None)
        discount = told if told is not None else _of_book(bill, pool, key, term, price_base)
        if discount is None:
            continue
        kept = kept_after_sustained_use(bill, pool, key)
        discount = discount if kept == 1.0 else round(1.0 - (1.0 - discount) / kept, 6)
        if 0.0 <= discount < 1.0:
            found[key] = discount
    return found


def is_dearer(bill: Bill, pool: Pool, rate_class: str, term: str, price_base: str = LIST) -> bool:
    """Whether a term is on offer for a class, but above what its usage costs now."""
    book = bill.prices.discounts.get(class_in_book(rate_class))
    listed = None if book is None else (book.one_year if term == "1y" else book.three_years)
    return listed is not None and rate_class not in own_discounts(bill, pool, (rate_class,), term, price_base)


def kept_after_sustained_use(bill: Bill, pool: Pool, rate_class: str = "") -> float:
    """k: what sustained use leaves of the on-demand cost of a class or of all; 1 without such credits."""
    return _kept_after_sustained_use(bill, pool, rate_class)


@lru_cache(maxsize=256)
def _kept_after_sustained_use(bill: Bill, pool: Pool, rate_class: str) -> float:
    """On what no resource commitment credits, which earns no such discount."""
    rows, credits_ = _rows(bill, pool, rate_class), bill.lines.credits
    if SUSTAINED not in credits_:
        return 1.0
    uncovered = float(bill.lines.on_demand_nanos[rows].sum(dtype=np.float64))
    uncovered += float(credits_[RESOURCE][rows].sum(dtype=np.float64)) if RESOURCE in credits_ else 0.0
    sustained = float(credits_[SUSTAINED][rows].sum(dtype=np.float64))
    kept = 1.0 + sustained / uncovered if uncovered > 0.0 else 1.0
    return kept if 0.0 < kept < 1.0 else 1.0


def share_of_list(bill: Bill, pool: Pool, rate_class: str = "") -> float:
    """q: what the pool's usage costs on-demand ÷ at list, of a rate class or of all; 1 at list or without rows."""
    return _share_of_list(bill, pool, rate_class)


def is_below_list(bill: Bill, pool: Pool) -> bool:
    """Whether a negotiated price makes the base of commitment prices matter."""
    return share_of_list(bill, pool) < AT_LIST


@lru_cache(maxsize=256)
def _share_of_list(bill: Bill, pool: Pool, rate_class: str) -> float:
    rows = _rows(bill, pool, rate_class)
    at_list = float(bill.lines.list_nanos[rows].sum(dtype=np.float64))
    own = float(bill.lines.on_demand_nanos[rows].sum(dtype=np.float64))
    share = own / at_list if at_list > 0.0 else 1.0
    return share if 0.0 < share < AT_LIST else 1.0


def export_fact(bill: Bill, rate_class: str, term: str) -> Fact | None:
    """What the account's own price export tells of a rate class and term."""
    known = class_in_book(rate_class)
    return bill.fact(f"commitment_rates.{known}.{'one_year' if term == '1y' else 'three_years'}")


def _of_export(bill: Bill, rate_class: str, term: str) -> float | None:
    fact = export_fact(bill, rate_class, term)
    return float(fact.value) if fact is not None and isinstance(fact.value, int | float) else None


@lru_cache(maxsize=256)
def _measured(bill: Bill, pool: Pool, rate_class: str, term: str) -> float | None:
    """1 − Σ cost ÷ Σ on-demand of the rows at the commitment's own prices; None where the bill has none."""
    rule = rule_of(pool.pool)
    model = rule.models[term == "3y"] if rule else ""
    if not model:
        return None
    rows = _rows(bill, pool, rate_class)
    rows = rows[bill.lines.text["consumption_model"][rows] == model]
    on_demand = float(bill.lines.on_demand_nanos[rows].sum(dtype=np.float64))
    paid = float(bill.lines.cost_nanos[rows].sum(dtype=np.float64))
    return round(1.0 - paid / on_demand, 6) if on_demand > 0.0 and paid > 0.0 else None


def _of_book(bill: Bill, pool: Pool, rate_class: str, term: str, price_base: str) -> float | None:
    book = bill.prices.discounts.get(class_in_book(rate_class))
    discount = None if book is None else (book.one_year if term == "1y" else book.three_years)
    if discount is None or price_base == OWN_PRICE:
        return discount
    share = share_of_list(bill, pool, rate_class)
    return discount if share == 1.0 else round(1.0 - (1.0 - discount) / share, 6)


def _rows(bill: Bill, pool: Pool, rate_class: str) -> NDArray[np.int64]:
    text = bill.lines.text
    inside = text["pool"] == pool.pool
    if pool.region:
        inside &= text["region"] == pool.region
    if rate_class:
        names = np.unique(text["rate_class"][inside].astype(str))
        inside &= np.isin(text["rate_class"], [name for name in names if f"{name}.".startswith(f"{rate_class}.")])
    return np.flatnonzero(inside).astype(np.int64)
