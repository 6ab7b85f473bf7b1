"""Charts of commitments: cost against amount, coverage by hour and weekday, when they end, regret, what is owed."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from model.commitment_curves import BEST, CHOSEN, SAFE, TODAY
from model.commitment_doubt import bounds, fates
from model.levers.commitment_plan import TERM_TITLES
from model.money import to_nanos
from pages.parts import palette
from pages.parts.charts import COLOUR, MONEY_AXIS, TOOLTIP
from pages.parts.commitment_words import fate_words, per_hour
from pages.parts.wording import headline_money, money, ratio

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from model.commitment_curves import Amount, CostCurve
    from model.commitment_regret import RegretTable
    from model.commitment_risk import TermRisk
    from model.commitment_timeline import Span
    from model.commitment_week import Cell

Rows = list[dict[str, Any]]

WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
KIND_TITLES: Final = {
    TODAY: "no new commitment", BEST: "highest savings", SAFE: "pays if the fall goes on", CHOSEN: "chosen",
}  # fmt: skip
SAVED: Final = "saved so far"
OWED: Final = "still owed"
NONE_SHORT: Final = 0.005
"""Below half a cent two amounts are told as the same."""


@lru_cache
def curve_spec(currency: str) -> dict[str, Any]:
    """Cost of a month over the amount; the judged term is drawn through, another one dashed, amounts are marked."""
    x = {"field": "covered", "type": "quantitative", "title": f"{currency} an hour covered, at on-demand prices",
         "axis": {"tickCount": 8}}  # fmt: skip
    y = {"field": "cost", "type": "quantitative", "title": f"{currency} a month", "axis": MONEY_AXIS}
    dash = {"field": "style", "type": "nominal", "legend": None,
            "scale": {"domain": ["judged", "other"], "range": [[1, 0], [5, 4]]}}  # fmt: skip
    lines = {
        "transform": [{"filter": "datum.kind === ''"}],
        "mark": {"type": "line", "strokeWidth": 2.5},
        "encoding": {"strokeDash": dash, "detail": {"field": "term"}, "order": {"field": "covered"}},
    }
    shape = {"field": "kind", "type": "nominal", "legend": None,
             "scale": {"domain": [TODAY, BEST, SAFE, CHOSEN],
                       "range": ["square", "circle", "circle", "diamond"]}}  # fmt: skip
    dots = {
        "transform": [{"filter": "datum.kind !== ''"}],
        "mark": {"type": "point", "filled": True, "size": 130, "opacity": 1},
        "encoding": {"shape": shape},
    }
    first = {
        "transform": [{"filter": f"datum.kind === '{TODAY}'"}],
        "mark": {"type": "text", "align": "left", "dx": 4, "dy": -17, "fontWeight": 600},
        "encoding": {"text": {"field": "label"}},
    }
    others = [_mark_label(side, style) for side in ("left", "right") for style in ("judged", "other")]
    ends = {
        "transform": [{"filter": "isValid(datum.end)"}],
        "mark": {"type": "text", "align": "right", "dy": -9},
        "encoding": {"text": {"field": "end"}},
    }
    shared = {"x": x, "y": y, "color": COLOUR, "tooltip": TOOLTIP}
    return {"height": 330, "encoding": shared, "layer": [lines, ends, dots, first, *others]}


def _mark_label(side: str, style: str) -> dict[str, Any]:
    """Labels of amounts towards the middle of the chart: below the judged curve, above the other one."""
    told = f"datum.kind !== '' && datum.kind !== '{TODAY}' && datum.side === '{side}' && datum.style === '{style}'"
    return {
        "transform": [{"filter": told}],
        "mark": {
            "type": "text",
            "align": side,
            "dx": 8 if side == "left" else -8,
            "dy": 15 if style == "judged" else -12,
            "fontWeight": 600,
        },
        "encoding": {"text": {"field": "label"}},
    }


def curve_rows(curves: Sequence[CostCurve], currency: str) -> Rows:
    """Points and marks of every curve, for ``curve_spec``."""
    rows = []
    for place, curve in enumerate(curves):
        style = "other" if place else "judged"
        shown = [*curve.points, *(mark for mark in curve.marks if not place or mark.kind in (BEST, SAFE))]
        for amount in shown:
            end = TERM_TITLES[curve.term] if amount is curve.points[-1] and not _has_best(curve) else None
            rows.append(_curve_row(amount, curve, style, end, currency))
    return rows


def _has_best(curve: CostCurve) -> bool:
    return any(mark.kind in (BEST, SAFE) for mark in curve.marks)


def _curve_row(amount: Amount, curve: CostCurve, style: str, end: str | None, currency: str) -> dict[str, Any]:
    cost = to_nanos(amount.cost_per_month)
    term = TERM_TITLES[curve.term]
    kind = KIND_TITLES.get(amount.kind, "")
    title = kind if amount.kind == TODAY else f"{kind}, {term}"
    is_worse = amount.cost_per_month > curve.points[0].cost_per_month
    meaning = palette.RISK if amount.kind == CHOSEN and is_worse else palette.COMMITMENTS
    told = f"{title}: " if kind else ""
    middle = curve.points[len(curve.points) // 2].covered_per_hour
    return {
        "covered": amount.covered_per_hour, "cost": amount.cost_per_month, "term": term, "kind": amount.kind,
        "style": style, "end": end, "side": "right" if amount.covered_per_hour > middle else "left",
        "meaning": palette.CURRENT if amount.kind == TODAY else meaning,
        "label": f"{title} {headline_money(cost, currency)}" if kind else None,
        "words": f"{told}{per_hour(amount.covered_per_hour, currency)} an hour covered for {term} (commit "
        f"{per_hour(amount.commit_per_hour, currency)}): the pool costs {money(cost, currency)} a month.",
    }  # fmt: skip


@lru_cache
def heat_spec() -> dict[str, Any]:
    """Weekday × hour: the stronger the colour, the more is covered; a dot where part of the commitment is idle."""
    hour_axis = {"labelAngle": 0, "ticks": False, "labelExpr": "datum.value % 3 === 0 ? datum.label : ''"}
    x = {"field": "hour", "type": "ordinal", "title": "hour of the day, UTC", "axis": hour_axis}
    y = {"field": "weekday", "type": "ordinal", "sort": list(WEEKDAYS), "title": None, "axis": {"ticks": False}}
    strength = {"field": "coverage", "type": "quantitative", "legend": None,
                "scale": {"domain": [0, 1], "range": [0.06, 0.95]}}  # fmt: skip
    cells = {"mark": {"type": "rect", "cornerRadius": 2}, "encoding": {"color": COLOUR, "opacity": strength}}
    size = {"field": "idle", "type": "quantitative", "legend": None, "scale": {"domain": [0, 1], "range": [0, 160]}}
    dots = {
        "transform": [{"filter": "datum.idle > 0.01"}],
        "mark": {"type": "point", "filled": True, "opacity": 1},
        "encoding": {"size": size, "color": {**COLOUR, "field": "idle_meaning"}},
    }
    return {"height": {"step": 24}, "encoding": {"x": x, "y": y, "tooltip": TOOLTIP}, "layer": [cells, dots]}


def heat_rows(cells: Sequence[Cell], currency: str) -> Rows:
    """A row a weekday and hour that has usage."""
    return [
        {
            "weekday": WEEKDAYS[cell.weekday], "hour": cell.hour, "coverage": cell.coverage, "idle": cell.idle,
            "meaning": palette.COMMITMENTS, "idle_meaning": palette.RISK,
            "words": f"{WEEKDAYS[cell.weekday]} {cell.hour:02d}:00 UTC: {ratio(cell.coverage)} of "
            f"{per_hour(cell.usage, currency)} is covered; {ratio(cell.idle)} of the new commitment is idle.",
        }
        for cell in cells
    ]  # fmt: skip


@lru_cache
def regret_spec(ink: str) -> dict[str, Any]:
    """Future × amount: green is the best there is, the stronger the orange, the more would be regretted."""
    x = {"field": "amount", "type": "nominal", "sort": None, "title": None,
         "axis": {"labelAngle": 0, "orient": "top", "ticks": False, "domain": False, "labelLimit": 150,
                  "labelExpr": "split(datum.label, '|')"}}  # fmt: skip
    y = {"field": "future", "type": "nominal", "sort": None, "title": None,
         "axis": {"ticks": False, "domain": False, "labelLimit": 340}}  # fmt: skip
    strength = {"field": "regret", "type": "quantitative", "legend": None, "scale": {"range": [0.12, 0.6]}}
    bold, plain = ({"type": "text", "color": ink, **rest} for rest in ({"dy": -6, "fontWeight": 600}, {"dy": 9}))
    cells = {"mark": {"type": "rect", "cornerRadius": 2}, "encoding": {"color": COLOUR, "opacity": strength}}
    saving = {"mark": bold, "encoding": {"text": {"field": "label"}}}
    short = {"mark": plain, "encoding": {"text": {"field": "short"}}}
    return {"height": {"step": 42}, "encoding": {"x": x, "y": y, "tooltip": TOOLTIP}, "layer": [cells, saving, short]}


def regret_rows(table: RegretTable, currency: str) -> Rows:
    """A row an amount and future."""
    rows = []
    for fate in fates(table):
        saving, regret = to_nanos(fate.saving), to_nanos(fate.regret)
        is_best = fate.regret < NONE_SHORT
        verb = f"{palette.BROKEN_MARK} loses" if fate.is_loss else "saves"
        rows.append(
            {
                "amount": f"{fate.amount}|{per_hour(fate.commit_per_hour, currency)}", "future": fate.future,
                "regret": fate.regret, "meaning": palette.COMMITMENTS if is_best else palette.RISK,
                "label": f"{verb} {headline_money(abs(saving), currency)}",
                "short": "best there is" if is_best else f"{headline_money(regret, currency)} short",
                "words": f"{fate.future}, with {fate.amount} ({per_hour(fate.commit_per_hour, currency)} an hour): "
                f"{fate_words(fate.saving, fate.regret, currency)} over the term.",
            }
        )  # fmt: skip
    return rows


@lru_cache
def owed_spec(currency: str) -> dict[str, Any]:
    """A step line of what is owed, and what has been saved so far, month by month."""
    x = {"field": "month", "type": "quantitative", "title": "months after signature",
         "axis": {"tickMinStep": 1}, "scale": {"nice": False}}  # fmt: skip
    y = {"field": "amount", "type": "quantitative", "title": currency, "axis": MONEY_AXIS}
    owed = {
        "transform": [{"filter": f"datum.line === '{OWED}'"}],
        "mark": {"type": "line", "interpolate": "step-after", "strokeWidth": 2.5},
    }
    saved = {"transform": [{"filter": f"datum.line === '{SAVED}'"}], "mark": {"type": "line", "strokeWidth": 2.5}}
    labels = [_line_label(OWED, "left", 6), _line_label(SAVED, "right", -6)]
    shared = {"x": x, "y": y, "color": COLOUR, "tooltip": TOOLTIP}
    return {"height": 220, "encoding": shared, "layer": [owed, saved, *labels]}


def _line_label(line: str, align: str, dx: int) -> dict[str, Any]:
    return {
        "transform": [{"filter": f"datum.label === '{line}'"}],
        "mark": {"type": "text", "align": align, "dx": dx, "dy": -8, "fontWeight": 600},
        "encoding": {"text": {"field": "label"}},
    }


def owed_rows(risk: TermRisk, currency: str) -> Rows:
    """Two rows a month of the term, for ``owed_spec``."""
    rows = []
    for bound in bounds(risk):
        lines = ((OWED, palette.RISK, bound.owed), (SAVED, palette.COMMITMENTS, bound.saved))
        for line, meaning, amount in lines:
            label = line if bound.after_months == (1 if line == OWED else risk.months - 1) else None
            rows.append(
                {
                    "month": bound.after_months, "line": line, "amount": amount, "meaning": meaning, "label": label,
                    "words": f"After {bound.after_months} months: {money(to_nanos(amount), currency)} {line}.",
                }
            )  # fmt: skip
    return rows


@lru_cache
def timeline_spec(ink: str) -> dict[str, Any]:
    """A bar a commitment from start to end; planned ones pale with a dashed outline, the bill's end as a thin rule."""
    x = {"field": "starts", "type": "temporal", "scale": {"type": "utc"}, "title": None, "axis": {"format": "%b %Y"}}
    y = {"field": "title", "type": "nominal", "sort": None, "title": None, "axis": {"ticks": False, "labelLimit": 260}}
    bars = {
        "transform": [{"filter": "datum.kind === 'standing'"}],
        "mark": {"type": "bar", "cornerRadius": 2, "height": {"band": 0.55}, "fillOpacity": 0.4, "strokeWidth": 1.5},
        "encoding": {"x": x, "x2": {"field": "ends"}, "y": y, "color": COLOUR, "stroke": COLOUR},
    }
    planned = {
        "transform": [{"filter": "datum.kind === 'planned'"}],
        "mark": {"type": "bar", "cornerRadius": 2, "height": {"band": 0.55}, "fillOpacity": 0.25, "strokeDash": [4, 3],
                 "strokeWidth": 1.5},
        "encoding": {"x": x, "x2": {"field": "ends"}, "y": y, "color": COLOUR, "stroke": COLOUR},
    }  # fmt: skip
    labels = {
        "transform": [{"filter": "isValid(datum.label)"}],
        "mark": {"type": "text", "align": "left", "dx": 6, "fontWeight": 600, "color": ink},
        "encoding": {"x": x, "y": y, "text": {"field": "label"}},
    }
    rule = {
        "transform": [{"filter": "datum.kind === 'rule'"}],
        "mark": {"type": "rule", "strokeWidth": 1},
        "encoding": {"x": x, "color": COLOUR},
    }
    return {"height": {"step": 34}, "encoding": {"tooltip": TOOLTIP}, "layer": [bars, planned, labels, rule]}


