"""The bill to look at: one choice of cost, filters, sums by day, week or month, and by what was bought for whom."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from model.daily_costs import day_number, day_of, month_days, month_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Columns = Mapping[str, NDArray[np.generic]]

Basis = Literal["list", "contracted", "billed", "effective"]
Grain = Literal["day", "week", "month"]
Dimension = Literal["service", "sku", "project", "resource"]

BASES: Final[tuple[Basis, ...]] = ("list", "contracted", "billed", "effective")
COLUMN_OF_BASIS: Final[dict[Basis, str]] = {
    "list": "list_nanos", "contracted": "on_demand_nanos", "billed": "cost_nanos", "effective": "effective_nanos",
}  # fmt: skip
DRILL: Final[tuple[Dimension, ...]] = ("service", "sku", "project", "resource")
"""The way down: each step is taken inside what the steps before it chose."""
NOT_ADDRESSABLE: Final = ("marketplace or support", "tax", "rounding")
"""Natures of charges that no setting moves."""
UNDATED: Final = -1


@dataclass(frozen=True)
class CostView:
    """Which cost is looked at. ``credits`` are the credit columns that the billed cost is net of.

    Billed with all credits is the net, with none the gross. List and contracted are before credits and effective is
    after all of them, so ``credits`` matter for the billed cost only. Without ``with_tax`` tax and rounding are left
    out.
    """

    basis: Basis = "billed"
    credits: frozenset[str] = frozenset()
    with_tax: bool = True


@dataclass(frozen=True, eq=False)
class CostRows:
    """The bill of one currency by day and leaf (service × SKU × project × resource × nature × pricing unit).

    ``leaves``: texts (L,) by name. Of each row (N,): ``leaf``, ``day`` (days since 1970, Pacific; −1 undated),
    ``invoice_month`` (202601), ``usage`` (pricing units of its leaf) and ``money`` (nanos by column).
    """

    currency: str
    leaves: Mapping[str, NDArray[np.str_]]
    leaf: Ints
    day: Ints
    invoice_month: Ints
    usage: NDArray[np.float64]
    money: Mapping[str, Ints]

    @property
    def credit_columns(self) -> tuple[str, ...]:
        """The credit columns that hold anything in these rows."""
        return tuple(name for name, nanos in self.money.items() if name.startswith("credit_") and nanos.any())

    @cached_property
    def usage_month(self) -> Ints:
        """Calendar month of usage (N,), 202601; the invoice month where a row has no day."""
        days, place = np.unique(self.day, return_inverse=True)
        months = np.array([0 if day == UNDATED else month_of(day) for day in days.tolist()], dtype=np.int64)[place]
        return np.where(self.day == UNDATED, self.invoice_month, months)

    def where(self, mask: NDArray[np.bool_]) -> CostRows:
        """The rows of a mask (N,)."""
        kept = {name: nanos[mask] for name, nanos in self.money.items()}
        return replace(
            self, leaf=self.leaf[mask], day=self.day[mask], invoice_month=self.invoice_month[mask],
            usage=self.usage[mask], money=kept,
        )  # fmt: skip

    def text(self, name: str) -> NDArray[np.str_]:
        """A text of each row's leaf (N,)."""
        return self.leaves[name][self.leaf]


@dataclass(frozen=True)
class Part:
    """One part of a sum, in nanos; ``share`` of the whole, None where the whole is not positive."""

    key: str
    nanos: int
    share: float | None


def cost_rows(currency: str, leaves: Columns, rows: Columns) -> CostRows:
    """Rows from the columns of ``leaves`` (texts) and ``rows`` (leaf, day, invoice_month, usage, …_nanos)."""
    money = {name: values.astype(np.int64) for name, values in rows.items() if name.endswith("_nanos")}
    leaf, day, month = (rows[name].astype(np.int64) for name in ("leaf", "day", "invoice_month"))
    texts = {name: values.astype(np.str_) for name, values in leaves.items()}
    return CostRows(currency, texts, leaf, day, month, rows["usage"].astype(np.float64), money)


def filtered(rows: CostRows, chosen: Mapping[str, Collection[str]], months: Collection[int] = ()) -> CostRows:
    """The rows whose leaf has one of the chosen texts of each name, in the chosen invoice months; empty: all."""
    fits = np.ones(len(rows.leaves["sku"]), dtype=np.bool_)
    for name, keys in chosen.items():
        if keys:
            fits &= np.isin(rows.leaves[name], list(keys))
    mask = fits[rows.leaf]
    return rows.where(mask & np.isin(rows.invoice_month, list(months)) if months else mask)


