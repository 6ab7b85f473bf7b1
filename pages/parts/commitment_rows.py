"""Commitments as table rows: purchases, their use and risk, terms, order, what is owed, what stands already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from model.commitment_curves import bought, saving_per_month
from model.commitment_doubt import most_regretted, owed_at_most, worst_fate
from model.commitment_pools import pool_title as title_of_pool
from model.commitment_pools import series_title
from model.levers.commitment_plan import TERM_TITLES
from pages.parts.commitment_words import chance, per_hour, pool_title, runs, units
from pages.parts.wording import counted, money, month, ratio

if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.commitment_advice import CommitmentAdvice
    from model.commitment_holdings import Holding
    from model.commitment_judgement import PoolAdvice
    from model.commitment_machines import MachinePlan
    from model.commitment_order import OrderLoss
    from model.commitment_steps import WholePieces
    from model.levers.commitment_plan import PoolPlan
    from model.levers.commitment_rungs import PlannedRung

PURCHASE_COLUMNS: Final = (
    "Pool", "Term", "Runs", "Commit an hour", "Covers on-demand an hour", "Saves a month", "NPV", "Binds",
)  # fmt: skip
RISK_COLUMNS: Final = (
    "Pool", "Loses money in", "NPV, P10 to P90", "Usage may fall by", "Worst future", "Saves then", "Most regret",
)  # fmt: skip
USE_COLUMNS: Final = ("Pool", "Used", "Breaks even at", "Covers", "Existing pay an hour", "Safe from month")
ORDER_COLUMNS: Final = ("Pool", "Term", "Signed first", "Signed last", "Signing first loses a month")
A_CENT: Final = 0.01
"""Ways to buy that differ by less are the same; the simplest of them counts."""

MACHINE_COLUMNS: Final = ("What", "vCPU", "GiB", "Fee an hour", "Used", "Breaks even at", "Saves a month")
OWED_COLUMNS: Final = ("After", "Still owed")
RUNG_COLUMNS: Final = ("Starts", "Term", "Covers on-demand an hour")


def purchase_rows(advice: CommitmentAdvice, month_count: int) -> list[tuple[str, ...]]:
    """What would be bought, a row a pool."""
    return [
        (
            pool_title(pool), TERM_TITLES[pool.plan.term], runs(pool.plan), committed(pool.plan),
            per_hour(pool.plan.covered_on_demand_per_hour, advice.currency),
            units(saving_per_month(pool.plan, month_count), advice.currency),
            units(pool.risk.npv, advice.currency), units(pool.risk.lock_in, advice.currency),
        )
        for pool in bought(advice)
        if pool.risk is not None
    ]  # fmt: skip


def committed(plan: PoolPlan) -> str:
    """What is bought an hour: discounted money, with the units of a resource commitment."""
    amount = per_hour(plan.commit_per_hour, plan.currency)
    plural = "s" if plan.unit == "slot" and plan.units != 1 else ""
    return f"{plan.units:,} {plan.unit}{plural}, {amount}" if plan.units else amount


def use_rows(advice: CommitmentAdvice) -> list[tuple[str, ...]]:
    """How well each purchase is used, and after which month everything may go."""
    return [
        (
            pool_title(pool), ratio(pool.plan.utilisation), ratio(pool.plan.break_even_utilisation),
            ratio(pool.plan.coverage), per_hour(pool.plan.existing.fee_per_hour, advice.currency),
            "never" if pool.risk.safe_from_month is None else str(pool.risk.safe_from_month),
        )
        for pool in bought(advice)
        if pool.risk is not None
    ]  # fmt: skip


def risk_rows(advice: CommitmentAdvice) -> list[tuple[str, ...]]:
    """How each purchase may go wrong."""
    rows = []
    for pool in bought(advice):
        risk, worst, regret = pool.risk, worst_fate(pool), most_regretted(pool)
        if risk is None or worst is None or regret is None:
            continue
        spread = " to ".join(units(each, advice.currency) for each in (risk.drawn_npv.p10, risk.drawn_npv.p90))
        fall = "loses as it is" if risk.largest_fall is None else ratio(risk.largest_fall)
        rows.append(
            (
                pool_title(pool), chance(risk.probability_of_loss), spread, fall, worst.future,
                units(worst.saving, advice.currency), units(regret.regret, advice.currency),
            )
        )  # fmt: skip
    return rows


def term_rows(advice: PoolAdvice) -> list[dict[str, Any]]:
    """Every way to buy over the same 36 months."""
    if advice.terms is None:
        return []
    best = next(each.key for each in advice.terms.choices if each.npv >= advice.terms.best.npv - A_CENT)
    return [
        {
            "": "● best" if each.key == best else "", "Way to buy": each.title, "Cost of 36 months": each.cost,
            "Saves in 36 months": each.saving, "NPV": each.npv,
        }
        for each in advice.terms.choices
    ]  # fmt: skip


def order_rows(losses: Sequence[OrderLoss], titles: dict[str, str], currency: str) -> list[tuple[str, ...]]:
    """A row a pool and term: the amounts bought first and last, and the loss."""
    return [
        (
            titles.get(each.pool, each.pool), TERM_TITLES[each.term], per_hour(each.commit_first_per_hour, currency),
            per_hour(each.commit_last_per_hour, currency), units(each.loss, currency),
        )
        for each in losses
    ]  # fmt: skip


def owed_rows(advice: CommitmentAdvice) -> list[tuple[str, str]]:
    """What all purchases together still bind, every half year."""
    found = owed_at_most(tuple(pool.risk for pool in bought(advice) if pool.risk is not None))
    return [
        ("signature" if not each.after_months else counted(each.after_months, "month", "months"),
         units(each.amount, advice.currency))
        for each in found
    ]  # fmt: skip


def holding_rows(holdings: Sequence[Holding], currency: str) -> list[dict[str, str]]:
    """What stands already and how well it is used."""
    return [
        {
            "Pool": title_of_pool(each.name), "Fee": money(each.fee_nanos, currency), "Used": ratio(each.utilisation),
            "Unused": "not known" if each.unused_nanos is None else money(each.unused_nanos, currency),
            "Covers": ratio(each.coverage), "Saves": money(each.saving_nanos, currency),
            "ESR": ratio(each.effective_savings_rate),
            "Ends": ", ".join(held.ends[:10] for held in each.held) or "not known",
        }
        for each in holdings
    ]  # fmt: skip


def rung_rows(found: Sequence[PlannedRung], currency: str) -> list[tuple[str, ...]]:
    """A row a rung of the ladder."""
    return [
        (month(rung.start_month), TERM_TITLES[rung.term], per_hour(rung.covered_per_hour, currency)) for rung in found
    ]


def piece_row(piece: WholePieces) -> dict[str, Any]:
    """Whole pieces as a table row."""
    return {
        "What": f"{counted(piece.amount, piece.unit, f'{piece.unit}s')} for {TERM_TITLES[piece.term]}",
        "Where": piece.region, "Used": ratio(piece.utilisation), "Saves a month": piece.saving,
    }  # fmt: skip


def machine_rows(plan: MachinePlan, currency: str) -> list[tuple[str, ...]]:
    """A row for every resource commitment of a term, then the flexible one that goes with them."""
    rows = [
        (
            f"{series_title(each.series)} in {each.region or 'no region'}", f"{each.count('vcpu'):,}",
            f"{each.count('memory'):,}", per_hour(each.fee_per_hour, currency), ratio(each.utilisation),
            ratio(each.break_even_utilisation), units(each.saving, currency),
        )
        for each in plan.commitments
    ]  # fmt: skip
    beside = units(plan.saving - sum(each.saving for each in plan.commitments), currency)
    flexible = ("Compute flexible on what they leave", "—", "—", per_hour(plan.flexible_commit_per_hour, currency))
    return [*rows, (*flexible, "—", "—", beside)]
