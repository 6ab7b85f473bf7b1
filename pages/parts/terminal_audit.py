"""The command ``audit``: a plan's claims held against bill and model, as JSON, lines and a report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exports.audit_json import audit_document
from model.audit import audit
from pages.parts import audit_session, audit_words, terminal

if TYPE_CHECKING:
    from pathlib import Path

    from data.workspace import Workspace
    from model.audit import Audit


def audited(
    workspace: Workspace, claims: Path, months: str | None, currency: str | None, report: Path | None
) -> tuple[dict[str, Any], list[str]]:
    """Audit a claims file; returns the JSON of the command and its lines, and writes the report where one is wanted.

    Raises SourceRefused, ClaimsRefused, NoBill, ExportError.
    """
    plan = audit_session.plan_of_file(claims)
    found = audit(audit_session.bill_for(workspace, plan, terminal.months_of(months), currency), plan)
    if report:
        from pages.parts.audit_report import report_in_form  # noqa: PLC0415 - drawing is slow to import

        terminal.write_file(report_in_form(found, report.suffix), report, "--report")
    return audit_document(found), audit_lines(found)


def audit_lines(found: Audit) -> list[str]:
    """The answer, each claim with its sums, and what contradicts what."""
    currency = found.bill.currency
    return [
        audit_words.answer_sentence(found),
        f"  {audit_words.basis_line(found)}",
        *(line for each in found.claims for line in (
            audit_words.claim_heading(each, currency),
            *(f"    {sentence}" for sentence in each.arithmetic),
            *([f"    what would have to be true: {each.needed}"] if each.needed else []),
        )),
        *(f"{audit_words.RULES[each.rule]}: {each.sentence}" for each in found.contradictions),
        *audit_words.together_sentences(found),
    ]  # fmt: skip
