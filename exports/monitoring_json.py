"""Alert policies, dashboard and budget as Google's REST APIs take them (monitoring v3 and v1, billingbudgets v1)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from exports.alerts import alerts
from exports.budget import THRESHOLDS, budget_of
from exports.names import slug

if TYPE_CHECKING:
    from exports.alerts import Alert
    from exports.budget import Budget
    from model.plan import Plan

LABEL: Final = "cloudlever"
_PERIOD_S: Final = 60


def policy(alert: Alert, fingerprint: str) -> dict[str, Any]:
    """An alert as an AlertPolicy, labelled with the plan that it guards."""
    condition: dict[str, Any] = {
        "filter": alert.filter,
        "aggregations": [_aggregation(alert.aligner, alert.reducer)],
        "comparison": alert.comparison,
        "thresholdValue": alert.threshold,
        "duration": f"{alert.duration_s}s",
        "trigger": {"count": 1},
    }
    if alert.divided_by:
        condition["denominatorFilter"] = alert.divided_by
        condition["denominatorAggregations"] = [_aggregation(alert.aligner, alert.reducer)]
    return {
        "displayName": f"{alert.title} (Cloudlever {fingerprint})",
        "userLabels": {LABEL: fingerprint, "alert": alert.slug},
        "documentation": {"content": documentation(alert, fingerprint), "mimeType": "text/markdown"},
        "combiner": "OR",
        "conditions": [{"displayName": alert.title, "conditionThreshold": condition}],
        "alertStrategy": {"autoClose": "86400s"},
        "severity": "WARNING",
        "enabled": True,
    }


def documentation(alert: Alert, fingerprint: str) -> str:
    """What whoever is woken must know."""
    side = "below" if alert.is_below else "above"
    return (
        f"Guards plan {fingerprint}: {side} {alert.threshold:g} {alert.unit} ({alert.why}). If it began with the plan, "
        "rollback.sh leads back to the settings before."
    )


def dashboard_path(project: str) -> str:
    """Where the dashboard of a project stands, beside the script that makes it."""
    return f"dashboards/{slug(project)}.json"


def dashboard(plan: Plan, project: str) -> dict[str, Any]:
    """One chart for each alert of a project, with its threshold drawn, two beside each other."""
    found = [alert for alert in alerts(plan) if alert.project == project]
    return {
        "displayName": f"Cloudlever {plan.fingerprint}",
        "labels": {LABEL: ""},
        "gridLayout": {"columns": "2", "widgets": [_chart(alert) for alert in found]},
    }


def budget_document(budget: Budget) -> dict[str, Any]:
    """A budget as v1 of the API takes it: per calendar month, after all credits."""
    money = {"currencyCode": budget.currency, "units": str(budget.cents // 100), "nanos": budget.cents % 100 * 10**7}
    return {
        "displayName": budget.title,
        "amount": {"specifiedAmount": money},
        "budgetFilter": {"calendarPeriod": "MONTH", "creditTypesTreatment": "INCLUDE_ALL_CREDITS"},
        "thresholdRules": [{"thresholdPercent": share, "spendBasis": basis} for share, basis in THRESHOLDS],
        "notificationsRule": {},
    }


def monitoring_files(plan: Plan) -> list[tuple[str, str]]:
    """Path and text of each JSON document; none where nothing is to be watched."""
    found = alerts(plan)
    files = [(f"monitoring/policies/{alert.slug}.json", _text(policy(alert, plan.fingerprint))) for alert in found]
    projects = dict.fromkeys(alert.project for alert in found)
    files += [(f"monitoring/{dashboard_path(project)}", _text(dashboard(plan, project))) for project in projects]
    budget = budget_of(plan)
    if budget is not None:
        files.append(("monitoring/budget.json", _text(budget_document(budget))))
    return files


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, allow_nan=False) + "\n"


def _aggregation(aligner: str, reducer: str) -> dict[str, str]:
    return {"alignmentPeriod": f"{_PERIOD_S}s", "perSeriesAligner": aligner, "crossSeriesReducer": reducer}


def _chart(alert: Alert) -> dict[str, Any]:
    aggregation = _aggregation(alert.aligner, alert.reducer)
    query: dict[str, Any] = {"timeSeriesFilter": {"filter": alert.filter, "aggregation": aggregation}}
    if alert.divided_by:
        whole = {"filter": alert.divided_by, "aggregation": aggregation}
        query = {"timeSeriesFilterRatio": {"numerator": query["timeSeriesFilter"], "denominator": whole}}
    return {
        "title": alert.title,
        "xyChart": {
            "dataSets": [{"timeSeriesQuery": query, "plotType": "LINE"}],
            "thresholds": [{"label": "limit", "value": alert.threshold}],
            "yAxis": {"label": alert.unit, "scale": "LINEAR"},
        },
    }
