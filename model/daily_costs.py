"""Cost by day and the day on which it became known: what forecasts and alert rules work on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

EPOCH: Final = date(1970, 1, 1)
WATCHED: Final = ("usage",)
"""Groups that alert rules watch: no commitment fees, tax, one-off purchases or adjustments."""
RECURRING: Final = ("usage", "fee", "other")
"""Groups that a forecast goes on with; one-off purchases and tax are held apart."""
BUDGETED: Final = (*RECURRING, "one_off")
"""Groups that a budget counts: everything before tax."""
DAYS_UNTIL_KNOWN: Final = 1
"""When a row counts as known that carries no export time: the day after its usage."""


@dataclass(frozen=True, eq=False)
class DailyCosts:
    """Cost in nanos (N,) by usage day, day of becoming known, service (index) and group; days since 1970, Pacific.

    ``dollar`` is how many currency units one US dollar is worth: the minimum amounts of rules are typed in dollars.
    Days run from ``first_day`` to ``last_day``; what is known ends with ``known_until``; days up to ``settled_day``
    are settled (facts come late). Basis: after credits, before promotions and tax.
    """

    currency: str
    dollar: float
    first_day: int
    last_day: int
    known_until: int
    settled_day: int
    services: tuple[str, ...]
    day: Ints
    known_day: Ints
    service: Ints
    group: NDArray[np.object_]
    nanos: Ints
    has_export_times: bool

    @property
    def day_count(self) -> int:
        """Days from the first to the last with cost."""
        return self.last_day - self.first_day + 1

    @property
    def watched_services(self) -> tuple[str, ...]:
        """The services that rules watch: those with usage, so not what only tax or fees stand under."""
        watched = set(self.service[self.rows_of(WATCHED)].tolist())
        return tuple(name for place, name in enumerate(self.services) if place in watched)

    def rows_of(self, groups: Sequence[str]) -> NDArray[np.bool_]:
        """Which rows are of some groups."""
        return np.isin(self.group.astype(str), list(groups))

    def by_service(self, groups: Sequence[str] = WATCHED) -> Ints:
        """Nanos (services, days), all that is known at the end."""
        mask = self.rows_of(groups)
        table = np.zeros((len(self.services), self.day_count), dtype=np.int64)
        np.add.at(table, (self.service[mask], self.day[mask] - self.first_day), self.nanos[mask])
        return table

    def total(self, groups: Sequence[str]) -> Ints:
        """Nanos (days,) of some groups, all that is known at the end."""
        result: Ints = self.by_service(groups).sum(axis=0)
        return result

    def known_on(self, day: int) -> DailyCosts:
        """The bill as it was known at the end of a day: later rows are not in it, and no day after it."""
        mask = (self.known_day <= day) & (self.day <= day)
        last = int(self.day[mask].max()) if mask.any() else self.first_day
        return DailyCosts(
            self.currency, self.dollar, self.first_day, last, min(day, self.known_until),
            min(self.settled_day, day - (self.known_until - self.settled_day)), self.services, self.day[mask],
            self.known_day[mask], self.service[mask], self.group[mask], self.nanos[mask], self.has_export_times,
        )  # fmt: skip


def daily_costs_of(
    columns: Mapping[str, NDArray[np.generic]], currency: str, conversion_rate: float | None, settled: date | None
) -> DailyCosts:
    """Daily costs from the columns day, known_day (−1: not told), service, cost_group, nanos; at least one row."""
    day = columns["day"].astype(np.int64)
    told = columns["known_day"].astype(np.int64)
    known = np.where(told < 0, day + DAYS_UNTIL_KNOWN, np.maximum(told, day))
    names, service = np.unique(columns["service"].astype(str), return_inverse=True)
    last = int(day.max())
    return DailyCosts(
        currency=currency,
        dollar=conversion_rate or 1.0,
        first_day=int(day.min()),
        last_day=last,
        known_until=int(known.max()),
        settled_day=min(last, day_number(settled)) if settled else last,
        services=tuple(str(each) for each in names),
        day=day,
        known_day=known,
        service=service.astype(np.int64),
        group=columns["cost_group"].astype(object),
        nanos=columns["nanos"].astype(np.int64),
        has_export_times=bool((told >= 0).any()),
    )


def day_number(day: date) -> int:
    """Days since 1970.

    >>> day_number(date(1970, 1, 5)), day_of(4)
    (4, datetime.date(1970, 1, 5))
    """
    return (day - EPOCH).days


def day_of(number: int) -> date:
    """The date of a day number."""
    return EPOCH + timedelta(days=int(number))


def month_of(number: int) -> int:
    """202601 for a day number in January 2026."""
    found = day_of(number)
    return found.year * 100 + found.month


def month_days(month: int) -> tuple[int, int]:
    """First and last day number of a calendar month.

    >>> first, last = month_days(202602)
    >>> last - first + 1
    28
    """
    year, of_year = divmod(month, 100)
    first = date(year, of_year, 1)
    return day_number(first), day_number(date(year + of_year // 12, of_year % 12 + 1, 1)) - 1
