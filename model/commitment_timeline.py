"""From when to when commitments run: those that stand, as their export says, and those that would be bought."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from model.commitment_curves import bought
from model.commitment_holdings import held_commitments
from model.horizon import HORIZON_MONTHS
from model.levers.commitment_plan import TERM_MONTHS

if TYPE_CHECKING:
    from model.behaviour.commitment_ladder import Ladder, Rung
    from model.bill import Bill
    from model.commitment_advice import CommitmentAdvice


@dataclass(frozen=True)
class Span:
    """One commitment from its start to its end (ISO dates); ``amount_per_hour`` as it was or would be entered.

    A planned one starts with the month after the bill.
    """

    pool: str
    title: str
    starts: str
    ends: str
    amount_per_hour: float
    is_planned: bool


def timeline(bill: Bill, advice: CommitmentAdvice) -> tuple[Span, ...]:
    """Active commitments by end, then the purchases that are judged."""
    standing = sorted((held for held in held_commitments(bill) if held.state == "active"), key=lambda held: held.ends)
    first = _month_after(bill.months[-1], 0)
    return (
        *(
            Span(held.pool, held.name or held.identity, held.starts[:10], held.ends[:10], held.amount_per_hour,
                 is_planned=False)
            for held in standing
        ),
        *(
            Span(pool.plan.name, pool.plan.name, first, _month_after(bill.months[-1], TERM_MONTHS[pool.plan.term]),
                 pool.plan.commit_per_hour, is_planned=True)
            for pool in bought(advice)
        ),
    )  # fmt: skip


@dataclass(frozen=True)
class RungOfLadder:
    """One rung: the month in which it starts (YYYYMM), its term in months, and its amounts per hour."""

    start_month: int
    months: int
    covered_on_demand_per_hour: float
    commit_per_hour: float


def rungs(bill: Bill, ladder: Ladder) -> tuple[RungOfLadder, ...]:
    """The rungs that start within the horizon, the earliest first."""
    starting = sorted((rung for rung in ladder.rungs if rung.tranche.start < HORIZON_MONTHS), key=_order)
    return tuple(
        RungOfLadder(
            int(_month_after(bill.months[-1], rung.tranche.start)[:7].replace("-", "")),
            rung.tranche.months,
            rung.covered_per_hour,
            rung.covered_per_hour * (1.0 - rung.tranche.discount),
        )
        for rung in starting
    )


def _order(rung: Rung) -> tuple[int, int]:
    return rung.tranche.start, rung.tranche.months


def bill_ends(bill: Bill) -> str:
    """The day on which the bill's last month is over (ISO)."""
    return _month_after(bill.months[-1], 0)


def _month_after(month: int, ahead: int) -> str:
    """First day of the month that is so many after the next one.

    >>> _month_after(202512, 0), _month_after(202601, 12)
    ('2026-01-01', '2027-02-01')
    """
    year, number = divmod(month // 100 * 12 + month % 100 + ahead, 12)
    return f"{year}-{number + 1:02d}-01"
