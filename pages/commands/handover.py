"""Commands that hand a plan over: export, roadmap, report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from exports.bundle import ALL_KINDS, Beside, export_files, manifest, with_manifest
from exports.roadmap_files import roadmap_calendar, roadmap_document
from pages.commands.shared import command, judged, outcome_of, show, workspace_at
from pages.parts import roadmap_state, session, terminal, terminal_described, terminal_roadmap


@command("export", "export --scenario plan.toml --out plan.zip")
@judged
@click.option("--out", "target", required=True, type=click.Path(path_type=Path), help="A folder, or a .zip file.")
@click.option("--only", multiple=True, metavar="KIND", help=f"Only these kinds: {', '.join(ALL_KINDS)}.")
@click.option("--described", multiple=True, type=click.Path(path_type=Path),
              help="What gcloud … describe wrote of a resource (JSON, or a service's --format=export): its complete "
              "Terraform and YAML. Read for this export alone; nothing of it is kept.")  # fmt: skip
def export_command(
    target: Path, only: tuple[str, ...], described: tuple[Path, ...], folder: Path | None, *, as_json: bool, **wish: Any
) -> None:
    """Write the plan in every form: configuration, and for finance a workbook, tables (CSV, Parquet) and FOCUS rows."""
    outcome = outcome_of(folder, **wish)
    plan = session.plan_of(outcome)
    beside = Beside(roadmap_state.roadmap(workspace_at(folder), plan), terminal_described.read(described))
    files = export_files(plan, only, outcome, beside)
    terminal.write_files(with_manifest(plan, files), target)
    document = {"version": 1, "out": str(target), **manifest(plan, files)}
    show(document, as_json, [f"{len(files)} files written to {target}; scenario {outcome.scenario.fingerprint}."])


@command("roadmap", "roadmap --scenario plan.toml --start 2026-03-02 --done cloud_run-api --calendar plan.ics")
@judged
@click.option("--start", metavar="DAY", help="The Monday of week 1; noted in the workspace for this scenario.")
@click.option("--done", multiple=True, metavar="TASK", help="Note a task as done.")
@click.option("--undone", multiple=True, metavar="TASK", help="Note a task as not done.")
@click.option("--owner", "owners", multiple=True, metavar="TASK=NAME", help="Note who does a task.")
@click.option("--move", "moves", multiple=True, metavar="TASK=DAY", help="Note the first day of a task.")
@click.option("--calendar", type=click.Path(path_type=Path, dir_okay=False), help="Write it as iCalendar too.")
def roadmap_command(
    start: str | None, done: tuple[str, ...], undone: tuple[str, ...], owners: tuple[str, ...],
    moves: tuple[str, ...], calendar: Path | None, folder: Path | None, *, as_json: bool, **wish: Any,
) -> None:  # fmt: skip
    """What is done when and by whom: tasks by week with days, owners and what they wait for; notes are kept."""
    plan = session.plan_of(outcome_of(folder, **wish))
    found = terminal_roadmap.noted(workspace_at(folder), plan, start, done, undone, owners, moves)
    if calendar:
        terminal.write_file(roadmap_calendar(found).encode(), calendar, "--calendar")
    show(roadmap_document(found), as_json, terminal_roadmap.roadmap_lines(found))


@command("report", "report --scenario plan.toml --out report.zip")
@judged
@click.option("--out", "target", required=True, type=click.Path(path_type=Path), help="A folder, or a .zip file.")
def report_command(target: Path, folder: Path | None, *, as_json: bool, **wish: Any) -> None:
    """Write every report of the plan: guide, executive report, quick reference, slides, JSON, and the plan itself."""
    from pages.parts.terminal_report import write_report  # noqa: PLC0415 - drawing is slow to import

    document, lines = write_report(workspace_at(folder), outcome_of(folder, **wish), target)
    show(document, as_json, lines)
