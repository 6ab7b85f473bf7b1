"""The roadmap as bars over days: a row a task, weeks as bands, a mark on what interrupts or cannot be undone."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from exports.roadmap_files import RISKS
from pages.parts import palette
from pages.parts.charts import COLOUR, TOOLTIP
from pages.parts.wording import day

if TYPE_CHECKING:
    from datetime import date

    from exports.roadmap_days import Roadmap, Task

DONE: Final = 0.35
MARKS: Final = {"online": "", "restart": "restart", "migration": "migration", "one_way": "one-way"}


@lru_cache
def roadmap_spec(mondays: tuple[date, ...]) -> dict[str, Any]:
    """Bars from the first day's morning to the last day's night; done ones are pale; owners stand beside."""
    y = {"field": "title", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 330, "ticks": False}}
    weeks = [{"year": day.year, "month": day.month, "date": day.day, "utc": True} for day in mondays]
    x_axis = {"format": "%-d %b", "values": weeks, "grid": True, "title": None, "labelAlign": "left"}
    x = {"field": "start", "type": "temporal", "timeUnit": "utcyearmonthdate", "axis": x_axis}
    bars = {
        "mark": {"type": "bar", "cornerRadius": 3, "height": {"band": 0.62}},
        "encoding": {
            "x": {**x, "bandPosition": 0},
            "x2": {"field": "until", "timeUnit": "utcyearmonthdate", "bandPosition": 0},
            "color": COLOUR,
            "opacity": {"field": "opacity", "type": "quantitative", "scale": None},
        },
    }
    labels = {
        "mark": {"type": "text", "align": "left", "dx": 6, "fontSize": 11, "limit": 260},
        "encoding": {
            "x": {"field": "until", "type": "temporal", "timeUnit": "utcyearmonthdate", "bandPosition": 0},
            "text": {"field": "label"},
            "color": {**COLOUR, "field": "label_meaning"},
        },
    }
    room = {"left": 5, "right": 40, "top": 5, "bottom": 5}
    shared = {"y": y, "tooltip": TOOLTIP}
    return {"height": {"step": 26}, "padding": room, "encoding": shared, "layer": [bars, labels]}


def roadmap_rows(roadmap: Roadmap) -> list[dict[str, Any]]:
    """A row a task of the weeks; later ones would leave no room for them."""
    return [_row(number, task) for number, task in enumerate(roadmap.in_weeks, 1)]


def show_roadmap(roadmap: Roadmap) -> None:
    """The chart, with its words."""
    rows = roadmap_rows(roadmap)
    st.vega_lite_chart(
        rows, roadmap_spec(roadmap.mondays), key="roadmap_chart", alt=" ".join(row["words"] for row in rows)
    )


def _row(number: int, task: Task) -> dict[str, Any]:
    mark = MARKS[task.disruption]
    state = "done" if task.is_done else " · ".join(part for part in (task.owner, mark) if part)
    return {
        "title": f"{number}. {task.title}",
        "start": task.start.isoformat(),
        "until": (task.end + timedelta(days=1)).isoformat(),
        "meaning": _meaning(task),
        "opacity": DONE if task.is_done else 1.0,
        "label": f"{state} ▲" if task.clash else state,
        "label_meaning": palette.RISK if task.clash or (mark and not task.is_done) else palette.CURRENT,
        "words": _words(task),
    }


def _meaning(task: Task) -> str:
    if not task.lever:
        return palette.CURRENT
    return palette.COMMITMENTS if task.lever == "commitments" else palette.USAGE


def _words(task: Task) -> str:
    days = day(task.start) if task.start == task.end else f"{day(task.start)} to {day(task.end)}"
    risk = f" It {RISKS[task.disruption]}." if RISKS[task.disruption] else ""
    done = " It is done." if task.is_done else ""
    return f"{task.title}: {days}, {task.owner}.{risk}{done} {task.clash}".rstrip()
