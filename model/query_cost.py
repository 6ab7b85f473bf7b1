"""Single queries that cost more than they may: from a table of jobs, since a bill has no line for a query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from model.anomalies import Finding, Incident, severity
from model.money import to_nanos

if TYPE_CHECKING:
    from collections.abc import Iterable

    from model.alert_rules import AlertRule, WatchSettings

BYTES_PER_TIB: Final = 2**40
SERVICE: Final = "BigQuery"


@dataclass(frozen=True)
class Query:
    """A query that ran on a day (days since 1970): where, which job, whose, and how many bytes were billed."""

    day: int
    project: str
    job: str
    user: str
    billed_bytes: int


def query_incidents(
    queries: Iterable[Query],
    rule: AlertRule,
    settings: WatchSettings,
    usd_per_tib: float,
    dollar: float,
    day_nanos: float,
) -> list[Incident]:
    """One incident for each query whose bytes × price on demand exceed the threshold in US dollars, newest first.

    ``day_nanos`` is a usual day of the whole bill, for the severity.
    """  # fmt: skip
    found = []
    for query in queries if rule.is_enabled else ():
        usd = query.billed_bytes / BYTES_PER_TIB * usd_per_tib
        if usd > rule.threshold:
            cost = to_nanos(usd * dollar)
            finding = Finding(rule.key, SERVICE, query.day, query.day, usd, cost, 0)
            who = f" by {query.user}" if query.user else ""
            found.append(
                Incident(
                    rule.key, SERVICE, (finding,), severity(cost, day_nanos),
                    settings.reason_for(SERVICE, query.day, query.day), f"job {query.job} in {query.project}{who}",
                )
            )  # fmt: skip
    return sorted(found, key=lambda each: (-each.first_day, -each.excess_nanos))
