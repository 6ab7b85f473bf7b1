"""Incidents and back-test as the JSON documents of ``cli.py anomalies``, ``backtest`` and ``watch``."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from exports.watch_words import sentence_of, title_of
from model.daily_costs import day_of
from model.money import as_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from model.alert_rules import AlertRule, WatchSettings
    from model.anomalies import Incident
    from model.backtest import RuleResult
    from model.causes import Cause
    from model.daily_costs import DailyCosts


def rules_document(settings: WatchSettings) -> list[dict[str, Any]]:
    """The rules as they stand."""
    return [asdict(rule) for rule in settings.rules]


def incident_document(
    incident: Incident, rule: AlertRule, settings: WatchSettings, currency: str, causes: Sequence[Cause] = ()
) -> dict[str, Any]:
    """One incident with its days and causes; money as decimal text, days ISO 8601 (Pacific)."""
    return {
        "key": incident.key,
        "rule": rule.key,
        "title": title_of(incident, rule),
        "sentence": sentence_of(incident, rule, settings, currency),
        "service": incident.service or None,
        "subject": incident.subject or None,
        "severity": incident.severity,
        "is_alert": incident.is_alert,
        "expected": incident.expected or None,
        "first_day": day_of(incident.first_day).isoformat(),
        "last_day": day_of(incident.last_day).isoformat(),
        "fired_on": day_of(incident.fired_on).isoformat(),
        "currency": currency,
        "excess": as_text(incident.excess_nanos),
        "days": [
            {
                "day": day_of(each.day).isoformat(), "fired_on": day_of(each.fired_on).isoformat(),
                "score": round(each.score, 6), "cost": as_text(each.cost_nanos), "usual": as_text(each.usual_nanos),
                "excess": as_text(each.excess_nanos),
            }
            for each in incident.findings
        ],
        "causes": [
            {
                "dimension": cause.dimension, "key": cause.key, "excess": as_text(cause.excess_nanos),
                "share": round(cause.share, 6),
            }
            for cause in causes
        ],
    }  # fmt: skip


def window_document(costs: DailyCosts) -> dict[str, Any]:
    """Which days were looked at, and until when they are known and settled."""
    return {
        "currency": costs.currency,
        "first_day": day_of(costs.first_day).isoformat(),
        "last_day": day_of(costs.last_day).isoformat(),
        "known_until": day_of(costs.known_until).isoformat(),
        "settled_until": day_of(costs.settled_day).isoformat(),
        "has_export_times": costs.has_export_times,
        "basis": "billed cost by Pacific day after credits, before promotions and tax; commitment fees and one-off "
        "purchases apart",
    }


def backtest_document(
    costs: DailyCosts, results: Sequence[RuleResult], settings: WatchSettings, tuned: Mapping[str, Sequence[RuleResult]]
) -> dict[str, Any]:
    """Per rule what fired, excess, avoided, false alarms; for tuned rules the same at other thresholds."""
    return {
        "version": 1,
        **window_document(costs),
        "rules": [
            {
                **_result(result),
                "incidents": [
                    {
                        **incident_document(each.incident, result.rule, settings, costs.currency),
                        "avoided": as_text(each.avoided_nanos), "false_alarm": each.is_false,
                    }
                    for each in result.judged
                ],
            }
            for result in results
        ],
        "tuning": {key: [_result(each) for each in found] for key, found in tuned.items()},
    }  # fmt: skip


def _result(result: RuleResult) -> dict[str, Any]:
    noise, alerts = result.false_alarms_per_month, result.false_alerts_per_month
    return {
        "rule": result.rule.key,
        "title": result.rule.title,
        "threshold": result.rule.threshold,
        "unit": result.rule.unit,
        "reaction_days": result.rule.reaction_days,
        "is_enabled": result.rule.is_enabled,
        "reason": result.reason or None,
        "months": round(result.months, 4),
        "fired": result.fired,
        "alerts": result.alerts,
        "excess": as_text(result.excess_nanos),
        "avoided": as_text(result.avoided_nanos),
        "false_alarms": result.false_alarms,
        "false_alarms_per_month": None if noise is None else round(noise, 4),
        "false_alerts_per_month": None if alerts is None else round(alerts, 4),
    }
