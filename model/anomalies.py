"""From unusual days to incidents: one incident for all days of one rule and service that belong together."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from model.alert_replay import ALL_SERVICES, LOOKS
from model.money import to_nanos

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from model.alert_replay import Replay
    from model.alert_rules import AlertRule, WatchSettings

Severity = Literal["critical", "warning", "notice"]
QUIET_DAYS: Final = 7
"""Days without a finding after which the next one is another incident; a week, so that a weekly event stays one."""
SEVERITIES: Final[tuple[tuple[float, Severity], ...]] = ((1.0, "critical"), (0.05, "warning"), (0.0, "notice"))
"""Least excess of each severity, as a share of what the whole bill usually costs in a day.

A notice stands in the digest; nobody is called for it.
"""


@dataclass(frozen=True)
class Finding:
    """A day that a rule found, when it could be known, and what it cost against what it should have (nanos)."""

    rule: str
    service: str
    day: int
    fired_on: int
    score: float
    cost_nanos: int
    usual_nanos: int

    @property
    def excess_nanos(self) -> int:
        """Cost above the usual."""
        return self.cost_nanos - self.usual_nanos


@dataclass(frozen=True)
class Incident:
    """What to tell people once: findings of one rule and service, with no more than a week between them.

    ``service`` is '' for the whole bill. ``expected`` is the reason of a mark that covers it, '' where none does.
    ``subject`` names what it is about where that is no service: a month, a query.
    """

    rule: str
    service: str
    findings: tuple[Finding, ...]
    severity: Severity
    expected: str = ""
    subject: str = ""

    @property
    def first_day(self) -> int:
        """The first day that was found."""
        return self.findings[0].day

    @property
    def last_day(self) -> int:
        """The last day that was found."""
        return self.findings[-1].day

    @property
    def fired_on(self) -> int:
        """The day at whose end the rule could first know."""
        return min(finding.fired_on for finding in self.findings)

    @property
    def excess_nanos(self) -> int:
        """What its days cost above the usual, together."""
        return sum(finding.excess_nanos for finding in self.findings)

    @property
    def is_alert(self) -> bool:
        """Whether people are told at once: nobody announced it, and it is more than a notice."""
        return not self.expected and self.severity != "notice"

    @property
    def key(self) -> str:
        """A short name of it: rule, service and first day."""
        text = f"{self.rule}/{self.service}/{self.subject or self.first_day}"
        return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def findings(replayed: Replay, rule: AlertRule) -> list[Finding]:
    """Every day that a rule of days finds, by service and day, at the first look that finds it.

    A day is found when its score is above the threshold and its cost above the usual by more than
    max(minimum amount, minimum share × usual). Services of the anomaly rule one by one; spikes of the whole bill.
    """
    if rule.method not in replayed.score:
        return []
    found = fires(replayed, rule)
    first = np.where(found.any(axis=0), found.argmax(axis=0), -1)
    is_whole = rule.method != "weekday_score"
    return [
        _finding(replayed, rule, int(place), int(day), int(first[place, day]))
        for place, day in np.argwhere(first >= 0)
        if (replayed.series[place] == ALL_SERVICES) == is_whole
    ]


def fires(replayed: Replay, rule: AlertRule) -> NDArray[np.bool_]:
    """Whether the rule fires at each look (LOOKS, series, days)."""
    usual, score = replayed.usual[rule.method], replayed.score[rule.method]
    gate = np.maximum(rule.minimum_excess, rule.minimum_share * usual)
    with np.errstate(invalid="ignore"):
        result: NDArray[np.bool_] = (score > rule.threshold) & (replayed.cost - usual > gate)
    return result


def _finding(replayed: Replay, rule: AlertRule, place: int, day: int, look: int) -> Finding:
    costs = replayed.costs
    number = costs.first_day + day
    return Finding(
        rule=rule.key,
        service=replayed.series[place],
        day=number,
        fired_on=number + look + 1,
        score=float(replayed.score[rule.method][look, place, day]),
        cost_nanos=int(replayed.final[place, day]),
        usual_nanos=to_nanos(float(replayed.usual[rule.method][look, place, day]) * costs.dollar),
    )


def incidents(replayed: Replay, settings: WatchSettings) -> list[Incident]:
    """The incidents of all enabled rules of days, the newest first; expected ones among them, with their reason."""
    found = [
        incident
        for rule in settings.rules
        if rule.is_enabled
        for incident in grouped(replayed, findings(replayed, rule), settings)
    ]
    return sorted(found, key=lambda each: (-each.last_day, -each.excess_nanos, each.rule))


def grouped(replayed: Replay, found: Iterable[Finding], settings: WatchSettings) -> list[Incident]:
    """Findings of one rule as incidents."""
    groups: list[list[Finding]] = []
    for finding in sorted(found, key=lambda each: (each.service, each.day)):
        last = groups[-1][-1] if groups else None
        if last is not None and last.service == finding.service and finding.day - last.day <= QUIET_DAYS:
            groups[-1].append(finding)
        else:
            groups.append([finding])
    return [_incident(replayed, group, settings) for group in groups]


def _incident(replayed: Replay, group: Sequence[Finding], settings: WatchSettings) -> Incident:
    excess = sum(finding.excess_nanos for finding in group)
    service = group[0].service
    expected = settings.reason_for(service, group[0].day, group[-1].day)
    return Incident(group[0].rule, service, tuple(group), severity(excess, usual_day_nanos(replayed)), expected)


def severity(excess_nanos: int, day_nanos: float) -> Severity:
    """How bad an excess is against a usual day of the whole bill.

    >>> severity(50, 100.0), severity(100, 100.0), severity(1, 100.0)
    ('warning', 'critical', 'notice')
    """
    share = excess_nanos / day_nanos if day_nanos > 0 else 0.0
    return next((name for least, name in SEVERITIES if share >= least), "notice")


def usual_day_nanos(replayed: Replay) -> float:
    """Median day of the whole bill."""
    return float(np.median(replayed.final[-1]))


def open_on(incident: Incident, day: int) -> bool:
    """Whether an incident was found, or found again, within the looks that end on a day."""
    return any(day - LOOKS < finding.fired_on <= day for finding in incident.findings)
