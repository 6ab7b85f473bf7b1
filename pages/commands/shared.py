"""What every command of the terminal shares: options, the workspace it reads, how it prints and how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from data.bill_months import NoBill
from data.sources.refusal import SourceRefused
from data.totals import TotalsRefused
from data.trail import TrailGone
from data.watch import ImportCancelled
from data.workspace import LOADS, LoadRefused, Workspace
from delivery.channel import DeliveryRefused
from exports.bundle import ExportError
from exports.scheduled_sql import ScheduleRefused
from model.alert_rules import RulesRefused
from model.claims import ClaimsRefused
from model.figure import FigureError
from model.finance import FlowsRefused
from model.forecast import ForecastRefused
from model.outcome import evaluate
from model.promise import LedgerRefused
from model.scenario import Scenario, ScenarioError
from pages.parts import session, terminal

if TYPE_CHECKING:
    from collections.abc import Callable

    from model.bill import Bill
    from model.outcome import Outcome

PROBLEMS = (
    NoBill, SourceRefused, TotalsRefused, ImportCancelled, LoadRefused, ExportError, ScenarioError, FlowsRefused,
    FigureError, TrailGone, RulesRefused, ClaimsRefused, ForecastRefused, DeliveryRefused, LedgerRefused,
    ScheduleRefused,
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


def workspace_at(folder: Path | None) -> Workspace:
    """The workspace to read; only ``import`` makes one, so that a mistyped folder is told and not made."""
    place = folder or session.default_workspace()
    if not (place / LOADS).is_dir():
        raise NoBill(f"There is no workspace at {place}: check --workspace, or import an export into it first.")
    return Workspace(place)


def workspace_with_bill(folder: Path | None) -> Workspace:
    """A workspace that holds charges; nothing adds up to nothing, and that would pass every check."""
    workspace = workspace_at(folder)
    if not workspace.loads():
        raise NoBill("The workspace holds no bill: import an export first.")
    return workspace


def bill_and_scenario(
    folder: Path | None, scenario_name: str | None, settings: tuple[str, ...], months: str | None, currency: str | None
) -> tuple[Bill, Scenario]:
    """The bill of the months and the scenario that ``judged`` options ask for."""
    workspace = workspace_at(folder)
    bill = session.load_bill(workspace, terminal.months_of(months), currency)
    return bill, session.find_scenario(workspace, scenario_name, settings, bill)


def outcome_of(folder: Path | None, **wish: Any) -> Outcome:
    """The bill repriced under the scenario, as ``judged`` options ask for it."""
    return evaluate(*bill_and_scenario(folder, **wish))


def show(document: dict[str, Any], as_json: bool, lines: list[str]) -> None:  # noqa: FBT001
    """Print the document as JSON, or the lines for people."""
    if as_json:
        _print_json(document)
        return
    for line in lines:
        click.echo(line)


def _print_json(document: dict[str, Any]) -> None:
    click.echo(json.dumps(document, ensure_ascii=False, indent=1, default=str))
