"""The charts of watching: cost by day against the usual, the forecast with its range, a rule at other thresholds."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from model.alert_replay import seen_days
from model.daily_costs import day_of
from model.money import as_decimal, to_nanos
from pages.parts import palette
from pages.parts.charts import COLOUR, MONEY_AXIS, PALE, TOOLTIP
from pages.parts.wording import counted, day, money

if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.anomalies import Incident
    from model.backtest import RuleResult
    from model.forecast_score import Forecast
    from pages.parts.watch_session import Watched

Rows = list[dict[str, Any]]
HISTORY_DAYS: Final = 90
"""Days of the past that stand before a forecast."""
_DATE: Final[dict[str, Any]] = {
    "field": "date", "type": "temporal", "timeUnit": "utcyearmonthdate", "title": None,
    "axis": {"format": "%-d %b %y", "tickCount": 8, "labelOverlap": "greedy"}, "scale": {"type": "utc"},
}  # fmt: skip


@lru_cache
def days_spec(currency: str) -> dict[str, Any]:
    """Cost as a line, the usual dashed behind it, found days as points; unsettled days pale."""
    y = {"field": "amount", "type": "quantitative", "title": f"{currency} a day", "axis": MONEY_AXIS}
    usual = {
        "transform": [{"filter": "isValid(datum.usual)"}],
        "mark": {"type": "line", "strokeDash": [5, 4], "strokeWidth": 1.5},
        "encoding": {"y": {**y, "field": "usual"}, "color": {**COLOUR, "field": "usual_meaning"}},
    }
    cost = {
        "mark": {"type": "line", "strokeWidth": 2},
        "encoding": {"y": y, "color": COLOUR},
    }
    found = {
        "transform": [{"filter": "isValid(datum.found)"}],
        "mark": {"type": "point", "filled": True, "size": 90, "shape": "triangle-up", "opacity": 1},
        "encoding": {"y": y, "color": {**COLOUR, "field": "found"}, "tooltip": TOOLTIP},
    }
    hover = {
        "mark": {"type": "point", "size": 60, "filled": True},
        "encoding": {
            "y": y, "color": COLOUR, "tooltip": TOOLTIP,
            "opacity": {"field": "opacity", "type": "quantitative", "scale": None, "legend": None},
        },
    }  # fmt: skip
    return {"height": 300, "encoding": {"x": _DATE}, "layer": [usual, cost, hover, found]}


def days_rows(watched: Watched, service: str, incidents: Sequence[Incident]) -> Rows:
    """A row a day of a service ('' = all)."""
    currency = watched.costs.currency
    found = {f.day for incident in incidents if incident.service == service for f in incident.findings
             if not incident.rule.startswith("budget")}  # fmt: skip
    rows = []
    for each in seen_days(watched.replayed, service):
        usual = each.usual_nanos
        words = f"{day(day_of(each.day))}: {money(each.nanos, currency)}"
        words += f", usual {money(usual, currency)}" if usual is not None else ", training"
        words += "" if each.is_settled else ", not settled"
        rows.append({
            "date": day_of(each.day).isoformat(), "amount": float(as_decimal(each.nanos)), "meaning": palette.CURRENT,
            "usual": None if usual is None else float(as_decimal(usual)), "usual_meaning": palette.USAGE,
            "found": palette.ANOMALY if each.day in found else None, "opacity": 0.0 if each.is_settled else PALE,
            "words": f"{words}{', found' if each.day in found else ''}.",
        })  # fmt: skip
    return rows


@lru_cache
def forecast_spec(currency: str) -> dict[str, Any]:
    """The past as a line, what is foretold as another within its range."""
    y = {"type": "quantitative", "title": f"{currency} a day", "axis": MONEY_AXIS}
    band = {
        "transform": [{"filter": "isValid(datum.low)"}],
        "mark": {"type": "area", "opacity": 0.22},
        "encoding": {"y": {"field": "low", **y}, "y2": {"field": "high"}, "color": COLOUR},
    }
    line = {
        "mark": {"type": "line", "strokeWidth": 2},
        "encoding": {"y": {"field": "amount", **y}, "color": COLOUR},
    }
    hover = {
        "mark": {"type": "point", "size": 60, "opacity": 0},
        "encoding": {"y": {"field": "amount", **y}, "tooltip": TOOLTIP},
    }
    return {"height": 280, "encoding": {"x": _DATE}, "layer": [band, line, hover]}


def forecast_rows(found: Forecast) -> Rows:
    """The last days of the past, then every day ahead with its range."""
    currency, history, path = found.history.currency, found.history, found.path
    past = list(enumerate(history.values.tolist()))[-HISTORY_DAYS:]
    rows: Rows = [
        {
            "date": day_of(history.first_day + place).isoformat(), "amount": amount, "meaning": palette.CURRENT,
            "words": f"{day(day_of(history.first_day + place))}: {money(to_nanos(amount), currency)}.",
        }
        for place, amount in past
    ]  # fmt: skip
    ahead = zip(path.middle.tolist(), path.low.tolist(), path.high.tolist(), strict=True)
    for place, (middle, low, high) in enumerate(ahead):
        when = day_of(path.first_day + place)
        words = (
            f"{day(when)}: {money(to_nanos(middle), currency)} forecast, P10 to P90 {money(to_nanos(low), currency)} "
            f"to {money(to_nanos(high), currency)}."
        )
        rows.append({"date": when.isoformat(), "amount": middle, "low": low, "high": high, "meaning": palette.USAGE,
                     "words": words})  # fmt: skip
    return rows


@lru_cache
def tuning_spec(currency: str, unit: str) -> dict[str, Any]:
    """What each threshold catches, over how many false alarms it raises."""
    x = {"field": "threshold", "type": "quantitative", "title": f"Threshold ({unit})", "scale": {"zero": False}}
    caught = {"field": "caught", "type": "quantitative", "title": f"Caught, {currency}", "axis": MONEY_AXIS}
    false = {
        "field": "false",
        "type": "quantitative",
        "title": "False alarms",
        "axis": {"tickMinStep": 1, "tickCount": 4},
    }

    def layer(y: dict[str, Any], meaning: str) -> dict[str, Any]:
        mark = {"type": "line", "interpolate": "step-after", "point": True, "strokeWidth": 2}
        return {"mark": mark, "height": 130, "encoding": {"x": x, "y": y, "color": {**COLOUR, "field": meaning},
                                                          "tooltip": TOOLTIP}}  # fmt: skip

    return {"vconcat": [layer(caught, "meaning"), layer(false, "false_meaning")], "resolve": {"scale": {"x": "shared"}}}


def tuning_rows(results: Sequence[RuleResult], currency: str) -> Rows:
    """A row a threshold."""
    return [
        {
            "threshold": result.rule.threshold, "caught": float(as_decimal(result.excess_nanos)),
            "false": result.false_alarms, "meaning": palette.USAGE, "false_meaning": palette.RISK,
            "words": f"At {result.rule.threshold:g}: {counted(result.fired, 'incident', 'incidents')}, "
            f"{money(result.excess_nanos, currency)} caught, "
            f"{counted(result.false_alarms, 'false alarm', 'false alarms')}.",
        }
        for result in results
    ]  # fmt: skip
