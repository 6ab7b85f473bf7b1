"""Sheets "Monthly bill" and "Waterfall": the window today and in the scenario, in cents that add up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from xlsxwriter.utility import xl_col_to_name

from exports.cents import cents_of_table
from exports.tables import costs_by_place
from exports.xlsx_workings import commit_name, curve_at, curve_row
from model.cents import cents, cents_of_parts
from model.money import NANOS, to_nanos
from model.outcome import RATE_LEVER
from model.plan import BASIS
from model.waterfall import waterfall

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from exports.tables import Place
    from exports.xlsx_book import Book, Sheet
    from exports.xlsx_future import Future
    from model.costs import Costs
    from model.outcome import Outcome
    from model.waterfall import Bar

    Sides = tuple[Costs, Costs]

BILL, WATERFALL = "Monthly bill", "Waterfall"
BASE_LINE: Final = 6
"""Row (from 1) of the current bill on the waterfall; levers follow, then the scenario."""


def bill_sheet(book: Book, outcome: Outcome) -> None:
    """By month, product and project; the window's totals are the app's to the cent."""
    months, currency, places = outcome.bill.months, outcome.bill.currency, costs_by_place(outcome)
    sheet = book.sheet(BILL, (34, *(20 for _ in range(max(4, len(months) + 2)))), frozen_rows=3, frozen_columns=1)
    sheet.text(0, 0, "Monthly bill", "title")
    sheet.wide(1, 6, f"In {currency}, {BASIS}. Cells are rounded so that they add up to their totals to the cent.")
    row = _sides(sheet, 3, "Invoice month", _by(places, lambda place: _month(place[0])), currency)
    _chart(sheet, 4, len(months))
    row = max(row + 2, 20)
    for title, side in (("Today, by product and month", 0), ("With this scenario, by product and month", 1)):
        row = _matrix(sheet, row, f"{title} ({currency})", months, places, side) + 2
    _sides(sheet, row, "Project", _by(places, lambda place: place[2] or "(no project)"), currency)


def _by(places: Mapping[Place, Sides], key: Callable[[Place], str]) -> dict[str, tuple[int, int]]:
    sums: dict[str, tuple[int, int]] = {}
    for place, (now, then) in places.items():
        a, b = sums.get(key(place), (0, 0))
        sums[key(place)] = (a + now.headline, b + then.headline)
    return sums


def _sides(sheet: Sheet, row: int, title: str, sums: Mapping[str, tuple[int, int]], currency: str) -> int:
    """Today, scenario and saving by key, with totals; the row after."""
    sheet.header(row, [title, *(f"{side} ({currency})" for side in ("Today", "This scenario", "Saving"))])
    shown = [_rounded([amounts[side] for amounts in sums.values()]) for side in (0, 1)]
    for line, (key, now, then) in enumerate(zip(sums, *shown, strict=True), row + 1):
        sheet.text(line, 0, key)
        sheet.number(line, 1, now / 100, "money")
        sheet.number(line, 2, then / 100, "money")
        sheet.formula(line, 3, f"ROUND(B{line + 1}-C{line + 1},2)", (now - then) / 100)
    end = row + 1 + len(sums)
    sheet.text(end, 0, "Total", "total")
    now, then = sum(shown[0]), sum(shown[1])
    for column, total in enumerate((now, then, now - then), 1):
        letter = xl_col_to_name(column)
        formula = f"ROUND(SUM({letter}{row + 2}:{letter}{end}),2)"
        sheet.formula(end, column, formula, total / 100, "money_total")
    return end + 1


def _matrix(
    sheet: Sheet, row: int, title: str, months: tuple[int, ...], places: Mapping[Place, Sides], side: int
) -> int:
    """Products by month with totals both ways; the row after."""
    products = list(dict.fromkeys(product for _, product, _ in sorted(places, key=lambda place: place[1])))
    cells = [[0] * len(months) for _ in products]
    for (month, product, _), sides in places.items():
        cells[products.index(product)][months.index(month)] += sides[side].headline
    rows = _rounded([sum(line) for line in cells])
    columns = _rounded([sum(line) for line in zip(*cells, strict=True)])
    shown = cents_of_table(cells, rows, columns)
    last = xl_col_to_name(len(months))
    sheet.text(row, 0, title, "heading")
    sheet.header(row + 1, ["Product", *(_month(month) for month in months), "Total"])
    for line, (product, amounts) in enumerate(zip(products, shown, strict=True), row + 2):
        sheet.text(line, 0, product or "(no product)")
        for column, amount in enumerate(amounts, 1):
            sheet.number(line, column, amount / 100, "money")
        formula = f"ROUND(SUM(B{line + 1}:{last}{line + 1}),2)"
        sheet.formula(line, len(months) + 1, formula, sum(amounts) / 100)
    end = row + 2 + len(products)
    sheet.text(end, 0, "Total", "total")
    for column, total in enumerate((*columns, sum(columns)), 1):
        letter = xl_col_to_name(column)
        formula = f"ROUND(SUM({letter}{row + 3}:{letter}{end}),2)"
        sheet.formula(end, column, formula, total / 100, "money_total")
    return end + 1


def _rounded(parts: Sequence[int]) -> list[int]:
    """Cents that add up to the cents of the sum."""
    return cents_of_parts(parts, cents(sum(parts)))


def _month(month: int) -> str:
    return f"{month // 100}-{month % 100:02d}"


def _chart(sheet: Sheet, first: int, months: int) -> None:
    chart = sheet.book.chart("column")
    for letter, colour in (("B", "#5B6770"), ("C", "#0072B2")):
        chart.add_series(
            {"name": f"='{BILL}'!${letter}$4", "categories": f"='{BILL}'!$A${first + 1}:$A${first + months}",
             "values": f"='{BILL}'!${letter}${first + 1}:${letter}${first + months}", "fill": {"color": colour}}
        )  # fmt: skip
    chart.set_legend({"position": "bottom"})
    chart.set_y_axis({"num_format": "#,##0", "major_gridlines": {"visible": True, "line": {"color": "#E0E0E0"}}})
    sheet.place(3, 5, chart, 620, 300)


def waterfall_sheet(book: Book, outcome: Outcome, future: Future) -> None:
    """From the current bill to the scenario; the bar of commitments follows the assumptions, the others do not."""
    currency = outcome.bill.currency
    sheet = book.sheet(WATERFALL, (34, 22, 20, 20, 14, 14, 14, 14, 24), frozen_rows=5)
    sheet.text(0, 0, "From the current bill to this scenario", "title")
    sheet.wide(
        1, 8, f"Over {len(outcome.bill.months)} months in {currency}, {BASIS}, in causal order: each lever after those "
        "before it. Savings of usage levers are repriced from the bill's rows; that of commitments follows the sheet "
        "Assumptions.",
    )  # fmt: skip
    titles = [f"{title} ({currency})" for title in ("Saving", "Level after", "Bar")]
    sheet.header(4, ["Step", *titles, "Hidden foot", "Ends", "Saves", "Costs more", "How it is known"], numbers_to=7)
    _bars(sheet, outcome, future)
    _alone(sheet, outcome, BASE_LINE + len(outcome.levers) + 4)


def _bars(sheet: Sheet, outcome: Outcome, future: Future) -> None:
    bars = waterfall(outcome)
    start = outcome.baseline.total.headline
    sheet.text(BASE_LINE - 1, 0, "Current bill", "total")
    sheet.formula(BASE_LINE - 1, 2, f"ROUND({start / NANOS!r},2)", bars[0].end_cents / 100, "money_total")
    saved = f"{start / NANOS!r}"
    for i, (lever, bar) in enumerate(zip(outcome.levers, bars[1:-1], strict=True)):
        line = BASE_LINE + 1 + i
        sheet.text(line - 1, 0, lever.title)
        amount = lever.in_sequence_nanos / NANOS
        if lever.lever == RATE_LEVER and future.pools:
            sheet.formula(line - 1, 1, _purchases(outcome, future, lever.in_sequence_nanos), amount)
        else:
            sheet.number(line - 1, 1, amount, "money")
        sheet.formula(line - 1, 2, f"ROUND({saved}-SUM(B{BASE_LINE + 1}:B{line}),2)", bar.end_cents / 100)
        sheet.formula(line - 1, 3, f"ROUND(C{line}-C{line - 1},2)", bar.amount_cents / 100)
        is_live = lever.lever == RATE_LEVER and future.pools
        sheet.text(line - 1, 8, "live" if is_live else "frozen: repriced rows", "mark")
    end = BASE_LINE + 1 + len(outcome.levers)
    sheet.text(end - 1, 0, "This scenario", "total")
    total = outcome.saving_nanos / NANOS
    formula = f"SUM(B{BASE_LINE + 1}:B{end - 1})" if outcome.levers else "0"
    sheet.formula(end - 1, 1, formula, total, "money_total")
    sheet.formula(end - 1, 2, f"C{end - 1}", bars[-1].end_cents / 100, "money_total")
    for line, bar in enumerate(bars, BASE_LINE):
        _columns(sheet, line, bar, is_end=line in (BASE_LINE, end))
    _bar_chart(sheet, end)


def _columns(sheet: Sheet, line: int, bar: Bar, *, is_end: bool) -> None:
    """What the chart stacks: a hidden foot, the ends in full, then what goes down or up."""
    if is_end:
        amounts = {"E": ("0", 0.0), "F": (f"C{line}", bar.end_cents / 100), "G": ("0", 0.0), "H": ("0", 0.0)}
    else:
        start, end = bar.start_cents / 100, bar.end_cents / 100
        before, after = f"C{line - 1}", f"C{line}"
        amounts = {
            "E": (f"MIN({before},{after})", min(start, end)),
            "F": ("0", 0.0),
            "G": (f"MAX(ROUND({before}-{after},2),0)", max(bar.start_cents - bar.end_cents, 0) / 100),
            "H": (f"MAX(ROUND({after}-{before},2),0)", max(bar.end_cents - bar.start_cents, 0) / 100),
        }
    for column, (formula, value) in enumerate(amounts.values(), 4):
        sheet.formula(line - 1, column, formula, value)


def _purchases(outcome: Outcome, future: Future, exported: int) -> str:
    """Formula: what the purchases save over the window, with what else the lever saved as it was repriced."""
    parts = []
    bought = 0
    for place, pool in enumerate(future.pools):
        size = commit_name(pool.plan.name)
        covered = curve_at(future, place, size, curve_row(future, place, size), 1)
        parts.append(f"({covered}-{size}*{pool.curve.hour_count})")
        bought += to_nanos(pool.plan.saving)
    rest = (exported - bought) / NANOS
    return "+".join(parts) + (f"+{rest!r}" if abs(rest) > len(outcome.bill.months) * 1e-6 else "")


def _alone(sheet: Sheet, outcome: Outcome, row: int) -> None:
    """Each lever alone, and what they share: the interaction, of either sign."""
    currency = outcome.bill.currency
    sheet.text(row, 0, "Each lever alone, as exported", "heading")
    titles = ("Saves alone", "In causal order", "Shared")
    sheet.header(row + 1, ["Lever", *(f"{title} ({currency})" for title in titles)])
    total = cents(outcome.saving_nanos)
    alone = _rounded([lever.alone_nanos for lever in outcome.levers])
    ordered = cents_of_parts([lever.in_sequence_nanos for lever in outcome.levers], total)
    for line, (lever, a, b) in enumerate(zip(outcome.levers, alone, ordered, strict=True), row + 2):
        sheet.text(line, 0, lever.title)
        sheet.number(line, 1, a / 100, "money")
        sheet.number(line, 2, b / 100, "money")
        sheet.formula(line, 3, f"ROUND(C{line + 1}-B{line + 1},2)", (b - a) / 100)
    end = row + 2 + len(outcome.levers)
    first = row + 3
    sheet.text(end, 0, "Interaction")
    interaction = (total - sum(alone)) / 100
    formula = f"ROUND(SUM(C{first}:C{end})-SUM(B{first}:B{end}),2)" if outcome.levers else "0"
    sheet.formula(end, 1, formula, interaction)
    sheet.text(end + 1, 0, "Together", "total")
    for column, letter in ((1, "B"), (2, "C")):
        formula = f"ROUND(SUM({letter}{first}:{letter}{end + 1}),2)"
        sheet.formula(end + 1, column, formula, total / 100, "money_total")


def _bar_chart(sheet: Sheet, end: int) -> None:
    chart = sheet.book.chart("column", "stacked")
    places = f"={WATERFALL}!$A${BASE_LINE}:$A${end}"
    for letter, colour in (("E", ""), ("F", "#5B6770"), ("G", "#00805E"), ("H", "#C44E00")):
        fill = {"color": colour} if colour else {"none": True}
        values = f"={WATERFALL}!${letter}${BASE_LINE}:${letter}${end}"
        name = f"={WATERFALL}!${letter}$5"
        chart.add_series({"name": name, "categories": places, "values": values, "gap": 40, "fill": fill})
    chart.set_y_axis({"num_format": "#,##0", "major_gridlines": {"visible": True, "line": {"color": "#E0E0E0"}}})
    chart.set_legend({"none": True})
    sheet.place(end + 12, 0, chart, 900, 340)
