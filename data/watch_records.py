"""What watching remembers in the workspace: its rules, and which incidents were sent where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from data.workspace import utc_now

if TYPE_CHECKING:
    from data.workspace import Workspace

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS watch_rules (id INTEGER PRIMARY KEY CHECK (id = 1), toml TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS sent_incident (
  channel TEXT NOT NULL, rule TEXT NOT NULL, service TEXT NOT NULL, subject TEXT NOT NULL,
  first_day INTEGER NOT NULL, last_day INTEGER NOT NULL, sent_at TEXT, claimed_at TEXT NOT NULL,
  PRIMARY KEY (channel, rule, service, subject, first_day)
) STRICT;
"""
"""Made when watching first needs it. A claim without ``sent_at`` is a delivery under way, or one that died."""


@dataclass(frozen=True)
class Sighting:
    """What identifies an incident for people: rule, service, subject (a month, a query), and its days."""

    rule: str
    service: str
    subject: str
    first_day: int
    last_day: int


def rules_text(workspace: Workspace) -> str | None:
    """The rules that were saved, as TOML; None where none were."""
    with workspace.database(SCHEMA) as database:
        row = database.execute("SELECT toml FROM watch_rules").fetchone()
    return None if row is None else str(row[0])


def save_rules(workspace: Workspace, toml: str) -> None:
    """Save the rules in place of those before."""
    with workspace.transaction(SCHEMA) as database:
        database.execute("INSERT OR REPLACE INTO watch_rules VALUES (1, ?)", (toml,))


def claim(workspace: Workspace, channel: str, seen: Sighting, joined_days: int, stale_seconds: int) -> bool:
    """Claim the delivery of an incident over a channel; False where it was sent, or is being sent by another process.

    An incident is the same when rule, service and subject are, and its days lie within ``joined_days`` of those sent:
    late rows may move its first day. Its last day is remembered, so that one that goes on is never new. A claim older
    than ``stale_seconds`` that was not confirmed is of a process that died.
    """
    with workspace.transaction(SCHEMA) as database:
        database.execute(
            "DELETE FROM sent_incident WHERE sent_at IS NULL AND channel = ? "
            "AND unixepoch('now') - unixepoch(claimed_at) > ?",
            (channel, stale_seconds),
        )
        changed = database.execute(
            "UPDATE sent_incident SET last_day = max(last_day, ?) WHERE channel = ? AND rule = ? AND service = ? "
            "AND subject = ? AND (subject <> '' OR (first_day <= ? + ? AND last_day >= ? - ?))",
            (seen.last_day, channel, seen.rule, seen.service, seen.subject, seen.last_day, joined_days,
             seen.first_day, joined_days),
        ).rowcount  # fmt: skip
        if changed:
            return False
        database.execute(
            "INSERT INTO sent_incident VALUES (?, ?, ?, ?, ?, ?, NULL, ?)",
            (channel, seen.rule, seen.service, seen.subject, seen.first_day, seen.last_day, utc_now()),
        )
        return True


def confirm(workspace: Workspace, channel: str, seen: Sighting) -> None:
    """Remember that a claimed incident was sent."""
    with workspace.transaction(SCHEMA) as database:
        database.execute(f"UPDATE sent_incident SET sent_at = ? {_ONE}", (utc_now(), *_key(channel, seen)))


def release(workspace: Workspace, channel: str, seen: Sighting) -> None:
    """Give a claim back: nothing was sent, so a later run tries again."""
    with workspace.transaction(SCHEMA) as database:
        database.execute(f"DELETE FROM sent_incident {_ONE} AND sent_at IS NULL", _key(channel, seen))


_ONE: Final = "WHERE channel = ? AND rule = ? AND service = ? AND subject = ? AND first_day = ?"


def _key(channel: str, seen: Sighting) -> tuple[str, str, str, str, int]:
    return (channel, seen.rule, seen.service, seen.subject, seen.first_day)
