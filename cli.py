"""The command line: the same jobs as the app, for pipelines. ``cli.py COMMAND --help`` has an example for each."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from data.bigquery_import import TableOptions
from data.bill_months import NoBill
from data.importing import ImportReport
from data.reconcile import Check, reconcile
from data.sources.bigquery import DEFAULT_MAXIMUM_BYTES
from data.sources.flows import read_flows
from data.sources.refusal import SourceRefused
from data.totals import KEY_SQL, TotalsRefused, totals
from data.trail import TrailGone
from data.watch import ImportCancelled
from data.workspace import LOADS, LoadRefused, Workspace
from delivery.channel import DeliveryRefused
from exports.bundle import ALL_KINDS, Beside, ExportError, export_files, manifest, with_manifest
from exports.commitments_by_hand import advice_script
from exports.commitments_json import commitments_document
from exports.finance_json import figures_document
from exports.forecast_json import forecast_document
from exports.outcome_json import outcome_document, settings_document
from exports.recommend_json import recommendation_document
from exports.roadmap_files import roadmap_calendar, roadmap_document
from exports.slack import digest_lines
from exports.trail_json import trail_document
from exports.watch_json import backtest_document
from model.alert_rules import RulesRefused
from model.backtest import backtest, tuning
from model.claims import ClaimsRefused
from model.commitment_advice import advise
from model.commitment_regret import Shocks
from model.digest import digest, open_incidents
from model.explain import explain
from model.figure import Figure, FigureError
from model.finance import FlowsRefused, judge
from model.forecast import MOST_DAYS, ForecastRefused
from model.forecast_score import forecast
from model.outcome import evaluate, missing, parameters
from model.projection import project
from model.promise import LedgerRefused
from model.recommend import recommend
from model.scenario import Scenario, ScenarioError
from model.uncertainty import uncertain
from pages.parts import (
    doctor,
    roadmap_state,
    session,
    terminal,
    terminal_audit,
    terminal_commitments,
    terminal_described,
    terminal_finance,
    terminal_forecast,
    terminal_ledger,
    terminal_recommend,
    terminal_roadmap,
    terminal_tables,
    terminal_trail,
    terminal_watch,
    watch_delivery,
    watch_session,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from model.attribution import Method
    from model.bill import Bill
    from model.outcome import Outcome
    from model.recommend_space import RiskLevel
    from pages.parts.watch_session import Watched

PROBLEMS = (
    NoBill, SourceRefused, TotalsRefused, ImportCancelled, LoadRefused, ExportError, ScenarioError, FlowsRefused,
    FigureError, TrailGone, RulesRefused, ClaimsRefused, ForecastRefused, DeliveryRefused, LedgerRefused,
)  # fmt: skip
PROBLEM_EXIT, GUARDRAIL_EXIT = 1, 3


class SentenceGroup(click.Group):
    """Ends every command's known problems with one sentence and exit code 1, never with a traceback."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Remember whether JSON was asked for: a problem must then be told as JSON too."""
        ctx.meta["cloudlever.as_json"] = "--json" in args
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a problem goes to stderr, and as ``"error"`` to stdout when ``--json`` was asked for."""
        try:
            return super().invoke(ctx)
        except PROBLEMS as problem:
            click.echo(str(problem), err=True)
            if ctx.meta["cloudlever.as_json"]:
                _print_json({"version": 1, "error": str(problem)})
            ctx.exit(PROBLEM_EXIT)


@click.group(cls=SentenceGroup, context_settings={"help_option_names": ["--help", "-h"], "max_content_width": 100})
def cli() -> None:
    """What would our Google Cloud bill be if we changed this, and can you prove it?"""


def command(name: str, example: str) -> Callable[..., Any]:
    """A command with the options that all share and an example in its help."""

    def decorate(function: Callable[..., Any]) -> Any:
        shared = click.option("--workspace", "folder", type=click.Path(path_type=Path, file_okay=False),
                              help="Folder of the workspace [default: the user's data folder].")  # fmt: skip
        as_json = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
        return cli.command(name, epilog=f"Example: cli.py {example}")(shared(as_json(function)))

    return decorate


def judged(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of commands that judge a plan."""
    for option in (
        click.option("--currency", help="Currency of the bill [default: the one with the largest net]."),
        click.option("--months", help="Invoice months, as 202511,202512 [default: the last three settled]."),
        click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="A setting or an assumption."),
        click.option("--scenario", "scenario_name", metavar="FILE|NAME", help="A scenario file or a saved one."),
    ):
        function = option(function)
    return function


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
@click.option("--maximum-bytes", type=click.IntRange(1), default=DEFAULT_MAXIMUM_BYTES, show_default=True,
              help="Tables: what all queries of one import may be billed for.")  # fmt: skip
