"""The promise ledger: months of a promise added up, and how each lever stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from model.ledger_month import LedgerMonth, LeverMonth
    from model.promise import Promise

Status = Literal["delivered", "partly", "not seen", "reversed", "cannot be told", "too early"]
DELIVERED: Final = 0.9
NOT_SEEN: Final = 0.1
"""Shares of what was possible in the newest month: from here on delivered, and below not seen."""


@dataclass(frozen=True)
class LeverStanding:
    """A lever over all months so far, in nanos; ``status`` is judged in the newest month."""

    lever: str
    promised_nanos: int
    possible_nanos: int
    realised_nanos: int
    status: Status


@dataclass(frozen=True)
class Ledger:
    """One promise and its months so far, oldest first."""

    promise: Promise
    months: tuple[LedgerMonth, ...]

    @property
    def promised_nanos(self) -> int:
        """What the months so far were to save."""
        return sum(month.promised_nanos for month in self.months)

    @property
    def realised_nanos(self) -> int:
        """What they saved."""
        return sum(month.realised_nanos for month in self.months)

    @property
    def levers(self) -> tuple[LeverStanding, ...]:
        """Every lever of the promise."""
        names = dict.fromkeys((*self.promise.promised, *(each.lever for month in self.months for each in month.levers)))
        return tuple(_standing(name, self._of(name)) for name in names)

    def _of(self, lever: str) -> list[LeverMonth]:
        return [each for month in self.months for each in month.levers if each.lever == lever]


def status_of(months: list[LeverMonth]) -> Status:
    """How a lever stands, by its months oldest first.

    Too early: no month yet, or nothing was due. Cannot be told: nothing of it shows in rows, or less is possible than
    the method misses by. Reversed: it worked in an earlier month and is not seen in the newest.
    """
    due = [month for month in months if month.promised_nanos]
    if not due:
        return "too early"
    newest = due[-1]
    reference = newest.possible_nanos or newest.promised_nanos
    if not newest.is_seen or abs(reference) <= newest.swing_nanos:
        return "cannot be told"
    share = newest.realised_nanos / reference
    if share >= DELIVERED:
        return "delivered"
    if share >= NOT_SEEN:
        return "partly"
    earlier = [month for month in due[:-1] if month.possible_nanos or month.promised_nanos]
    worked = any(each.realised_nanos / (each.possible_nanos or each.promised_nanos) >= 0.5 for each in earlier)
    return "reversed" if worked else "not seen"


def _standing(lever: str, months: list[LeverMonth]) -> LeverStanding:
    return LeverStanding(
        lever,
        sum(each.promised_nanos for each in months),
        sum(each.possible_nanos for each in months),
        sum(each.realised_nanos for each in months),
        status_of(months),
    )
