"""What the bill holds of a product: what it costs, the most that can be saved on it, what commitments can cover."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from model.claim_figures import money_text
from model.claim_rules_ratios import REST
from model.commitment_rates import OWN_PRICE, own_discounts
from model.costs import COST_NAMES, NOT_IN_HEADLINE, Costs, grouped
from model.money import as_decimal, exact_sum
from model.outcome import baseline

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from model.bill import Bill


@dataclass(frozen=True)
class CommitmentBase:
    """What commitments of a term can cover, in nanos over the window, at on-demand prices.

    ``most_nanos``: Σ discount × eligible, with the largest and smallest discount; 0 where nothing is eligible.
    """

    eligible_nanos: int
    all_nanos: int
    most_nanos: int
    largest_discount: float
    is_known: bool


def per_months(nanos: int, months: int, bill: Bill) -> int:
    """An amount of the window as one of so many months at the window's mean, half away from zero."""
    return round(Decimal(nanos) * months / len(bill.months))


def amount_text(nanos: int, currency: str) -> str:
    """An amount in a sentence, to the cent unless it is whole.

    >>> amount_text(1_234_560_000_000, "USD")
    '$1,234.56'
    """
    return money_text(round(as_decimal(nanos), 2), currency)


def products(bill: Bill) -> dict[str, Costs]:
    """The bill's costs by product."""
    return dict(baseline(bill).by_product)


def product_named(bill: Bill, name: str) -> str | None:
    """The bill's product that a claim means: by name whatever its case, else the only one that holds the name."""
    known = [product for product in products(bill) if product]
    same = [product for product in known if product.casefold() == name.casefold()]
    close = [p for p in known if name.casefold() in p.casefold() or p.casefold() in name.casefold()]
    return same[0] if same else close[0] if len(close) == 1 else None


def no_product_sentence(bill: Bill, name: str) -> str:
    """That the bill has no such product, with the nearest that it has."""
    known = sorted(product for product in products(bill) if product)
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(known) or 'none'}."
    return f"The bill has no product {name}; {hint}"


def is_of_product(bill: Bill, name: str) -> NDArray[np.bool_] | None:
    """Which lines are of a product (N,); None where the bill has none of that name."""
    product = product_named(bill, name)
    return None if product is None else np.asarray(bill.lines.text["product"] == product, dtype=np.bool_)


def costs_of(bill: Bill, name: str, named: Collection[str] = ()) -> Costs | None:
    """Costs of a product, of everything (''), or of what the ``named`` products leave (a name for the rest)."""
    chosen = _chosen(bill, name, named)
    return None if chosen is None else sum((products(bill)[each] for each in chosen), Costs())


def cost_before_credits_and_tax(bill: Bill, name: str, named: Collection[str] = ()) -> int:
    """Cost before credits of the same rows without tax and rounding, in nanos."""
    chosen = _chosen(bill, name, named) or ()
    return sum(_before_credits_and_tax(bill).get(each, 0) for each in chosen)


def _chosen(bill: Bill, name: str, named: Collection[str]) -> list[str] | None:
    product = product_named(bill, name) if name else None
    if product is not None:
        return [product]
    if name and name.casefold() not in REST:
        return None
    taken = {product_named(bill, each) for each in named} if name else set()
    return [each for each in products(bill) if each not in taken]


@lru_cache(maxsize=8)
def _before_credits_and_tax(bill: Bill) -> dict[str, int]:
    lines = bill.lines
    inside = ~np.isin(lines.text["charge_class"], NOT_IN_HEADLINE)
    costs = {name: np.where(inside, lines.cost_nanos, 0) for name in COST_NAMES}
    return {product: each.cost for product, each in grouped(costs, lines.text["product"]).items()}


def most_to_save(bill: Bill, name: str) -> int | None:
    """The most that can be saved over the window on a product or in all: what it costs, on the dearest basis.

    None where the bill has no such product.
    """
    found = costs_of(bill, name)
    return None if found is None else max(found.on_demand, found.headline, found.net, 0)


@lru_cache(maxsize=64)
def commitment_base(bill: Bill, term: str, name: str, unknown: float = 1.0) -> CommitmentBase:
    """What commitments of a term can cover of a product ('' all), each class at its discount.

    ``unknown`` counts as the discount of classes whose own is not known.
    """
    lines, text = bill.lines, bill.lines.text
    mine = is_of_product(bill, name) if name else np.ones(len(lines), dtype=np.bool_)
    positive = np.maximum(lines.on_demand_nanos, 0)
    if mine is None:
        return CommitmentBase(0, 0, 0, 0.0, is_known=True)
    mine = mine & (text["fee_of"] == "")
    eligible, most, rates = 0, Decimal(0), set[float]()
    is_known = True
    for pool in bill.pools:
        inside = mine & (text["pool"] == pool.pool)
        inside &= (text["region"] == pool.region) if pool.region else True
        classes = sorted(set(text["rate_class"][inside]) - {""})
        found = own_discounts(bill, pool, classes, term, OWN_PRICE)
        for rate_class in classes:
            amount = exact_sum(positive[inside & (text["rate_class"] == rate_class)])
            eligible += amount
            most += amount * Decimal(str(found.get(rate_class, unknown)))
            rates |= {found[rate_class]} if amount and rate_class in found else set()
            is_known &= rate_class in found or not amount
    return CommitmentBase(eligible, exact_sum(positive[mine]), int(most), max(rates, default=0.0), is_known)