@click.option("--since", "since_month", type=click.IntRange(190001, 299912), help="Tables: first month, as 202601.")
def import_command(
    paths: tuple[str, ...], folder: Path | None, *, invoice: Path | None, if_empty: bool, as_json: bool,
    dry_run: bool, maximum_bytes: int, since_month: int | None, **described_by: tuple[Path, ...],
) -> None:  # fmt: skip
    """Add billing exports (file, folder, glob, bq://PROJECT.DATASET.TABLE, or `demo`) and what describes them."""
    workspace = Workspace(folder or session.default_workspace())
    options = TableOptions(since_month, maximum_bytes)
    if dry_run:
        prices = terminal_tables.prices(workspace, paths, options, described_by)
        _show(terminal_tables.prices_document(prices), as_json, terminal_tables.price_lines(prices))
        return
    if if_empty and workspace.loads():
        report = ImportReport((), ())
    elif paths == ("demo",):
        report = session.import_demo(workspace, terminal.progress_line())
    else:
        report = session.import_sources(workspace, paths, terminal.progress_line(), options=options)
    for name, add in session.DESCRIPTIONS.items():
        if described_by[name]:
            add(workspace, described_by[name], **terminal_tables.cap_of(name, maximum_bytes))
    if invoice:
        session.add_invoices(workspace, [invoice])
    document = terminal.import_document(report)
    _show(document, as_json, terminal.import_lines(report))
    if report.refused:
        sentence = " ".join(source.refused or "" for source in report.refused)
        click.echo(sentence, err=True)
        sys.exit(PROBLEM_EXIT)


@command("totals", "totals --by invoice_month,product --json")
@click.option("--by", default="", help=f"Keys, comma-separated: {', '.join(KEY_SQL)}.")
def totals_command(by: str, folder: Path | None, *, as_json: bool) -> None:
    """Exact sums of the bill by any combination of keys."""
    rows = totals(_with_bill(folder), [key.strip() for key in by.split(",") if key.strip()])
    document = [terminal.total_document(row) for row in rows]
    _show({"version": 1, "rows": document}, as_json, terminal.table(document))


@command("reconcile", "reconcile --invoice invoice.csv")
@click.option("--invoice", type=click.Path(path_type=Path), help="CSV: invoice_month,currency,amount.")
def reconcile_command(invoice: Path | None, folder: Path | None, *, as_json: bool) -> None:
    """Check the bill: rows, sums, prices, commitment fees, and invoices where they are given."""
    workspace = _with_bill(folder)
    if invoice:
        session.add_invoices(workspace, [invoice])
    checks = reconcile(workspace)
    document = {"version": 1, "checks": [terminal.check_document(check) for check in checks]}
    _show(document, as_json, [_check_line(check) for check in checks])
    if any(check.passed is False for check in checks):
        sys.exit(PROBLEM_EXIT)


@command("settings", "settings --json")
@judged
def settings_command(folder: Path | None, *, as_json: bool, **wish: Any) -> None:
    """Every setting and assumption that this bill has, with current values and where they come from."""
    bill, _ = _bill_and_scenario(folder, **wish)
    document = settings_document(parameters(bill), missing(bill))
    _show(document, as_json, terminal.settings_lines(document))


