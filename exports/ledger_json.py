"""The promise ledger as a document: approvals, months from expected to actual, levers with their status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from model.costs import HEADLINE_FORMULA
from model.money import as_text
from model.outcome import title_of

if TYPE_CHECKING:
    from model.ledger import Ledger
    from model.ledger_month import LedgerMonth, MovedUsage


def ledger_document(ledger: Ledger) -> dict[str, Any]:
    """One promise with its months; money is text of scale 9 in ``currency``."""
    found = ledger.promise
    return {
        "name": found.name,
        "fingerprint": found.fingerprint,
        "currency": found.currency,
        "basis": HEADLINE_FORMULA,
        "approved_months": [str(month) for month in found.months],
        "bill_version": found.snapshot,
        "is_demo": found.is_demo,
        "baseline_month": as_text(found.baseline_month_nanos),
        "broken_limits": list(found.broken_limits),
        "promised": as_text(ledger.promised_nanos),
        "realised": as_text(ledger.realised_nanos),
        "levers": [
            {
                "lever": each.lever, "title": title_of(each.lever), "status": each.status,
                "promised": as_text(each.promised_nanos), "possible": as_text(each.possible_nanos),
                "realised": as_text(each.realised_nanos),
            }
            for each in ledger.levers
        ],
        "months": [_month(month) for month in ledger.months],
        "expected": [
            {
                "month": str(month), "without": as_text(found.expected_without[place]),
                "saving": {lever: as_text(amounts[place]) for lever, amounts in found.promised.items()},
            }
            for place, month in enumerate(found.ahead)
        ],
    }  # fmt: skip


def _month(month: LedgerMonth) -> dict[str, Any]:
    return {
        "month": str(month.month),
        "expected": as_text(month.expected_nanos),
        "expected_without": as_text(month.expected_without_nanos),
        "foreseen": as_text(month.foreseen_nanos),
        "without": as_text(month.without_nanos),
        "actual": as_text(month.actual_nanos),
        "steps": {key: as_text(nanos) for key, nanos in month.steps.items()},
        "levers": [
            {
                "lever": each.lever, "promised": as_text(each.promised_nanos),
                "possible": as_text(each.possible_nanos), "realised": as_text(each.realised_nanos),
                "swing": as_text(each.swing_nanos), "is_seen": each.is_seen,
            }
            for each in month.levers
        ],
        "usage": [_usage(each) for each in month.usage],
        "notes": list(month.notes),
    }  # fmt: skip


def _usage(found: MovedUsage) -> dict[str, Any]:
    return {
        "lever": found.key.lever, "resource": found.key.resource, "project": found.key.project, "kind": found.key.kind,
        "before": found.before, "without": found.without, "planned": found.planned, "actual": found.actual,
        "demand": found.demand.ratio, "demand_told_by": found.demand.told_by, "swing": found.swing,
        "realised": as_text(round(found.realised_nanos)),
    }  # fmt: skip
