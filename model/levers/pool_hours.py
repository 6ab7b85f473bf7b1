"""A commitment pool laid out on calendar hours, before and after the usage levers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from model.behaviour.existing_commitment import covered_after, unused_on_demand

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from model.bill import Bill, HourAxis, Pool

FALLEN: Final = 0.1
"""Share by which the last month may lie below the window before commitments are sized by it."""


@dataclass(frozen=True, eq=False)
class MonthSums:
    """Sums by invoice month of what stands along an axis whose places are in the months ``index`` (N,)."""

    index: NDArray[np.int64]
    count: int

    @cached_property
    def starts(self) -> NDArray[np.int64] | None:
        """Where each month begins, if the months follow each other and none is missing."""
        found = np.searchsorted(self.index, np.arange(self.count))
        in_order = bool((np.diff(self.index) >= 0).all()) and len(self.index) > 0
        return found.astype(np.int64) if in_order and len(np.unique(self.index)) == self.count else None

    @cached_property
    def length(self) -> NDArray[np.float64]:
        """How many places each month has (M,)."""
        return np.bincount(self.index, minlength=self.count).astype(np.float64)

    def of(self, amounts: NDArray[np.float64]) -> NDArray[np.float64]:
        """Σ by month of ``amounts`` (N,): (M,)."""
        if self.starts is None:
            return by_index(self.index, amounts, self.count)
        return np.asarray(np.add.reduceat(amounts, self.starts), dtype=np.float64)

    def last(self, amounts: NDArray[np.float64]) -> NDArray[np.float64]:
        """What of ``amounts`` (…, N) is in the last month."""
        return np.asarray(amounts[..., self.index == self.count - 1], dtype=np.float64)


@dataclass(frozen=True, eq=False)
class CalendarHours:
    """``slot`` (C,) are the calendar slots; ``hour_of_slot`` (H,) points into them, −1 for hours outside.

    ``months_of_hours`` and ``months_of_slots`` sum calendar hours and slots by invoice month.
    """

    slot: NDArray[np.int64]
    hour_of_slot: NDArray[np.int64]
    months_of_hours: MonthSums
    months_of_slots: MonthSums

    def fold(self, by_slot: NDArray[np.float64]) -> NDArray[np.float64]:
        """Slots (K, H) → calendar hours (K, C): usage billed late joins the hour in which it ran, if in the window."""
        if self.is_whole:
            return by_slot
        hours = by_slot[:, self.slot].copy()
        if len(self.late):
            for series, slots in zip(hours, by_slot, strict=True):
                np.add.at(series, self.hour_of_slot[self.late], slots[self.late])
        return hours

    @cached_property
    def is_whole(self) -> bool:
        """Whether every slot is a calendar hour, in order: then both are the same."""
        return len(self.slot) == len(self.hour_of_slot) and bool((self.hour_of_slot == np.arange(len(self.slot))).all())

    @cached_property
    def late(self) -> NDArray[np.int64]:
        """Slots outside the calendar whose usage ran in an hour of it."""
        return np.setdiff1d(np.flatnonzero(self.hour_of_slot >= 0), self.slot)

    def spread(
        self, covered: NDArray[np.float64], hours: NDArray[np.float64], by_slot: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Covered amounts by calendar hour (K, C) → by slot (K, H), in the share that each slot has of its hour."""
        if self.is_whole:
            return covered
        share = np.divide(covered, hours, out=np.zeros_like(covered), where=hours > 0.0)
        return np.asarray(
            np.where(self.hour_of_slot >= 0, share[:, self.hour_of_slot], 0.0) * by_slot, dtype=np.float64
        )


@lru_cache(maxsize=8)
def calendar_hours(axis: HourAxis) -> CalendarHours:
    """The calendar of an axis, and which calendar hour each slot ran in."""
    slot = np.flatnonzero(axis.is_calendar).astype(np.int64)
    order = np.argsort(axis.hour[slot], kind="stable")
    known = axis.hour[slot][order]
    at = np.minimum(np.searchsorted(known, axis.hour), max(0, len(known) - 1))
    found = known[at] == axis.hour if len(known) else np.zeros(len(axis), dtype=bool)
    hour_of_slot = np.where(found, order[at] if len(known) else -1, -1).astype(np.int64)
    hour_of_slot[slot] = np.arange(len(slot))
    months = int(axis.month_index.max(initial=-1)) + 1
    of_hours, of_slots = MonthSums(axis.month_index[slot], months), MonthSums(axis.month_index, months)
    return CalendarHours(slot, hour_of_slot, of_hours, of_slots)


