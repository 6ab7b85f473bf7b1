"""Tax follows the net charges it was levied on, month by month, on its own line beside the headline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from model.costs import Costs, line_costs
from model.money import exact_sum
from model.repricing import Delta

if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.bill import Bill


def tax_deltas(bill: Bill, deltas: Sequence[Delta]) -> list[Delta]:
    """Δtax = tax × Δnet ÷ net of untaxed lines, per month; a month with tax on a net of zero keeps its tax."""
    is_tax = bill.lines.text["charge_class"] == "tax"
    if not deltas or not is_tax.any():
        return []
    net = line_costs(bill.lines)["net"]
    moved = []
    for m in range(len(bill.months)):
        in_month = bill.lines.month_index == m
        tax, base = exact_sum(net[in_month & is_tax]), exact_sum(net[in_month & ~is_tax])
        shift = sum(delta.costs.net for delta in deltas if delta.month_index == m)
        if change := round(tax * shift / base) if base else 0:
            costs = Costs(change, change, change, change, change, 0)
            moved.append(
                Delta("tax", m, "Tax", "", "", "", "", costs, "modelled", "tax × Δnet ÷ net", "this bill's tax rows")
            )
    return moved
