"""What the command line says of a forecast."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from exports.forecast_json import score_rows
from model.forecast import months_ahead
from pages.parts.terminal import table
from pages.parts.wording import money, month

if TYPE_CHECKING:
    from model.forecast_score import Forecast


def forecast_lines(found: Forecast) -> list[str]:
    """The sentence, the months with their range, and the scorecard."""
    currency = found.history.currency
    rows = [
        {
            "month": month(each.month) + ("" if each.is_whole else " (part)"),
            "settled": money(each.settled_nanos, currency), "P10": money(each.low_nanos, currency),
            "median": money(each.middle_nanos, currency), "P90": money(each.high_nanos, currency),
        }
        for each in months_ahead(found.history, found.path)
    ]  # fmt: skip
    return [found.sentence, "", *table(rows), "", *table(score_rows(found.scores, found.method))]


def say_progress(share: float, sentence: str) -> None:
    """One line on stderr."""
    print(f"{share:.0%} {sentence}", file=sys.stderr)
