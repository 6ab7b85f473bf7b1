"""The plan of commitments as the JSON document of ``cli.py commitments``: money as decimal text, ratios 0..1."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from exports.commitments_by_hand import resource_commands
from exports.outcome_json import pool_document
from model.commitment_allocation import RULE, allocated
from model.commitment_timeline import rungs_by_way
from model.horizon import HORIZON_MONTHS
from model.levers.commitment_rungs import rungs_text
from model.money import as_text, to_nanos

if TYPE_CHECKING:
    from model.commitment_advice import CommitmentAdvice
    from model.commitment_coverage import HourlyCoverage
    from model.commitment_holdings import Holding
    from model.commitment_judgement import PoolAdvice
    from model.commitment_machines import MachinePlan
    from model.commitment_regret import RegretTable
    from model.commitment_risk import TermRisk
    from model.commitment_subscriptions import Held
    from model.commitment_terms import Terms
    from model.commitment_trend import Trend
    from model.levers.commitment_plan import BoughtRung
    from model.outcome import Outcome
    from model.uncertainty import Quantiles


def commitments_document(advice: CommitmentAdvice, outcome: Outcome) -> dict[str, Any]:
    """Everything that ``commitments`` says about one outcome."""
    together = advice.together
    return {
        "version": 1,
        "fingerprint": outcome.scenario.fingerprint,
        "scenario": outcome.scenario.name,
        "months": [str(month) for month in outcome.bill.months],
        "currency": advice.currency,
        "pools": [_pool(pool, outcome) for pool in advice.pools],
        "together": {
            "commit_per_hour": together.commit_per_hour,
            "saving_per_month": _text(together.saving_per_month),
            "npv": _text(together.npv),
            "drawn_npv": _quantiles(together.drawn_npv),
            "probability_of_loss": together.probability_of_loss,
            "lock_in": _text(together.lock_in),
        },
        "existing": [_holding(holding) for holding in advice.holdings],
        "expiries": [
            {"month": str(expiry.month), "ending": [_held(held) for held in expiry.ending]}
            for expiry in advice.expiries
        ],
        "order_matters": [
            {
                "pool": each.pool, "term": each.term, "commit_first_per_hour": each.commit_first_per_hour,
                "commit_last_per_hour": each.commit_last_per_hour, "saving_first": _text(each.saving_first),
                "saving_last": _text(each.saving_last), "loss_per_month": _text(each.loss),
            }
            for each in advice.order
        ],
        "not_eligible": [
            {"product": each.product, "reason": each.reason, "on_demand": as_text(each.cost_nanos)}
            for each in advice.not_eligible
        ],
        "commands": [
            {"name": each.name, "what": each.what, "command": each.text} for each in resource_commands(outcome.pools)
        ],
        "minimum_spend_shortfall_by_year": [_text(amount) for amount in advice.shortfall_by_year],
        "notes": list(advice.notes),
    }  # fmt: skip


def _pool(advice: PoolAdvice, outcome: Outcome) -> dict[str, Any]:
    plan, risk, rule = advice.plan, advice.risk, advice.rule
    return {
        **pool_document(plan),
        "title": rule.title if rule else plan.pool,
        "scope": rule.scope if rule else "",
        "covers": rule.covers if rule else "",
        "order_of_application": rule.order if rule else None,
        "in_scenario": advice.is_in_scenario,
        "amount": plan.amount,
        "trend": None if advice.trend is None else _trend(advice.trend),
        "currency": plan.currency,
        "saving_range": [_text(amount) for amount in plan.saving_range],
        "stranded": _text(float(plan.stranded_by_month.sum())),
        "committing_first_loss": _text(plan.committing_first_loss),
        "break_even_month": plan.break_even_month,
        "zero_saving_level": plan.zero_saving_level,
        "npv": None if risk is None else _text(risk.npv),
        "risk": None if risk is None else _risk(risk),
        "risk_by_term": {term: _risk(each) for term, each in advice.risks.items()},
        "options": [pool_document(option) for option in advice.options],
        "curve": [{"covered_per_hour": x, "cost": _text(cost)} for x, cost in plan.curve],
        "terms": _terms(advice.terms, outcome),
        "ladder": _ladder(advice.terms, outcome),
        "rungs": [_rung(rung) for rung in plan.rungs],
        "regret": None if advice.regret is None else _regret(advice.regret),
        "hourly_coverage": None if advice.coverage is None else _coverage(advice.coverage),
        "allocation": {
            "rule": RULE,
            "places": [
                {
                    "product": place.product, "project": place.project, "covered": as_text(place.covered_nanos),
                    "fee": as_text(place.fee_nanos), "saving": as_text(place.saving_nanos),
                }
                for place in allocated(outcome, plan)
            ],
        },
        "whole_pieces": [asdict(each) | {"saving": _text(each.saving)} for each in advice.pieces],
        "machines": [_machines(each) for each in advice.machines],
        "holding": None if advice.holding is None else _holding(advice.holding),
        "steps": list(plan.steps),
        "notes": list(dict.fromkeys(advice.notes)),
    }  # fmt: skip


def _trend(trend: Trend) -> dict[str, Any]:
    return {
        "highest_month": str(trend.highest_month), "last_month": str(trend.last_month), "fall": trend.fall,
        "last_share": trend.last_share, "per_month": trend.per_month,
    }  # fmt: skip


def _machines(plan: MachinePlan) -> dict[str, Any]:
    """Resource commitments of one term, with the flexible one beside them."""
    return {
        "term": plan.term,
        "saving_per_month": _text(plan.saving),
        "flexible_alone_saving_per_month": _text(plan.flexible_alone_saving),
        "gain_per_month": _text(plan.gain),
        "flexible_commit_per_hour": plan.flexible_commit_per_hour,
        "lock_in": _text(plan.lock_in),
        "commitments": [asdict(each) | {"saving": _text(each.saving)} for each in plan.commitments],
    }


def _risk(risk: TermRisk) -> dict[str, Any]:
    return {
        "term": risk.term,
        "months": risk.months,
        "commit_per_hour": risk.commit_per_hour,
        "covered_on_demand_per_hour": risk.covered_on_demand_per_hour,
        "npv": _text(risk.npv),
        "drawn_npv": _quantiles(risk.drawn_npv),
        "probability_of_loss": risk.probability_of_loss,
        "best_commit_per_hour": risk.best_commit_per_hour,
        "best_covered_on_demand_per_hour": risk.best_covered_on_demand_per_hour,
        "lock_in": _text(risk.lock_in),
        "owed_before_month": [_text(amount) for amount in risk.owed],
        "saving_by_month": [_text(amount) for amount in risk.saving_by_month],
        "largest_fall": risk.largest_fall,
        "safe_from_month": risk.safe_from_month,
        "draws": risk.draws,
        "seed": risk.seed,
    }


def _rung(rung: BoughtRung) -> dict[str, Any]:
    return {
        "start_month": str(rung.start_month), "term": rung.term, "rates": dict(rung.rates),
        "covered_on_demand_per_hour": rung.covered_on_demand_per_hour, "commit_per_hour": rung.commit_per_hour,
        "renewed": rung.is_renewed, "steps": list(rung.steps),
    }  # fmt: skip


def _terms(terms: Terms | None, outcome: Outcome) -> list[dict[str, Any]]:
    """Ways to buy over 36 months; ``rungs`` is what the scenario types for a mix or a ladder."""
    if terms is None:
        return []
    typed = {key: rungs_text(found) for key, found in rungs_by_way(outcome.bill, terms).items()}
    return [
        {
            "key": each.key, "title": each.title, "cost": _text(each.cost), "saving": _text(each.saving),
            "npv": _text(each.npv), "best": each is terms.best, "rungs": typed.get(each.key, ""),
        }
        for each in terms.choices
    ]  # fmt: skip


def _ladder(terms: Terms | None, outcome: Outcome) -> list[dict[str, Any]]:
    """Rungs that start within the horizon, by calendar month."""
    if terms is None or terms.ladder is None:
        return []
    last = outcome.bill.months[-1]
    return [
        {
            "start_month": str(_month_after(last, rung.tranche.start)), "months": rung.tranche.months,
            "discount": rung.tranche.discount, "covered_on_demand_per_hour": rung.covered_per_hour,
            "commit_per_hour": rung.covered_per_hour * (1.0 - rung.tranche.discount),
        }
        for rung in terms.ladder.rungs
        if rung.tranche.start < HORIZON_MONTHS
    ]  # fmt: skip


def _month_after(month: int, ahead: int) -> int:
    """The calendar month that is so many after the next one."""
    count = month // 100 * 12 + month % 100 + ahead
    return count // 12 * 100 + count % 12 + 1


def _regret(table: RegretTable) -> dict[str, Any]:
    return {
        "term": table.term,
        "futures": list(table.futures),
        "best_commit_per_hour": [float(level) for level in table.best],
        "least": table.least.title,
        "amounts": [
            {
                "title": amount.title, "commit_per_hour": amount.commit_per_hour,
                "covered_on_demand_per_hour": amount.covered_on_demand_per_hour,
                "saving": [_text(x) for x in saving], "regret": [_text(x) for x in regret],
            }
            for amount, saving, regret in zip(table.amounts, table.saving, table.regret, strict=True)
        ],
    }  # fmt: skip


def _coverage(coverage: HourlyCoverage) -> dict[str, Any]:
    """Monday to Sunday × UTC hour; null where there is nothing."""
    return {
        "coverage": [[_ratio(x) for x in row] for row in coverage.coverage],
        "usage_per_hour": [[_ratio(x) for x in row] for row in coverage.usage],
        "used": [[_ratio(x) for x in row] for row in coverage.used],
    }


def _holding(holding: Holding) -> dict[str, Any]:
    unused = holding.unused_nanos
    return {
        "name": holding.name,
        "fee": as_text(holding.fee_nanos),
        "fee_per_hour": holding.fee_per_hour,
        "covered": as_text(holding.covered_nanos),
        "unused": None if unused is None else as_text(unused),
        "utilisation": holding.utilisation,
        "coverage": holding.coverage,
        "effective_savings_rate": holding.effective_savings_rate,
        "saving": as_text(holding.saving_nanos),
        "fees": [
            {
                "sku": fee.sku, "region": fee.region, "term": fee.term, "billing_model": fee.billing_model,
                "fee": as_text(fee.fee_nanos),
                "unused": None if fee.unused_nanos is None else as_text(fee.unused_nanos),
            }
            for fee in holding.fees
        ],
        "commitments": [_held(held) for held in holding.held],
        "notes": list(holding.notes),
    }  # fmt: skip


def _held(held: Held) -> dict[str, Any]:
    return asdict(held)


def _quantiles(quantiles: Quantiles) -> dict[str, str]:
    return {"p10": _text(quantiles.p10), "p50": _text(quantiles.p50), "p90": _text(quantiles.p90)}


def _ratio(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 6)


def _text(amount: float) -> str:
    return as_text(to_nanos(float(amount)))
