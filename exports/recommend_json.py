"""A recommendation as the JSON document of ``cli.py recommend``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exports.finance_json import figures_document
from exports.outcome_json import outcome_document
from model.money import as_text, to_nanos
from model.recommend_space import APPETITES

if TYPE_CHECKING:
    from model.recommend import Recommendation
    from model.scenario import Scenario


def recommendation_document(found: Recommendation) -> dict[str, Any]:
    """The plan with its outcome, what it trades, and what holds it back."""
    appetite = APPETITES[found.risk]
    return {
        "version": 1,
        "currency": found.outcome.bill.currency,
        "risk": found.risk,
        "risk_means": {
            "sentence": appetite.sentence,
            "share_of_limit": appetite.share_of_limit,
            "reach": appetite.reach,
            "disruptions": list(appetite.disruptions),
            "commitments": appetite.may_commit,
        },
        "scenario": scenario_document(found.scenario),
        "outcome": outcome_document(found.outcome),
        "finance": figures_document(found.figures),
        "frontier": [
            {
                "risk": point.risk,
                "npv": as_text(to_nanos(point.npv)),
                "saving_per_month": as_text(point.saving_per_month_nanos),
                "settings": dict(point.settings),
            }
            for point in found.frontier
        ],
        "binding": [
            {
                "lever": limit.lever, "resource": limit.resource, "name": limit.limit, "sentence": limit.sentence,
                "saving_per_month_if_a_tenth_wider": as_text(limit.tenth_wider_nanos),
                "saving_per_month_without": as_text(limit.without_nanos),
            }
            for limit in found.binding
        ],
        "missing": list(found.missing),
        "left_alone": list(found.kept),
        "evaluations": found.evaluations,
    }  # fmt: skip


def scenario_document(scenario: Scenario) -> dict[str, Any]:
    """A scenario with its file form."""
    return {
        "name": scenario.name,
        "fingerprint": scenario.fingerprint,
        "reason": scenario.reason,
        "settings": {key: scenario.settings[key] for key in sorted(scenario.settings)},
        "toml": scenario.to_toml(),
    }
