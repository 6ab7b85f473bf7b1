"""What each rule would have done on this history: when it fired, what was at stake, what it saved, how noisy it was."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from model.alert_budget import budget_incidents, final_month_nanos
from model.anomalies import findings, grouped
from model.daily_costs import BUDGETED, month_days, month_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.alert_replay import Replay
    from model.alert_rules import AlertRule, WatchSettings
    from model.anomalies import Incident

GRID: Final = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.4, 1.7, 2.0, 2.5, 3.0)
"""Multiples of a score's threshold that the tuning view tries."""
RATIO_GRID: Final = (1.05, 1.1, 1.15, 1.2, 1.25, 1.3, 1.4, 1.5, 1.75, 2.0, 3.0)
BUDGET_GRID: Final = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2)


@dataclass(frozen=True)
class JudgedIncident:
    """An incident with hindsight: what it cost above the usual, what acting would have avoided, whether it was real."""

    incident: Incident
    excess_nanos: int
    avoided_nanos: int
    is_false: bool


@dataclass(frozen=True)
class RuleResult:
    """One rule over the history. ``reason`` says why a rule could not be judged ('' where it could).

    ``excess_nanos`` and ``avoided_nanos`` are of the real incidents; false alarms and expected ones add nothing.
    """

    rule: AlertRule
    judged: tuple[JudgedIncident, ...]
    months: float
    reason: str = ""

    @property
    def fired(self) -> int:
        """Incidents, expected ones not counted: they would not have been sent."""
        return len(self.judged)

    @property
    def alerts(self) -> int:
        """Incidents that people would have been told of at once; the others are notices in the digest."""
        return sum(each.incident.is_alert for each in self.judged)

    @property
    def false_alerts(self) -> int:
        """Alerts that hindsight does not confirm."""
        return sum(each.is_false and each.incident.is_alert for each in self.judged)

    @property
    def false_alarms(self) -> int:
        """Incidents that hindsight does not confirm."""
        return sum(each.is_false for each in self.judged)

    @property
    def excess_nanos(self) -> int:
        """What the real incidents cost above the usual."""
        return sum(each.excess_nanos for each in self.judged if not each.is_false)

    @property
    def avoided_nanos(self) -> int:
        """What would not have been spent, had the cause been mended ``reaction_days`` after each alert."""
        return sum(each.avoided_nanos for each in self.judged if not each.is_false)

    @property
    def false_alarms_per_month(self) -> float | None:
        """Noise of the rule; None where less than a month could be judged."""
        return self.false_alarms / self.months if self.months >= 1.0 else None

    @property
    def false_alerts_per_month(self) -> float | None:
        """How often people would have been called for nothing; None where less than a month could be judged."""
        return self.false_alerts / self.months if self.months >= 1.0 else None


def backtest(replayed: Replay, settings: WatchSettings) -> list[RuleResult]:
    """Replay every rule with what was known on each day.

    Excess is what the days of an incident cost above the usual in the end. Avoided is the part of it on days later
    than alert + reaction time. An incident is a false alarm when none of its days is above the gates with hindsight:
    the median of the same weekday, four weeks either side, all rows known. Of a budget that is overrun, the part of the
    overrun is avoided that the days after alert + reaction have in the month's cost.
    """
    return [judge(replayed, rule, settings) for rule in settings.rules]


def judge(replayed: Replay, rule: AlertRule, settings: WatchSettings) -> RuleResult:
    """One rule of the back-test, whether it is enabled or not."""
    enabled = replace(rule, is_enabled=True)
    if rule.method == "query_cost":
        return RuleResult(rule, (), 0.0, "not in this bill: queries have no lines of their own; give a jobs export")
    if rule.method in ("budget_actual", "budget_forecast"):
        return _judge_budget(replayed, enabled, settings)
    if not np.isfinite(replayed.score[rule.method]).any():
        return RuleResult(rule, (), 0.0, "training: fewer than four weeks of history")
    found = [i for i in grouped(replayed, findings(replayed, enabled), settings) if not i.expected]
    return RuleResult(rule, tuple(_judged(replayed, enabled, each) for each in found), replayed.months)


def _judged(replayed: Replay, rule: AlertRule, incident: Incident) -> JudgedIncident:
    acted = incident.fired_on + rule.reaction_days
    avoided = sum(finding.excess_nanos for finding in incident.findings if finding.day > acted)
    return JudgedIncident(incident, incident.excess_nanos, avoided, not _is_confirmed(replayed, rule, incident))


def _is_confirmed(replayed: Replay, rule: AlertRule, incident: Incident) -> bool:
    place = replayed.series.index(incident.service)
    days = [finding.day - replayed.costs.first_day for finding in incident.findings]
    usual = replayed.hindsight[place, days]
    cost = replayed.final[place, days] / (1e9 * replayed.costs.dollar)
    gate = np.maximum(rule.minimum_excess, rule.minimum_share * usual)
    return bool(((cost - usual) > gate).any())


def _judge_budget(replayed: Replay, rule: AlertRule, settings: WatchSettings) -> RuleResult:
    budget = settings.budget_nanos
    if budget is None:
        return RuleResult(rule, (), 0.0, "no budget is typed")
    costs = replayed.costs
    final = final_month_nanos(costs)
    total = costs.total(BUDGETED)
    judged = []
    for incident in budget_incidents(costs, rule, settings):
        month = month_of(incident.first_day)
        over = max(0, final[month] - budget)
        acted = int(incident.fired_on + rule.reaction_days)
        last = min(month_days(month)[1], costs.last_day)
        later = int(total[max(0, acted + 1 - costs.first_day) : max(0, last + 1 - costs.first_day)].sum())
        avoided = round(over * later / final[month]) if final[month] > 0 else 0
        is_false = final[month] <= rule.threshold * budget and last == month_days(month)[1]
        judged.append(JudgedIncident(incident, over, max(0, avoided), is_false))
    return RuleResult(rule, tuple(judged), costs.day_count / (365.25 / 12))


def tuning(replayed: Replay, settings: WatchSettings, key: str) -> list[RuleResult]:
    """The same rule at other thresholds, the lowest first: what each catches, and how noisy it is."""
    rule = settings.rule(key)
    return [judge(replayed, replace(rule, threshold=value), settings) for value in grid(rule)]


def grid(rule: AlertRule) -> Sequence[float]:
    """The thresholds that tuning tries; the rule's own is one of them."""
    if rule.method == "weekday_score":
        return sorted({round(2.5 * factor, 3) for factor in GRID} | {rule.threshold})
    values = BUDGET_GRID if rule.method.startswith("budget") else RATIO_GRID
    return sorted({*values, rule.threshold})
