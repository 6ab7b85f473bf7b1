"""Sheet "Projection": 36 months ahead in live formulas, from today's bill to the flows that finance judges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exports.xlsx_assumptions import AS_EXPORTED, DISCOUNT, MINIMUM, ONE_OFF, RECURRING
from exports.xlsx_workings import FIRST as WORKINGS_FIRST
from exports.xlsx_workings import WORKINGS, columns_of
from model.horizon import HORIZON_MONTHS

if TYPE_CHECKING:
    from exports.xlsx_book import Book, Sheet
    from exports.xlsx_future import Future

NAME: Final = "Projection"
TODAY_LINE: Final = 6
"""Row (from 1) of month 0; months 1 to 36 follow."""
FIRST, LAST = TODAY_LINE + 1, TODAY_LINE + HORIZON_MONTHS
_WIDTHS: Final = (12, 9, 10, 10, 18, 18, 18, 16, 16, 18, 18, 18, 18)
_TITLES: Final = ("Month", "Ahead", "Demand", "Prices", "Today's settings", "After usage levers", "After commitments",
                  "Minimum-spend shortfall", "Recurring cost", "Flow", "Discounted", "Cumulative",
                  "Cumulative, discounted")  # fmt: skip


def column(letter: str) -> str:
    """The months of a column of this sheet."""
    return f"{NAME}!${letter}${FIRST}:${letter}${LAST}"


def projection_sheet(book: Book, future: Future) -> None:
    """Write the months, their total and the chart."""
    currency = future.projection.currency
    sheet = book.sheet(NAME, _WIDTHS, frozen_rows=5, frozen_columns=2)
    sheet.text(0, 0, "Projection, 36 months", "title")
    sheet.wide(
        1, 12, "Flow = today's settings − after commitments − recurring cost − shortfall, at month ends; the one-off "
        "cost is paid on the day of the decision. Amounts are added unrounded and shown to the cent.",
    )  # fmt: skip
    sheet.header(4, [t if i < 4 else f"{t} ({currency})" for i, t in enumerate(_TITLES)], numbers_from=1)
    _decision(sheet, future)
    for k in range(HORIZON_MONTHS):
        _month(sheet, future, k)
    _total(sheet, future)
    _charts(sheet)


def _decision(sheet: Sheet, future: Future) -> None:
    ahead, row = future.projection, TODAY_LINE - 1
    sheet.text(row, 0, "decision")
    sheet.number(row, 1, 0, "integer")
    sheet.formula(row, 9, f"-{ONE_OFF}", ahead.flows[0])
    sheet.formula(row, 10, f"J{TODAY_LINE}", ahead.discounted[0])
    sheet.formula(row, 11, f"J{TODAY_LINE}", ahead.cumulative[0])
    sheet.formula(row, 12, f"K{TODAY_LINE}", ahead.discounted[0])


def _month(sheet: Sheet, future: Future, k: int) -> None:
    ahead, where, line, row = future.projection, columns_of(future), FIRST + k, FIRST + k - 1
    there = WORKINGS_FIRST + k
    month = ahead.months[k]

    def at(letter: str) -> str:
        return f"{WORKINGS}!{letter}{there}"

    saved = "".join(f"-{at(a)}*{at(b)}" for a, b in zip(where.savings, where.shares, strict=True))
    bought = f"-{at(where.bought_share)}*({'+'.join(map(at, where.pools))})" if where.pools else ""
    gap = [f"-{AS_EXPORTED}*{at(letter)}" for letter in where.gaps] or ["", "", ""]
    sheet.text(row, 0, f"{month // 100}-{month % 100:02d}")
    sheet.number(row, 1, k + 1, "integer")
    sheet.formula(row, 2, at("B"), ahead.demand[k], "ratio")
    sheet.formula(row, 3, at("C"), ahead.prices[k], "ratio")
    sheet.formula(row, 4, at(where.today), ahead.baseline[k])
    sheet.formula(row, 5, f"E{line}{saved}{gap[1]}", ahead.after_usage[k])
    sheet.formula(row, 6, f"F{line}{bought}{gap[2]}", ahead.after_commitments[k])
    sheet.formula(row, 7, _shortfall(k), ahead.shortfall[k])
    sheet.formula(row, 8, RECURRING, ahead.recurring)
    sheet.formula(row, 9, f"E{line}-G{line}-I{line}-H{line}", ahead.flows[k + 1])
    sheet.formula(row, 10, f"J{line}/(1+{DISCOUNT})^(B{line}/12)", ahead.discounted[k + 1])
    sheet.formula(row, 11, f"L{line - 1}+J{line}", ahead.cumulative[k + 1])
    sheet.formula(row, 12, f"M{line - 1}+K{line}", float(ahead.discounted[: k + 2].sum()))


def _shortfall(k: int) -> str:
    """Due at each year's end below an agreed minimum: the plan's less that of today's settings."""
    if (k + 1) % 12:
        return "0"
    low, high = FIRST + k - 11, FIRST + k
    due = [f"MAX({MINIMUM}-SUM({letter}{low}:{letter}{high}),0)" for letter in "GE"]
    return f"IF({MINIMUM}>0,{due[0]}-{due[1]},0)"


