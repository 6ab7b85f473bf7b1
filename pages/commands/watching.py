"""Commands that watch the bill: forecast, anomalies, backtest, watch."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from exports.bundle import file_rows
from exports.forecast_json import forecast_document
from exports.slack import digest_lines
from exports.watch_json import backtest_document
from model.backtest import backtest, tuning
from model.digest import digest, open_incidents
from model.forecast import MOST_DAYS
from model.forecast_score import forecast
from pages.commands.shared import GUARDRAIL_EXIT, PROBLEM_EXIT, command, show, workspace_at, workspace_with_bill
from pages.parts import terminal, terminal_forecast, terminal_watch, watch_delivery, watch_schedule, watch_session

if TYPE_CHECKING:
    from collections.abc import Callable

    from pages.parts.watch_session import Watched


@command("forecast", "forecast --days 90 --service 'Cloud Run' --json")
@click.option("--days", default=MOST_DAYS, show_default=True, type=click.IntRange(1, MOST_DAYS), help="Days ahead.")
@click.option("--service", metavar="NAME", help="One service alone [default: the whole bill].")
@click.option("--currency", help="Currency of the bill [default: the one with the largest net].")
def forecast_command(
    days: int, service: str | None, currency: str | None, folder: Path | None, *, as_json: bool
) -> None:
    """Cost by day ahead with its range, by the method that did best on this bill's own past, scorecard beside."""
    from forecasting.fitted import methods  # noqa: PLC0415 - statsmodels is slow to import

    costs = watch_session.load_costs(workspace_with_bill(folder), currency)
    found = forecast(costs, methods(), days, service, terminal_forecast.say_progress)
    show(forecast_document(found, costs, service), as_json, terminal_forecast.forecast_lines(found))


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


def watched_by(
    folder: Path | None, rules: Path | None, budget: str | None, jobs: tuple[Path, ...], currency: str | None
) -> Watched:
    """The bill watched under the rules and the budget that ``watching`` options ask for."""
    workspace = workspace_with_bill(folder)
    settings = watch_session.watch_settings(workspace, rules, budget)
    return watch_session.watch(watch_session.load_costs(workspace, currency), settings, jobs)


@command("anomalies", "anomalies --budget 10000 --rules watch.toml --json")
@watching
def anomalies_command(folder: Path | None, *, as_json: bool, **wish: Any) -> None:
    """Incidents of the whole history: what each rule found, when it could know, and what the excess stands on."""
    watched = watched_by(folder, **wish)
    found = terminal_watch.explained(workspace_at(folder), watched, watched.incidents)
    show(terminal_watch.incidents_document(watched, found), as_json, terminal_watch.incident_lines(watched, found))


@command("backtest", "backtest --tune anomaly --json")
@watching
@click.option("--tune", multiple=True, metavar="RULE", help="Judge a rule at other thresholds too.")
def backtest_command(tune: tuple[str, ...], folder: Path | None, *, as_json: bool, **wish: Any) -> None:
    """What each rule would have done: fired, excess, avoided, false alarms, with only what was known on each day."""
    watched = watched_by(folder, **wish)
    results = backtest(watched.replayed, watched.settings)
    tuned = {key: tuning(watched.replayed, watched.settings, key) for key in tune}
    lines = terminal_watch.backtest_lines(results, watched.costs.currency)
    for key, found in tuned.items():
        lines += [f"{key} by threshold:", *terminal_watch.tuning_lines(found, watched.costs.currency)]
    show(backtest_document(watched.costs, results, watched.settings, tuned), as_json, lines)


@command("schedule", "schedule --table acme-billing.costs.gcp_billing_export_v1_01 --out schedule.zip")
@click.option("--table", required=True, metavar="TABLE", help="The billing export in BigQuery: project.dataset.table.")
@click.option("--location", default="US", show_default=True, help="Where its dataset lies and queries run.")
@click.option("--out", "target", required=True, type=click.Path(path_type=Path), help="A folder, or a .zip file.")
@click.option("--rules", type=click.Path(path_type=Path), help="Rules as TOML [default: the workspace's].")
@click.option("--currency", help="Currency of the bill [default: the one with the largest net].")
def schedule_command(
    table: str, location: str, target: Path, rules: Path | None, currency: str | None, folder: Path | None,
    *, as_json: bool,
) -> None:  # fmt: skip
    """Write two rules as scheduled queries of BigQuery (service anomaly, query cost): SQL, JSON, Terraform, script."""
    workspace = workspace_with_bill(folder)
    costs, settings = watch_session.load_costs(workspace, currency), watch_session.watch_settings(workspace, rules)
    files = watch_schedule.schedule_of(workspace, costs, settings, table, location)
    terminal.write_files(files, target)
    document = {"version": 1, "out": str(target), "files": file_rows(files)}
    show(document, as_json, [f"{len(files)} files written to {target}."])


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
    workspace, watched = workspace_at(folder), watched_by(folder, **wish)
    targets = terminal_watch.targets(os.environ) if send or test_alerts else []
    if test_alerts:
        sent = watch_delivery.send_tests(watched, targets)
        show(terminal_watch.watch_document(watched, [], sent, []), as_json, terminal_watch.sent_lines(sent))
        sys.exit(PROBLEM_EXIT if any(each.state != "sent" for each in sent) else 0)
    found = terminal_watch.explained(workspace, watched, open_incidents(watched.costs, watched.incidents))
    sent = watch_delivery.send_alerts(workspace, watched, targets) if send else []
    summary = digest_lines(digest(watched.costs, watched.incidents), watched.settings) if with_digest else []
    sent += watch_delivery.send_digest(workspace, watched, targets) if send and with_digest else []
    lines = [*summary, *terminal_watch.incident_lines(watched, found), *terminal_watch.sent_lines(sent)]
    document = terminal_watch.watch_document(watched, found, sent, summary)
    show(document, as_json, lines)
    for each in sent:
        if each.sentence:
            click.echo(each.sentence, err=True)
    if document["fired"]:
        sys.exit(GUARDRAIL_EXIT)
    if any(each.state in ("failed", "unknown") for each in sent):
        sys.exit(PROBLEM_EXIT)