@command("simulate", "simulate --set cloud_run.api.min_instances=1 --json")
@judged
@click.option("--strict", is_flag=True, help="Exit 3 when a guardrail is broken.")
@click.option("--attribution", "method", default="causal", type=click.Choice(["causal", "shapley"]), show_default=True,
              help="How the saving is shared out over the levers.")  # fmt: skip
@click.option("--draws", type=click.IntRange(0, 1_000_000), default=0, show_default=True,
              help="Draw what is assumed, as 10000, for how sure the saving is.")  # fmt: skip
def simulate_command(
    folder: Path | None, *, as_json: bool, strict: bool, method: Method, draws: int, **wish: Any
) -> None:
    """Reprice the bill under a scenario."""
    outcome = _outcome(folder, **wish)
    uncertainty = uncertain(outcome, draws) if draws else None
    lines = [*terminal.outcome_lines(outcome), *terminal_finance.ahead_lines(project(outcome), uncertainty)]
    _show(outcome_document(outcome, method, uncertainty), as_json, lines)
    if strict and any(guardrail.passed is False for guardrail in outcome.guardrails):
        sys.exit(GUARDRAIL_EXIT)


@command("finance", "finance --flows flows.csv --rate 0.08 --json")
@click.option("--flows", "file", required=True, type=click.Path(path_type=Path), help="CSV: month,amount (0 = today).")
@click.option("--rate", required=True, type=float, help="Discount rate a year, as 0.08 for 8 %.")
def finance_command(file: Path, rate: float, folder: Path | None, *, as_json: bool) -> None:  # noqa: ARG001
    """Judge a table of flows: net present value, return, payback."""
    figures = judge(read_flows(file), rate)
    _show(
        {"version": 1, "rate_per_year": rate, **figures_document(figures)},
        as_json,
        terminal_finance.figures_lines(figures),
    )


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
    outcome = _outcome(folder, **wish)
    trail = explain(outcome, Figure.parse(figure))
    rows = terminal_trail.rows_document(_workspace(folder), trail, row_count)
    document = {**trail_document(trail, outcome), "rows": rows}
    _show(document, as_json, terminal_trail.trail_lines(trail, outcome.bill.currency, rows))


@command("recommend", "recommend --risk balanced --out plan.toml --json")
@judged
@click.option("--risk", default="balanced", show_default=True, type=click.Choice(["careful", "balanced", "bold"]),
              help="How far a plan may go toward the limits, and which changes it may make.")  # fmt: skip
@click.option("--save", "name", metavar="NAME", help="Save the plan as a scenario of this name.")
@click.option("--out", "target", type=click.Path(path_type=Path, dir_okay=False), help="Write the plan as a scenario.")
def recommend_command(
    risk: RiskLevel, name: str | None, target: Path | None, folder: Path | None, *, as_json: bool, **wish: Any
) -> None:
    """Find the best plan: settings only, highest NPV that breaks no limit, under the scenario's assumptions."""
    bill, start = _bill_and_scenario(folder, **wish)
    start.check(parameters(bill))
    found = recommend(bill, start, risk, terminal_recommend.say_progress)
    terminal_recommend.keep(_workspace(folder), found.scenario, name, target)
    _show(recommendation_document(found), as_json, terminal_recommend.recommendation_lines(found))


@command("commitments", "commitments --set commitments.firestore.term=1y --json")
@judged
@click.option("--fall", default=Shocks.fall, show_default=True, type=click.FloatRange(0.0, 1.0),
              help="Share by which usage falls in one of the futures.")  # fmt: skip
@click.option("--after", "month", default=Shocks.fall_from_month, show_default=True, type=click.IntRange(0, 36),
              help="Month after which it falls.")  # fmt: skip