def amounts(rows: CostRows, view: CostView) -> Ints:
    """The chosen cost of every row (N,) in nanos: list, contracted, billed + chosen credits, or effective.

    Rows of tax and rounding are 0 without ``with_tax``.
    """
    nanos = rows.money[COLUMN_OF_BASIS[view.basis]].copy()
    if view.basis == "billed":
        for name in view.credits:
            nanos += rows.money[name]
    if not view.with_tax:
        nanos[np.isin(rows.leaves["nature"], ["tax", "rounding"])[rows.leaf]] = 0
    return nanos


def sums_of(codes: Ints, nanos: Ints, count: int) -> list[int]:
    """Exact sums of int64 nanos by code 0..count−1, as Python integers that never overflow.

    >>> sums_of(np.array([0, 1, 1]), np.array([5, 2**62, 2**62]), 2) == [5, 2**63]
    True
    """
    high, low = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    np.add.at(high, codes, nanos >> 32)
    np.add.at(low, codes, nanos & 0xFFFFFFFF)
    return [(int(above) << 32) + int(below) for above, below in zip(high, low, strict=True)]


def total(rows: CostRows, view: CostView) -> int:
    """The chosen cost of all rows, in nanos."""
    return sums_of(np.zeros(len(rows.leaf), dtype=np.int64), amounts(rows, view), 1)[0]


def breakdown(rows: CostRows, view: CostView, by: str) -> tuple[Part, ...]:
    """The chosen cost by a text of the leaves, the largest first; the parts are exactly the total.

    Keys whose rows add up to nothing stay, keys without rows do not; '' is what the bill does not name.
    """
    names, place = np.unique(rows.leaves[by], return_inverse=True)
    codes = place[rows.leaf]
    sums = sums_of(codes, amounts(rows, view), len(names))
    present = np.bincount(codes, minlength=len(names))
    whole = sum(sums)
    found = [
        Part(str(name), nanos, nanos / whole if whole > 0 else None)
        for name, nanos, count in zip(names, sums, present, strict=True)
        if count
    ]
    return tuple(sorted(found, key=lambda part: (-part.nanos, part.key)))


def trend(rows: CostRows, view: CostView, grain: Grain) -> dict[int, int]:
    """Nanos by period: day numbers of days and of the Mondays of weeks, or 202601; undated rows only under months.

    Months are those of usage; the days and weeks without a row in between are 0.
    """
    nanos = amounts(rows, view)
    if grain == "month":
        return _by_key(rows.usage_month, nanos)
    dated = rows.day != UNDATED
    days = rows.day[dated] if grain == "day" else rows.day[dated] - (rows.day[dated] + 3) % 7
    found = _by_key(days, nanos[dated])
    step = 1 if grain == "day" else 7
    return {day: found.get(day, 0) for day in range(min(found), max(found) + 1, step)} if found else {}


def undated(rows: CostRows, view: CostView) -> int:
    """What stands on no day, in nanos: charges of a whole month, such as tax."""
    return total(rows.where(rows.day == UNDATED), view)


def month_pairs(rows: CostRows, every_credit: Sequence[str]) -> dict[int, tuple[int, int]]:
    """Cash and accrual by month, in nanos: what each month's invoice asks for, and what was used up in it.

    Cash = billed cost with all credits by invoice month. Accrual = effective cost by the month of usage, where a
    commitment's fee follows what it covers. Both include tax.
    """
    cash = _by_key(rows.invoice_month, amounts(rows, CostView("billed", frozenset(every_credit))))
    accrual = trend(rows, CostView("effective"), "month")
    return {month: (cash.get(month, 0), accrual.get(month, 0)) for month in sorted({*cash, *accrual})}


def credit_sums(rows: CostRows) -> dict[str, int]:
    """Nanos by credit column, those that hold anything."""
    first = np.zeros(len(rows.leaf), dtype=np.int64)
    return {name: sums_of(first, rows.money[name], 1)[0] for name in rows.credit_columns}


def period_rows(rows: CostRows, month: int) -> CostRows:
    """The rows used in a calendar month."""
    return rows.where(rows.usage_month == month)


def months_of(rows: CostRows) -> tuple[int, ...]:
    """The months of usage, in order."""
    return tuple(int(month) for month in np.unique(rows.usage_month))


def month_before(month: int) -> int:
    """The month before.

    >>> month_before(202601)
    202512
    """
    return month_of(day_number(day_of(month_days(month)[0]) - timedelta(days=1)))


def _by_key(keys: Ints, nanos: Ints) -> dict[int, int]:
    names, codes = np.unique(keys, return_inverse=True)
    return dict(zip(names.tolist(), sums_of(codes, nanos, len(names)), strict=True))
