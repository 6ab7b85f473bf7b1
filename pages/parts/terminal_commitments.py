"""What the command line says of commitments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exports.commitments_by_hand import resource_commands
from model.commitment_pools import pool_title
from model.commitment_timeline import rungs_by_way
from model.levers.commitment_plan import TERM_TITLES
from model.levers.commitment_rungs import rungs_text
from model.money import to_nanos
from pages.parts.commitment_words import machines_sentence, per_hour
from pages.parts.wording import counted, money, month

if TYPE_CHECKING:
    from collections.abc import Mapping

    from model.bill import Bill
    from model.commitment_advice import CommitmentAdvice, Together
    from model.commitment_holdings import Holding
    from model.commitment_judgement import PoolAdvice
    from model.commitment_machines import MachinePlan
    from model.commitment_risk import TermRisk
    from model.commitment_subscriptions import Expiry
    from model.commitment_terms import Choice
    from model.levers.commitment_plan import BoughtRung, PoolPlan
    from model.levers.commitment_rungs import PlannedRung
    from model.uncertainty import Quantiles

SHOWN_EXCLUSIONS = 8


def commitment_lines(advice: CommitmentAdvice, bill: Bill) -> list[str]:
    """What stands, what to buy in each pool, how it may go wrong, and what no commitment covers."""
    together, currency, month_count = advice.together, advice.currency, len(bill.months)
    return [
        *(line for holding in advice.holdings if holding.fee_nanos for line in _standing(holding, currency)),
        *(f"{expiry.month}: {_names(expiry)} ends." for expiry in advice.expiries),
        *(line for pool in advice.pools for line in _pool(pool, currency, month_count, bill)),
        *(_together(together, currency) if together.commit_per_hour else []),
        *(f"To buy {each.what}: {each.text}" for each in resource_commands(pool.plan for pool in advice.pools)),
        *(
            f"Order matters: {pool_title(each.pool)}, {TERM_TITLES[each.term]}, signed before right-sizing loses "
            f"{_money(each.loss, currency)} a month."
            for each in advice.order
        ),
        *(
            f"Not covered: {money(each.cost_nanos, currency)} of {each.product}, since {each.reason}."
            for each in advice.not_eligible[:SHOWN_EXCLUSIONS]
        ),
        *(f"note: {note}" for note in advice.notes),
    ]


def _together(together: Together, currency: str) -> list[str]:
    saving = _money(together.saving_per_month, currency)
    return [
        f"All together: {together.commit_per_hour:.4f} {currency}/h saves {saving} a month.",
        (
            f"  NPV {_money(together.npv, currency)}; {_drawn(together.drawn_npv, currency)}; binds "
            f"{_money(together.lock_in, currency)}"
        ),
    ]


def _pool(advice: PoolAdvice, currency: str, month_count: int, bill: Bill) -> list[str]:
    plan, risk = advice.plan, advice.risk
    typed = rungs_by_way(bill, advice.terms) if advice.terms else {}
    notes = [f"  note: {note}" for note in dict.fromkeys(advice.notes)]
    if risk is None:
        return [f"{pool_title(plan.name)}: nothing to buy.", *notes]
    place = "in the scenario" if advice.is_in_scenario else "not in the scenario"
    saving = _money(plan.saving / month_count, currency)
    return [
        (
            f"{pool_title(plan.name)}, {TERM_TITLES[plan.term]}, {place}: commit {_units(plan)}"
            f"{plan.commit_per_hour:.6f} {currency}/h discounted (covers {plan.covered_on_demand_per_hour:.6f} "
            f"{currency}/h at on-demand), saves {saving} a month."
        ),
        (
            f"  used {_share(plan.utilisation)}, covers {_share(plan.coverage)}, breaks even at "
            f"{_share(plan.break_even_utilisation)} use"
        ),
        *(_rung_line(rung, currency) for rung in plan.rungs if not rung.is_renewed),
        *_risk_lines(risk, currency),
        *(_regret_lines(advice)),
        *(line for way in (advice.terms.choices[1:] if advice.terms else ()) for line in _way(way, typed, advice)),
        *(
            f"  or {counted(each.amount, each.unit, f'{each.unit}s')}, {TERM_TITLES[each.term]}: saves "
            f"{_money(each.saving, currency)} a month"
            for each in advice.pieces
        ),
        *(line for each in advice.machines for line in _machine_lines(each, currency)),
        *notes,
    ]


def _units(plan: PoolPlan) -> str:
    """Units of a resource commitment, before what they cost."""
    if not plan.units:
        return ""
    what = counted(plan.units, plan.unit, f"{plan.unit}s") if plan.unit == "slot" else f"{plan.units:,} {plan.unit}"
    return f"{what}, "


def _machine_lines(plan: MachinePlan, currency: str) -> list[str]:
    return [
        f"  or: {machines_sentence(plan, currency)}",
        *(
            f"    {each.series.upper()} in {each.region}: {each.count('vcpu')} vCPU and {each.count('memory')} GiB at "
            f"{per_hour(each.fee_per_hour, currency)} an hour, used {_share(each.utilisation)}, breaks even at "
            f"{_share(each.break_even_utilisation)}"
            for each in plan.commitments
        ),
    ]


def _rung_line(rung: BoughtRung, currency: str) -> str:
    return (
        f"  from {month(rung.start_month)} for {TERM_TITLES[rung.term]}: commit {rung.commit_per_hour:.6f} {currency}/h"
        f" discounted (covers {rung.covered_on_demand_per_hour:.6f} {currency}/h at on-demand)"
    )


def _way(way: Choice, typed: Mapping[str, tuple[PlannedRung, ...]], advice: PoolAdvice) -> list[str]:
    """One way to buy, and what to type for a mix or a ladder."""
    currency = advice.plan.currency
    told = f"  {way.title}: saves {_money(way.saving, currency)} in 36 months, NPV {_money(way.npv, currency)}"
    if way.key not in typed:
        return [told]
    return [told, f"    --set 'commitments.{advice.plan.name}.rungs={rungs_text(typed[way.key])}'"]


def _risk_lines(risk: TermRisk, currency: str) -> list[str]:
    fall = "any fall loses" if risk.largest_fall is None else f"usage may be {risk.largest_fall:.0%} lower throughout"
    safe = "never" if risk.safe_from_month is None else f"after month {risk.safe_from_month}"
    return [
        (
            f"  NPV {_money(risk.npv, currency)}; {_drawn(risk.drawn_npv, currency)}; probability of loss "
            f"{risk.probability_of_loss:.1%}"
        ),
        f"  binds {_money(risk.lock_in, currency)}; {fall}; all usage may go {safe} without a loss",
    ]


def _regret_lines(advice: PoolAdvice) -> list[str]:
    table = advice.regret
    if table is None:
        return []
    worst = table.futures[int(table.regret[[a.title for a in table.amounts].index("the plan")].argmax())]
    return [f"  most regretted if: {worst}; least regret in the worst case: {table.least.title}"]


def _standing(holding: Holding, currency: str) -> list[str]:
    unused = holding.unused_nanos
    lost = "not known" if unused is None else money(unused, currency)
    return [
        (
            f"Standing, {pool_title(holding.name)}: {money(holding.fee_nanos, currency)} paid, "
            f"{_share(holding.utilisation)} used, {lost} unused, covers {_share(holding.coverage)}, saves "
            f"{money(holding.saving_nanos, currency)}."
        ),
        *(f"  note: {note}" for note in holding.notes),
    ]


def _names(expiry: Expiry) -> str:
    return ", ".join(f"{each.name or each.identity} ({pool_title(each.pool)})" for each in expiry.ending)


def _drawn(quantiles: Quantiles, currency: str) -> str:
    return f"drawn P10 {_money(quantiles.p10, currency)}, P90 {_money(quantiles.p90, currency)}"


def _share(ratio: float | None) -> str:
    return "—" if ratio is None else f"{ratio:.1%}"


def _money(amount: float, currency: str) -> str:
    return money(to_nanos(float(amount)), currency)
