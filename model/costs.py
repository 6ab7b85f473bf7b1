"""The five costs of a set of charges, and their sums by month, product and project; integer nanos, exact."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Self, TypeVar

import numpy as np

from model.money import exact_sum

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from model.bill import Lines

K = TypeVar("K")
NOT_IN_HEADLINE = ("tax", "rounding")
PROMOTION = "credit_promotion_nanos"
HEADLINE_FORMULA = "Σ (effective cost − promotion credits) over the rows that are neither tax nor rounding"
"""What ``line_costs`` and the sums of it compute as headline."""


@dataclass(frozen=True, slots=True)
class Costs:
    """Amounts in nanos. ``headline`` is effective cost before tax, promotions and rounding; net = cost + credits.

    >>> (Costs(1, 1, 1, 1, 1, 1) + Costs(net=-3)).net
    -2
    """

    list: int = 0
    on_demand: int = 0
    cost: int = 0
    net: int = 0
    effective: int = 0
    headline: int = 0

    def __add__(self, other: Self) -> Costs:
        return Costs(*(getattr(self, name) + getattr(other, name) for name in COST_NAMES))

    def __sub__(self, other: Self) -> Costs:
        return Costs(*(getattr(self, name) - getattr(other, name) for name in COST_NAMES))


COST_NAMES = tuple(field.name for field in fields(Costs))


@dataclass(frozen=True)
class Breakdown:
    """The same charges in total and by invoice month, product and project ('' is no project)."""

    total: Costs
    by_month: Mapping[int, Costs]
    by_product: Mapping[str, Costs]
    by_project: Mapping[str, Costs]


def line_costs(lines: Lines) -> dict[str, NDArray[np.int64]]:
    """Every cost of every line, (N,) nanos per cost name."""
    credit_sum = np.sum([*lines.credits.values()], axis=0, dtype=np.int64) if lines.credits else 0
    beside = np.isin(lines.text["charge_class"], NOT_IN_HEADLINE)
    headline = np.where(beside, 0, lines.effective_nanos - lines.credits.get(PROMOTION, 0))
    return {
        "list": lines.list_nanos,
        "on_demand": lines.on_demand_nanos,
        "cost": lines.cost_nanos,
        "net": lines.cost_nanos + credit_sum,
        "effective": lines.effective_nanos,
        "headline": headline,
    }


def grouped(costs: Mapping[str, NDArray[np.int64]], keys: NDArray[np.object_]) -> dict[str, Costs]:
    """Exact sums of line costs by key."""
    names, codes = np.unique(keys.astype(str), return_inverse=True)
    sums = {name: _exact_sums(values, codes, len(names)) for name, values in costs.items()}
    return {str(key): Costs(**{name: sums[name][i] for name in COST_NAMES}) for i, key in enumerate(names)}


def _exact_sums(values: NDArray[np.int64], codes: NDArray[np.int64], length: int) -> list[int]:
    high, low = np.zeros(length, np.int64), np.zeros(length, np.int64)
    np.add.at(high, codes, values >> 32)
    np.add.at(low, codes, values & 0xFFFFFFFF)
    return [(int(h) << 32) + int(lo) for h, lo in zip(high, low, strict=True)]


def breakdown(lines: Lines, months: tuple[int, ...]) -> Breakdown:
    """The bill's own costs."""
    costs = line_costs(lines)
    month = np.asarray(months, dtype=object)[lines.month_index]
    return Breakdown(
        total=Costs(**{name: exact_sum(costs[name]) for name in COST_NAMES}),
        by_month={int(key): value for key, value in grouped(costs, month).items()},
        by_product=grouped(costs, lines.text["product"]),
        by_project=grouped(costs, lines.text["project"]),
    )


def summed(parts: Iterable[tuple[str, Costs]]) -> dict[str, Costs]:
    """Sums of (key, costs) pairs by key."""
    sums: dict[str, Costs] = {}
    for key, costs in parts:
        sums[key] = sums.get(key, Costs()) + costs
    return sums


def merged(first: Mapping[K, Costs], second: Mapping[K, Costs]) -> dict[K, Costs]:
    """Key-wise sum of two groupings."""
    return {key: first.get(key, Costs()) + second.get(key, Costs()) for key in {**first, **second}}
