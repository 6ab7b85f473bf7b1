"""Tax follows the net charges it was levied on, month by month, on its own line beside the headline."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from model.costs import Costs, line_costs
from model.money import exact_sum
from model.repricing import Delta

if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.bill import Bill


@dataclass(frozen=True, slots=True)
class Levy:
    """The tax of one month on one product and project of the bill, and the untaxed net that it was levied on."""

    month_index: int
    product: str
    project: str
    tax_nanos: int
    base_nanos: int


def tax_deltas(bill: Bill, deltas: Sequence[Delta]) -> list[Delta]:
    """Δtax = tax × Δnet ÷ net of untaxed lines, per month; a month with tax on a net of zero keeps its tax.

    List and on-demand cost stay: a change of rate alone (a commitment) may move neither.
    """
    if not deltas or not levies(bill):
        return []
    shift = [0] * len(bill.months)
    for delta in deltas:
        shift[delta.month_index] += delta.costs.net
    return [
        Delta(
            "tax", levy.month_index, levy.product, levy.project, "", "", "", Costs(cost=tax, net=tax, effective=tax),
            "modelled", "tax × Δnet ÷ net", "this bill's tax rows",
        )
        for levy in levies(bill)
        if levy.base_nanos and (tax := round(levy.tax_nanos * shift[levy.month_index] / levy.base_nanos))
    ]  # fmt: skip


@lru_cache(maxsize=8)
def levies(bill: Bill) -> tuple[Levy, ...]:
    """The taxes of the bill, a row per month, product and project that carries one."""
    text, month = bill.lines.text, bill.lines.month_index
    is_tax = text["charge_class"] == "tax"
    if not is_tax.any():
        return ()
    net = line_costs(bill.lines)["net"]
    base = [exact_sum(net[(month == m) & ~is_tax]) for m in range(len(bill.months))]
    found: dict[tuple[int, str, str], int] = {}
    for row in np.flatnonzero(is_tax):
        key = (int(month[row]), str(text["product"][row]), str(text["project"][row] or ""))
        found[key] = found.get(key, 0) + int(net[row])
    return tuple(Levy(*key, tax, base[key[0]]) for key, tax in found.items())