@click.option("--memo", type=click.Path(path_type=Path, dir_okay=False), help="Write the decision memo as PDF.")
@click.option("--script", type=click.Path(path_type=Path, dir_okay=False), help="Write how to buy, as a bash script.")
def commitments_command(
    fall: float, month: int, memo: Path | None, script: Path | None, folder: Path | None, *, as_json: bool, **wish: Any
) -> None:
    """Plan commitments on what the scenario's levers leave: what stands, what to buy, and what if we are wrong."""
    outcome = _outcome(folder, **wish)
    advice = advise(outcome, Shocks(fall=fall, fall_from_month=month))
    lines = terminal_commitments.commitment_lines(advice, outcome.bill)
    if memo:
        from pages.parts.commitment_memo import memo_pdf  # noqa: PLC0415 - drawing is slow to import

        terminal.write_file(memo_pdf(outcome, advice), memo, "--memo")
    if script:
        terminal.write_file(advice_script(advice, outcome.scenario.fingerprint).encode(), script, "--script")
    _show(commitments_document(advice, outcome), as_json, lines)


@command("audit", "audit plan-claims.toml --report audit.pdf --json")
@click.argument("claims", type=click.Path(path_type=Path))
@click.option("--months", help="Invoice months, as 202511,202512 [default: those of the claims, else three].")
@click.option("--currency", help="Currency of the bill [default: the plan's].")
@click.option("--report", type=click.Path(path_type=Path, dir_okay=False), help="Write a report: .pdf, .html, .md.")
def audit_command(
    claims: Path, months: str | None, currency: str | None, report: Path | None, folder: Path | None, *, as_json: bool
) -> None:
    """Hold a plan's claims (TOML, JSON, CSV, XLSX) against bill and model: what stands, and what contradicts itself."""
    document, lines = terminal_audit.audited(_with_bill(folder), claims, months, currency, report)
    _show(document, as_json, lines)


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
    outcome = _outcome(folder, **wish)
    plan = session.plan_of(outcome)
    beside = Beside(roadmap_state.roadmap(_workspace(folder), plan), terminal_described.read(described))
    files = export_files(plan, only, outcome, beside)
    terminal.write_files(with_manifest(plan, files), target)
    document = {"version": 1, "out": str(target), **manifest(plan, files)}
    _show(document, as_json, [f"{len(files)} files written to {target}; scenario {outcome.scenario.fingerprint}."])


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
    plan = session.plan_of(_outcome(folder, **wish))
    found = terminal_roadmap.noted(_workspace(folder), plan, start, done, undone, owners, moves)
    if calendar:
        terminal.write_file(roadmap_calendar(found).encode(), calendar, "--calendar")
    _show(roadmap_document(found), as_json, terminal_roadmap.roadmap_lines(found))


@command("report", "report --scenario plan.toml --out report.zip")
@judged
@click.option("--out", "target", required=True, type=click.Path(path_type=Path), help="A folder, or a .zip file.")
def report_command(target: Path, folder: Path | None, *, as_json: bool, **wish: Any) -> None:
    """Write every report of the plan: guide, executive report, quick reference, slides, JSON, and the plan itself."""
    from pages.parts.terminal_report import write_report  # noqa: PLC0415 - drawing is slow to import

    document, lines = write_report(_workspace(folder), _outcome(folder, **wish), target)
    _show(document, as_json, lines)


@command("forecast", "forecast --days 90 --service 'Cloud Run' --json")
@click.option("--days", default=MOST_DAYS, show_default=True, type=click.IntRange(1, MOST_DAYS), help="Days ahead.")
@click.option("--service", metavar="NAME", help="One service alone [default: the whole bill].")
@click.option("--currency", help="Currency of the bill [default: the one with the largest net].")
def forecast_command(
    days: int, service: str | None, currency: str | None, folder: Path | None, *, as_json: bool
) -> None:
    """Cost by day ahead with its range, by the method that did best on this bill's own past, scorecard beside."""
    from forecasting.fitted import methods  # noqa: PLC0415 - statsmodels is slow to import

    costs = watch_session.load_costs(_with_bill(folder), currency)
    found = forecast(costs, methods(), days, service, terminal_forecast.say_progress)
    _show(forecast_document(found, costs, service), as_json, terminal_forecast.forecast_lines(found))


