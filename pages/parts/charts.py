"""Charts as fixed Vega-Lite specifications whose rows alone change; colours come from the theme by meaning."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from model.money import as_decimal
from pages.parts import palette
from pages.parts.wording import headline_money, money, month

if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.answer import Moved
    from model.waterfall import Bar

NANOS_PER_CENT: Final = 10_000_000
PALE: Final = 0.45

_COLOUR: Final[dict[str, Any]] = {
    "field": "meaning", "type": "nominal", "legend": None, "scale": {"domain": list(palette.MEANINGS)},
}  # fmt: skip
_TOOLTIP: Final[dict[str, Any]] = {"field": "words", "type": "nominal", "title": " "}

_MONEY_AXIS: Final[dict[str, Any]] = {
    "format": "~s", "tickCount": 5, "labelExpr": "datum.value === 0 ? '0' : replace(datum.label, 'G', 'bn')",
}  # fmt: skip
_X: Final[dict[str, Any]] = {"type": "ordinal", "sort": None, "title": None}


@lru_cache
def waterfall_spec(currency: str) -> dict[str, Any]:
    """Bars between two levels, a tick where a lever ends alone, and its amount above."""
    bars = {
        "mark": {"type": "bar", "cornerRadius": 2},
        "encoding": {"y": {"field": "start", **_money_axis(currency)}, "y2": {"field": "end"}, "color": _COLOUR},
    }
    alone = {
        "transform": [{"filter": "isValid(datum.alone)"}],
        "mark": {"type": "tick", "thickness": 3},
        "encoding": {
            "y": {"field": "alone", "type": "quantitative"},
            "color": {**_COLOUR, "field": "alone_meaning"},
        },
    }
    labels = {
        "mark": {"type": "text", "dy": -9, "fontWeight": 600, "fontSize": 13},
        "encoding": {"y": {"field": "top", "type": "quantitative"}, "text": {"field": "label"}, "color": _COLOUR},
    }
    axis = {"labelAngle": 0, "labelExpr": "split(datum.label, ' ')", "labelLimit": 90, "ticks": False}
    shared = {"x": {"field": "title", **_X, "axis": axis}, "tooltip": _TOOLTIP}
    return {"height": 330, "encoding": shared, "layer": [bars, alone, labels]}


@lru_cache
def months_spec(currency: str, after: str) -> dict[str, Any]:
    """Two bars a month; ``after`` is the meaning of the second."""
    legend = {"orient": "top", "title": None, "values": [palette.CURRENT, after]}
    axis = {"labelAngle": 0, "ticks": False, "labelOverlap": True}
    return {
        "height": 220,
        "mark": {"type": "bar", "cornerRadiusEnd": 2},
        "encoding": {
            "x": {"field": "month", **_X, "axis": axis},
            "xOffset": {"field": "meaning", "type": "nominal", "sort": list(palette.MEANINGS)},
            "y": {"field": "amount", **_money_axis(currency)},
            "color": {**_COLOUR, "legend": legend},
            "opacity": {"field": "opacity", "type": "quantitative", "scale": None},
            "tooltip": _TOOLTIP,
        },
    }


def _money_axis(currency: str) -> dict[str, Any]:
    return {"type": "quantitative", "title": currency, "axis": _MONEY_AXIS}


def waterfall_chart(bars: Sequence[Bar], currency: str) -> None:
    """The way from the current bill to the outcome; a violet tick shows where a lever would end if pulled alone."""
    rows = [_waterfall_row(bar, currency, after=meaning_of_outcome(bars)) for bar in bars]
    told = " ".join(row["words"] for row in rows)
    st.vega_lite_chart(rows, waterfall_spec(currency), key="waterfall_chart", alt=told)


def months_chart(rows: Sequence[Moved[int]], unsettled: Sequence[int], currency: str, after: str) -> None:
    """Every invoice month, now and in this scenario; months that are not settled are pale."""
    ordered = sorted(rows, key=lambda row: row.key)
    drawn = [
        _month_row(row.key, meaning, nanos, currency, is_pale=row.key in unsettled)
        for row in ordered
        for meaning, nanos in ((palette.CURRENT, row.before_nanos), (after, row.after_nanos))
    ]
    st.vega_lite_chart(
        drawn, months_spec(currency, after), key="months_chart", alt=" ".join(row["words"] for row in drawn)
    )


def _waterfall_row(bar: Bar, currency: str, *, after: str) -> dict[str, Any]:
    amount = bar.amount_cents * NANOS_PER_CENT
    is_shared = bar.alone_cents is not None and bar.alone_cents != bar.end_cents
    return {
        "title": bar.title,
        "start": _units(bar.start_cents),
        "end": _units(bar.end_cents),
        "top": _units(max(bar.start_cents, bar.end_cents)),
        "alone": _units(bar.alone_cents) if is_shared and bar.alone_cents is not None else None,
        "alone_meaning": palette.INTERACTION,
        "meaning": _meaning(bar, after),
        "label": headline_money(amount, currency),
        "words": _waterfall_words(bar, currency, is_shared=is_shared),
    }


def _meaning(bar: Bar, after: str) -> str:
    if bar.kind == "baseline":
        return palette.CURRENT
    if bar.kind == "outcome":
        return after
    if bar.amount_cents > 0:
        return palette.RISK
    return palette.COMMITMENTS if bar.lever == "commitments" else palette.USAGE


def meaning_of_outcome(bars: Sequence[Bar]) -> str:
    """What the last bar stands for: the bill after commitments, if any are bought, else after usage levers."""
    return palette.COMMITMENTS if any(bar.lever == "commitments" for bar in bars) else palette.USAGE


def _waterfall_words(bar: Bar, currency: str, *, is_shared: bool) -> str:
    amount = money(bar.amount_cents * NANOS_PER_CENT, currency)
    if bar.kind != "lever":
        return f"{bar.title}: {amount}."
    words = f"{bar.title} moves the bill by {amount}, after the levers before it"
    if is_shared and bar.alone_cents is not None:
        alone = money((bar.alone_cents - bar.start_cents) * NANOS_PER_CENT, currency)
        return f"{words}; alone it would be {alone}."
    return f"{words}."


def _month_row(number: int, meaning: str, nanos: int, currency: str, *, is_pale: bool) -> dict[str, Any]:
    whose = "the current bill is" if meaning == palette.CURRENT else "this scenario is"
    unsettled = ", not settled yet" if is_pale else ""
    return {
        "month": month(number),
        "meaning": meaning,
        "amount": float(as_decimal(nanos)),
        "opacity": PALE if is_pale else 1.0,
        "words": f"{month(number)}: {whose} {money(nanos, currency)}{unsettled}.",
    }


def _units(cents: int) -> float:
    return float(as_decimal(cents * NANOS_PER_CENT))
