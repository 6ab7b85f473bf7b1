"""The complete report and the report of each lever as JSON (version 1, ``docs/schema``): money is text of scale 9."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from exports.finance_json import figures_document, projection_document, uncertainty_document
from exports.gcloud import command_line, steps_of
from exports.lever_guidance import GUIDANCE
from exports.plan_json import change_document, finite, finite_values, guardrail_document
from exports.report_checklist import checklist, of_task, week_of_task
from exports.roadmap_files import roadmap_document
from model.money import as_text, to_nanos
from model.plan import BASIS
from model.report_success import MONEY

if TYPE_CHECKING:
    from collections.abc import Collection

    from exports.alerts import Alert
    from exports.report_checklist import Around
    from model.report import PlanReport, Recommendation, ServiceCost
    from model.report_assumed import AssumedValue
    from model.report_success import SuccessMeasure
    from model.report_tasks import Task

VERSION = 1


def report_document(report: PlanReport, around: Around) -> dict[str, Any]:
    """Everything that the report says, with the roadmap and the alerts that watch the plan."""
    uncertainty, projection = report.uncertainty, report.projection
    return {
        **_head(report, "report"),
        "summary": _summary(report),
        "tasks": [_task(task) for task in report.tasks],
        "interaction": as_text(report.outcome.interaction_nanos),
        "monthly_trend": _trend(report),
        "service_breakdown": [_service(each) for each in report.services],
        "recommendations": [_recommendation(each) for each in report.recommendations],
        "financial_summary": {
            "levels": [
                {
                    "level": level.name, "month": as_text(level.month_nanos), "year": as_text(level.year_nanos),
                    "three_years": as_text(level.three_years_nanos),
                }
                for level in report.levels
            ],
            "figures": figures_document(report.figures),
            "projection": projection_document(projection),
            "uncertainty": None if uncertainty is None else uncertainty_document(uncertainty, projection.months),
        },
        "success_measures": [_measure(each) for each in report.success],
        "assumptions": [_assumption(each) for each in report.assumptions],
        "unknowns": [{"question": gap.question, "sentences": list(gap.sentences)} for gap in report.gaps],
        "alerts": [_alert(each) for each in around.watched],
        "roadmap": roadmap_document(around.roadmap),
        "checklist": [asdict(item) for item in checklist(report, around.folders)],
    }  # fmt: skip


def lever_documents(report: PlanReport, folders: Collection[str] = ()) -> dict[str, dict[str, Any]]:
    """A report of each lever, by its key: its task, exact commands, what is by hand, tests, risks, undo."""
    return {task.decision.lever: _lever(report, task, folders) for task in report.tasks}


def json_text(document: dict[str, Any]) -> str:
    """A document as text: keys in their order, two spaces, a line feed at the end."""
    return json.dumps(document, indent=2, ensure_ascii=True, allow_nan=False) + "\n"


def _head(report: PlanReport, kind: str) -> dict[str, Any]:
    bill, scenario = report.outcome.bill, report.outcome.scenario
    return {
        "version": VERSION,
        "kind": kind,
        "scenario": {
            "name": scenario.name,
            "fingerprint": scenario.fingerprint,
            "author": scenario.author,
            "reason": scenario.reason,
        },
        "fingerprint": scenario.fingerprint,
        "snapshot": bill.snapshot,
        "is_demo": bill.is_demo,
        "months": [str(month) for month in bill.months],
        "currency": bill.currency,
        "basis": BASIS,
    }


def _summary(report: PlanReport) -> dict[str, Any]:
    found, outcome = report.answer, report.outcome
    return {
        "baseline": as_text(outcome.baseline.total.headline),
        "outcome": as_text(outcome.result.total.headline),
        "saving": as_text(outcome.saving_nanos),
        "before_per_month": as_text(found.before_per_month_nanos),
        "after_per_month": as_text(found.after_per_month_nanos),
        "saving_per_month": as_text(found.saving_per_month_nanos),
        "saving_share": found.saving_share,
        "evidence": found.evidence,
        "limits": {
            "broken": [guardrail_document(each) for each in found.broken],
            "not_judged": [guardrail_document(each) for each in found.unjudged],
            "kept": len(found.kept),
        },
    }


def _task(task: Task) -> dict[str, Any]:
    decision = task.decision
    left = {id(item.change): item.why for item in steps_of(decision.changes)[1]}
    return {
        "lever": decision.lever,
        "title": decision.title,
        "week": week_of_task(task),
        "owner": decision.owner,
        "before_month": str(decision.by_month),
        "full_from_month": None if task.full_from_month is None else str(task.full_from_month),
        "disruption": decision.disruption,
        "evidence": task.evidence,
        "alone": as_text(task.alone_nanos),
        "in_sequence": as_text(task.in_sequence_nanos),
        "saving_per_month": as_text(decision.saving_per_month_nanos),
        "saving_by_year_at_todays_usage": [as_text(nanos) for nanos in task.by_year_nanos],
        "products": [{"product": product, "saving": as_text(nanos)} for product, nanos in task.products],
        "changes": [change_document(change, left.get(id(change), "")) for change in decision.changes],
        "guardrails": [guardrail_document(each) for each in task.guardrails],
        "risks": [finite_values(asdict(each)) for each in task.risks],
        "calibration": [finite_values(asdict(each)) for each in task.calibrations],
    }


def _lever(report: PlanReport, task: Task, folders: Collection[str]) -> dict[str, Any]:
    lever = task.decision.lever
    guidance, (steps, by_hand) = GUIDANCE[lever], steps_of(task.decision.changes)
    return {
        **_head(report, "lever_report"),
        "task": _task(task),
        "what_it_does": guidance.what,
        "commands": [
            {
                "product": step.first.product, "resource": step.first.resource, "project": step.first.project,
                "region": step.first.region, "disruption": step.disruption, "command": command_line(step),
            }
            for step in steps
        ],
        "by_hand": [{"resource": item.change.resource, "key": item.change.key, "how": item.why} for item in by_hand],
        "checklist": [asdict(item) for item in of_task(task, folders)],
        "success_measures": [_measure(each) for each in report.success if each.lever == lever],
        "risks_and_mitigations": [asdict(danger) for danger in guidance.dangers],
        "undo": guidance.undo,
    }  # fmt: skip


def _trend(report: PlanReport) -> dict[str, Any]:
    return {
        "window": [
            {
                "month": str(each.month), "before": as_text(each.before_nanos), "after": as_text(each.after_nanos),
                "change_against_month_before": each.change,
            }
            for each in report.trend
        ],
        "whole_bill_with_tax": [
            {"month": str(each.month), "billed": as_text(each.billed_nanos), "effective": as_text(each.effective_nanos)}
            for each in report.billed
        ],
    }  # fmt: skip


def _service(each: ServiceCost) -> dict[str, Any]:
    return {
        "product": each.product,
        "before": as_text(each.before_nanos),
        "after": as_text(each.after_nanos),
        "before_share": each.before_share,
        "after_share": each.after_share,
    }


def _recommendation(each: Recommendation) -> dict[str, Any]:
    saving = each.saving_per_month_nanos
    return {
        "lever": each.lever,
        "title": each.title,
        "is_in_plan": each.is_in_plan,
        "action": each.action,
        "saving_per_month": None if saving is None else as_text(saving),
        "evidence": each.evidence,
        "disruption": each.disruption,
        "risk": each.risk,
        "note": each.note,
    }


def _measure(each: SuccessMeasure) -> dict[str, Any]:
    """Money as text, every other value as a number."""
    is_money = each.unit == MONEY
    values = {
        name: None if value is None else as_text(round(value)) if is_money else finite(value)
        for name, value in (("today", each.today), ("expected", each.expected), ("target", each.target))
    }
    return {
        "lever": each.lever, "title": each.title, "unit": each.unit, "direction": each.direction, **values,
        "read_from": each.read_from,
    }  # fmt: skip


def _alert(alert: Alert) -> dict[str, Any]:
    return {
        "title": alert.title,
        "project": alert.project,
        "fires": "below" if alert.is_below else "above",
        "threshold": alert.threshold,
        "unit": alert.unit,
        "why": alert.why,
    }


def _assumption(each: AssumedValue) -> dict[str, Any]:
    moved = {
        name: None if amount is None else as_text(to_nanos(amount))
        for name, amount in (("npv_low", each.npv_low), ("npv_high", each.npv_high))
    }
    return {**finite_values(asdict(each)), **moved}
