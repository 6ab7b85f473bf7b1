"""Sheet "Finance": present value, return and payback of the projected flows, and what they hang on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from exports.xlsx_assumptions import DISCOUNT, ONE_OFF, RECURRING
from exports.xlsx_projection import FIRST, LAST, NAME, TODAY_LINE, column
from model import finance
from model.projection import figures

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exports.xlsx_book import Book, Sheet
    from exports.xlsx_future import Future

SHEET: Final = "Finance"
_FLOWS: Final = f"{NAME}!$J${TODAY_LINE}:$J${LAST}"
_DISCOUNTED: Final = f"{NAME}!$K${TODAY_LINE}:$K${LAST}"
_AHEAD: Final = column("B")
_RATES: Final = (0.0, 0.04, 0.08, 0.12, 0.16, 0.2)
_SHARES: Final = (0.5, 0.75, 0.9, 1.0, 1.1)
_COSTS: Final = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0)
NPV_LINE, IRR_LINE, PAYBACK_LINE, DISCOUNTED_LINE, ROI_LINE = 7, 8, 9, 10, 11
"""Rows (from 1) of the figures; each stands in column B."""


def finance_sheet(book: Book, future: Future) -> None:
    """Write figures and sensitivities."""
    currency = future.projection.currency
    sheet = book.sheet(SHEET, (44, *(18 for _ in range(7))), frozen_rows=3)
    sheet.text(0, 0, "Finance", "title")
    sheet.wide(1, 7, finance.CONVENTION)
    _figures(sheet, future, currency)
    _by_rate_and_share(sheet, future, 15)
    _by_costs(sheet, future, 26)


def _figures(sheet: Sheet, future: Future, currency: str) -> None:
    ahead = future.projection
    found = figures(ahead)
    monthly = f"((1+{DISCOUNT})^(1/12)-1)"
    flows = f"{NAME}!$J${FIRST}:$J${LAST}"
    sheet.header(3, ["Figure", "Value"])
    sheet.texts(4, [f"Sum of the flows ({currency})"])
    sheet.formula(4, 1, f"SUM({_FLOWS})", float(ahead.flows.sum()))
    sheet.texts(5, ["Discount rate a month"])
    sheet.formula(5, 1, monthly[1:-1], finance.monthly_rate(ahead.rate_per_year), "number")
    sheet.texts(NPV_LINE - 1, [f"Net present value ({currency})"])
    sheet.formula(NPV_LINE - 1, 1, f"{NAME}!$J${TODAY_LINE}+NPV(B6,{flows})", found.npv)
    sheet.texts(IRR_LINE - 1, ["Internal rate of return a year"])
    irr: float | str = "none" if found.irr_annual is None else found.irr_annual
    sheet.formula(IRR_LINE - 1, 1, _irr(flows), irr, "percent")
    sheet.text(IRR_LINE - 1, 2, found.irr_note, "mark")
    for line, title, letter, value in (
        (PAYBACK_LINE, "Payback (months)", "L", found.payback_months),
        (DISCOUNTED_LINE, "Payback, discounted (months)", "M", found.discounted_payback_months),
    ):
        sheet.texts(line - 1, [title])
        sheet.formula(line - 1, 1, _payback(letter), "never" if value is None else value, "months")
    sheet.texts(ROI_LINE - 1, ["Return on what is laid out (Σ flows ÷ outlay)"])
    roi: float | str = "not applicable" if found.roi is None else found.roi
    sheet.formula(ROI_LINE - 1, 1, f'IF({ONE_OFF}>0,B5/{ONE_OFF},"not applicable")', roi, "percent")
    sheet.texts(ROI_LINE, ["Check: discounted flows − net present value"])
    sheet.formula(ROI_LINE, 1, f"ROUND(SUM({_DISCOUNTED})-B{NPV_LINE},6)", 0.0)


def _irr(flows: str) -> str:
    """Formula: the yearly rate; "none" without a change of sign.

    The guess lies below the root, from where Newton's steps cannot leave it: as if all came in the last month; for a
    loss as if all came in the middle.
    """
    changes = f'AND(COUNTIF({_FLOWS},">0")>0,COUNTIF({_FLOWS},"<0")>0)'
    back = f"MAX(SUM({flows})/{ONE_OFF},1E-9)"
    guess = f"IF({ONE_OFF}>0,{back}^IF({back}>1,1/36,1/18)-1,0.01)"
    return f'IF({changes},IFERROR((1+IRR({_FLOWS},{guess}))^12-1,"not found: see the app"),"none")'


def _payback(letter: str) -> str:
    """Formula: when the running total stays at or above zero, straight within the month."""
    totals = f"{NAME}!${letter}${TODAY_LINE}:${letter}${LAST}"
    flows = "J" if letter == "L" else "K"
    nothing = f"1E-12*SUMPRODUCT(ABS({NAME}!${flows}${TODAY_LINE}:${flows}${LAST}))"
    last = f"SUMPRODUCT(MAX(({totals}<-{nothing})*({NAME}!$B${TODAY_LINE}:$B${LAST}+1)))"
    below = f"INDEX({totals},{last})"
    step = f"(INDEX({totals},{last}+1)-{below})"
    return f'IF({last}=0,0,IF({last}={LAST - TODAY_LINE + 1},"never",{last}-1+MIN(1,-{below}/{step})))'


def _by_rate_and_share(sheet: Sheet, future: Future, row: int) -> None:
    ahead = future.projection
    sheet.text(row - 1, 0, "Net present value by discount rate and by share of the saving that comes", "heading")
    sheet.header(row, ["Discount rate a year ↓   share of the saving →", *[""] * (len(_SHARES) + 1)])
    shares = [*_SHARES]
    for i, share in enumerate(shares, 1):
        sheet.number(row, i, share, "percent")
    for line, rate in enumerate((ahead.rate_per_year, *_RATES), row + 1):
        if line == row + 1:
            sheet.formula(line, 0, DISCOUNT, rate, "percent")
        else:
            sheet.number(line, 0, rate, "percent")
        for i, share in enumerate(shares, 1):
            letter = "ABCDEFGH"[i]
            flows = f"{letter}${row + 1}*({column('E')}-{column('G')})-{column('I')}-{column('H')}"
            formula = f"-{ONE_OFF}+SUMPRODUCT(({flows})*(1+$A{line + 1})^(-{_AHEAD}/12))"
            value = -ahead.one_off + float(_worth(future, rate) @ (share * ahead.saving - _costs(future)))
            sheet.formula(line, i, formula, value)
    sheet.wide(row + len(_RATES) + 2, 5, "First row: the rate of the sheet Assumptions. Shortfall as projected.")


def _by_costs(sheet: Sheet, future: Future, row: int) -> None:
    ahead = future.projection
    sheet.text(row - 1, 0, "Net present value by one-off and recurring cost", "heading")
    sheet.header(row, ["One-off cost ↓   recurring cost a month →", *[""] * len(_COSTS)])
    worth = _worth(future, ahead.rate_per_year)
    one_off, recurring = list(_steps(ahead.one_off, future)), list(_steps(ahead.recurring, future))
    for i, (factor, _) in enumerate(one_off, 1):
        sheet.formula(row, i, _step(RECURRING, factor, recurring[i - 1][1]), recurring[i - 1][1], "money")
    for line, (factor, laid_out) in enumerate(one_off, row + 1):
        sheet.formula(line, 0, _step(ONE_OFF, factor, laid_out), laid_out, "money")
        for i, (_, monthly) in enumerate(recurring, 1):
            letter = "ABCDEFGH"[i]
            flows = f"{column('E')}-{column('G')}-{letter}${row + 1}-{column('H')}"
            formula = f"-$A{line + 1}+SUMPRODUCT(({flows})*(1+{DISCOUNT})^(-{_AHEAD}/12))"
            value = -laid_out + float(worth @ (ahead.saving - monthly - ahead.shortfall))
            sheet.formula(line, i, formula, value)
    sheet.wide(
        row + len(_COSTS) + 1,
        6,
        "Multiples of the assumption; where none is typed, of a tenth of the saving a month (as exported).",
    )


def _steps(assumed: float, future: Future) -> Iterator[tuple[float, float]]:
    """Multiples of an assumed cost, or of a tenth of the saving a month where none is assumed."""
    size = assumed or max(round(float(future.projection.saving.mean()) / 10.0, 2), 1.0)
    return ((factor, factor * size) for factor in _COSTS)


def _step(name: str, factor: float, exported: float) -> str:
    size = exported / factor if factor else 0.0
    return f"{factor}*IF({name}>0,{name},{size!r})" if factor else "0"


def _worth(future: Future, rate: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """What a unit at each month's end is worth today (36,)."""
    months = np.arange(1, len(future.projection.months) + 1)
    return np.asarray((1.0 + rate) ** (-months / 12.0), dtype=np.float64)


def _costs(future: Future) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    ahead = future.projection
    return np.asarray(ahead.shortfall + ahead.recurring, dtype=np.float64)
