"""What happened lately: a week against the week before, the month so far, and open incidents."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from model.alert_budget import month_path
from model.alert_replay import LOOKS
from model.anomalies import Finding, Incident, open_on
from model.daily_costs import RECURRING, month_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.alert_budget import MonthState
    from model.alert_rules import AlertRule
    from model.daily_costs import DailyCosts

WEEK: Final = 7


@dataclass(frozen=True)
class Digest:
    """Seven settled days against the seven before (nanos, before tax and one-offs), the month, and what is open."""

    currency: str
    last_day: int
    week_nanos: int
    week_before_nanos: int
    month: MonthState
    incidents: tuple[Incident, ...]

    @property
    def change(self) -> float | None:
        """Change of the week; None where the week before cost nothing or less."""
        before = self.week_before_nanos
        return (self.week_nanos - before) / before if before > 0 else None


def digest(costs: DailyCosts, incidents: Sequence[Incident]) -> Digest:
    """The digest of a bill as it is known."""
    total = costs.total(RECURRING)[: costs.settled_day - costs.first_day + 1].tolist()
    return Digest(
        costs.currency, costs.settled_day, sum(total[-WEEK:]), sum(total[-2 * WEEK : -WEEK]), month_path(costs)[-1],
        tuple(open_incidents(costs, incidents)),
    )  # fmt: skip


def open_incidents(costs: DailyCosts, incidents: Sequence[Incident]) -> list[Incident]:
    """Incidents that were found within the last looks, and those of the month's budget while it runs."""
    today = min(costs.known_until, costs.last_day + LOOKS)
    month = month_of(min(today, costs.last_day))
    return [
        incident
        for incident in incidents
        if (month_of(incident.first_day) == month if incident.rule.startswith("budget") else open_on(incident, today))
    ]


def sample(rule: AlertRule, day: int, dollar: float) -> Incident:
    """An incident to test a rule's message with: twice its threshold on 100 US dollars; it says that it is a test."""
    unit = round(100e9 * dollar)
    finding = Finding(rule.key, "", day, day, 2.0 * rule.threshold, 2 * unit, unit)
    found = Incident(rule.key, "", (finding,), "warning")
    return replace(found, subject="a test") if rule.method == "query_cost" else found
