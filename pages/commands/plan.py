"""Commands that find and judge a plan: settings, simulate, finance, recommend, commitments."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from data.sources.flows import read_flows
from exports.commitments_by_hand import advice_script
from exports.commitments_json import commitments_document
from exports.finance_json import figures_document
from exports.outcome_json import outcome_document, settings_document
from exports.recommend_json import recommendation_document
from model.commitment_advice import advise
from model.commitment_regret import Shocks
from model.finance import judge
from model.outcome import missing, parameters
from model.projection import project
from model.recommend import recommend
from model.uncertainty import uncertain
from pages.commands.shared import GUARDRAIL_EXIT, bill_and_scenario, command, judged, outcome_of, show, workspace_at
from pages.parts import terminal, terminal_commitments, terminal_finance, terminal_recommend

if TYPE_CHECKING:
    from model.attribution import Method
    from model.recommend_space import RiskLevel


@command("settings", "settings --json")
@judged
def settings_command(folder: Path | None, *, as_json: bool, **wish: Any) -> None:
    """Every setting and assumption that this bill has, with current values and where they come from."""
    bill, _ = bill_and_scenario(folder, **wish)
    document = settings_document(parameters(bill), missing(bill))
    show(document, as_json, terminal.settings_lines(document))


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
    outcome = outcome_of(folder, **wish)
    uncertainty = uncertain(outcome, draws) if draws else None
    lines = [*terminal.outcome_lines(outcome), *terminal_finance.ahead_lines(project(outcome), uncertainty)]
    show(outcome_document(outcome, method, uncertainty), as_json, lines)
    if strict and any(guardrail.passed is False for guardrail in outcome.guardrails):
        sys.exit(GUARDRAIL_EXIT)


@command("finance", "finance --flows flows.csv --rate 0.08 --json")
@click.option("--flows", "file", required=True, type=click.Path(path_type=Path), help="CSV: month,amount (0 = today).")
@click.option("--rate", required=True, type=float, help="Discount rate a year, as 0.08 for 8 %.")
def finance_command(file: Path, rate: float, folder: Path | None, *, as_json: bool) -> None:  # noqa: ARG001
    """Judge a table of flows: net present value, return, payback."""
    figures = judge(read_flows(file), rate)
    show(
        {"version": 1, "rate_per_year": rate, **figures_document(figures)},
        as_json,
        terminal_finance.figures_lines(figures),
    )


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
    bill, start = bill_and_scenario(folder, **wish)
    start.check(parameters(bill))
    found = recommend(bill, start, risk, terminal_recommend.say_progress)
    terminal_recommend.keep(workspace_at(folder), found.scenario, name, target)
    show(recommendation_document(found), as_json, terminal_recommend.recommendation_lines(found))


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
    outcome = outcome_of(folder, **wish)
    advice = advise(outcome, Shocks(fall=fall, fall_from_month=month))
    lines = terminal_commitments.commitment_lines(advice, outcome.bill)
    if memo:
        from pages.parts.commitment_memo import memo_pdf  # noqa: PLC0415 - drawing is slow to import

        terminal.write_file(memo_pdf(outcome, advice), memo, "--memo")
    if script:
        terminal.write_file(advice_script(advice, outcome.scenario.fingerprint).encode(), script, "--script")
    show(commitments_document(advice, outcome), as_json, lines)
