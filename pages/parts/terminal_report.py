"""The command ``report``: a plan's whole set of reports in one folder or ZIP."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from exports.bundle import manifest
from pages.parts import roadmap_state, session, terminal
from pages.parts.analysis_session import billed_months
from pages.parts.report_files import all_files
from pages.parts.report_set import report_set
from pages.parts.wording import counted

if TYPE_CHECKING:
    from pathlib import Path

    from data.workspace import Workspace
    from model.outcome import Outcome


def write_report(workspace: Workspace, outcome: Outcome, target: Path) -> tuple[dict[str, Any], list[str]]:
    """Write every report of an outcome; returns the JSON of the command and its lines. Raises ExportError."""
    if outcome.levers:
        print("Drawing ten thousand futures of this plan; then the reports are written.", file=sys.stderr)
    roadmap = roadmap_state.roadmap(workspace, session.plan_of(outcome))
    found = report_set(outcome, billed_months(workspace, outcome.bill.currency), roadmap)
    files = all_files(found)
    terminal.write_files(files, target)
    document = {"version": 1, "out": str(target), **manifest(found.plan, files)}
    told = f"{counted(len(files), 'file', 'files')} written to {target}; scenario {outcome.scenario.fingerprint}."
    return document, [told, "Begin with README.md: it says which file is for whom."]
