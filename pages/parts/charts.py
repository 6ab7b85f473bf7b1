"""Charts as fixed Vega-Lite specifications whose rows alone change; colours come from the theme by meaning."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from model.answer import answer
from model.money import as_decimal
from pages.parts import palette
from pages.parts.wording import headline_money, money, month

if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.answer import Moved
    from model.outcome import Outcome
    from model.waterfall import Bar

NANOS_PER_CENT: Final = 10_000_000
PALE: Final = 0.45

COLOUR: Final[dict[str, Any]] = {
    "field": "meaning", "type": "nominal", "legend": None, "scale": {"domain": list(palette.MEANINGS)},
}  # fmt: skip
TOOLTIP: Final[dict[str, Any]] = {"field": "words", "type": "nominal", "title": " "}

MONEY_AXIS: Final[dict[str, Any]] = {
    "format": "~s", "tickCount": 5, "labelExpr": "datum.value === 0 ? '0' : replace(datum.label, 'G', 'bn')",
}  # fmt: skip
X_IN_ORDER: Final[dict[str, Any]] = {"type": "ordinal", "sort": None, "title": None}


@lru_cache
def waterfall_spec(currency: str) -> dict[str, Any]:
    """Bars between two levels, a tick where a lever ends alone, and its amount above."""
    bars = {
        "mark": {"type": "bar", "cornerRadius": 2},
        "encoding": {"y": {"field": "start", **_money_axis(currency)}, "y2": {"field": "end"}, "color": COLOUR},
    }
    alone = {
        "transform": [{"filter": "isValid(datum.alone)"}],
        "mark": {"type": "tick", "thickness": 3},
        "encoding": {
            "y": {"field": "alone", "type": "quantitative"},
            "color": {**COLOUR, "field": "alone_meaning"},
        },
    }
    labels = {
        "mark": {"type": "text", "dy": -9, "fontWeight": 600, "fontSize": 13},
        "encoding": {"y": {"field": "top", "type": "quantitative"}, "text": {"field": "label"}, "color": COLOUR},
    }
    axis = {
        "labelAngle": 0, "labelExpr": "split(datum.label, ' ')", "labelLimit": 90, "labelFontSize": 10.5,
        "labelOverlap": False, "ticks": False,
    }  # fmt: skip
    shared = {"x": {"field": "title", **X_IN_ORDER, "axis": axis}, "tooltip": TOOLTIP}
    room = {"left": 5, "right": 5, "top": 22, "bottom": 5}
    return {"height": 330, "padding": room, "encoding": shared, "layer": [bars, alone, labels]}


@lru_cache
def months_spec(currency: str, after: str) -> dict[str, Any]:
    """Two bars a month; ``after`` is the meaning of the second."""
    legend = {"orient": "top", "title": None, "values": [palette.CURRENT, after]}
    axis = {"labelAngle": 0, "ticks": False, "labelOverlap": True}
    return {
        "height": 220,
        "mark": {"type": "bar", "cornerRadiusEnd": 2},
        "encoding": {
            "x": {"field": "month", **X_IN_ORDER, "axis": axis},
            "xOffset": {"field": "meaning", "type": "nominal", "sort": list(palette.MEANINGS)},
            "y": {"field": "amount", **_money_axis(currency)},
            "color": {**COLOUR, "legend": legend},
            "opacity": {"field": "opacity", "type": "quantitative", "scale": None},
            "tooltip": TOOLTIP,
        },
    }


@lru_cache
def comparison_spec(currency: str) -> dict[str, Any]:
    """Two bars a scenario, a month of the current bill and of the scenario, with the amount above."""
    axis = {"labelAngle": 0, "ticks": False, "labelLimit": 240, "labelFontSize": 13}
    offset = {"field": "side", "type": "nominal", "sort": None}
    bars = {
        "mark": {"type": "bar", "cornerRadiusEnd": 2},
        "encoding": {"y": {"field": "amount", **_money_axis(currency)}},
    }
    labels = {
        "mark": {"type": "text", "dy": -9, "fontWeight": 600, "fontSize": 13},
        "encoding": {"y": {"field": "amount", "type": "quantitative"}, "text": {"field": "label"}},
    }
    shared = {
        "x": {"field": "scenario", **X_IN_ORDER, "axis": axis},
        "xOffset": offset,
        "color": COLOUR,
        "tooltip": TOOLTIP,
    }
    return {"height": 300, "encoding": shared, "layer": [bars, labels]}


def _money_axis(currency: str) -> dict[str, Any]:
    return {"type": "quantitative", "title": currency, "axis": MONEY_AXIS}


def waterfall_chart(bars: Sequence[Bar], currency: str) -> None:
    """The way from the current bill to the outcome; a violet tick shows where a lever would end if pulled alone."""
    rows = waterfall_rows(bars, currency)
    told = " ".join(row["words"] for row in rows)
    st.vega_lite_chart(rows, waterfall_spec(currency), key="waterfall_chart", alt=told)


def waterfall_rows(bars: Sequence[Bar], currency: str) -> list[dict[str, Any]]:
    """A row a bar, for ``waterfall_spec``."""
    return [_waterfall_row(bar, currency, after=meaning_of_outcome(bars)) for bar in bars]


def months_chart(rows: Sequence[Moved[int]], unsettled: Sequence[int], currency: str, after: str) -> None:
    """Every invoice month, now and in this scenario; months that are not settled are pale."""
    drawn = month_rows(rows, unsettled, currency, after)
    st.vega_lite_chart(
        drawn, months_spec(currency, after), key="months_chart", alt=" ".join(row["words"] for row in drawn)
    )


def month_rows(rows: Sequence[Moved[int]], unsettled: Sequence[int], currency: str, after: str) -> list[dict[str, Any]]:
    """Two rows a month, for ``months_spec``."""
    return [
        _month_row(row.key, meaning, nanos, currency, is_pale=row.key in unsettled)
        for row in sorted(rows, key=lambda row: row.key)
        for meaning, nanos in ((palette.CURRENT, row.before_nanos), (after, row.after_nanos))
    ]


def comparison_chart(titles: Sequence[str], outcomes: Sequence[Outcome]) -> None:
    """What a month costs now and in each scenario; the second bar is green where commitments are bought."""
    rows = [row for title, outcome in zip(titles, outcomes, strict=True) for row in _compared_rows(title, outcome)]
    told = " ".join(row["words"] for row in rows)
    st.vega_lite_chart(rows, comparison_spec(outcomes[0].bill.currency), key="comparison_chart", alt=told)


def _compared_rows(title: str, outcome: Outcome) -> list[dict[str, Any]]:
    found, currency = answer(outcome), outcome.bill.currency
    has_commitments = any(item.lever == "commitments" for item in outcome.levers)
    before, after = found.before_per_month_nanos, found.after_per_month_nanos
    change = f" ({headline_money(after - before, currency)})" if after != before else ""
    return [
        _compared_row(title, palette.CURRENT, before, currency, words="the current bill is"),
        _compared_row(
            title, palette.COMMITMENTS if has_commitments else palette.USAGE, after, currency,
            words="this scenario is", change=change,
        ),
    ]  # fmt: skip


def _compared_row(
    title: str, meaning: str, nanos: int, currency: str, *, words: str, change: str = ""
) -> dict[str, Any]:
    return {
        "scenario": title,
        "side": "now" if meaning == palette.CURRENT else "then",
        "meaning": meaning,
        "amount": float(as_decimal(nanos)),
        "label": headline_money(nanos, currency) + change,
        "words": f"{title}: {words} {money(nanos, currency)} a month{change}.",
    }


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
    if bar.kind == "interaction":
        return palette.INTERACTION
    if bar.amount_cents > 0:
        return palette.RISK
    return palette.COMMITMENTS if bar.lever == "commitments" else palette.USAGE


def meaning_of_outcome(bars: Sequence[Bar]) -> str:
    """What the last bar stands for: the bill after commitments, if any are bought, else after usage levers."""
    return palette.COMMITMENTS if any(bar.lever == "commitments" for bar in bars) else palette.USAGE


def _waterfall_words(bar: Bar, currency: str, *, is_shared: bool) -> str:
    amount = money(bar.amount_cents * NANOS_PER_CENT, currency)
    if bar.kind == "interaction":
        return f"Interaction: working together moves the bill by {amount} against the sum of each lever alone."
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
