"""Approvals in the workspace: written once, never changed or deleted; an approval is undone by a withdrawal beside it.

The promise is text to this room. Triggers keep it as it was written, whoever opens the database; a hash tells whether
it still is.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from data.workspace import LoadRefused, utc_now

if TYPE_CHECKING:
    from collections.abc import Callable

    from data.workspace import Workspace

    Row = tuple[int, str, str, str, str, str, str, str, str, str | None, str | None, int | None, str | None]

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS approval (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, fingerprint TEXT NOT NULL, currency TEXT NOT NULL, approver TEXT NOT NULL,
  note TEXT NOT NULL, approved_at TEXT NOT NULL, promise TEXT NOT NULL, sha256 TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS withdrawal (
  approval_id INTEGER PRIMARY KEY REFERENCES approval(id), by_whom TEXT NOT NULL, reason TEXT NOT NULL,
  from_month INTEGER, withdrawn_at TEXT NOT NULL
) STRICT;
CREATE TRIGGER IF NOT EXISTS approval_stays BEFORE UPDATE ON approval
  BEGIN SELECT RAISE(ABORT, 'an approval is never changed'); END;
CREATE TRIGGER IF NOT EXISTS approval_is_kept BEFORE DELETE ON approval
  BEGIN SELECT RAISE(ABORT, 'an approval is never deleted'); END;
CREATE TRIGGER IF NOT EXISTS withdrawal_stays BEFORE UPDATE ON withdrawal
  BEGIN SELECT RAISE(ABORT, 'a withdrawal is never changed'); END;
CREATE TRIGGER IF NOT EXISTS withdrawal_is_kept BEFORE DELETE ON withdrawal
  BEGIN SELECT RAISE(ABORT, 'a withdrawal is never deleted'); END;
"""
"""Made when the ledger first needs it."""

_COLUMNS: Final = (
    "SELECT approval.id, name, fingerprint, currency, approver, note, approved_at, promise, sha256, by_whom, reason, "
    "from_month, withdrawn_at FROM approval LEFT JOIN withdrawal ON approval_id = approval.id"
)


@dataclass(frozen=True)
class Withdrawal:
    """Who took an approval back, why and when; months before ``from_month`` still count (None: none does)."""

    by_whom: str
    reason: str
    from_month: int | None
    withdrawn_at: str


@dataclass(frozen=True)
class Approval:
    """One approval: who, when, why, and the promise as text."""

    id: int
    name: str
    fingerprint: str
    currency: str
    approver: str
    note: str
    approved_at: str
    promise: str
    withdrawal: Withdrawal | None = None

    @property
    def is_live(self) -> bool:
        """Whether nobody took it back."""
        return self.withdrawal is None


@dataclass(frozen=True)
class Approving:
    """What is to be approved, by whom and with which note."""

    name: str
    fingerprint: str
    currency: str
    promise: str
    approver: str
    note: str = ""


def approve(workspace: Workspace, asked: Approving, check: Callable[[list[Approval]], None]) -> Approval:
    """Keep an approval; raises LoadRefused where the same name, or scenario and currency, is live already.

    ``check`` is given the approvals that are there, inside the transaction; what it raises refuses this one.
    """
    _need(asked.approver, "An approval needs the name of who approves.")
    with workspace.transaction(SCHEMA) as database:
        held = [_approval(row) for row in database.execute(f"{_COLUMNS} ORDER BY approval.id")]
        for each in held:
            is_same = (each.fingerprint, each.currency) == (asked.fingerprint, asked.currency)
            if each.is_live and (each.name == asked.name or is_same):
                raise LoadRefused(
                    f"{each.name} ({each.fingerprint}) was approved by {each.approver} on {each.approved_at[:10]} "
                    "already: withdraw that approval first, or approve a scenario of another name."
                )
        check(held)
        number = database.execute(
            "INSERT INTO approval (name, fingerprint, currency, approver, note, approved_at, promise, sha256) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (asked.name, asked.fingerprint, asked.currency, asked.approver.strip(), asked.note.strip(), utc_now(),
             asked.promise, _hash(asked.promise)),
        ).lastrowid  # fmt: skip
        row = database.execute(f"{_COLUMNS} WHERE approval.id = ?", (number,)).fetchone()
    return _approval(row)


def withdraw(workspace: Workspace, name: str, by_whom: str, reason: str, from_month: int | None = None) -> Approval:
    """Take the live approval of a name back; it is kept with the reason. Raises LoadRefused where there is none."""
    _need(by_whom, "A withdrawal needs the name of who withdraws.")
    _need(reason, "A withdrawal needs a reason: it stays in the ledger.")
    with workspace.transaction(SCHEMA) as database:
        row = database.execute(f"{_COLUMNS} WHERE withdrawn_at IS NULL AND name = ?", (name,)).fetchone()
        if row is None:
            raise LoadRefused(f"No approval of {name} is live: `cli.py ledger` lists what is approved.")
        database.execute(
            "INSERT INTO withdrawal VALUES (?, ?, ?, ?, ?)",
            (row[0], by_whom.strip(), reason.strip(), from_month, utc_now()),
        )
        row = database.execute(f"{_COLUMNS} WHERE approval.id = ?", (row[0],)).fetchone()
    return _approval(row)


def approvals(workspace: Workspace) -> list[Approval]:
    """Every approval, oldest first, the withdrawn ones too; raises LoadRefused where one is not as it was written."""
    with workspace.database(SCHEMA) as database:
        rows = database.execute(f"{_COLUMNS} ORDER BY approval.id").fetchall()
    return [_approval(row) for row in rows]


def _approval(row: Row) -> Approval:
    number, name, fingerprint, currency, approver, note, approved_at, promise, told, by_whom, reason, month, when = row
    if _hash(promise) != told:
        raise LoadRefused(
            f"The approval of {name} on {approved_at[:10]} is not as it was written: the workspace's database was "
            "changed by another program; restore it from a copy."
        )
    taken = None if when is None else Withdrawal(by_whom or "", reason or "", month, when)
    return Approval(number, name, fingerprint, currency, approver, note, approved_at, promise, taken)


def _hash(promise: str) -> str:
    return hashlib.sha256(promise.encode()).hexdigest()


def _need(text: str, sentence: str) -> None:
    if not text.strip():
        raise LoadRefused(sentence)
