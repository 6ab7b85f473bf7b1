"""Changed usage → changed cost: every saving is a repricing of the bill's own lines, counted once.

A line is repriced as ``actual × new usage ÷ old usage`` of its resource, kind and month. Credits answer by their
type: contract credits and sustained use follow the row; free tier is a quantity and is evaluated again; promotions
stay. Usage that an existing commitment covers is repriced at on-demand here; what the commitment then no longer saves
comes back as "stranded commitment" (``model.levers.commitments``), so that the sum is what would be paid.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from model.costs import Costs
from model.kind_words import kind_words, product_of
from model.money import to_nanos
from model.prices import unit_price

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from model.bill import Bill, Resource
    from model.lever import NewUsage, UsageChange
    from model.parameter import Evidence

FOLLOWS_ROW = (
    "credit_discount_nanos",
    "credit_reseller_margin_nanos",
    "credit_subscription_benefit_nanos",
    "credit_sustained_usage_nanos",
)
FREE_TIER = "credit_free_tier_nanos"
DEFAULT_CONSUMPTION_MODEL = "7754-699E-0EBF"


class Unpriced(ValueError):  # noqa: N818
    """Usage without a price in the bill's rows or the book; the sentence says which."""


@dataclass(frozen=True, slots=True)
class Delta:
    """A change of cost against the bill: which lever, where, how much, and why it may be believed."""

    lever: str
    month_index: int
    product: str
    project: str
    region: str
    resource: str
    kind: str
    costs: Costs
    evidence: Evidence
    formula: str
    price_source: str


def by_month(bill: Bill, usage: NDArray[np.float64]) -> NDArray[np.float64]:
    """Usage by slot (H,) → by invoice month (M,)."""
    return np.bincount(bill.hours.month_index, weights=usage, minlength=len(bill.months)).astype(np.float64)


@lru_cache(maxsize=2048)
def usage_by_month(bill: Bill, resource: Resource, kind: str) -> NDArray[np.float64]:
    """A resource's own usage of a kind by invoice month (M,)."""
    return by_month(bill, resource.hourly(kind, len(bill.hours)))


def reprice(bill: Bill, lever: str, change: UsageChange) -> list[Delta]:
    """Deltas of one usage change, a row per line that moves; raises Unpriced for new usage nobody has a price for."""
    rows, factors, fresh = _moved_lines(bill, change)
    lines = bill.lines
    columns = (lines.list_nanos, lines.on_demand_nanos, lines.cost_nanos, paid_when_uncovered(bill))
    amounts = zip(*(_scaled(column, rows, factors) for column in columns), strict=True)
    deltas = [
        _repriced_line(bill, lever, change, row, costs) for row, costs in zip(rows.tolist(), amounts, strict=True)
    ]
    return deltas + _priced_anew(bill, lever, change, fresh)


@lru_cache(maxsize=1024)
def repriced_headline(bill: Bill, change: UsageChange) -> int:
    """Σ headline nanos of what ``reprice`` answers, without its lines; raises Unpriced as it does."""
    rows, factors, fresh = _moved_lines(bill, change)
    anew = sum(delta.costs.headline for delta in _priced_anew(bill, "", change, fresh))
    return anew + sum(_scaled(paid_when_uncovered(bill), rows, factors))


def _moved_lines(bill: Bill, change: UsageChange) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Lines whose month has more or less usage (N,), by which factor less 1, and usage of months that had none (M,)."""
    old = usage_by_month(bill, change.resource, change.kind)
    new = by_month(bill, change.usage)
    moves = (old > 0) & (new != old)
    factor = np.divide(new, old, out=np.ones_like(old), where=moves) - 1.0
    rows = np.asarray(change.resource.rows.get(change.kind, ()), dtype=np.int64)
    month = bill.lines.month_index[rows]
    moved = moves[month]
    return rows[moved], factor[month[moved]], np.where(old > 0, 0.0, new - old)


def _scaled(nanos: NDArray[np.int64], rows: NDArray[np.int64], factors: NDArray[np.float64]) -> list[int]:
    """Amounts of lines times a factor each, in whole nanos of any size."""
    return [int(amount) for amount in np.rint(nanos[rows] * factors).tolist()]


def price_new(bill: Bill, lever: str, usage: NewUsage) -> list[Delta]:
    """Deltas of usage that the bill does not hold yet, one per month."""
    price = unit_price(bill, usage.kind, usage.region, usage.price_key)
    if price is None:
        raise Unpriced(_no_price(usage.price_key or usage.kind, usage.region))
    return [
        Delta(
            lever, m, usage.product, usage.project, usage.region, usage.resource, usage.kind,
            _at_price(amount, price.on_demand, price.list), usage.evidence, usage.formula, price.source,
        )
        for m, amount in enumerate(by_month(bill, usage.usage)) if amount
    ]  # fmt: skip


def _repriced_line(bill: Bill, lever: str, change: UsageChange, row: int, costs: tuple[int, ...]) -> Delta:
    list_cost, on_demand, cost, paid = costs
    lines, text = bill.lines, bill.lines.text
    return Delta(
        lever, int(lines.month_index[row]), text["product"][row], text["project"][row], text["region"][row],
        change.resource.name, change.kind, Costs(list_cost, on_demand, cost, paid, paid, paid),
        change.evidence, change.formula, "this bill's own rows",
    )  # fmt: skip


@lru_cache(maxsize=8)
def paid_when_uncovered(bill: Bill) -> NDArray[np.int64]:
    """Nanos that lines would cost were nothing of them covered by a commitment, before free tier and promotions (N,).

    A line without credits costs its effective cost, which is where a bill without credit columns puts a commitment.
    """
    lines = bill.lines
    follows = sum(
        (lines.credits[name] for name in FOLLOWS_ROW if name in lines.credits), np.zeros(len(lines), np.int64)
    )
    models = lines.text["consumption_model"]
    is_new = np.array([model not in ("", None, DEFAULT_CONSUMPTION_MODEL) for model in models], dtype=bool)
    has_credits = np.zeros(len(lines), dtype=bool)
    for amounts in lines.credits.values():
        has_credits |= amounts != 0
    paid = np.where(has_credits, lines.cost_nanos + follows, lines.effective_nanos)
    return np.where(is_new, lines.on_demand_nanos + follows, paid)


def _priced_anew(bill: Bill, lever: str, change: UsageChange, fresh: NDArray[np.float64]) -> list[Delta]:
    if not fresh.any():
        return []
    resource = change.resource
    price = unit_price(bill, change.kind, resource.region)
    if price is None:
        raise Unpriced(_no_price(change.kind, resource.region))
    product = product_of(change.kind)
    return [
        Delta(
            lever, m, product, resource.project, resource.region, resource.name, change.kind,
            _at_price(float(amount), price.on_demand, price.list), change.evidence, change.formula, price.source,
        )
        for m, amount in enumerate(fresh) if amount
    ]  # fmt: skip


def _at_price(amount: float, on_demand: float, list_price: float) -> Costs:
    cost = to_nanos(amount * on_demand)
    return Costs(to_nanos(amount * list_price), cost, cost, cost, cost, cost)


def _no_price(key: str, region: str) -> str:
    return (
        f"No price for {kind_words(key)} in {region or 'this region'}: neither the bill's rows nor the price book has "
        "one. Load your price export, or leave this setting."
    )
