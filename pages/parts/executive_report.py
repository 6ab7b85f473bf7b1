"""The executive's page on paper: the same words, tables and charts as PDF."""

from __future__ import annotations

import copy
import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from exports.document import Chart, Column, Metric, Metrics, Report, Table, Text
from exports.pdf import report_pdf
from exports.shell import shown
from model.waterfall import waterfall_alone
from pages.parts import executive_charts, executive_words, outcome_words, palette
from pages.parts.charts import meaning_of_outcome, waterfall_rows, waterfall_spec
from pages.parts.wording import counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from exports.document import Part
    from model.uncertainty import Uncertainty
    from pages.parts.executive_words import Brief

LEVEL_COLUMNS: Final = ("", "A month", "A year", "3 years")
DECISION_COLUMNS: Final = ("What", "Who", "By when", "How", "A month of waiting costs")
ASSUMED_COLUMNS: Final = ("Assumption", "Value", "Range", "From")
CHART_WIDTH: Final = 680
MOST_ASSUMED: Final = 8
LONGEST_IN_A_DRAWING: Final = 300
ROOM: Final = {"left": 14, "right": 36, "top": 5, "bottom": 5}
"""Around a drawing that asks for none: other fonts than the drawing engine's are wider."""


def executive_pdf(brief: Brief, uncertainty: Uncertainty) -> bytes:
    """The page as PDF."""
    bill, scenario = brief.outcome.bill, brief.outcome.scenario
    demo = "Generated demo bill. " if bill.is_demo else ""
    return report_pdf(
        Report(
            "What can be saved",
            f"{demo}{outcome_words.basis_line(bill)}. Scenario {scenario.name}.",
            f"Cloudlever · scenario {scenario.fingerprint} · bill {bill.snapshot[:12]}",
            _parts(brief, uncertainty),
            is_one_page=True,
        )
    )


def _parts(brief: Brief, uncertainty: Uncertainty) -> tuple[Part, ...]:
    bars = waterfall_alone(brief.outcome)
    ahead = executive_charts.ahead_rows(brief.projection, uncertainty, meaning_of_outcome(bars))
    return (
        Text("answer", executive_words.answer_sentence(brief)),
        Metrics(tuple(Metric(*item) for item in executive_words.metrics(brief))),
        Text("heading", "As it is, optimised, committed"),
        table(LEVEL_COLUMNS, executive_words.level_rows(brief), numbers=(1, 2, 3)),
        Text("heading", "From the current bill to this plan"),
        chart(waterfall_rows(bars, brief.currency), waterfall_spec(brief.currency), height=150),
        Text("heading", "36 months ahead"),
        chart(ahead, executive_charts.ahead_spec(brief.currency), height=120),
        Text("note", executive_words.uncertainty_sentence(uncertainty, brief.currency)),
        Text("heading", "To be decided"),
        table(DECISION_COLUMNS, executive_words.decision_rows(brief), numbers=(4,)),
        Text("heading", "What we assumed"),
        *_assumed(executive_words.assumed_rows(brief)),
        Text("note", brief.figures.convention),
    )


def _assumed(rows: Sequence[Sequence[str]]) -> list[Part]:
    """The assumptions that matter most, and how many others there are."""
    rest = len(rows) - MOST_ASSUMED
    more = f"{counted(rest, 'other assumption stands', 'other assumptions stand')} in the executive report."
    return [table(ASSUMED_COLUMNS, rows[:MOST_ASSUMED]), *([Text("note", more)] if rest > 0 else [])]


def table(titles: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[int] = ()) -> Table:
    """Rows of words under titles."""
    columns = tuple(Column(title, 1, i in numbers) for i, title in enumerate(titles))
    return Table(columns, tuple(tuple(row) for row in rows))


def chart(
    rows: Sequence[Mapping[str, Any]], spec: Mapping[str, Any], height: int | None, name: str = "", words: str = ""
) -> Chart:
    """A chart of the page as a drawing, in the light colours; words stand for it where it is not seen.

    ``height`` None keeps that of the specification; ``words`` are those of the rows unless given.
    """
    drawn = {
        "padding": ROOM, **copy.deepcopy(dict(spec)), "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "data": {"values": [_drawable(row) for row in rows]}, "width": CHART_WIDTH, "config": _paper_config(),
    }  # fmt: skip
    if height is not None:
        drawn["height"] = height
    told = words or " ".join(str(row["words"]) for row in rows)
    return Chart(_svg(json.dumps(drawn)), told, name=name)


def _drawable(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row without what cannot be drawn: control characters, and texts so long that the drawing engine gives up."""
    return {
        name: shown(value, LONGEST_IN_A_DRAWING) if isinstance(value, str) else value for name, value in row.items()
    }


def _paper_config() -> dict[str, Any]:
    axis = {"labelColor": "#31363B", "titleColor": "#5B6770", "domain": False, "gridColor": "#E3E7EA"}
    return {"range": {"category": [*palette.LIGHT.values()]}, "view": {"stroke": None}, "axis": axis,
            "font": "sans-serif"}  # fmt: skip


@lru_cache(maxsize=32)
def _svg(spec: str) -> str:
    import vl_convert  # noqa: PLC0415 - only a PDF needs it

    svg: str = vl_convert.vegalite_to_svg(json.loads(spec))
    return svg
