"""The demo's rows: lines become the columns of a detailed billing export, with invoice, credits, tax and rounding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from data.sources.demo import skus
from data.sources.demo.calendar import MONTHS, calendar
from data.sources.demo.company import TAX_RATE
from data.sources.demo.credits import free_tier_nanos, promotion_nanos
from data.sources.demo.lines import Line
from data.sources.demo.skus import NANOS
from data.sources.demo.workload import SEED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

NANOS_PER_CENT: Final = NANOS // 100
LATE_HOURS: Final = 4
"""Usage of the last hours of a month reaches the next invoice for the lines that report late."""
INVOICE_DELAY_S: Final = 6 * 86_400 + 5 * 3600
"""Tax and rounding are exported when the invoice is made, some days into the next month."""


@dataclass(frozen=True)
class Rows:
    """The bill's columns, one entry per row; ``line`` indexes ``lines``; money is in nano-dollars."""

    lines: tuple[Line, ...]
    line: NDArray[np.int64]
    start_s: NDArray[np.int64]  # epoch seconds, UTC
    invoice_month: NDArray[np.int64]
    usage: NDArray[np.float64]  # pricing units
    month_seconds: NDArray[np.int64]  # of the row's Pacific month
    cost_nanos: NDArray[np.int64]
    free_tier_nanos: NDArray[np.int64]
    promotion_nanos: NDArray[np.int64]
    export_s: NDArray[np.int64]

    @property
    def net_nanos(self) -> NDArray[np.int64]:
        """Cost after credits."""
        return self.cost_nanos + self.free_tier_nanos + self.promotion_nanos


def bill_rows(lines: Sequence[Line]) -> Rows:
    """Return the regular rows in time order, then each month's tax and rounding."""
    regular = _regular_rows(lines)
    return _with_invoice_rows(regular)


def _regular_rows(lines: Sequence[Line]) -> Rows:
    hours = calendar()
    line = np.repeat(np.arange(len(lines)), [len(x.hour) for x in lines])
    hour = np.concatenate([x.hour for x in lines])
    order = np.lexsort((line, hour))
    free = np.concatenate(free_tier_nanos(lines))
    cost = np.concatenate([x.nanos for x in lines])
    late = _is_late(hour) & np.array([x.may_be_late for x in lines])[line]
    month = np.where(late, _next_month(hours.invoice_month[hour]), hours.invoice_month[hour])
    promotion = promotion_nanos(cost, free, month, order)
    corrected = np.array([x.adjustment is not None for x in lines])[line]
    start = hours.epoch_hour[hour] * 3600
    rows = Rows(
        tuple(lines), line, start, month, np.concatenate([x.usage for x in lines]), hours.hours_in_month[hour] * 3600,
        cost, free, promotion, start + 3600 + _delay_s(late, corrected),
    )  # fmt: skip
    return _taken(rows, order)


def _is_late(hour: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return whether an hour is among the last of its month, but for the last month, whose invoice ends the bill."""
    month = calendar().invoice_month
    ahead = np.minimum(hour + LATE_HOURS, len(month) - 1)
    late: NDArray[np.bool_] = month[ahead] != month[hour]
    return late


def _next_month(month: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.where(month % 100 == 12, month + 89, month + 1)


def _delay_s(late: NDArray[np.bool_], corrected: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return seconds from the end of usage to the export: hours mostly, now and then more than a day."""
    random = np.random.default_rng([SEED, len(late)])
    delay = random.gamma(4.0, 1.1 * 3600, len(late)).astype(np.int64)
    slow = random.random(len(late)) < 0.004
    delay += slow * 30 * 3600 + late * 50 * 3600 + corrected * 9 * 86_400
    return delay


def _taken(rows: Rows, order: NDArray[np.int64]) -> Rows:
    columns = {name: getattr(rows, name)[order] for name in Rows.__dataclass_fields__ if name != "lines"}
    return Rows(lines=rows.lines, **columns)


def _with_invoice_rows(rows: Rows) -> Rows:
    """Add a tax row and a rounding row to each invoice month, so that each invoice is whole cents."""
    net = [int(rows.net_nanos[rows.invoice_month == month].sum()) for month in MONTHS]
    tax = [round(n * TAX_RATE / NANOS_PER_CENT) * NANOS_PER_CENT for n in net]
    rounding = [round(n / NANOS_PER_CENT) * NANOS_PER_CENT - n for n in net]
    added = len(MONTHS)
    nothing = np.zeros(2 * added, dtype=np.int64)
    end = np.array([_month_end_s(month) for month in MONTHS] * 2)
    empty = np.array([], dtype=np.int64)
    extra = Rows(
        lines=(*rows.lines, *(Line(sku, None, empty, empty) for sku in (skus.TAX, skus.ROUNDING))),
        line=np.repeat([len(rows.lines), len(rows.lines) + 1], added),
        start_s=end - 3600, invoice_month=np.array(MONTHS * 2), usage=nothing.astype(np.float64),
        month_seconds=nothing, cost_nanos=np.array(tax + rounding), free_tier_nanos=nothing, promotion_nanos=nothing,
        export_s=end + INVOICE_DELAY_S,
    )  # fmt: skip
    names = [name for name in Rows.__dataclass_fields__ if name != "lines"]
    return Rows(lines=extra.lines, **{n: np.concatenate([getattr(rows, n), getattr(extra, n)]) for n in names})


def _month_end_s(month: int) -> int:
    hours = calendar()
    return int(hours.epoch_hour[hours.invoice_month == month][-1] + 1) * 3600


def invoice_cents(rows: Rows) -> dict[int, int]:
    """Return what each invoice month comes to, in cents: cost, credits, tax and rounding."""
    sums = {month: int(rows.net_nanos[rows.invoice_month == month].sum()) for month in MONTHS}
    return {month: nanos // NANOS_PER_CENT for month, nanos in sums.items()}
