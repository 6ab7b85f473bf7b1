"""Commands on the bill itself: import, totals, reconcile, explain."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from data.importing import ImportReport
from data.reconcile import Check, reconcile
from data.totals import KEY_SQL, totals
from data.workspace import Workspace
from exports.trail_json import trail_document
from model.explain import explain
from model.figure import Figure
from pages.commands.shared import PROBLEM_EXIT, command, judged, outcome_of, show, workspace_at, workspace_with_bill
from pages.parts import session, terminal, terminal_tables, terminal_trail

if TYPE_CHECKING:
    from data.bigquery_import import TableOptions


@command("import", "import 'exports/*.parquet' --inventory inventory/ --json")
@click.argument("paths", nargs=-1, required=True)
@click.option("--inventory", multiple=True, type=click.Path(path_type=Path), help="JSON of gcloud list commands.")
@click.option("--metrics", multiple=True, type=click.Path(path_type=Path), help="CSV or JSON of metric series.")
@click.option("--queries", multiple=True, type=click.Path(path_type=Path), help="CSV, or pg_stat_statements as CSV.")
@click.option("--commitments", multiple=True, help="Rows of cud_subscriptions_export: files, or bq:// its table.")
@click.option("--prices", multiple=True, help="Rows of cloud_pricing_export: files (JSON), or bq:// its table.")
@click.option("--invoice", type=click.Path(path_type=Path), help="CSV of invoice totals.")
@click.option("--if-empty", is_flag=True, help="Do nothing when the workspace already holds a bill.")
@click.option("--dry-run", is_flag=True, help="Tables: say what the queries would read and cost, and stop.")
@terminal_tables.about_tables
def import_command(
    paths: tuple[str, ...], folder: Path | None, *, invoice: Path | None, if_empty: bool, as_json: bool,
    dry_run: bool, tables: TableOptions, **described_by: tuple[Path, ...],
) -> None:  # fmt: skip
    """Add billing exports (file, folder, glob, bq://PROJECT.DATASET.TABLE, or `demo`) and what describes them."""
    workspace = Workspace(folder or session.default_workspace())
    if dry_run:
        prices = terminal_tables.prices(workspace, paths, tables, described_by)
        show(terminal_tables.prices_document(prices), as_json, terminal_tables.price_lines(prices))
        return
    if if_empty and workspace.loads():
        report = ImportReport((), ())
    elif paths == ("demo",):
        report = session.import_demo(workspace, terminal.progress_line())
    else:
        report = session.import_sources(workspace, paths, terminal.progress_line(), options=tables)
    for name, add in session.DESCRIPTIONS.items():
        if described_by[name]:
            add(workspace, described_by[name], **terminal_tables.cap_of(name, tables.maximum_bytes))
    if invoice:
        session.add_invoices(workspace, [invoice])
    document = terminal.import_document(report)
    show(document, as_json, terminal.import_lines(report))
    if report.refused:
        sentence = " ".join(source.refused or "" for source in report.refused)
        click.echo(sentence, err=True)
        sys.exit(PROBLEM_EXIT)


@command("totals", "totals --by invoice_month,product --json")
@click.option("--by", default="", help=f"Keys, comma-separated: {', '.join(KEY_SQL)}.")
def totals_command(by: str, folder: Path | None, *, as_json: bool) -> None:
    """Exact sums of the bill by any combination of keys."""
    rows = totals(workspace_with_bill(folder), [key.strip() for key in by.split(",") if key.strip()])
    document = [terminal.total_document(row) for row in rows]
    show({"version": 1, "rows": document}, as_json, terminal.table(document))


@command("reconcile", "reconcile --invoice invoice.csv")
@click.option("--invoice", type=click.Path(path_type=Path), help="CSV: invoice_month,currency,amount.")
def reconcile_command(invoice: Path | None, folder: Path | None, *, as_json: bool) -> None:
    """Check the bill: rows, sums, prices, commitment fees, and invoices where they are given."""
    workspace = workspace_with_bill(folder)
    if invoice:
        session.add_invoices(workspace, [invoice])
    checks = reconcile(workspace)
    document = {"version": 1, "checks": [terminal.check_document(check) for check in checks]}
    show(document, as_json, [_check_line(check) for check in checks])
    if any(check.passed is False for check in checks):
        sys.exit(PROBLEM_EXIT)


def _check_line(check: Check) -> str:
    mark = {True: "passed", False: "FAILED", None: "open  "}[check.passed]
    return f"{mark}  {check.name}: {check.sentence}"


@command("explain", "explain 'product:Cloud Run' month:202601 --set cloud_run.api.min_instances=1")
@click.argument("figure", nargs=-1)
@judged
@click.option("--rows", "row_count", default=20, type=click.IntRange(0, 10_000), help="How many billing rows to show.")
def explain_command(
    figure: tuple[str, ...], row_count: int, folder: Path | None, *, as_json: bool, **wish: Any
) -> None:
    """Where a figure comes from: formula, parts that add up, inputs, prices, billing rows with their SQL.

    A figure is total, or conditions: lever:cloud_run, 'product:Cloud SQL', project:shop, resource:cloud_run.api,
    month:202601.
    """
    outcome = outcome_of(folder, **wish)
    trail = explain(outcome, Figure.parse(figure))
    rows = terminal_trail.rows_document(workspace_at(folder), trail, row_count)
    document = {**trail_document(trail, outcome), "rows": rows}
    show(document, as_json, terminal_trail.trail_lines(trail, outcome.bill.currency, rows))
