"""Commitments that are sold in whole pieces: BigQuery slots in fifties.

The pool's hourly cost is told in pieces by the mean price of one, which is exact where one kind of piece bills.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from model.behaviour.commitment_curve import commitment_curve, level_in_steps, paid_ratio
from model.commitment_pools import RULE_OF_POOL, pool_title
from model.commitment_rates import share_of_list

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from model.bill import Bill, Pool

    Floats = NDArray[np.float64]

SLOTS: Final = "bigquery_slots"
_STANDARD: Final = "{}: Standard edition takes no slot commitment, and its hours are not told apart: not planned."


@dataclass(frozen=True)
class WholePieces:
    """The best whole number of pieces at one term. Money is a month's.

    ``saving`` is against on-demand on the usage that existing commitments leave, and instead of a spend commitment.
    """

    pool: str
    term: str
    region: str
    unit: str
    amount: int
    fee_per_hour: float
    saving: float
    utilisation: float


def whole_pieces(bill: Bill, pool: Pool, left: Floats) -> tuple[tuple[WholePieces, ...], tuple[str, ...]]:
    """Plans for 1 and 3 years, with what is not planned and why; ``left`` (K, C) as in ``TermLoad``."""
    return _slots(bill, pool, left.sum(axis=0)) if pool.pool == "bigquery" else ((), ())


def _slots(bill: Bill, pool: Pool, hours: Floats) -> tuple[tuple[WholePieces, ...], tuple[str, ...]]:
    if not takes_slots(bill, pool):
        return (), (_STANDARD.format(pool_title(pool.name)),)
    return _planned(bill, pool, hours, slot_price(bill, pool)), ()


def takes_slots(bill: Bill, pool: Pool) -> bool:
    """Whether a slot commitment may cover a pool's usage: not where Standard edition is part of it."""
    skus = bill.lines.text["sku"][slot_rows(bill, pool)]
    return not any("standard edition" in str(sku).lower() for sku in skus)


def slot_price(bill: Bill, pool: Pool) -> float:
    """What a slot-hour costs on-demand, currency units; 0 where no row bills by the hour."""
    rows = slot_rows(bill, pool)
    return _price(bill, rows[["hour" in str(unit).lower() for unit in bill.lines.text["pricing_unit"][rows]]])


def slot_discount(bill: Bill, pool: Pool, term: str) -> float | None:
    """What a term takes off the own price, 1 − (1 − d of list) ÷ own share of list; None where the book has none."""
    book = bill.prices.discounts.get(SLOTS)
    of_list = None if book is None else (book.one_year if term == "1y" else book.three_years)
    return None if of_list is None else round(1.0 - (1.0 - of_list) / share_of_list(bill, pool), 6)


def _planned(bill: Bill, pool: Pool, hours: Floats, price: float) -> tuple[WholePieces, ...]:
    rule = RULE_OF_POOL[SLOTS]
    if price <= 0.0 or not hours.any():
        return ()
    found = []
    for term in ("1y", "3y"):
        discount = slot_discount(bill, pool, term)
        if discount is None or discount <= 0.0:
            continue
        each = rule.step * price * paid_ratio(discount)
        level = level_in_steps(hours[None, :], [discount], each)
        curve = commitment_curve(hours[None, :], [discount])
        found.append(
            WholePieces(
                pool=SLOTS, term=term, region=pool.region, unit=rule.unit, amount=round(level / each * rule.step),
                fee_per_hour=level, saving=float(curve.on_demand - curve.cost(level)) / len(bill.months),
                utilisation=float(curve.used_at(level)) / (level * curve.hour_count) if level else 0.0,
            )
        )  # fmt: skip
    return tuple(found)


def slot_rows(bill: Bill, pool: Pool) -> NDArray[np.int64]:
    """The lines of a BigQuery pool's slots."""
    text = bill.lines.text
    inside = (text["pool"] == pool.pool) & (text["rate_class"] == "bigquery") & (text["charge_class"] == "usage")
    if pool.region:
        inside &= text["region"] == pool.region
    return np.flatnonzero(inside).astype(np.int64)


def _price(bill: Bill, rows: NDArray[np.int64]) -> float:
    """On-demand price of a unit of usage, currency units."""
    usage = float(bill.lines.usage[rows].sum())
    return float(bill.lines.on_demand_nanos[rows].sum(dtype=np.float64)) / 1e9 / usage if usage > 0.0 else 0.0