@dataclass(frozen=True, eq=False)
class PoolUsage:
    """On-demand units per rate class and slot (K, H): what could be covered and what existing commitments cover.

    ``beside_per_hour`` is covered by commitments that the bill does not show yet.
    """

    classes: tuple[str, ...]
    before: NDArray[np.float64]
    after: NDArray[np.float64]
    covered_before: NDArray[np.float64]
    covered_after: NDArray[np.float64]
    unused_before: NDArray[np.float64]
    calendar: CalendarHours
    beside_per_hour: float = 0.0

    @cached_property
    def hours(self) -> NDArray[np.float64]:
        """``left`` by calendar hour (K, C)."""
        return self.calendar.fold(self.left)

    @cached_property
    def hours_before(self) -> NDArray[np.float64]:
        """``left_before`` by calendar hour (K, C); the same array where no lever moves the pool."""
        same = self.before is self.after and self.covered_before is self.covered_after
        return self.hours if same else self.calendar.fold(self.left_before)

    @property
    def last_month_share(self) -> float:
        """Usage an hour of the last month ÷ that of the whole window, after the levers; 1 where there is none."""
        usage = self.calendar.fold(self.after).sum(axis=0)
        last = self.calendar.months_of_hours.last(usage)
        return float(last.mean()) / float(usage.mean()) if len(last) and usage.any() else 1.0

    @cached_property
    def left(self) -> NDArray[np.float64]:
        """What a new commitment could cover: usage after the levers that existing ones leave (K, H)."""
        left = self.after - self.covered_after if self.covered_after.any() else self.after
        return _without(left, self.beside_per_hour)

    @cached_property
    def left_before(self) -> NDArray[np.float64]:
        """The same before the levers."""
        return _without(self.before - self.covered_before, self.beside_per_hour)


def pool_usage(
    bill: Bill, pool: Pool, after: Mapping[str, NDArray[np.float64]], beside_per_hour: float = 0.0
) -> PoolUsage:
    """The usage of a pool; classes that ``after`` does not name are as they were; negative amounts stay outside."""
    classes = tuple(sorted({*pool.eligible, *pool.covered, *after}))
    nothing = np.zeros(len(bill.hours))
    eligible = _stacked(classes, pool.eligible, nothing)
    covered = _stacked(classes, pool.covered, nothing)
    before = eligible + covered if covered.any() else eligible
    now = np.stack(
        [np.maximum(after[key], 0.0) if key in after else row for key, row in zip(classes, before, strict=True)]
    )
    now = before if np.array_equal(now, before) else now
    unused = unused_on_demand(covered.sum(axis=0), pool.fee, pool.offset)
    then = covered if now is before else covered_after(before, covered, now, unused)
    return PoolUsage(classes, before, now, covered, then, unused, calendar_hours(bill.hours), beside_per_hour)


def has_fallen(usage: PoolUsage) -> bool:
    """Whether the last month's usage is so far below the window's that its mean misleads."""
    return usage.last_month_share < 1.0 - FALLEN


def _without(left: NDArray[np.float64], per_hour: float) -> NDArray[np.float64]:
    """What stays of each slot when so much of it is covered elsewhere, pro rata over the classes."""
    if per_hour <= 0.0:
        return left
    total = left.sum(axis=0)
    share = np.divide(np.minimum(total, per_hour), total, out=np.zeros_like(total), where=total > 0.0)
    return np.asarray(left * (1.0 - share), dtype=np.float64)


def by_index(index: NDArray[np.int64], amounts: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Σ of ``amounts`` per index: (``count``,)."""
    return np.bincount(index, weights=amounts, minlength=count).astype(np.float64)


def _stacked(
    classes: Sequence[str], series: Mapping[str, NDArray[np.float64]], nothing: NDArray[np.float64]
) -> NDArray[np.float64]:
    return np.maximum(np.stack([series.get(key, nothing) for key in classes]), 0.0)
