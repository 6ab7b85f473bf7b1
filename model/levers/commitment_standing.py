"""Commitments that stand while usage and prices change: new ones as they were bought, existing ones as billed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from model.behaviour.commitment_curve import covered_by_class, paid_ratio
from model.levers.pool_hours import calendar_hours, pool_usage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from model.behaviour.commitment_curve import FillOrder
    from model.bill import Bill, Pool


@dataclass(frozen=True)
class Bought:
    """A new commitment of one pool as it was decided: discounted units per hour, discounts by rate class.

    ``beside_per_hour`` on-demand units are covered by what the bill does not show yet; ``units`` are a resource
    commitment's.
    """

    pool: str
    commit_per_hour: float
    rates: Mapping[str, float]
    fill_order: FillOrder
    beside_per_hour: float = 0.0
    units: int = 0


@dataclass(frozen=True)
class Standing:
    """Over the window, in currency units: what a new commitment saves (negative: loses), what existing ones give up."""

    saving: float
    stranded: float


def standing(bill: Bill, pool: Pool, bought: Bought | None, after: Mapping[str, NDArray[np.float64]]) -> Standing:
    """Fees as they were signed, on the usage after; ``after`` as in ``plan_pools``.

    saving = Σ covered − commit × hours, covered in on-demand units; stranded = covered before − covered after.
    """
    has_existing = any(covered.any() for covered in pool.covered.values()) or bool(pool.fee.any())
    if bought is None and not has_existing:
        return Standing(0.0, 0.0)
    usage = pool_usage(bill, pool, after, bought.beside_per_hour if bought else 0.0)
    stranded = float((usage.covered_before - usage.covered_after).sum())
    if bought is None:
        return Standing(0.0, stranded)
    rows = [k for k, key in enumerate(usage.classes) if key in bought.rates]
    discounts = [bought.rates[usage.classes[k]] for k in rows]
    calendar = calendar_hours(bill.hours)
    hours = calendar.fold(usage.left[rows])
    covered = covered_by_class(hours, discounts, bought.commit_per_hour, bought.fill_order)
    by_slot = calendar.spread(covered, hours, usage.left[rows])
    paid = np.array([[paid_ratio(d)] for d in discounts])
    unused = bought.commit_per_hour * hours.shape[1] - float((covered * paid).sum())
    return Standing(float(((1.0 - paid) * by_slot).sum()) - unused, stranded)


def standing_units(
    bill: Bill, pool: Pool, bought: Bought, after: Mapping[str, NDArray[np.float64]], price: float
) -> Standing:
    """A resource commitment at another level of prices: units are covered, so cover is worth ``price`` times as much.

    ``after`` is at today's prices; saving = price × Σ covered − fee.
    """
    now = standing(bill, pool, bought, after).saving
    fee = bought.commit_per_hour * int(bill.hours.is_calendar.sum())
    return Standing(price * (now + fee) - fee, 0.0)
