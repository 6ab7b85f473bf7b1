"""A forecast with its scorecard as the JSON document of ``cli.py forecast``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exports.watch_json import window_document
from model.daily_costs import RECURRING, day_of
from model.forecast import months_ahead
from model.money import as_text, exact_sum, to_nanos

if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.daily_costs import DailyCosts
    from model.forecast_score import Forecast, Score

APART = {"tax": ("tax",), "one_off": ("one_off",)}


def forecast_document(found: Forecast, costs: DailyCosts, service: str | None) -> dict[str, Any]:
    """Days and months ahead with P10 and P90, the scorecard of every method, and what is held apart."""
    path = found.path
    return {
        "version": 1,
        **window_document(costs),
        "service": service,
        "method": found.method,
        "title": found.title,
        "sentence": found.sentence,
        "scorecard": [score_document(score, score.method == found.method) for score in found.scores],
        "days": [
            {
                "day": day_of(path.first_day + step).isoformat(), "median": _text(middle), "p10": _text(low),
                "p90": _text(high),
            }
            for step, (middle, low, high) in enumerate(zip(path.middle, path.low, path.high, strict=True))
        ],
        "months": [
            {
                "month": each.month, "settled": as_text(each.settled_nanos), "median": as_text(each.middle_nanos),
                "p10": as_text(each.low_nanos), "p90": as_text(each.high_nanos), "is_whole": each.is_whole,
            }
            for each in months_ahead(found.history, path)
        ],
        "apart": {name: as_text(exact_sum(costs.nanos[costs.rows_of(groups)])) for name, groups in APART.items()},
        "counted_groups": list(RECURRING),
    }  # fmt: skip


def score_document(score: Score, is_used: bool) -> dict[str, Any]:  # noqa: FBT001
    """One method's scorecard; ratios 0..1."""
    return {
        "method": score.method,
        "title": score.title,
        "is_used": is_used,
        "origins": score.origins,
        "days": score.days,
        "mape": _ratio(score.mape),
        "mase": _ratio(score.mase),
        "bias": _ratio(score.bias),
        "interval_coverage": _ratio(score.coverage),
        "total_error_of_28_days": _ratio(score.total_error),
        "skill_against_seasonal_naive": _ratio(score.skill_against_naive),
        "skill_against_straight_line": _ratio(score.skill_against_line),
    }


def score_rows(scores: Sequence[Score], used: str) -> list[dict[str, str]]:
    """The scorecard as a table for people."""
    return [
        {
            "method": score.title, "used": "used" if score.method == used else "",
            "MAPE": "—" if score.mape is None else f"{score.mape:.1%}", "MASE": f"{score.mase:.2f}",
            "bias": f"{score.bias:+.1%}", "P10 to P90 held": f"{score.coverage:.0%}",
            "28-day totals off by": f"{score.total_error:.1%}",
            "better than last week": f"{score.skill_against_naive:+.0%}",
            "better than a line": f"{score.skill_against_line:+.0%}",
        }
        for score in scores
    ]  # fmt: skip


def _ratio(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def _text(amount: float) -> str:
    return as_text(to_nanos(float(amount)))