def timeline_rows(spans: Sequence[Span], titles: Mapping[str, str], ends: str, currency: str) -> Rows:
    """A row a commitment, and one for the day on which the bill ends; ``titles`` are those of the pools."""
    named = [replace(span, title=titles.get(span.title, span.title)) for span in spans]
    rows = [
        {
            "title": f"{span.title} (planned)" if span.is_planned else span.title, "starts": span.starts,
            "ends": span.ends, "kind": "planned" if span.is_planned else "standing",
            "meaning": palette.COMMITMENTS if span.is_planned else palette.CURRENT,
            "label": f"{per_hour(span.amount_per_hour, currency)}/h",
            "words": f"{span.title}{' (planned)' if span.is_planned else ''}: "
            f"{per_hour(span.amount_per_hour, currency)} an hour from {span.starts} to {span.ends}.",
        }
        for span in named
    ]  # fmt: skip
    rule = {"title": rows[0]["title"], "starts": ends, "ends": ends, "kind": "rule", "meaning": palette.CURRENT,
            "label": None, "words": f"The bill ends on {ends}."} if rows else None  # fmt: skip
    return [*rows, rule] if rule else []


def ink() -> str:
    """The colour of words inside charts in the theme that is on."""
    return palette.INK["dark" if st.context.theme.type == "dark" else "light"]
