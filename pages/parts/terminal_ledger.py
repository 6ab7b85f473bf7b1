"""Approvals and the ledger on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from data import ledger_records, records
from exports.ledger_json import ledger_document
from model.scenario import Scenario, ScenarioError
from pages.parts import ledger_session, ledger_words, session, terminal

if TYPE_CHECKING:
    from data.ledger_records import Approval, Withdrawal
    from data.workspace import Workspace
    from pages.parts.ledger_session import Held

    Shown = tuple[dict[str, Any], list[str]]


def approve(
    workspace: Workspace, name: str | None, approver: str | None, note: str, months: str | None, currency: str | None
) -> Shown:
    """Approve a saved scenario; raises ScenarioError, LedgerRefused, LoadRefused."""
    if name is None or approver is None:
        raise ScenarioError("scenarios approve needs the NAME of a saved scenario and --approver WHO.")
    saved = records.scenario(workspace, name)
    if saved is None:
        raise ScenarioError(f"There is no saved scenario {name!r}; `cli.py scenarios list` shows what there is.")
    bill = session.load_bill(workspace, terminal.months_of(months), currency)
    scenario = Scenario.from_toml(saved.toml, f"the saved scenario {name!r}").renamed(name)
    found = ledger_session.approve(workspace, bill, scenario, approver, note)
    line = f"{found.name} ({found.fingerprint}) is approved by {found.approver}; `cli.py ledger` holds it to its word."
    return {"version": 1, "approval": _approval(found)}, [line]


def withdraw(
    workspace: Workspace, name: str | None, by_whom: str | None, reason: str | None, month: int | None
) -> Shown:
    """Withdraw an approval; raises ScenarioError, LoadRefused."""
    if name is None:
        raise ScenarioError("scenarios withdraw needs the NAME of what was approved.")
    found = ledger_records.withdraw(workspace, name, by_whom or "", reason or "", month)
    return {"version": 1, "approval": _approval(found)}, [
        f"The approval of {name} is withdrawn; it stays in the ledger."
    ]


def ledger(workspace: Workspace, name: str | None) -> Shown:
    """Every approval, or those of one name, with the months since."""
    held = [each for each in ledger_session.ledgers(workspace) if name in (None, each.approval.name)]
    if name is not None and not held:
        raise ScenarioError(f"Nothing of the name {name!r} was approved; `cli.py ledger` lists what was.")
    document = {"version": 1, "promises": [
        {"approval": _approval(each.approval), "missing": each.missing, **ledger_document(each.ledger)} for each in held
    ]}  # fmt: skip
    lines = [line for each in held for line in _lines(each)]
    return document, lines or ["Nothing is approved yet: `cli.py scenarios approve NAME --approver WHO`."]


def _lines(held: Held) -> list[str]:
    approval, found = held.approval, held.ledger
    lines = [
        f"{approval.name} ({approval.fingerprint}), approved by {approval.approver} on {approval.approved_at[:10]}",
        f"  {ledger_words.standing_sentence(held)}",
    ]
    for each in found.months:
        lines.append(f"  {ledger_words.variance_sentence(each, found.promise.currency)}")
        lines += [f"    {words}: {amount}" for words, amount in ledger_words.bridge_rows(each, found.promise.currency)]
        lines += [f"    {note}" for note in each.notes]
    if found.months:
        table = terminal.table([dict(zip(ledger_words.LEVER_COLUMNS, row, strict=True))
                                for row in ledger_words.lever_rows(found)])  # fmt: skip
        lines += [f"  {line}" for line in table]
    return lines


def _approval(found: Approval) -> dict[str, Any]:
    return {
        "name": found.name, "fingerprint": found.fingerprint, "currency": found.currency, "approver": found.approver,
        "note": found.note, "approved_at": found.approved_at,
        "withdrawal": None if found.withdrawal is None else _withdrawal(found.withdrawal),
    }  # fmt: skip


def _withdrawal(taken: Withdrawal) -> dict[str, Any]:
    month = None if taken.from_month is None else str(taken.from_month)
    return {"by": taken.by_whom, "reason": taken.reason, "from_month": month, "at": taken.withdrawn_at}