def _total(sheet: Sheet, future: Future) -> None:
    ahead, row = future.projection, LAST
    sheet.text(row, 0, "Total", "total")
    series = (ahead.baseline, ahead.after_usage, ahead.after_commitments, ahead.shortfall)
    for column_index, amounts in enumerate(series, 4):
        letter = "EFGH"[column_index - 4]
        sheet.formula(row, column_index, f"SUM({letter}{FIRST}:{letter}{LAST})", float(amounts.sum()), "money_total")
    sheet.formula(row, 8, f"SUM(I{FIRST}:I{LAST})", ahead.recurring * HORIZON_MONTHS, "money_total")
    sheet.formula(row, 9, f"SUM(J{TODAY_LINE}:J{LAST})", float(ahead.flows.sum()), "money_total")
    sheet.formula(row, 10, f"SUM(K{TODAY_LINE}:K{LAST})", float(ahead.discounted.sum()), "money_total")


def _charts(sheet: Sheet) -> None:
    months = f"={NAME}!$A${FIRST}:$A${LAST}"
    cost = sheet.book.chart("line")
    for letter, colour in (("E", "#5B6770"), ("F", "#0072B2"), ("G", "#00805E")):
        cost.add_series(
            {"name": f"={NAME}!${letter}$5", "categories": months, "values": f"={column(letter)}",
             "line": {"color": colour, "width": 2}}
        )  # fmt: skip
    _dress(cost, "Cost a month")
    sheet.place(LAST + 2, 0, cost, 900)
    total = sheet.book.chart("column")
    total.add_series(
        {"name": f"={NAME}!$L$5", "categories": f"={NAME}!$A${TODAY_LINE}:$A${LAST}",
         "values": f"={NAME}!$L${TODAY_LINE}:$L${LAST}", "fill": {"color": "#0072B2"}, "invert_if_negative": True,
         "invert_if_negative_color": "#C44E00"}
    )  # fmt: skip
    _dress(total, "Cumulative flow")
    total.set_legend({"none": True})
    sheet.place(LAST + 20, 0, total, 900)


def _dress(chart: object, title: str) -> None:
    chart.set_title({"name": title, "name_font": {"size": 12}})  # type: ignore[attr-defined]
    chart.set_legend({"position": "bottom"})  # type: ignore[attr-defined]
    chart.set_y_axis({"num_format": "#,##0", "major_gridlines": {"visible": True, "line": {"color": "#E0E0E0"}}})  # type: ignore[attr-defined]
    chart.set_x_axis({"interval_unit": 6, "label_position": "low"})  # type: ignore[attr-defined]
