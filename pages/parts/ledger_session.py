"""Approvals and later bills joined: approve a scenario, withdraw it, and hold later months against it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from data import ledger_records
from data.bill_months import NoBill, available_months
from data.ledger_records import Approving
from model.ledger import Ledger
from model.ledger_month import measure
from model.outcome import evaluate
from model.promise import promise, refuse_overlap
from model.promise_text import from_text, to_text
from pages.parts import session

if TYPE_CHECKING:
    from data.ledger_records import Approval
    from data.workspace import Workspace
    from model.bill import Bill
    from model.promise import Promise
    from model.scenario import Scenario


@dataclass(frozen=True)
class Held:
    """An approval with its ledger; ``missing`` says why nothing can be measured ('' where it can)."""

    approval: Approval
    ledger: Ledger
    missing: str = ""

    @property
    def is_counted(self) -> bool:
        """Whether its savings count: it is live, or counts for the months before its withdrawal."""
        return self.approval.is_live or bool(self.ledger.months)


def approve(workspace: Workspace, bill: Bill, scenario: Scenario, approver: str, note: str = "") -> Approval:
    """Freeze a scenario on a bill; raises LedgerRefused, LoadRefused, ScenarioError."""
    made = promise(evaluate(bill, scenario))

    def check(others: list[Approval]) -> None:
        refuse_overlap(made, [from_text(each.promise) for each in others if _still_counts(each, made.ahead[0])])

    asked = Approving(made.name, made.fingerprint, made.currency, to_text(made), approver, note)
    return ledger_records.approve(workspace, asked, check)


def ledgers(workspace: Workspace) -> list[Held]:
    """Every approval held against the settled months after it, oldest first."""
    return [_held(workspace, approval) for approval in ledger_records.approvals(workspace)]


def savings_so_far(held: list[Held], currency: str) -> tuple[int, int] | None:
    """Realised and promised nanos of everything that counts in a currency; None where no month is measured."""
    counted = [each.ledger for each in held if each.is_counted and each.approval.currency == currency]
    if not any(ledger.months for ledger in counted):
        return None
    return sum(each.realised_nanos for each in counted), sum(each.promised_nanos for each in counted)


def _still_counts(approval: Approval, first_month: int) -> bool:
    taken = approval.withdrawal
    return taken is None or (taken.from_month is not None and taken.from_month > first_month)


def _held(workspace: Workspace, approval: Approval) -> Held:
    found = from_text(approval.promise)
    months = _months(workspace, approval, found)
    if not months:
        return Held(approval, Ledger(found, ()))
    try:
        bill = session.load_bill(workspace, found.months, found.currency)
        later = session.load_bill(workspace, months, found.currency)
    except NoBill as problem:
        return Held(approval, Ledger(found, ()), f"The months of the approval are not all in the workspace: {problem}")
    approved = replace(bill, facts=found.facts)
    return Held(approval, Ledger(found, tuple(measure(found, approved, later, month) for month in months)))


def _months(workspace: Workspace, approval: Approval, found: Promise) -> tuple[int, ...]:
    """Settled months that were promised and that count."""
    settled = available_months(workspace, found.currency).settled
    taken = approval.withdrawal
    end = None if taken is None else taken.from_month or 0
    return tuple(month for month in settled if month in found.ahead and (end is None or month < end))
