"""A month against the month before it: how much, in which share, and whether usage or price did it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from model.analysis import breakdown, month_before, months_of, period_rows
from model.daily_costs import month_days
from model.movers import movers, summed

if TYPE_CHECKING:
    from model.analysis import CostRows, CostView, Part
    from model.movers import Mover

_COUNTED: Final = re.compile(r"(\d[\d,]*)?\s*(?:counts?|requests?)")


@dataclass(frozen=True)
class MonthChange:
    """A month of usage and the one before, in nanos.

    ``share`` is the change ÷ the month before, None where that is not positive. ``whole`` splits the change by cause,
    ``mover`` is the service that changed most (None where there is one only), ``largest`` the service that costs most.
    """

    month: int
    before: int
    whole: Mover
    share: float | None
    mover: Mover | None
    largest: Part | None


def month_change(rows: CostRows, view: CostView, month: int, until_day: int | None = None) -> MonthChange:
    """The change of a month of usage against the one before.

    Until a day (days since 1970) inside the month, both months are taken up to that day of the month.
    """
    before = month_before(month)
    first, last = month_days(month)
    old, new = period_rows(rows, before), period_rows(rows, month)
    if until_day is not None and until_day < last:
        start = month_days(before)[0]
        old, new = old.where(old.day <= start + until_day - first), new.where(new.day <= until_day)
    found = movers(old, new, view, "service")
    whole = summed(found)
    parts = breakdown(new, view, "service")
    share = whole.change_nanos / whole.before_nanos if whole.before_nanos > 0 else None
    return MonthChange(month, before, whole, share, found[0] if len(found) > 1 else None, parts[0] if parts else None)


def full_month(rows: CostRows, month: int, until_day: int) -> int:
    """The month if it is known to its end, else the one before where that has cost."""
    earlier = month_before(month)
    return earlier if until_day < month_days(month)[1] and earlier in months_of(rows) else month


def billed_requests(rows: CostRows) -> dict[int, float]:
    """Requests that Cloud Run billed by month of usage; empty where the bill counts none.

    Request SKUs are counted in requests, by thousands or by millions of them.
    """
    is_request = [
        _requests_per_unit(unit) if service == "Cloud Run" and "request" in sku.lower() else 0.0
        for service, sku, unit in zip(rows.leaves["service"], rows.leaves["sku"], rows.leaves["unit"], strict=True)
    ]
    found: dict[int, float] = {}
    for month, leaf, usage in zip(rows.usage_month.tolist(), rows.leaf.tolist(), rows.usage.tolist(), strict=True):
        if is_request[leaf]:
            found[month] = found.get(month, 0.0) + usage * is_request[leaf]
    return found


def _requests_per_unit(unit: str) -> float:
    """Requests of one pricing unit: 1 of 'count', 1000000 of '1000000 requests', 0 of anything else."""
    found = _COUNTED.fullmatch(unit.strip().lower())
    return float((found[1] or "1").replace(",", "")) if found else 0.0
