"""Sheet "Commitments": what each planned purchase covers, costs and saves, following the amount that is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exports.xlsx_assumptions import covered_name
from exports.xlsx_workings import commit_name, covered_to_commit, curve_at, curve_row, row_on_curve
from model.commitment_pools import pool_title
from model.levers.commitment_plan import TERM_TITLES

if TYPE_CHECKING:
    from exports.xlsx_book import Book, Sheet
    from exports.xlsx_future import Future, PoolFuture
    from model.outcome import Outcome

NAME: Final = "Commitments"
_FIRST: Final = 5
_TITLES: Final = (
    "Cover, on demand an hour",
    "Commit an hour, discounted",
    "Row of its curve",
    "Covered on demand a month",
    "Fee a month",
    "Saving a month",
    "Used of the commitment",
    "Break-even use",
    "Share of eligible covered",
    "Loses from (cover an hour)",
)


def commitments_sheet(book: Book, outcome: Outcome, future: Future) -> None:
    """Write purchases, then what stands in every pool, then cost by size with its chart."""
    currency = outcome.bill.currency
    sheet = book.sheet(NAME, (34, 10, *(17 for _ in _TITLES), 60), frozen_rows=4, frozen_columns=1)
    sheet.text(0, 0, "Commitments", "title")
    sheet.wide(
        1, 11, f"Money in {currency}; means of the window, after the usage levers, on what existing commitments leave. "
        "Fees run every hour of the term, used or not. Type over the amount to cover on the sheet Assumptions.",
    )  # fmt: skip
    sheet.header(3, ["Pool", "Term", *_TITLES, "Discounts, source and date"], numbers_from=2, numbers_to=11)
    for place, pool in enumerate(future.pools):
        _purchase(sheet, future, place, pool)
    if not future.pools:
        sheet.text(4, 0, "This scenario buys no commitment.", "note")
    row = _FIRST + len(future.pools) + 1
    row = _standing(sheet, row, outcome, currency)
    for pool in future.pools:
        row = _by_size(sheet, row + 1, pool, currency, len(outcome.bill.months))


def _purchase(sheet: Sheet, future: Future, place: int, pool: PoolFuture) -> None:
    plan, months, line = pool.plan, future.month_count, _FIRST + place
    row, hours, curve = line - 1, pool.curve.hour_count, pool.curve
    covered = float(curve.covered_at(plan.commit_per_hour))
    sheet.texts(row, [pool_title(plan.name), TERM_TITLES.get(plan.term, plan.term)])
    sheet.formula(row, 2, covered_name(plan.name), plan.covered_on_demand_per_hour, "money_exact")
    sheet.formula(row, 3, covered_to_commit(pool), plan.commit_per_hour, "money_exact")
    sheet.book.name(commit_name(plan.name), f"{NAME}!$D${line}")
    sheet.formula(row, 4, curve_row(future, place, f"D{line}"), row_on_curve(pool, plan.commit_per_hour), "integer")
    sheet.formula(row, 5, f"{curve_at(future, place, f'D{line}', f'E{line}', 1)}/{months}", covered / months)
    sheet.formula(row, 6, f"D{line}*{hours}/{months}", plan.commit_per_hour * hours / months)
    sheet.formula(row, 7, f"F{line}-G{line}", plan.saving / months)
    utilisation = f"IF(G{line}>0,{curve_at(future, place, f'D{line}', f'E{line}', 2)}/{months}/G{line},0)"
    sheet.formula(row, 8, utilisation, plan.utilisation or 0.0, "percent")
    if plan.break_even_utilisation is not None:
        sheet.number(row, 9, plan.break_even_utilisation, "percent")
    sheet.formula(row, 10, f"F{line}*{months}/{curve.on_demand!r}", covered / curve.on_demand, "percent")
    sheet.number(row, 11, plan.zero_saving_level, "money_exact")
    rates = ", ".join(f"{key}: {rate:.1%}" for key, rate in plan.rates.items())
    sheet.text(row, 12, f"{rates}. {plan.discount_source}", "wrap")


def _standing(sheet: Sheet, row: int, outcome: Outcome, currency: str) -> int:
    """What the bill already holds, as exported."""
    sheet.text(row, 0, "Existing commitments, as exported", "heading")
    titles = ("Covered an hour today", "Covered an hour after", "Fee an hour", "Stranded in the window")
    sheet.header(row + 1, ["Pool", "New", *(f"{title} ({currency})" for title in titles)], numbers_from=2)
    for line, pool in enumerate(outcome.pools, row + 2):
        sheet.texts(line, [pool_title(pool.name), TERM_TITLES.get(pool.term, pool.term)])
        there = pool.existing
        stranded = float(pool.stranded_by_month.sum())
        amounts = (there.covered_per_hour, there.covered_after_per_hour, there.fee_per_hour, stranded)
        for column, amount in enumerate(amounts, 2):
            sheet.number(line, column, amount, "money_exact" if column < 5 else "money")
    return row + 2 + len(outcome.pools)


def _by_size(sheet: Sheet, row: int, pool: PoolFuture, currency: str, months: int) -> int:
    """Cost a month by the amount that is covered, with its chart; the row after."""
    plan = pool.plan
    points = plan.curve[::2]
    sheet.text(row, 0, f"Cost by size: {pool_title(plan.name)}", "heading")
    sheet.header(row + 1, [f"Cover an hour ({currency})", "", f"Cost a month ({currency})"])
    for line, (size, cost) in enumerate(points, row + 2):
        sheet.number(line, 0, size, "money_exact")
        sheet.number(line, 2, cost / months, "money")
    _chart(sheet, row, len(points), currency)
    return row + 2 + len(points)


def _chart(sheet: Sheet, row: int, count: int, currency: str) -> None:
    chart = sheet.book.chart("scatter", "straight")
    first, last = row + 3, row + 2 + count
    chart.add_series(
        {"name": "Cost a month", "categories": f"={NAME}!$A${first}:$A${last}",
         "values": f"={NAME}!$C${first}:$C${last}", "line": {"color": "#00805E", "width": 2}}
    )  # fmt: skip
    chart.set_legend({"none": True})
    chart.set_x_axis({"name": f"Covered on demand an hour ({currency})", "num_format": "#,##0.00", "min": 0})
    chart.set_y_axis({"name": f"Cost a month ({currency})", "num_format": "#,##0",
                      "major_gridlines": {"visible": True, "line": {"color": "#E0E0E0"}}})  # fmt: skip
    chart.set_title({"none": True})
    sheet.place(row + 1, 4, chart, 760, 360)
