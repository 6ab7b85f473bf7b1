"""What the command line says of a recommendation, and where it keeps the scenario."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from data import records
from pages.parts import terminal, terminal_finance
from pages.parts.wording import money

if TYPE_CHECKING:
    from pathlib import Path

    from data.workspace import Workspace
    from model.recommend import FrontierPoint, Recommendation
    from model.scenario import Scenario

SHOWN_POINTS = 8


def say_progress(share: float, sentence: str) -> None:
    """One line of progress on stderr."""
    print(f"{share:4.0%}  {sentence}", file=sys.stderr)


def recommendation_lines(found: Recommendation) -> list[str]:
    """The plan, its settings, what it trades, and what holds it back."""
    currency = found.outcome.bill.currency
    return [
        *terminal.outcome_lines(found.outcome),
        *(f"  {line}" for line in terminal_finance.figures_lines(found.figures, currency)),
        "Settings:",
        *(f"  {key} = {value}" for key, value in sorted(found.scenario.settings.items())),
        "Savings against risk (share of the nearest limit in use; saving a month):",
        *(
            f"  {point.risk:5.0%}  {money(point.saving_per_month_nanos, currency)}"
            for point in _few(found)
        ),
        *(
            f"Held back: {limit.sentence} {money(limit.tenth_wider_nanos, currency)} a month if it were a tenth wider, "
            f"{money(limit.without_nanos, currency)} without it."
            for limit in found.binding
        ),
        *(f"Not known: {sentence}" for sentence in found.missing),
        f"{found.evaluations:,} plans compared.",
    ]  # fmt: skip


def keep(workspace: Workspace, scenario: Scenario, name: str | None, target: Path | None) -> None:
    """Save a scenario under a name, and as a file, where asked."""
    if name:
        saved = scenario.renamed(name)
        records.save_scenario(workspace, saved.name, saved.to_toml(), saved.fingerprint)
    if target:
        terminal.write_scenario(scenario.renamed(name or scenario.name), target)


def _few(found: Recommendation) -> list[FrontierPoint]:
    points = found.frontier
    last = len(points) - 1
    picked = dict.fromkeys(round(i * last / (SHOWN_POINTS - 1)) for i in range(SHOWN_POINTS)) if last > 0 else {0: None}
    return [points[i] for i in picked if i <= last]
