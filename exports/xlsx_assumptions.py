"""Sheet "Assumptions": the cells that may be typed over, each with its name, its range and how far it is live."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from xlsxwriter.utility import xl_rowcol_to_cell

from exports.xlsx_book import named
from model import horizon
from model.commitment_pools import pool_title
from model.outcome import RATE_LEVER, parameters

if TYPE_CHECKING:
    from exports.xlsx_book import Book, Sheet
    from exports.xlsx_future import Future, PoolFuture
    from model.outcome import Outcome
    from model.parameter import Parameter

NAME: Final = "Assumptions"
GROWTH, PRICES = "usage_growth_per_year", "price_change_per_year"
DISCOUNT, ONE_OFF = "discount_rate_per_year", "one_off_cost"
RECURRING, MINIMUM = "recurring_cost_per_month", "minimum_spend_per_year"
AS_EXPORTED: Final = "growth_and_prices_as_exported"
_MONEY_AND_TIME: Final = {
    GROWTH: horizon.GROWTH,
    PRICES: horizon.PRICE_CHANGE,
    DISCOUNT: horizon.DISCOUNT_RATE,
    ONE_OFF: horizon.ONE_OFF_COST,
    RECURRING: horizon.RECURRING_COST,
    MINIMUM: horizon.MINIMUM_SPEND,
}
_EXACT: Final = "live: as the app computes it"
_LADDER: Final = (
    "frozen: commitments start or end on the way, and answer it month by month; set it in the app, export again"
)
_WIDTHS: Final = (50, 16, 12, 48, 16, 60, 60)
_HEADER: Final = ("Assumption", "Value", "Unit", "Name of the cell", "As exported", "How far it is live", "What it is")


@dataclass(frozen=True)
class Input:
    """One assumption: the cell's name, the declared parameter, its value, how far it is live, its title."""

    name: str
    parameter: Parameter
    value: float
    status: str
    title: str
    is_live: bool = True


def ramp_names(lever: str) -> tuple[str, str]:
    """Names of the cells that say after how many months a lever starts, and how many it takes."""
    return named("ramp_start_month", lever), named("ramp_months", lever)


def covered_name(pool: str) -> str:
    """Name of the cell with the on-demand cost per hour that a commitment covers."""
    return named("covered_per_hour", pool)


def inputs(outcome: Outcome, future: Future) -> tuple[Input, ...]:
    """Every assumption of the sheet, in its order."""
    known = {parameter.key: parameter for parameter in parameters(outcome.bill)}
    values = outcome.scenario.values(known.values())
    status = {GROWTH: _of_growth(future), PRICES: _of_prices(future)}
    found = [
        Input(name, known[key], values.number(key), status.get(name, _EXACT), known[key].title, _is_live(name, future))
        for name, key in _MONEY_AND_TIME.items()
    ]
    ramped = [lever for lever, _ in future.levers] + ([RATE_LEVER] if future.pools else [])
    for lever in ramped:
        for name, part in zip(ramp_names(lever), ("start_month", "months"), strict=True):
            key = f"ramp.{lever}.{part}"
            status_of_ramp = _EXACT if future.is_steady else _LADDER
            found.append(
                Input(name, known[key], values.number(key), status_of_ramp, known[key].title, future.is_steady)
            )
    return (*found, *(_of_pool(known, pool) for pool in future.pools))


def assumptions_sheet(book: Book, outcome: Outcome, future: Future) -> None:
    """Write the sheet and name its cells."""
    sheet = book.sheet(NAME, _WIDTHS, frozen_rows=4)
    sheet.text(0, 0, "Assumptions", "title")
    sheet.wide(
        1, 6, "Type over a yellow cell: projection, commitments, finance and charts follow at once. What the levers "
        "themselves do is repriced by the app from the bill's rows and stays as exported: see the sheet Frozen.",
    )  # fmt: skip
    sheet.header(3, _HEADER, numbers_from=1, numbers_to=1)
    found = inputs(outcome, future)
    for row, each in enumerate(found, 4):
        _write(sheet, row, each, outcome.bill.currency)
    row = 5 + len(found)
    exported = {each.name: each.value for each in found}
    sheet.text(row, 0, "Growth and prices are as exported (1: yes)")
    sheet.formula(
        row, 1, f"IF(AND({GROWTH}={exported[GROWTH]!r},{PRICES}={exported[PRICES]!r}),1,0)", 1, "integer"
    )  # fmt: skip
    _name(sheet, row, AS_EXPORTED)
    sheet.text(row, 3, AS_EXPORTED)


def _write(sheet: Sheet, row: int, each: Input, currency: str) -> None:
    parameter = each.parameter
    style = {"ratio": "percent", "money": "money"}.get(parameter.unit, "number")
    sheet.text(row, 0, each.title)
    sheet.number(row, 1, each.value, f"input_{style}" if each.is_live else style)
    sheet.text(row, 2, {"money": currency, "ratio": "%"}.get(parameter.unit, parameter.unit))
    sheet.text(row, 3, each.name)
    sheet.number(row, 4, each.value, style)
    sheet.text(row, 5, each.status, "wrap")
    sheet.text(row, 6, parameter.help, "wrap")
    if each.is_live and parameter.minimum is not None and parameter.maximum is not None:
        sheet.limits(row, 1, parameter.minimum, max(parameter.maximum, each.value))
    _name(sheet, row, each.name)


def _name(sheet: Sheet, row: int, name: str) -> None:
    sheet.book.name(name, f"{NAME}!{xl_rowcol_to_cell(row, 1, row_abs=True, col_abs=True)}")


def _is_live(name: str, future: Future) -> bool:
    return {GROWTH: future.is_steady, PRICES: future.is_price_live}.get(name, True)


def _of_growth(future: Future) -> str:
    if not future.is_steady:
        return _LADDER
    if future.growth_gap is None:
        return f"{_EXACT} (costs of this plan follow demand in a straight line)"
    return (
        "live, but not exact: tiers and instances follow demand in steps. Between the repriced levels of the sheet "
        f"Levels costs are joined straight; the largest gap found is {future.growth_gap:,.2f} a month. Reprice in the "
        "app before you decide on it."
    )


def _of_prices(future: Future) -> str:
    if future.is_price_live:
        return _EXACT
    if not future.is_steady:
        return _LADDER
    return "frozen: standing commitments answer prices hour by hour; set it in the app and export again"


def _of_pool(known: dict[str, Parameter], pool: PoolFuture) -> Input:
    plan = pool.plan
    parameter = known[f"{RATE_LEVER}.{plan.name}.covered_per_hour"]
    status = f"{_EXACT} (off the curve of the window's hours, sheet Curves)"
    title = f"{pool_title(plan.name)}: on-demand cost to cover"
    return Input(covered_name(plan.name), parameter, plan.covered_on_demand_per_hour, status, title)
