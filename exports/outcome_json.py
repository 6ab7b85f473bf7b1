"""An outcome as the JSON document of ``cli.py simulate``: money as decimal text of scale 9, ratios 0..1."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from exports.attribution_json import attribution_document
from exports.finance_json import figures_document, projection_document, uncertainty_document
from exports.plan_json import finite_values
from model.attribution import attribution, interactions
from model.money import as_text, to_nanos
from model.plan import BASIS
from model.projection import figures, project

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from model.attribution import Method
    from model.costs import Breakdown, Costs
    from model.levers.commitments import PoolPlan
    from model.outcome import LeverOutcome, Outcome
    from model.parameter import Parameter
    from model.uncertainty import Uncertainty


def outcome_document(
    outcome: Outcome, method: Method = "causal", uncertainty: Uncertainty | None = None
) -> dict[str, Any]:
    """Everything that ``simulate`` says about one scenario on one bill; uncertainty where it was drawn."""
    currency, projection = outcome.bill.currency, project(outcome)
    return {
        "version": 1,
        "fingerprint": outcome.scenario.fingerprint,
        "scenario": outcome.scenario.name,
        "snapshot": outcome.bill.snapshot,
        "is_demo": outcome.bill.is_demo,
        "months": [str(month) for month in outcome.bill.months],
        "currency": currency,
        "basis": BASIS,
        "baseline": breakdown_document(outcome.baseline, currency),
        "outcome": breakdown_document(outcome.result, currency),
        "saving": as_text(outcome.saving_nanos),
        "levers": [_lever(item) for item in outcome.levers],
        "interaction": as_text(outcome.interaction_nanos),
        "attribution": attribution_document(attribution(outcome, method), interactions(outcome), currency),
        "guardrails": [finite_values(asdict(guardrail)) for guardrail in outcome.guardrails],
        "risks": [finite_values(asdict(risk)) for risk in outcome.risks],
        "calibration": [finite_values(asdict(calibration)) for calibration in outcome.calibrations],
        "commitments": [pool_document(pool) for pool in outcome.pools],
        "changes": [asdict(change) for change in outcome.changes],
        "finance": figures_document(figures(projection)),
        "projection": projection_document(projection),
        "uncertainty": None if uncertainty is None else uncertainty_document(uncertainty, projection.months),
        "notes": [*outcome.bill.notes, *outcome.notes],
    }


def breakdown_document(breakdown: Breakdown, currency: str) -> dict[str, Any]:
    """Costs in total and by month, product, project (key '' is no project)."""
    return {
        "total": costs_document(breakdown.total, currency),
        "by_month": _by_key(breakdown.by_month, currency),
        "by_product": _by_key(breakdown.by_product, currency),
        "by_project": _by_key(breakdown.by_project, currency),
    }


def costs_document(costs: Costs, currency: str) -> dict[str, str]:
    """The five costs, the credits between cost and net, and the headline."""
    return {
        "currency": currency,
        "list": as_text(costs.list),
        "on_demand": as_text(costs.on_demand),
        "cost": as_text(costs.cost),
        "credits": as_text(costs.net - costs.cost),
        "net": as_text(costs.net),
        "effective": as_text(costs.effective),
        "headline": as_text(costs.headline),
    }


def pool_document(pool: PoolPlan) -> dict[str, Any]:
    """One commitment pool: what to buy, what it covers, what it saves."""
    return {
        "name": pool.name,
        "pool": pool.pool,
        "region": pool.region,
        "term": pool.term,
        "rates": dict(pool.rates),
        "covered_on_demand_per_hour": pool.covered_on_demand_per_hour,
        "commit_per_hour": pool.commit_per_hour,
        "units": pool.units or None,
        "unit": pool.unit or None,
        "cost": as_text(to_nanos(pool.cost)),
        "saving": as_text(to_nanos(pool.saving)),
        "utilisation": pool.utilisation,
        "coverage": pool.coverage,
        "break_even_utilisation": pool.break_even_utilisation,
        "existing": asdict(pool.existing),
        "notes": list(pool.notes),
    }


def settings_document(parameters: Iterable[Parameter], missing: Mapping[str, str]) -> dict[str, Any]:
    """Every parameter of this bill, as ``cli.py settings`` lists them."""
    return {
        "version": 1,
        "parameters": [
            {
                "key": p.key, "title": p.title, "unit": p.unit, "kind": p.kind, "current": p.current,
                "minimum": p.minimum, "maximum": p.maximum, "step": p.step, "choices": list(p.choices),
                "low": p.low, "high": p.high, "default_from": p.default_from, "configures": p.configures,
                "evidence": p.evidence, "disruption": p.disruption, "help": p.help,
            }
            for p in parameters
        ],
        "not_in_this_bill": dict(missing),
    }  # fmt: skip


def _by_key(groups: Mapping[Any, Costs], currency: str) -> dict[str, dict[str, str]]:
    return {str(key): costs_document(costs, currency) for key, costs in groups.items()}


def _lever(item: LeverOutcome) -> dict[str, str]:
    return {
        "lever": item.lever,
        "title": item.title,
        "alone": as_text(item.alone_nanos),
        "in_sequence": as_text(item.in_sequence_nanos),
    }
