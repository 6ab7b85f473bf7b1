"""What one request, user or transaction costs: a month's cost over what a driver table counts in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from model.money import NANOS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True)
class Driver:
    """How much of something a business did in a calendar month (202601)."""

    month: int
    name: str
    quantity: float


@dataclass(frozen=True)
class UnitCost:
    """A month of a driver: cost in nanos, quantity, and currency units each; None where nothing was counted."""

    month: int
    driver: str
    cost_nanos: int
    quantity: float
    cost_each: float | None


def unit_costs(cost_by_month: Mapping[int, int], drivers: Iterable[Driver]) -> tuple[UnitCost, ...]:
    """Cost ÷ quantity of every driver and month that has a cost, in order of driver and month.

    >>> unit_costs({202601: 5_000_000_000}, [Driver(202601, "users", 10.0), Driver(202602, "users", 1.0)])[0].cost_each
    0.5
    """
    found = [
        UnitCost(each.month, each.name, cost_by_month[each.month], each.quantity, _each(cost_by_month, each))
        for each in drivers
        if each.month in cost_by_month
    ]
    return tuple(sorted(found, key=lambda each: (each.driver, each.month)))


def _each(cost_by_month: Mapping[int, int], driver: Driver) -> float | None:
    return cost_by_month[driver.month] / NANOS / driver.quantity if driver.quantity > 0 else None
