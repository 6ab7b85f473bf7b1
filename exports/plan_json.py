"""The plan as a JSON document (version 1, described by ``docs/schema/plan.json``); money is decimal text of scale 9."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from exports.gcloud import steps_of
from model.money import as_text
from model.plan import BASIS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from model.lever import Guardrail, PlanChange
    from model.plan import LeverSaving, Plan

VERSION = 1


def plan_document(plan: Plan) -> dict[str, Any]:
    """Everything that a plan says; ``by_hand`` of a change is '' where ``apply.sh`` makes it, else why not."""
    _, left = steps_of(plan.changes)
    by_hand = {id(item.change): item.why for item in left}
    return {
        "version": VERSION,
        "scenario": plan.scenario_name,
        "fingerprint": plan.fingerprint,
        "snapshot": plan.snapshot,
        "is_demo": plan.is_demo,
        "months": [str(month) for month in plan.months],
        "currency": plan.currency,
        "basis": BASIS,
        "baseline": as_text(plan.baseline_nanos),
        "outcome": as_text(plan.outcome_nanos),
        "saving": as_text(plan.baseline_nanos - plan.outcome_nanos),
        "savings": [saving_document(saving) for saving in plan.savings],
        "interaction": as_text(plan.interaction_nanos),
        "changes": [change_document(change, by_hand.get(id(change), "")) for change in plan.changes],
        "guardrails": [guardrail_document(guardrail) for guardrail in plan.guardrails],
        "notes": list(plan.notes),
        "scenario_toml": plan.scenario_toml,
    }


def plan_json(plan: Plan) -> str:
    """The document as text: keys in their order, two spaces, a line feed at the end."""
    return json.dumps(plan_document(plan), indent=2, ensure_ascii=True, allow_nan=False) + "\n"


def saving_document(saving: LeverSaving) -> dict[str, str]:
    """What one lever saves."""
    return {
        "lever": saving.lever,
        "title": saving.title,
        "alone": as_text(saving.alone_nanos),
        "in_sequence": as_text(saving.in_sequence_nanos),
    }


def change_document(change: PlanChange, by_hand: str) -> dict[str, Any]:
    """One change; ``by_hand`` says why ``apply.sh`` does not make it, '' where it does."""
    return {
        "key": change.key,
        "lever": change.lever,
        "product": change.product,
        "project": change.project,
        "region": change.region,
        "resource": change.resource,
        "attribute": change.attribute,
        "before": finite(change.before),
        "after": finite(change.after),
        "unit": change.unit,
        "configures": change.configures,
        "disruption": change.disruption,
        "reason": change.reason,
        "by_hand": by_hand,
    }


def guardrail_document(guardrail: Guardrail) -> dict[str, Any]:
    """One limit with its verdict."""
    return {
        "name": guardrail.name,
        "lever": guardrail.lever,
        "resource": guardrail.resource,
        "limit": finite(guardrail.limit),
        "value": finite(guardrail.value),
        "unit": guardrail.unit,
        "passed": guardrail.passed,
        "sentence": guardrail.sentence,
    }


def finite_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same with every value as ``finite`` has it."""
    return {name: finite(value) for name, value in values.items()}


def finite(value: object) -> object:
    """JSON has no infinity: such a value stands as its text ('inf', 'nan')."""
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
