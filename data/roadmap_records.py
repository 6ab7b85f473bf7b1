"""What people noted of a roadmap in the workspace: a row a scenario's fingerprint and task, and its first day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from data.workspace import utc_now

if TYPE_CHECKING:
    from data.workspace import Workspace

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS roadmap_task (
  fingerprint TEXT NOT NULL, task TEXT NOT NULL, is_done INTEGER, owner TEXT, start TEXT, changed_at TEXT NOT NULL,
  PRIMARY KEY (fingerprint, task)
) STRICT;
CREATE TABLE IF NOT EXISTS roadmap_start (
  fingerprint TEXT PRIMARY KEY, first_day TEXT NOT NULL, changed_at TEXT NOT NULL
) STRICT;
"""
"""Made when a roadmap is first noted."""


@dataclass(frozen=True)
class TaskRecord:
    """What is noted of one task; '' and None where nothing is."""

    is_done: bool = False
    owner: str = ""
    start: date | None = None


def note_task(
    workspace: Workspace, fingerprint: str, task: str, *, is_done: bool | None = None, owner: str | None = None,
    start: date | None = None,
) -> None:  # fmt: skip
    """Note what is given of one task and leave the rest of it: two who note different things of it both keep theirs."""
    done, day = None if is_done is None else int(is_done), start.isoformat() if start else None
    with workspace.transaction(SCHEMA) as database:
        database.execute(
            "INSERT INTO roadmap_task VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (fingerprint, task) DO UPDATE SET "
            "is_done = COALESCE(excluded.is_done, is_done), owner = COALESCE(excluded.owner, owner), "
            "start = COALESCE(excluded.start, start), changed_at = excluded.changed_at",
            (fingerprint, task, done, owner, day, utc_now()),
        )


def tasks(workspace: Workspace, fingerprint: str) -> dict[str, TaskRecord]:
    """What is noted of the tasks of a scenario, by task."""
    with workspace.database(SCHEMA) as database:
        found = database.execute(
            "SELECT task, is_done, owner, start FROM roadmap_task WHERE fingerprint = ? ORDER BY task", (fingerprint,)
        ).fetchall()
    return {
        str(task): TaskRecord(bool(is_done), owner or "", date.fromisoformat(start) if start else None)
        for task, is_done, owner, start in found
    }


def set_first_day(workspace: Workspace, fingerprint: str, first_day: date) -> None:
    """Set the day on which a scenario's roadmap starts; days that were noted of single tasks are forgotten with it."""
    with workspace.transaction(SCHEMA) as database:
        database.execute(
            "INSERT INTO roadmap_start VALUES (?, ?, ?) ON CONFLICT (fingerprint) DO UPDATE SET "
            "first_day = excluded.first_day, changed_at = excluded.changed_at",
            (fingerprint, first_day.isoformat(), utc_now()),
        )
        database.execute("UPDATE roadmap_task SET start = NULL WHERE fingerprint = ?", (fingerprint,))


def first_day(workspace: Workspace, fingerprint: str) -> date | None:
    """The day on which a scenario's roadmap starts; None where none is set."""
    with workspace.database(SCHEMA) as database:
        found = database.execute("SELECT first_day FROM roadmap_start WHERE fingerprint = ?", (fingerprint,)).fetchone()
    return date.fromisoformat(found[0]) if found else None