def watching(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of commands that watch the bill."""
    for option in (
        click.option("--jobs", multiple=True, type=click.Path(path_type=Path), help="CSV of INFORMATION_SCHEMA.JOBS."),
        click.option("--budget", metavar="AMOUNT", help="What a month may cost, in the bill's currency."),
        click.option("--rules", type=click.Path(path_type=Path), help="Rules as TOML [default: the workspace's]."),
        click.option("--currency", help="Currency of the bill [default: the one with the largest net]."),
    ):
        function = option(function)
    return function


@command("anomalies", "anomalies --budget 10000 --rules watch.toml --json")
@watching
def anomalies_command(folder: Path | None, *, as_json: bool, **wish: Any) -> None:
    """Incidents of the whole history: what each rule found, when it could know, and what the excess stands on."""
    watched = _watched(folder, **wish)
    found = terminal_watch.explained(_workspace(folder), watched, watched.incidents)
    _show(terminal_watch.incidents_document(watched, found), as_json, terminal_watch.incident_lines(watched, found))


@command("backtest", "backtest --tune anomaly --json")
@watching
@click.option("--tune", multiple=True, metavar="RULE", help="Judge a rule at other thresholds too.")
def backtest_command(tune: tuple[str, ...], folder: Path | None, *, as_json: bool, **wish: Any) -> None:
    """What each rule would have done: fired, excess, avoided, false alarms, with only what was known on each day."""
    watched = _watched(folder, **wish)
    results = backtest(watched.replayed, watched.settings)
    tuned = {key: tuning(watched.replayed, watched.settings, key) for key in tune}
    lines = terminal_watch.backtest_lines(results, watched.costs.currency)
    for key, found in tuned.items():
        lines += [f"{key} by threshold:", *terminal_watch.tuning_lines(found, watched.costs.currency)]
    _show(backtest_document(watched.costs, results, watched.settings, tuned), as_json, lines)


@command("watch", "watch --send --digest --json")
@watching
@click.option("--send", is_flag=True, help="Send open alerts (and the digest) on the channels of the environment.")
@click.option("--digest", "with_digest", is_flag=True, help="Render the digest of the last days too.")
@click.option("--test-alerts", is_flag=True, help="Send one message for each rule, marked as a test, and stop.")
def watch_command(
    folder: Path | None, *, as_json: bool, send: bool, with_digest: bool, test_alerts: bool, **wish: Any
) -> None:
    """What is unusual now, for cron and jobs: exit 3 when an alert is open, each sent once on each channel.

    Channels: CLOUDLEVER_SLACK_WEBHOOK_URL; CLOUDLEVER_WEBHOOK_URL with CLOUDLEVER_WEBHOOK_TOKEN.
    """
    workspace, watched = _workspace(folder), _watched(folder, **wish)
    targets = terminal_watch.targets(os.environ) if send or test_alerts else []
    if test_alerts:
        sent = watch_delivery.send_tests(watched, targets)
        _show(terminal_watch.watch_document(watched, [], sent, []), as_json, terminal_watch.sent_lines(sent))
        sys.exit(PROBLEM_EXIT if any(each.state != "sent" for each in sent) else 0)
    found = terminal_watch.explained(workspace, watched, open_incidents(watched.costs, watched.incidents))
    sent = watch_delivery.send_alerts(workspace, watched, targets) if send else []
    summary = digest_lines(digest(watched.costs, watched.incidents), watched.settings) if with_digest else []
    sent += watch_delivery.send_digest(workspace, watched, targets) if send and with_digest else []
    lines = [*summary, *terminal_watch.incident_lines(watched, found), *terminal_watch.sent_lines(sent)]
    document = terminal_watch.watch_document(watched, found, sent, summary)
    _show(document, as_json, lines)
    for each in sent:
        if each.sentence:
            click.echo(each.sentence, err=True)
    if document["fired"]:
        sys.exit(GUARDRAIL_EXIT)
    if any(each.state in ("failed", "unknown") for each in sent):
        sys.exit(PROBLEM_EXIT)


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
    workspace = _workspace(folder)
    who, why = asked["approver"], asked["reason"]
    if action == "approve":
        document, lines = terminal_ledger.approve(workspace, name, who, why, asked["months"], asked["currency"])
    elif action == "withdraw":
        document, lines = terminal_ledger.withdraw(workspace, name, who, why, asked["from_month"])
    else:
        document, lines = terminal.scenarios(workspace, action, name, file)
    _show(document, as_json, lines)


@command("ledger", "ledger --json")
@click.argument("name", required=False)
def ledger_command(name: str | None, folder: Path | None, *, as_json: bool) -> None:
    """What approved plans promised, and what later months of the bill show of it."""
    document, lines = terminal_ledger.ledger(_with_bill(folder), name)
    _show(document, as_json, lines)


@command("doctor", "doctor")
def doctor_command(folder: Path | None, *, as_json: bool) -> None:
    """What is installed and reachable, and how to mend what is not."""
    checks = doctor.checks(folder or session.default_workspace())
    document = {"version": 1, "checks": checks}
    lines = [f"{'ok  ' if c['ok'] else 'MISS'}  {c['name']}: {c['detail']} {c['mend']}".rstrip() for c in checks]
    _show(document, as_json, lines)
    if any(not check["ok"] and check["needed"] for check in checks):
        sys.exit(PROBLEM_EXIT)


def _workspace(folder: Path | None) -> Workspace:
    """The workspace to read; only ``import`` makes one, so that a mistyped folder is told and not made."""
    place = folder or session.default_workspace()
    if not (place / LOADS).is_dir():
        raise NoBill(f"There is no workspace at {place}: check --workspace, or import an export into it first.")
    return Workspace(place)


def _with_bill(folder: Path | None) -> Workspace:
    """A workspace that holds charges; nothing adds up to nothing, and that would pass every check."""
    workspace = _workspace(folder)
    if not workspace.loads():
        raise NoBill("The workspace holds no bill: import an export first.")
    return workspace


def _bill_and_scenario(
    folder: Path | None, scenario_name: str | None, settings: tuple[str, ...], months: str | None, currency: str | None
) -> tuple[Bill, Scenario]:
    workspace = _workspace(folder)
    bill = session.load_bill(workspace, terminal.months_of(months), currency)
    return bill, session.find_scenario(workspace, scenario_name, settings, bill)


def _outcome(folder: Path | None, **wish: Any) -> Outcome:
    return evaluate(*_bill_and_scenario(folder, **wish))


def _watched(
    folder: Path | None, rules: Path | None, budget: str | None, jobs: tuple[Path, ...], currency: str | None
) -> Watched:
    workspace = _with_bill(folder)
    settings = watch_session.watch_settings(workspace, rules, budget)
    return watch_session.watch(watch_session.load_costs(workspace, currency), settings, jobs)


def _check_line(check: Check) -> str:
    mark = {True: "passed", False: "FAILED", None: "open  "}[check.passed]
    return f"{mark}  {check.name}: {check.sentence}"


def _show(document: dict[str, Any], as_json: bool, lines: list[str]) -> None:  # noqa: FBT001
    if as_json:
        _print_json(document)
        return
    for line in lines:
        click.echo(line)


def _print_json(document: dict[str, Any]) -> None:
    click.echo(json.dumps(document, ensure_ascii=False, indent=1, default=str))


if __name__ == "__main__":
    cli()
