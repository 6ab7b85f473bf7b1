"""What the command line says of watching: incidents, back-test, digest."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from delivery.channel import DeliveryRefused
from delivery.configured import SLACK_ADDRESS, WEBHOOK_ADDRESS, channels
from exports.watch_json import incident_document, rules_document, window_document
from exports.watch_words import MARKS, cause_words, result_words, sentence_of, title_of
from model.alert_events import events
from pages.parts import watch_session
from pages.parts.terminal import table
from pages.parts.wording import money

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from data.workspace import Workspace
    from delivery.channel import Channel
    from model.anomalies import Incident
    from model.backtest import RuleResult
    from model.causes import Cause
    from pages.parts.watch_delivery import Sent
    from pages.parts.watch_session import Watched

MOST_CAUSES: Final = 10
"""Incidents of which the cause is looked up, the newest alerts first: each is a reading of the rows."""


def targets(secrets: Mapping[str, str]) -> list[Channel]:
    """The channels to send on; raises DeliveryRefused where there is none."""
    found = channels(secrets)
    if not found:
        raise DeliveryRefused(f"There is nowhere to send to: set {SLACK_ADDRESS} or {WEBHOOK_ADDRESS}.")
    return found


def explained(
    workspace: Workspace, watched: Watched, found: Sequence[Incident]
) -> list[tuple[Incident, Sequence[Cause]]]:
    """Incidents with their causes, looked up for the first of them that are alerts."""
    wanted = [incident for incident in found if incident.is_alert][:MOST_CAUSES]
    return [
        (incident, watch_session.causes_of(workspace, watched, incident) if incident in wanted else ())
        for incident in found
    ]


def incidents_document(watched: Watched, found: Sequence[tuple[Incident, Sequence[Cause]]]) -> dict[str, Any]:
    """The JSON of ``anomalies``."""
    settings, currency = watched.settings, watched.costs.currency
    return {
        "version": 1,
        **window_document(watched.costs),
        "rules": rules_document(settings),
        "services": [
            {"service": name, "status": "training" if watched.replayed.is_training(name) else "watched"}
            for name in watched.costs.watched_services
        ],
        "incidents": [
            incident_document(incident, settings.rule(incident.rule), settings, currency, causes)
            for incident, causes in found
        ],
    }


def incident_lines(watched: Watched, found: Sequence[tuple[Incident, Sequence[Cause]]]) -> list[str]:
    """The same for people: one line an event, what other rules saw of it and its causes below."""
    settings, currency = watched.settings, watched.costs.currency
    lines, causes_of = [], dict(found)
    for event in events(causes_of):
        incident, causes = event.main, causes_of[event.main]
        rule = settings.rule(incident.rule)
        expected = f" Expected: {incident.expected}." if incident.expected else ""
        words = sentence_of(incident, rule, settings, currency)
        lines.append(f"{MARKS[incident.severity]} {incident.severity}  {title_of(incident, rule)}. {words}{expected}")
        for other in event.incidents[1:]:
            seen_by = settings.rule(other.rule)
            lines.append(f"    also {seen_by.title}: {sentence_of(other, seen_by, settings, currency)}")
        lines += [f"    {line}" for line in cause_words(causes, currency)]
    return lines or ["Nothing unusual was found."]


def backtest_lines(results: Sequence[RuleResult], currency: str) -> list[str]:
    """One line a rule."""
    return [result_words(result, currency) for result in results]


def watch_document(
    watched: Watched, found: Sequence[tuple[Incident, Sequence[Cause]]], sent: Sequence[Sent], summary: Sequence[str]
) -> dict[str, Any]:
    """The JSON of ``watch``: what is open, whether an alert fired, what was sent, the digest where it was asked for."""
    document = incidents_document(watched, found)
    return {
        **document,
        "fired": any(incident.is_alert for incident, _ in found),
        "sent": [asdict(each) for each in sent],
        "digest": list(summary),
    }


def sent_lines(sent: Sequence[Sent]) -> list[str]:
    """What became of each message."""
    return [f"{each.channel}: {each.state}. {each.title} {each.sentence}".rstrip() for each in sent]


def tuning_lines(results: Sequence[RuleResult], currency: str) -> list[str]:
    """The same rule at other thresholds, as a table."""
    return table(
        [
            {
                "threshold": result.rule.threshold, "incidents": result.fired, "alerts": result.alerts,
                "excess": money(result.excess_nanos, currency), "avoided": money(result.avoided_nanos, currency),
                "false alarms": result.false_alarms, "false alerts": result.false_alerts,
            }
            for result in results
        ]
    )  # fmt: skip
