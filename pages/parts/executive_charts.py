"""The executive's charts: what levers save alone with their interaction, 36 months ahead, and what matters most."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from model.money import to_nanos
from model.report_assumed import titled
from model.summary import likely_costs
from pages.parts import palette
from pages.parts.charts import COLOUR, MONEY_AXIS, TOOLTIP, X_IN_ORDER
from pages.parts.wording import headline_money, money, month

if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.answer import Moved
    from model.projection import Projection
    from model.uncertainty import TornadoBar, Uncertainty

LIKELY: Final = "P10 to P90"
MOST_PRODUCTS: Final = 9
Rows = list[dict[str, Any]]


@lru_cache
def ahead_spec(currency: str) -> dict[str, Any]:
    """Two lines, today's settings and the plan, with the likely range of the plan behind them."""
    axis = {"labelAngle": 0, "labelOverlap": "greedy", "ticks": False}
    money_axis = {"type": "quantitative", "title": f"{currency} a month", "axis": MONEY_AXIS}
    band = {
        "transform": [{"filter": "isValid(datum.low)"}],
        "mark": {"type": "area", "opacity": 0.22},
        "encoding": {"y": {"field": "low", **money_axis}, "y2": {"field": "high"}, "color": COLOUR},
    }
    lines = {
        "mark": {"type": "line", "strokeWidth": 2.5},
        "encoding": {
            "y": {"field": "amount", "type": "quantitative", "scale": {"zero": True}},
            "color": COLOUR,
            "strokeDash": {"field": "meaning", "type": "nominal", "legend": None,
                           "scale": {"domain": [palette.CURRENT], "range": [[6, 4]]}},
        },
    }  # fmt: skip
    ends = [_end_label(of_plan=False), _end_label(of_plan=True)]
    shared = {"x": {"field": "month", **X_IN_ORDER, "axis": axis}, "tooltip": TOOLTIP}
    room = {"top": 24, "left": 5, "right": 5, "bottom": 5}
    return {"height": 260, "padding": room, "encoding": shared, "layer": [band, lines, *ends]}


def _end_label(*, of_plan: bool) -> dict[str, Any]:
    """The last amount above today's line, below the plan's."""
    sign = "!==" if of_plan else "==="
    return {
        "transform": [{"filter": f"isValid(datum.label) && datum.meaning {sign} '{palette.CURRENT}'"}],
        "mark": {"type": "text", "align": "right", "dy": 16 if of_plan else -10, "fontWeight": 600},
        "encoding": {"y": {"field": "amount", "type": "quantitative"}, "text": {"field": "label"}, "color": COLOUR},
    }


@lru_cache
def tornado_spec(currency: str) -> dict[str, Any]:
    """One bar an assumption, from the NPV at one end of its range to the NPV at the other."""
    y = {"field": "title", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 260, "ticks": False}}
    x = {"type": "quantitative", "title": f"NPV, {currency}", "axis": MONEY_AXIS, "scale": {"zero": False}}
    bars = {
        "mark": {"type": "bar", "cornerRadius": 2, "height": {"band": 0.6}},
        "encoding": {"x": {"field": "least", **x}, "x2": {"field": "most"}, "color": COLOUR},
    }
    middle = {
        "mark": {"type": "tick", "thickness": 2},
        "encoding": {"x": {"field": "middle", "type": "quantitative"}, "color": {"value": "#5B6770"}},
    }
    return {"height": {"step": 26}, "encoding": {"y": y, "tooltip": TOOLTIP}, "layer": [bars, middle]}


def ahead_rows(projection: Projection, uncertainty: Uncertainty, meaning: str) -> Rows:
    """A row a month and line; the plan's also carry its likely range; the last ones carry a label."""
    last = len(projection.months) - 1
    likely = likely_costs(projection, uncertainty).tolist()
    lines = ((palette.CURRENT, projection.baseline.tolist()), (meaning, projection.after_commitments.tolist()))
    rows = []
    for name, amounts in lines:
        for k, (number, amount) in enumerate(zip(projection.months, amounts, strict=True)):
            spread = likely[k] if name == meaning else None
            row = _ahead_row(name, month(number), amount, spread, projection.currency)
            label = f"{name} {headline_money(to_nanos(amount), projection.currency)}" if k == last else None
            rows.append({**row, "label": label})
    return rows


def _ahead_row(name: str, when: str, amount: float, spread: Sequence[float] | None, currency: str) -> dict[str, Any]:
    words = f"{name}, {when}: {money(to_nanos(amount), currency)}"
    low, high = spread if spread is not None else (None, None)
    if low is not None and high is not None:
        words += f", {LIKELY} {money(to_nanos(low), currency)} to {money(to_nanos(high), currency)}"
    return {"month": when, "meaning": name, "amount": amount, "low": low, "high": high, "words": f"{words}."}


def tornado_rows(bars: Sequence[TornadoBar], npv: float, currency: str) -> Rows:
    """A row an assumption, the widest first."""
    return [
        {
            "title": titled(bar.key, bar.title),
            "least": min(bar.npv_low, bar.npv_high),
            "most": max(bar.npv_low, bar.npv_high),
            "middle": npv,
            "meaning": palette.RISK if min(bar.npv_low, bar.npv_high) < 0 else palette.USAGE,
            "words": f"{titled(bar.key, bar.title)}: from {money(to_nanos(bar.npv_low), currency)} at the low end to "
            f"{money(to_nanos(bar.npv_high), currency)} at the high end of its range.",
        }
        for bar in bars
    ]


def show(rows: Rows, spec: dict[str, Any], key: str) -> None:
    """One chart with its words."""
    st.vega_lite_chart(rows, spec, key=key, alt=" ".join(row["words"] for row in rows))


@lru_cache
def products_spec(currency: str) -> dict[str, Any]:
    """One bar a product, the dearest first, with its amount."""
    y = {"field": "title", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 240, "ticks": False}}
    x = {"field": "amount", "type": "quantitative", "title": f"{currency} a month", "axis": MONEY_AXIS}
    bars = {"mark": {"type": "bar", "cornerRadiusEnd": 2}, "encoding": {"x": x, "color": COLOUR}}
    labels = {
        "mark": {"type": "text", "align": "left", "dx": 6, "fontWeight": 600},
        "encoding": {"x": x, "text": {"field": "label"}, "color": COLOUR},
    }
    return {"height": {"step": 30}, "encoding": {"y": y, "tooltip": TOOLTIP}, "layer": [bars, labels]}


def show_products(rows: Sequence[Moved[str]], currency: str, months: int) -> None:
    """What a month of each product costs; what is small is added up."""
    show(product_rows(rows, currency, months), products_spec(currency), "executive_products")


def product_rows(rows: Sequence[Moved[str]], currency: str, months: int) -> Rows:
    """A row a product, the dearest first, for ``products_spec``."""
    monthly = sorted(((row.key or "not told", row.before_nanos // months) for row in rows), key=lambda row: -row[1])
    shown, rest = monthly[:MOST_PRODUCTS], monthly[MOST_PRODUCTS:]
    if rest:
        shown = [*shown, (f"{len(rest)} others", sum(nanos for _, nanos in rest))]
    return [
        {
            "title": title, "amount": nanos * 1e-9, "meaning": palette.CURRENT,
            "label": headline_money(nanos, currency), "words": f"{title}: {money(nanos, currency)} a month.",
        }
        for title, nanos in shown
    ]  # fmt: skip
