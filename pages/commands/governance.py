"""Commands on what was claimed and promised, and on the installation: audit, scenarios, ledger, doctor."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from pages.commands.shared import PROBLEM_EXIT, command, show, workspace_at, workspace_with_bill
from pages.parts import doctor, session, terminal, terminal_audit, terminal_ledger


@command("audit", "audit plan-claims.toml --report audit.pdf --json")
@click.argument("claims", type=click.Path(path_type=Path))
@click.option("--months", help="Invoice months, as 202511,202512 [default: those of the claims, else three].")
@click.option("--currency", help="Currency of the bill [default: the plan's].")
@click.option("--report", type=click.Path(path_type=Path, dir_okay=False), help="Write a report: .pdf, .html, .md.")
def audit_command(
    claims: Path, months: str | None, currency: str | None, report: Path | None, folder: Path | None, *, as_json: bool
) -> None:
    """Hold a plan's claims (TOML, JSON, CSV, XLSX) against bill and model: what stands, and what contradicts itself."""
    document, lines = terminal_audit.audited(workspace_with_bill(folder), claims, months, currency, report)
    show(document, as_json, lines)


@command("scenarios", "scenarios approve 'Scale down' --approver 'Ann Lee'")
@click.argument("action", type=click.Choice(["list", "show", "save", "delete", "approve", "withdraw"]))
@click.argument("name", required=False)
@click.option("--scenario", "file", type=click.Path(path_type=Path, exists=True), help="The file to save.")
@click.option("--approver", metavar="WHO", help="Who approves, or withdraws.")
@click.option("--reason", default="", help="Why; a withdrawal needs it.")
@click.option("--months", help="Approve on these invoice months, as 202511,202512 [default: the last three settled].")
@click.option("--currency", help="Currency of the bill [default: the one with the largest net].")
@click.option("--from", "from_month", type=click.IntRange(190001, 299912), metavar="MONTH",
              help="Withdraw from this month on; savings before it still count.")  # fmt: skip
def scenarios_command(
    action: str, name: str | None, file: Path | None, folder: Path | None, *, as_json: bool, **asked: Any
) -> None:
    """List, show, save and delete named scenarios; approve one for the ledger, or withdraw an approval."""
    workspace = workspace_at(folder)
    who, why = asked["approver"], asked["reason"]
    if action == "approve":
        document, lines = terminal_ledger.approve(workspace, name, who, why, asked["months"], asked["currency"])
    elif action == "withdraw":
        document, lines = terminal_ledger.withdraw(workspace, name, who, why, asked["from_month"])
    else:
        document, lines = terminal.scenarios(workspace, action, name, file)
    show(document, as_json, lines)


@command("ledger", "ledger --json")
@click.argument("name", required=False)
def ledger_command(name: str | None, folder: Path | None, *, as_json: bool) -> None:
    """What approved plans promised, and what later months of the bill show of it."""
    document, lines = terminal_ledger.ledger(workspace_with_bill(folder), name)
    show(document, as_json, lines)


@command("doctor", "doctor")
def doctor_command(folder: Path | None, *, as_json: bool) -> None:
    """What is installed and reachable, and how to mend what is not."""
    checks = doctor.checks(folder or session.default_workspace())
    document = {"version": 1, "checks": checks}
    lines = [f"{'ok  ' if c['ok'] else 'MISS'}  {c['name']}: {c['detail']} {c['mend']}".rstrip() for c in checks]
    show(document, as_json, lines)
    if any(not check["ok"] and check["needed"] for check in checks):
        sys.exit(PROBLEM_EXIT)
