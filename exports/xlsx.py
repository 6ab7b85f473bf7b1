"""The plan as a workbook with live formulas: finance changes an assumption and sees what the app would say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exports.xlsx_assumptions import assumptions_sheet
from exports.xlsx_bill import BASE_LINE, BILL, WATERFALL, bill_sheet, waterfall_sheet
from exports.xlsx_book import Book
from exports.xlsx_commitments import commitments_sheet
from exports.xlsx_finance import (
    DISCOUNTED_LINE,
    IRR_LINE,
    NPV_LINE,
    PAYBACK_LINE,
    ROI_LINE,
    SHEET,
    finance_sheet,
)
from exports.xlsx_future import future_of
from exports.xlsx_lists import list_sheets
from exports.xlsx_projection import LAST, projection_sheet
from exports.xlsx_projection import NAME as PROJECTION
from exports.xlsx_workings import curves_sheet, levels_sheet, workings_sheet
from model.answer import answer
from model.plan import BASIS
from model.projection import figures
from model.waterfall import waterfall

if TYPE_CHECKING:
    from exports.xlsx_book import Sheet
    from exports.xlsx_future import Future
    from model.outcome import Outcome

_WIDTHS: Final = (52, 22, 22, 22, 40)


def workbook(outcome: Outcome) -> bytes:
    """The XLSX of an outcome; the same outcome gives the same bytes.

    Every formula carries the app's figure. Discount rate, costs, minimum spend, ramps, the amount of each commitment
    and prices (where no commitment stands already) recompute exactly; growth as far as the sheet says; settings do not.
    """
    future, currency = future_of(outcome), outcome.bill.currency
    footer = f"{outcome.scenario.name} · {outcome.scenario.fingerprint} · {currency}"
    book = Book(f"Cloudlever: {outcome.scenario.name}", footer)
    _summary(book.sheet("Summary", _WIDTHS), outcome, future)
    assumptions_sheet(book, outcome, future)
    bill_sheet(book, outcome)
    waterfall_sheet(book, outcome, future)
    projection_sheet(book, future)
    commitments_sheet(book, outcome, future)
    finance_sheet(book, future)
    list_sheets(book, outcome, future)
    workings_sheet(book, future, currency)
    levels_sheet(book, future, currency)
    curves_sheet(book, future, currency)
    return book.content()


def _summary(sheet: Sheet, outcome: Outcome, future: Future) -> None:
    """The answer first, then the figures that follow the assumptions, then what to read."""
    said, currency = answer(outcome), outcome.bill.currency
    months = ", ".join(f"{month // 100}-{month % 100:02d}" for month in outcome.bill.months)
    sheet.text(0, 0, outcome.scenario.name, "title")
    sheet.wide(1, 4, _sentence(outcome), "answer")
    of_demo = " The bill holds rows of the generated sample: no real bill gives these figures." * outcome.bill.is_demo
    sheet.wide(
        2, 4, f"Figures are {BASIS}, in {currency}. Window: invoice months {months}. Evidence: {said.evidence}. "
        f"Scenario fingerprint {outcome.scenario.fingerprint}, "
        f"bill snapshot {outcome.bill.snapshot or 'without a name'}.{of_demo}",
    )  # fmt: skip
    _figures(sheet, outcome, future)
    sheet.text(18, 0, "What to read where", "heading")
    for row, (name, about) in enumerate(_CONTENTS, 19):
        sheet.text(row, 0, name)
        sheet.text(row, 1, about)
    row = 20 + len(_CONTENTS)
    broken = [guardrail.sentence for guardrail in said.broken]
    sheet.text(row, 0, f"Limits broken: {len(broken)}; not judged: {len(said.unjudged)}", "heading")
    for line, sentence in enumerate(broken, row + 1):
        sheet.wide(line, 4, sentence, "wrap")


_CONTENTS: Final = (
    ("Assumptions", "what may be typed over; everything live follows"),
    (BILL, "the window by month, product and project, today and in the scenario"),
    (WATERFALL, "what each lever saves, alone and together, with the interaction"),
    (PROJECTION, "36 months ahead: cost, flows, running totals"),
    ("Commitments", "what is bought, what it covers, what it costs and saves"),
    (SHEET, "present value, return, payback, sensitivities"),
    ("Changes", "what has to be configured"),
    ("Frozen", "settings and assumptions that the figures were repriced at"),
    ("Evidence", "formulas, prices with source and date"),
    ("Limits, Notes", "what breaks, what is not judged, what has to be known"),
    ("Workings, Levels, Curves", "the formulas step by step, and the tables that they read"),
)


def _sentence(outcome: Outcome) -> str:
    said, currency = answer(outcome), outcome.bill.currency
    before, after = said.before_per_month_nanos / 1e9, said.after_per_month_nanos / 1e9
    share = "" if said.saving_share is None else f" ({abs(said.saving_share):.1%})"
    verb = "saves" if said.saving_per_month_nanos >= 0 else "costs more by"
    return (
        f"This scenario {verb} {abs(said.saving_per_month_nanos) / 1e9:,.2f} {currency} a month{share}: "
        f"{before:,.2f} today, {after:,.2f} then."
    )


def _figures(sheet: Sheet, outcome: Outcome, future: Future) -> None:
    ahead, found, currency = future.projection, figures(future.projection), outcome.bill.currency
    end = BASE_LINE + 1 + len(outcome.levers)
    bars = waterfall(outcome)
    sheet.header(4, [f"Figure ({currency})", "Value"])
    rows: tuple[tuple[str, str, float | str, str], ...] = (
        (f"Current bill, {len(outcome.bill.months)} months", f"{WATERFALL}!C{BASE_LINE}", bars[0].end_cents / 100,
         "money"),
        ("This scenario, same months", f"{WATERFALL}!C{end}", bars[-1].end_cents / 100, "money"),
        ("36 months as it is", f"{PROJECTION}!E{LAST + 1}", float(ahead.baseline.sum()), "money"),
        ("36 months with the plan", f"{PROJECTION}!G{LAST + 1}", float(ahead.after_commitments.sum()), "money"),
        ("Sum of flows, 36 months", f"{PROJECTION}!J{LAST + 1}", float(ahead.flows.sum()), "money"),
        ("Net present value", f"{SHEET}!B{NPV_LINE}", found.npv, "money"),
        ("Internal rate of return a year", f"{SHEET}!B{IRR_LINE}", _or(found.irr_annual, "none"), "percent"),
        ("Payback (months)", f"{SHEET}!B{PAYBACK_LINE}", _or(found.payback_months, "never"), "months"),
        ("Payback, discounted (months)", f"{SHEET}!B{DISCOUNTED_LINE}",
         _or(found.discounted_payback_months, "never"), "months"),
        ("Return on what is laid out", f"{SHEET}!B{ROI_LINE}", _or(found.roi, "not applicable"), "percent"),
    )  # fmt: skip
    for row, (title, cell, value, style) in enumerate(rows, 5):
        sheet.text(row, 0, title)
        sheet.formula(row, 1, cell, value, style)


def _or(value: float | None, words: str) -> float | str:
    return words if value is None else value
