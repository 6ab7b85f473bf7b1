"""From when to when commitments run: those that stand, as their export says, and those that would be bought."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from model.commitment_curves import bought
from model.commitment_holdings import held_commitments
from model.horizon import HORIZON_MONTHS
from model.levers.commitment_plan import TERM_MONTHS
from model.levers.commitment_rungs import PlannedRung, ordered

if TYPE_CHECKING:
    from model.behaviour.commitment_ladder import Ladder, Mix
    from model.bill import Bill
    from model.commitment_advice import CommitmentAdvice
    from model.commitment_terms import Terms


@dataclass(frozen=True)
class Span:
    """One commitment from its start to its end (ISO dates); ``amount_per_hour`` as it was or would be entered.

    A planned one without a month of its own starts with the month after the bill.
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
    return (
        *(
            Span(held.pool, held.name or held.identity, held.starts[:10], held.ends[:10], held.amount_per_hour,
                 is_planned=False)
            for held in standing
        ),
        *(
            Span(pool.plan.name, pool.plan.name, first_day(rung.start_month), first_day(rung.start_month, rung.months),
                 rung.commit_per_hour, is_planned=True)
            for pool in bought(advice)
            for rung in pool.plan.rungs
        ),
    )  # fmt: skip


def rungs(bill: Bill, ladder: Ladder) -> tuple[PlannedRung, ...]:
    """The rungs that start within the horizon, as a scenario types them."""
    starting = (rung for rung in ladder.rungs if rung.tranche.start < HORIZON_MONTHS)
    return ordered(_planned(bill, rung.tranche.start, rung.tranche.months, rung.covered_per_hour) for rung in starting)


def mixed_rungs(bill: Bill, mix: Mix) -> tuple[PlannedRung, ...]:
    """The commitment of 3 years and those of 1 year on top, as a scenario types them."""
    tops = [_planned(bill, 12 * year, 12, top) for year, top in enumerate(mix.one_year)]
    return ordered(rung for rung in (_planned(bill, 0, 36, mix.three_years), *tops) if rung.covered_per_hour > 0.0)


def rungs_by_way(bill: Bill, terms: Terms) -> dict[str, tuple[PlannedRung, ...]]:
    """What a scenario would type to buy as the mix and as the ladder say; only those that buy anything."""
    found = {
        "mix": () if terms.mix is None else mixed_rungs(bill, terms.mix),
        "ladder": () if terms.ladder is None else rungs(bill, terms.ladder),
    }
    return {key: each for key, each in found.items() if each}


def _planned(bill: Bill, start: int, months: int, covered_per_hour: float) -> PlannedRung:
    term = next(term for term, length in TERM_MONTHS.items() if length == months)
    month = int(_month_after(bill.months[-1], start)[:7].replace("-", ""))
    return PlannedRung(month, term, round(covered_per_hour, 6))


def bill_ends(bill: Bill) -> str:
    """The day on which the bill's last month is over (ISO)."""
    return _month_after(bill.months[-1], 0)


def first_day(month: int, ahead: int = 0) -> str:
    """First day of a month (YYYYMM), or of the one that is so many after it (ISO)."""
    return _month_after(month, ahead - 1)


def _month_after(month: int, ahead: int) -> str:
    """First day of the month that is so many after the next one.

    >>> _month_after(202512, 0), _month_after(202601, 12)
    ('2026-01-01', '2027-02-01')
    """
    year, number = divmod(month // 100 * 12 + month % 100 + ahead, 12)
    return f"{year}-{number + 1:02d}-01"
