"""Incidents on their way out: claimed in the workspace, sent once on each channel, confirmed."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from data import watch_records
from data.watch_records import Sighting
from delivery.channel import DeliveryFailed, DeliveryRefused, DeliveryUnknown, Message, deliver
from exports.slack import TEST_MARK, digest_blocks, digest_lines, incident_blocks, incident_text
from exports.watch_json import incident_document
from model.alert_events import events
from model.anomalies import QUIET_DAYS
from model.digest import digest, open_incidents, sample
from pages.parts import watch_session

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from data.workspace import Workspace
    from delivery.channel import Channel
    from model.alert_events import Event
    from model.anomalies import Incident
    from model.causes import Cause
    from pages.parts.watch_session import Watched

STALE_SECONDS: Final = 3600
DIGEST: Final = "digest"


@dataclass(frozen=True)
class Sent:
    """What became of one message on one channel: sent, already sent, failed, unknown; and a sentence where it helps."""

    channel: str
    title: str
    state: str
    attempts: int = 0
    sentence: str = ""


def send_alerts(
    workspace: Workspace, watched: Watched, channels: Sequence[Channel], sleep: Callable[[float], None] = time.sleep
) -> list[Sent]:
    """Send every open alert on every channel that has not had it: one message for what several rules found."""
    results = []
    alerts = [each for each in open_incidents(watched.costs, watched.incidents) if each.is_alert]
    for event in events(alerts):
        causes = watch_session.causes_of(workspace, watched, event.main)
        seen = [Sighting(i.rule, i.service, i.subject, i.first_day, i.last_day) for i in event.incidents]
        message = event_message(watched, event, causes)
        results += [_once(workspace, channel, seen, message, sleep) for channel in channels]
    return results


def event_message(watched: Watched, event: Event, causes: Sequence[Cause]) -> Message:
    """What several rules found as one message; the other rules are named below the first."""
    message = incident_message(watched, event.main, causes)
    others = [watched.settings.rule(each.rule).title for each in event.incidents[1:]]
    if not others:
        return message
    note = {"type": "context", "elements": [{"type": "plain_text", "text": f"Also found by: {', '.join(others)}."}]}
    rules = [each.rule for each in event.incidents]
    return replace(message, blocks=[*message.blocks, note], document={**message.document, "found_by": rules})


def send_digest(
    workspace: Workspace, watched: Watched, channels: Sequence[Channel], sleep: Callable[[float], None] = time.sleep
) -> list[Sent]:
    """Send the digest of the newest settled day, once."""
    found = digest(watched.costs, watched.incidents)
    lines = digest_lines(found, watched.settings)
    message = Message(
        f"{DIGEST}-{found.last_day}", lines[0], digest_blocks(found, watched.settings), {"version": 1, DIGEST: lines}
    )
    seen = [Sighting(DIGEST, "", str(found.last_day), found.last_day, found.last_day)]
    return [_once(workspace, channel, seen, message, sleep) for channel in channels]


def send_tests(
    watched: Watched, channels: Sequence[Channel], sleep: Callable[[float], None] = time.sleep
) -> list[Sent]:
    """Send one message for each rule, marked as a test, by the way that alerts take; nothing is remembered."""
    costs, settings = watched.costs, watched.settings
    results = []
    for rule in settings.rules:
        incident = sample(rule, costs.last_day, costs.dollar)
        message = incident_message(watched, incident, (), is_test=True)
        results += [_send(channel, message, sleep) for channel in channels]
    return results


def incident_message(
    watched: Watched, incident: Incident, causes: Sequence[Cause], *, is_test: bool = False
) -> Message:
    """An incident as every channel takes it."""
    settings, currency = watched.settings, watched.costs.currency
    rule = settings.rule(incident.rule)
    return Message(
        incident.key,
        incident_text(incident, rule, settings, currency, is_test=is_test),
        incident_blocks(incident, rule, settings, currency, causes, is_test=is_test),
        {"version": 1, "is_test": is_test, **incident_document(incident, rule, settings, currency, causes)},
    )


def _once(
    workspace: Workspace, channel: Channel, seen: Sequence[Sighting], message: Message, sleep: Callable[[float], None]
) -> Sent:
    """Send what none of its sightings was sent of; with one that was, the others count as sent too."""
    claimed = [each for each in seen if watch_records.claim(workspace, channel.name, each, QUIET_DAYS, STALE_SECONDS)]
    is_new = len(claimed) == len(seen)
    result = _send(channel, message, sleep) if is_new else Sent(channel.name, message.text, "already sent")
    settle = watch_records.release if result.state == "failed" else watch_records.confirm
    for each in claimed:
        settle(workspace, channel.name, each)
    return result


def _send(channel: Channel, message: Message, sleep: Callable[[float], None]) -> Sent:
    title = message.text.removeprefix(TEST_MARK)
    try:
        return Sent(channel.name, title, "sent", deliver(channel, message, sleep))
    except (DeliveryFailed, DeliveryRefused) as error:
        return Sent(channel.name, title, "failed", sentence=str(error))
    except DeliveryUnknown as error:
        return Sent(channel.name, title, "unknown", sentence=str(error))
