"""A trail in sentences and table rows; the amounts of a table add up to what stands above it."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from data.trail_sql import SHOWN
from model.cents import rounded_parts, step_nanos
from model.explain import title
from model.kind_words import kind_words
from model.money import as_decimal, as_text
from model.outcome import title_of
from pages.parts.wording import EVIDENCE_MARKS, counted, escaped, money, month, number, quantity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.trail import ChargeRow, ChargeSums
    from model.explain import Trail
    from model.figure import Figure
    from model.outcome import Outcome

CSV_HEADER: Final = ("file", "usage_start", *(name.removesuffix("_nanos") for name in SHOWN))


def figure_title(figure: Figure) -> str:
    """A figure as an option of the choice: what it is, then which."""
    if figure.month:
        return f"Month: {month(figure.month)}"
    for what, value in (
        ("Lever", figure.lever and title_of(figure.lever)),
        ("Service", figure.product),
        ("Resource", figure.resource.partition(".")[2]),
        ("Project", "no project" if figure.project == "" else figure.project),
    ):
        if value:
            return f"{what}: {value}"
    return title(figure)


def amounts_sentence(trail: Trail, currency: str) -> str:
    """Before, after, change and evidence in one line of Markdown."""
    before, after = money(trail.before_nanos, currency), money(trail.after_nanos, currency)
    mark = f"{EVIDENCE_MARKS[trail.evidence]} {trail.evidence}"
    what = escaped(figure_title(trail.figure))
    if not trail.parts:
        return f"**{what}** costs **{escaped(before)}**, and this scenario does not change it."
    change = escaped(money(trail.change_nanos, currency))
    alone = "" if trail.alone_nanos is None else f" Alone it would save {escaped(money(trail.alone_nanos, currency))}."
    rows = "the rows it reprices: " if trail.figure.lever else ""
    return f"**{what}**: {rows}{escaped(before)} now, {escaped(after)} then, a change of **{change}** ({mark}).{alone}"


def formula_sentence(trail: Trail) -> str:
    """The formulas, as the code that computes them states them."""
    return f"Now = {trail.formula}. " + (f"Change = {trail.change_formula}." if trail.parts else "")


def command(trail: Trail, outcome: Outcome) -> str:
    """The command that gives the same trail."""
    scenario = f" --scenario {shlex.quote(outcome.scenario.name)}" if outcome.scenario.settings else ""
    figures = " ".join(shlex.quote(word) for word in trail.figure.conditions)
    return f"cli.py explain {figures}{scenario}"


def part_rows(trail: Trail, currency: str) -> list[dict[str, Any]]:
    """What changes, the largest first."""
    changes = rounded_parts([part.change_nanos for part in trail.parts], step_nanos(currency))
    return [
        {
            "Change": _units(change),
            "Resource": part.resource or "—",
            "Service": part.product,
            "Project": part.project or "no project",
            "Usage": kind_words(part.kind),
            "Formula": part.formula,
            "Price from": part.price_source,
            "Evidence": f"{EVIDENCE_MARKS[part.evidence]} {part.evidence}",
        }
        for part, change in zip(trail.parts, changes, strict=True)
    ]


def line_rows(trail: Trail, currency: str) -> list[dict[str, Any]]:
    """What the bill charges, the dearest first."""
    amounts = rounded_parts([line.nanos for line in trail.lines], step_nanos(currency))
    return [
        {
            "Cost": _units(amount),
            "Service": line.product,
            "SKU": line.sku,
            "Resource": line.resource or "—",
            "Project": line.project or "no project",
            "Usage": f"{number(line.usage)} {line.unit}".rstrip(),
        }
        for line, amount in zip(trail.lines, amounts, strict=True)
    ]


def input_rows(trail: Trail) -> list[dict[str, Any]]:
    """The values that the figure rests on; what the scenario moves comes first."""
    return [
        {
            "Value": quantity(each.value, each.unit),
            "Today": quantity(each.current, each.unit) if each.is_changed else "the same",
            "What": each.title,
            "Kind": each.kind,
            "Range": "—" if each.low is None or each.high is None
            else f"{quantity(each.low, each.unit)} to {quantity(each.high, each.unit)}",
            "From": each.source,
            "Evidence": f"{EVIDENCE_MARKS[each.evidence]} {each.evidence}",
            "Key": each.key,
        }
        for each in trail.inputs
    ]  # fmt: skip


def price_rows(trail: Trail, currency: str) -> list[dict[str, Any]]:
    """The prices that changes were priced at, with where and when they come from."""
    return [
        {
            "Price": "—" if price.per_unit is None else f"{price.per_unit:.6g} {currency} per {price.unit}",
            "Usage": kind_words(price.kind),
            "Region": price.region or "—",
            "From": price.source,
            "Evidence": f"{EVIDENCE_MARKS[price.evidence]} {price.evidence}",
        }
        for price in trail.prices
    ]


def rows_sentence(trail: Trail, sums: ChargeSums, currency: str) -> str:
    """How many rows there are, and whether they add up to the figure; what differs is named."""
    words = (
        f"{counted(sums.count, 'row', 'rows')}: {money(sums.cost_nanos, currency)} before credits, "
        f"{money(sums.effective_nanos, currency)} after."
    )
    shared = trail.before_nanos - sums.effective_nanos
    if money(shared, currency) == money(0, currency):
        return escaped(f"{words} That is the figure, to the cent.")
    return escaped(
        f"{words} The figure is {money(trail.before_nanos, currency)}: {money(shared, currency)} is tax, rounding, "
        "promotions, and commitment fees shared out over what they cover."
    )


def charge_table(rows: Sequence[ChargeRow], currency: str) -> list[dict[str, Any]]:
    """Billing rows for the eye."""
    costs = [int(row.columns["cost_nanos"] or 0) for row in rows]
    effective = [int(row.columns["effective_nanos"] or 0) for row in rows]
    step = step_nanos(currency)
    return [
        {
            "Cost": _units(round(cost / step) * step),
            "After credits": _units(round(paid / step) * step),
            "Usage from": row.usage_start or "—",
            "SKU": row.columns["sku"],
            "Resource": row.columns["resource"] or "—",
            "Project": row.columns["project"] or "no project",
            "Region": row.columns["region"] or "—",
            "Usage": f"{number(float(row.columns['usage'] or 0))} {row.columns['pricing_unit'] or ''}".rstrip(),
            "File": f"{Path(row.path).name}, row {row.columns['row_number']:,}",
        }
        for row, cost, paid in zip(rows, costs, effective, strict=True)
    ]


def csv_line(row: ChargeRow) -> tuple[object, ...]:
    """A billing row for a file: money as exact decimals."""
    columns = (as_text(int(value or 0)) if name.endswith("_nanos") else value for name, value in row.columns.items())
    return (row.path, row.usage_start, *columns)


def _units(nanos: int) -> float:
    return float(as_decimal(nanos))
