"""What to say when a purchase is doubted: the future it fears most, what another amount saves, what is still owed."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from model.commitment_regret import PLANNED

if TYPE_CHECKING:
    from model.commitment_judgement import PoolAdvice
    from model.commitment_regret import RegretTable
    from model.commitment_risk import TermRisk


@dataclass(frozen=True)
class Fate:
    """One amount in one future, currency units over the term: against on-demand, and against the best in hindsight."""

    amount: str
    future: str
    commit_per_hour: float
    saving: float
    regret: float

    @property
    def is_loss(self) -> bool:
        """Whether on-demand would have been cheaper."""
        return self.saving < 0.0


@dataclass(frozen=True)
class Owed:
    """What is still due after so many months of a term, whatever happens to the usage."""

    after_months: int
    amount: float


def fates(table: RegretTable) -> tuple[Fate, ...]:
    """Every amount in every future, future by future, the smallest amount first."""
    return tuple(
        Fate(
            amount.title,
            future,
            amount.commit_per_hour,
            float(table.saving[place, column]),
            float(table.regret[place, column]),
        )
        for column, future in enumerate(table.futures)
        for place, amount in enumerate(table.amounts)
    )


def planned_fates(advice: PoolAdvice) -> tuple[Fate, ...]:
    """The purchase itself in every future; empty where nothing is bought."""
    return () if advice.regret is None else tuple(each for each in fates(advice.regret) if each.amount == PLANNED)


def worst_fate(advice: PoolAdvice) -> Fate | None:
    """The future in which the purchase saves least, or loses most."""
    return min(planned_fates(advice), key=lambda each: each.saving, default=None)


def most_regretted(advice: PoolAdvice) -> Fate | None:
    """The future in which another amount would have been better by most."""
    return max(planned_fates(advice), key=lambda each: each.regret, default=None)


def owed(risk: TermRisk) -> tuple[Owed, ...]:
    """At signature and after every half year until the end of the term."""
    return tuple(Owed(after, risk.owed[after]) for after in range(0, risk.months + 1, 6))


def owed_at_most(risks: tuple[TermRisk, ...]) -> tuple[Owed, ...]:
    """Several purchases together, signed on one day: at signature and after every half year."""
    longest = max((risk.months for risk in risks), default=-1)
    return tuple(
        Owed(after, sum(risk.owed[after] for risk in risks if after <= risk.months))
        for after in range(0, longest + 1, 6)
    )


@dataclass(frozen=True)
class Bound:
    """After so many months of a term: what is still owed, and what has been saved till then (as assumed)."""

    after_months: int
    owed: float
    saved: float


def bounds(risk: TermRisk) -> tuple[Bound, ...]:
    """Month by month from signature to the end of the term."""
    saved = accumulate(risk.saving_by_month, initial=0.0)
    return tuple(Bound(after, due, so_far) for after, (due, so_far) in enumerate(zip(risk.owed, saved, strict=True)))
