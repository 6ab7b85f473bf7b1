"""Incidents and digests as Slack's Block Kit: header, sentence, fields, causes, what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from exports.cents import amount
from exports.watch_words import MARKS, cause_words, days_of, sentence_of, title_of
from model.cents import cents
from model.daily_costs import day_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.alert_rules import AlertRule, WatchSettings
    from model.anomalies import Incident
    from model.causes import Cause
    from model.digest import Digest

HEADER_LENGTH: Final = 150
TEXT_LENGTH: Final = 2900
MOST_LINES: Final = 8
TEST_MARK: Final = "Test, nothing happened: "


def incident_text(
    incident: Incident, rule: AlertRule, settings: WatchSettings, currency: str, *, is_test: bool = False
) -> str:
    """One line for previews and phones."""
    mark = TEST_MARK if is_test else ""
    return f"{mark}{title_of(incident, rule)}. {sentence_of(incident, rule, settings, currency)}"


def incident_blocks(
    incident: Incident,
    rule: AlertRule,
    settings: WatchSettings,
    currency: str,
    causes: Sequence[Cause] = (),
    *,
    is_test: bool = False,
) -> list[dict[str, Any]]:
    """The message of an incident."""
    mark = TEST_MARK if is_test else ""
    blocks = [
        _header(f"{mark}{MARKS[incident.severity]} {title_of(incident, rule)}"),
        _section(sentence_of(incident, rule, settings, currency)),
        {
            "type": "section",
            "fields": [
                _field("Severity", incident.severity),
                _field("Above the usual", amount(cents(incident.excess_nanos), currency)),
                _field("Days", days_of(incident)),
                _field("Could be known on", day_of(incident.fired_on).isoformat()),
            ],
        },
    ]
    if causes:
        blocks.append(_section("*What it stands on*\n" + _bullets(cause_words(causes, currency))))
    blocks.append(_context(f"Rule {rule.key}: {rule.threshold:g} {rule.unit}. Days are US Pacific, as the invoice's."))
    return blocks


def digest_blocks(digest: Digest, settings: WatchSettings) -> list[dict[str, Any]]:
    """The digest as a message: spend, month, incidents."""
    lines = digest_lines(digest, settings)
    head, rest = lines[0], lines[1:]
    blocks = [_header(f"Cloud bill, {day_of(digest.last_day).isoformat()}"), _section(head)]
    return [*blocks, _section(_bullets(rest))] if rest else blocks


def digest_lines(digest: Digest, settings: WatchSettings) -> list[str]:
    """The digest in sentences, the answer first."""
    currency = digest.currency
    week, before = (amount(cents(nanos), currency) for nanos in (digest.week_nanos, digest.week_before_nanos))
    change = "" if digest.change is None else f" ({digest.change:+.1%})"
    lines = [f"The last seven settled days cost {week}, the seven before {before}{change}."]
    spent = amount(cents(digest.month.spent_nanos), currency)
    foretold = digest.month.foretold_nanos
    ahead = f", {amount(cents(foretold), currency)} forecast for the whole month" if foretold is not None else ""
    budget = f"; the budget is {amount(cents(settings.budget_nanos), currency)}" if settings.budget_nanos else ""
    lines.append(f"This month {spent} is spent{ahead}{budget}.")
    lines += [f"{i.severity}: {sentence_of(i, settings.rule(i.rule), settings, currency)}" for i in digest.incidents]
    return lines if digest.incidents else [*lines, "Nothing unusual was found in these days."]


def _header(text: str) -> dict[str, Any]:
    return {"type": "header", "text": {"type": "plain_text", "text": _cut(text, HEADER_LENGTH)}}


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": _cut(escaped(text), TEXT_LENGTH)}}


def _context(text: str) -> dict[str, Any]:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": _cut(escaped(text), TEXT_LENGTH)}]}


def _field(title: str, value: str) -> dict[str, str]:
    return {"type": "mrkdwn", "text": _cut(f"*{title}*\n{escaped(value)}", TEXT_LENGTH)}


def _bullets(lines: Sequence[str]) -> str:
    more = f"\n• and {len(lines) - MOST_LINES} more" if len(lines) > MOST_LINES else ""
    return "\n".join(f"• {line}" for line in lines[:MOST_LINES]) + more


def escaped(text: str) -> str:
    """Slack's three control characters; names of a bill must not become links or mentions.

    >>> escaped("<!channel> a&b")
    '&lt;!channel&gt; a&amp;b'
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
