"""What an incident says in words, the same in the terminal, on the page and in a message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exports.cents import amount
from model.cents import cents
from model.daily_costs import day_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.alert_rules import AlertRule, WatchSettings
    from model.anomalies import Incident
    from model.backtest import RuleResult
    from model.causes import Cause

WHOLE_BILL: Final = "All services"
MARKS: Final = {"critical": "▲", "warning": "◆", "notice": "·"}
NAMES_OF_DIMENSIONS: Final = {"sku": "SKU", "project": "project", "resource": "resource", "label": "label"}


def days_of(incident: Incident) -> str:
    """The days of an incident, as 2026-01-30 or 2026-01-30 to 2026-02-01."""
    first, last = day_of(incident.first_day).isoformat(), day_of(incident.last_day).isoformat()
    return first if first == last else f"{first} to {last}"


def title_of(incident: Incident, rule: AlertRule) -> str:
    """One line: which rule, what about."""
    about = incident.subject or incident.service or WHOLE_BILL
    return f"{rule.title}: {about}"


def sentence_of(incident: Incident, rule: AlertRule, settings: WatchSettings, currency: str) -> str:
    """What happened, against what, by how much."""
    cost = amount(cents(sum(finding.cost_nanos for finding in incident.findings)), currency)
    if rule.method in ("budget_actual", "budget_forecast"):
        budget = amount(cents(settings.budget_nanos or 0), currency)
        verb = "is spent" if rule.method == "budget_actual" else "is forecast for the month"
        return f"On {days_of(incident)} {cost} {verb}, more than {rule.threshold:.0%} of the budget of {budget}."
    if rule.method == "query_cost":
        return f"On {days_of(incident)} one query cost {cost}, more than {rule.threshold:g} USD: {incident.subject}."
    usual = amount(cents(sum(finding.usual_nanos for finding in incident.findings)), currency)
    excess = amount(cents(incident.excess_nanos), currency)
    where = incident.service or WHOLE_BILL
    return f"{where} cost {cost} {_when(incident)}, {excess} above the usual {usual} ({_strength(incident, rule)})."


def _when(incident: Incident) -> str:
    """The days whose cost is told: those that were found, which need not be all of the incident's span."""
    found = len({finding.day for finding in incident.findings})
    if found == incident.last_day - incident.first_day + 1:
        return f"on {days_of(incident)}"
    return f"on {found} of the days {days_of(incident)}"


def _strength(incident: Incident, rule: AlertRule) -> str:
    highest = max(finding.score for finding in incident.findings)
    if rule.method == "weekday_score":
        return f"z {highest:.1f}"
    return f"up to {highest:.2f} {rule.unit}"


def cause_words(causes: Sequence[Cause], currency: str) -> list[str]:
    """One line for each contributor."""
    return [
        f"{NAMES_OF_DIMENSIONS[cause.dimension]} {cause.key or '(none)'}: "
        f"{amount(cents(cause.excess_nanos), currency)} above the usual, {min(cause.share, 9.99):.0%} of the excess"
        for cause in causes
    ]


def result_words(result: RuleResult, currency: str) -> str:
    """One line of the back-test."""
    if result.reason:
        return f"{result.rule.title}: {result.reason}."
    noise = result.false_alarms_per_month
    rate = f"{noise:.2f} a month" if noise is not None else "less than a month judged"
    avoided = amount(cents(result.avoided_nanos), currency)
    return (
        f"{result.rule.title}: {_count(result.fired, 'incident')}, {_count(result.alerts, 'alert')} among them; "
        f"{amount(cents(result.excess_nanos), currency)} above the usual, {avoided} "
        f"avoided with {result.rule.reaction_days:g} d until it is mended; "
        f"{_count(result.false_alarms, 'false alarm')} ({rate}), {_count(result.false_alerts, 'alert')} among them."
    )  # fmt: skip


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
