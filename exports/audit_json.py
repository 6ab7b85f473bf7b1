"""An audited plan as the JSON document of ``cli.py audit``: money as decimal text of scale 9, ratios 0..1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from model.audit_verdict import VERDICTS
from model.money import as_text
from model.plan import BASIS

if TYPE_CHECKING:
    from model.audit import Audit
    from model.audit_verdict import AuditedClaim
    from model.claim_contradiction import Contradiction


def audit_document(audit: Audit) -> dict[str, Any]:
    """Every claim with its verdict and sums, every contradiction with its numbers, and what stands together.

    ``claimed`` and ``stands`` are over the ``months`` beside them, None where nothing tells; ``together`` is one joint
    repricing, over one month at the window's mean.
    """
    bill = audit.bill
    return {
        "version": 1,
        "plan": audit.plan.name,
        "snapshot": bill.snapshot,
        "is_demo": bill.is_demo,
        "months": [str(month) for month in bill.months],
        "currency": bill.currency,
        "basis": BASIS,
        "claims": [_claim(each) for each in audit.claims],
        "contradictions": [_contradiction(each) for each in audit.contradictions],
        "verdicts": {verdict: audit.count(verdict) for verdict in VERDICTS},
        "together": {
            "claimed_per_month": as_text(audit.claimed_per_month_nanos),
            "stands_per_month": as_text(audit.stands_per_month_nanos),
            "fingerprint": audit.together.scenario.fingerprint,
            "settings": dict(audit.together.settings),
            "left_as_today": list(audit.left_as_today),
            "set_differently": list(audit.alternatives),
        },
    }


def _claim(audited: AuditedClaim) -> dict[str, Any]:
    return {
        "id": audited.claim.id,
        "text": audited.claim.text,
        "verdict": audited.verdict,
        "claimed": _amount(audited.claimed_nanos),
        "stands": _amount(audited.stands_nanos),
        "months": audited.months,
        "arithmetic": list(audited.arithmetic),
        "needed": audited.needed,
    }


def _contradiction(found: Contradiction) -> dict[str, Any]:
    numbers = {name: f"{amount.normalize():f}" for name, amount in found.numbers.items()}
    return {"ids": list(found.ids), "rule": found.rule, "sentence": found.sentence, "numbers": numbers}


def _amount(nanos: int | None) -> str | None:
    return None if nanos is None else as_text(nanos)
