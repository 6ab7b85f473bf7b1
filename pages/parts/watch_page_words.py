"""The words of the Watch page: the answer, the metrics, the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exports.watch_words import MARKS, WHOLE_BILL, days_of, title_of
from model.daily_costs import day_of
from model.forecast import months_ahead
from pages.parts.wording import counted, day, headline_money, money, month, ratio

if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.alert_events import Event
    from model.anomalies import Incident
    from model.backtest import RuleResult
    from model.digest import Digest
    from model.forecast_score import Forecast
    from pages.parts.watch_session import Watched

INCIDENT_COLUMNS: Final = ("Severity", "What", "Found by", "Days", "Above the usual", "Could be known on", "Expected")
RESULT_COLUMNS: Final = (
    "Rule", "Incidents", "Alerts", "Above the usual", "Avoided", "Reaction (days)", "False alarms",
    "False alerts a month",
)  # fmt: skip
MONTH_COLUMNS: Final = ("Month", "Settled", "P10", "Median", "P90")


def answer_sentence(watched: Watched, open_now: Sequence[Incident]) -> str:
    """What is unusual now, and what was."""
    currency = watched.costs.currency
    alerts = [incident for incident in open_now if incident.is_alert]
    if alerts:
        worst = max(alerts, key=lambda each: each.excess_nanos)
        title = title_of(worst, watched.settings.rule(worst.rule))
        return (
            f"{counted(len(alerts), 'alert is', 'alerts are')} open. {title}, "
            f"{headline_money(worst.excess_nanos, currency)} above the usual on {days_of(worst)}."
        )
    past = [i for i in watched.incidents if i.is_alert and not i.rule.startswith("budget")]
    known = day(day_of(watched.costs.last_day))
    if not past:
        return f"Nothing is unusual up to {known}, and nothing was in this history."
    worst = max(past, key=lambda each: (each.service != "", each.excess_nanos))
    return (
        f"Nothing is unusual up to {known}. The dearest surprise of this history: {worst.service or WHOLE_BILL} on "
        f"{days_of(worst)}, {headline_money(worst.excess_nanos, currency)} above the usual."
    )


def metrics(watched: Watched, found: Digest, results: Sequence[RuleResult]) -> list[tuple[str, str, str]]:
    """Label, value and note of each."""
    currency, settings = watched.costs.currency, watched.settings
    foretold = found.month.foretold_nanos
    budget = settings.budget_nanos
    noise = [r.false_alerts_per_month for r in results if r.false_alerts_per_month is not None]
    days = [r for r in results if r.rule.key == "anomaly"]
    return [
        ("Open alerts", f"{sum(i.is_alert for i in found.incidents)}",
         counted(sum(not i.is_alert for i in found.incidents), "notice besides", "notices besides")),
        ("Last seven settled days", headline_money(found.week_nanos, currency),
         f"{ratio(found.change)} against the seven before"),
        ("This month, forecast", "—" if foretold is None else headline_money(foretold, currency),
         f"budget {headline_money(budget, currency)}" if budget else "no budget is typed"),
        ("False alerts a month", f"{max(noise):.1f}" if noise else "—",
         f"the noisiest rule, over {days[0].months:.1f} months" if days else ""),
    ]  # fmt: skip


def event_rows(watched: Watched, found: Sequence[Event]) -> list[tuple[str, ...]]:
    """A row an event, with every rule that found it."""
    currency, settings = watched.costs.currency, watched.settings
    return [
        (
            f"{MARKS[e.main.severity]} {e.main.severity}", title_of(e.main, settings.rule(e.main.rule)),
            ", ".join(settings.rule(i.rule).title for i in e.incidents), days_of(e.main),
            money(e.main.excess_nanos, currency), day_of(min(i.fired_on for i in e.incidents)).isoformat(),
            e.main.expected or "—",
        )
        for e in found
    ]  # fmt: skip


def result_rows(results: Sequence[RuleResult], currency: str) -> list[tuple[str, ...]]:
    """A row a rule; what could not be judged says why."""
    rows = []
    for each in results:
        if each.reason:
            rows.append((each.rule.title, *["—"] * 4, f"{each.rule.reaction_days:g}", "—", "—"))
            continue
        noise = each.false_alerts_per_month
        rows.append((
            each.rule.title, str(each.fired), str(each.alerts), money(each.excess_nanos, currency),
            money(each.avoided_nanos, currency), f"{each.rule.reaction_days:g}", str(each.false_alarms),
            "—" if noise is None else f"{noise:.2f}",
        ))  # fmt: skip
    return rows


def unjudged_sentence(results: Sequence[RuleResult]) -> str:
    """Which rules could not be judged, and why; '' where all could."""
    reasons: dict[str, list[str]] = {}
    for each in results:
        if each.reason:
            reasons.setdefault(each.reason, []).append(each.rule.title)
    parts = [f"{', '.join(titles)}: {reason}" for reason, titles in reasons.items()]
    return f"Not judged: {'. '.join(parts)}." if parts else ""


def month_rows(found: Forecast) -> list[tuple[str, ...]]:
    """A row a month ahead."""
    currency = found.history.currency
    return [
        (
            month(each.month) + ("" if each.is_whole else " (part)"), money(each.settled_nanos, currency),
            money(each.low_nanos, currency), money(each.middle_nanos, currency), money(each.high_nanos, currency),
        )
        for each in months_ahead(found.history, found.path)
    ]  # fmt: skip
