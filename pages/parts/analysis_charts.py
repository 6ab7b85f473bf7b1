"""Charts of the analysis page: cost over time, and bars that a click narrows the page to."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from pages.parts.charts import COLOUR, MONEY_AXIS, TOOLTIP, X_IN_ORDER

if TYPE_CHECKING:
    from collections.abc import Callable

    from model.analysis import Grain

Rows = list[dict[str, Any]]
PICKED: Final = "picked"


@lru_cache
def trend_spec(currency: str, grain: Grain) -> dict[str, Any]:
    """Bars by period; days and weeks on a scale of time."""
    axis = {"labelAngle": 0, "ticks": False, "labelOverlap": True, "grid": False}
    in_time = {"type": "temporal", "title": None, "axis": {**axis, "format": "%-d %b %Y", "tickCount": 8}}
    x = {"field": "title", **(X_IN_ORDER | {"axis": axis} if grain == "month" else in_time)}
    width = {} if grain == "month" else {"width": 4 if grain == "day" else 22}
    return {
        "height": 240,
        "mark": {"type": "bar", "cornerRadiusEnd": 2, **width},
        "encoding": {
            "x": x,
            "y": {"field": "amount", "type": "quantitative", "title": f"{currency} a {grain}", "axis": MONEY_AXIS},
            "color": COLOUR,
            "opacity": {"field": "opacity", "type": "quantitative", "scale": None},
            "tooltip": TOOLTIP,
        },
    }


@lru_cache
def bars_spec(title: str) -> dict[str, Any]:
    """One bar a key with its amount; a click picks the key."""
    y = {"field": "title", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 300, "ticks": False}}
    x = {"field": "amount", "type": "quantitative", "title": title, "axis": MONEY_AXIS}
    bars = {
        "name": "bars",
        "mark": {"type": "bar", "cornerRadiusEnd": 2, "cursor": "pointer"},
        "encoding": {"x": x, "color": COLOUR},
    }
    labels = {
        "mark": {"type": "text", "align": "left", "dx": 6, "fontWeight": 600},
        "encoding": {
            "x": {"field": "amount", "type": "quantitative"}, "text": {"field": "label"}, "color": COLOUR,
        },
    }  # fmt: skip
    pick = {"name": PICKED, "select": {"type": "point", "fields": ["key"]}, "views": ["bars"]}
    room = {"top": 5, "left": 5, "right": 60, "bottom": 5}
    return {
        "height": {"step": 30}, "padding": room, "params": [pick], "encoding": {"y": y, "tooltip": TOOLTIP},
        "layer": [bars, labels],
    }  # fmt: skip


def show_trend(rows: Rows, currency: str, grain: Grain) -> None:
    """Cost over time."""
    told = " ".join(row["words"] for row in rows)
    st.vega_lite_chart(rows, trend_spec(currency, grain), key=f"analysis_trend_{grain}", alt=told)


def show_bars(rows: Rows, title: str, key: str, on_pick: Callable[[str], None]) -> None:
    """Bars; clicking one calls ``on_pick`` with its key before the page is drawn again."""

    def picked() -> None:
        found = st.session_state[key].selection.get(PICKED)
        if found:
            on_pick(str(found[0]["key"]))

    told = " ".join(row["words"] for row in rows)
    st.vega_lite_chart(rows, bars_spec(title), key=key, on_select=picked, selection_mode=PICKED, alt=told)
