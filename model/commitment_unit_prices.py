"""What a unit of a machine costs: on-demand, after sustained use, and under a resource commitment of its series.

A committed unit's price is the bill's own where it pays for one, else that of the account's price export, else the
book's discount off list, which is known for general-purpose series only.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np

from model.commitment_rates import LIST, RESOURCE, SUSTAINED
from model.levers.pool_hours import by_index
from model.prices import NANOS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from model.bill import Bill, Machines, Pool

    Floats = NDArray[np.float64]

MACHINES: Final = "gce_resource"
MACHINE_CLASS: Final = "compute_engine"
GENERAL: Final = frozenset({"e2", "n1", "n2", "n2d", "n4", "t2d", "t2a", "c3", "c3d", "c4", "c4a", "c4d"})
"""Series that are bought at the rates of general-purpose machines, which are the only ones that the price book has."""
_OWN_FEE: Final = re.compile(
    r"^commitment v1: (?P<series>.*?) ?(?P<part>cpu|core|ram|memory) in .*\bfor (?P<years>[13]) y"
)
_QUALIFIERS: Final = re.compile(r"\b(?:amd|arm|custom|predefined|instance)\b")


def class_of(machines: Machines) -> str:
    """The rate class that holds a series' amounts in the pool for compute."""
    return f"{MACHINE_CLASS}.{machines.series}"


def committed_price(
    bill: Bill, pool: Pool, machines: Machines, term: str, price_base: str = LIST
) -> tuple[float, str] | None:
    """What a committed unit and hour costs in currency units, with its source; None where nothing tells it."""
    rows = rows_of(bill, pool, machines)
    usage = float(bill.lines.usage[rows].sum())
    own, told = _own_price(bill, machines, term)
    if usage <= 0.0:
        return None
    if own is not None:
        return own, told
    book = bill.prices.discounts.get(MACHINES)
    discount = None if book is None else (book.one_year if term == "1y" else book.three_years)
    if book is None or discount is None or machines.series not in GENERAL:
        return None
    base = bill.lines.list_nanos if price_base == LIST else bill.lines.on_demand_nanos
    listed = float(base[rows].sum(dtype=np.float64)) * NANOS / usage
    return listed * (1.0 - discount), f"{book.source}, {book.confidence}"


def unit_price(bill: Bill, pool: Pool, machines: Machines) -> Floats:
    """What an uncovered unit costs by slot (H,), after sustained use: that of its month, else of the window."""
    rows = rows_of(bill, pool, machines)
    month, paid = bill.lines.month_index[rows], bill.lines.on_demand_nanos[rows].astype(np.float64) * NANOS
    usage = by_index(month, bill.lines.usage[rows], len(bill.months))
    cost = by_index(month, paid, len(bill.months))
    mean = cost.sum() / usage.sum()
    monthly = np.divide(cost, usage, out=np.full(len(usage), mean), where=usage > 0.0)
    kept = np.array([kept_after_sustained_use(bill, machines, m) for m in range(len(bill.months))])
    return np.asarray((monthly * kept)[bill.hours.month_index], dtype=np.float64)


def kept_after_sustained_use(bill: Bill, machines: Machines, month: int | None) -> float:
    """What sustained use leaves of the on-demand cost that no resource commitment credits."""
    rows = rows_of(bill, None, machines)
    if month is not None:
        rows = rows[bill.lines.month_index[rows] == month]
    credits_ = bill.lines.credits
    uncovered = float(bill.lines.on_demand_nanos[rows].sum(dtype=np.float64))
    uncovered += float(credits_[RESOURCE][rows].sum(dtype=np.float64)) if RESOURCE in credits_ else 0.0
    sustained = float(credits_[SUSTAINED][rows].sum(dtype=np.float64)) if SUSTAINED in credits_ else 0.0
    return min(1.0, 1.0 + sustained / uncovered) if uncovered > 0.0 and sustained > -uncovered else 1.0


def earns_sustained_use(bill: Bill, machines: Machines) -> bool:
    """Whether part of the on-demand cost of a series comes back as sustained-use discount."""
    return kept_after_sustained_use(bill, machines, None) < 1.0


def rows_of(bill: Bill, pool: Pool | None, machines: Machines) -> NDArray[np.int64]:
    """Rows of a part of a series in its region."""
    text = bill.lines.text
    rate_class = f"{class_of(machines)}.{machines.part}"
    inside = (
        (text["rate_class"] == rate_class) & (text["region"] == machines.region) & (text["charge_class"] == "usage")
    )
    if pool is not None:
        inside &= text["pool"] == pool.pool
    return np.flatnonzero(inside & (bill.lines.usage > 0.0)).astype(np.int64)


def _own_price(bill: Bill, machines: Machines, term: str) -> tuple[float | None, str]:
    """What a committed unit and hour of this series, region and term costs the customer, and who tells it.

    The bill where it pays for one, else the account's price export; None where neither does.
    """
    text, lines = bill.lines.text, bill.lines
    rows = np.flatnonzero((text["fee_of"] == MACHINES) & (text["region"] == machines.region))
    mine = [row for row in rows.tolist() if _is_fee_of(str(text["sku"][row]), machines, term)]
    usage = float(lines.usage[mine].sum())
    if mine and usage > 0.0:
        return float(lines.cost_nanos[mine].sum(dtype=np.float64)) * NANOS / usage, "this bill's own fee"
    years = "one_year" if term == "1y" else "three_years"
    fact = bill.fact(f"commitment_rates.{MACHINES}.{machines.series}.{machines.part}.{machines.region}.{years}")
    if fact is None or not isinstance(fact.value, int | float):
        return None, ""
    return float(fact.value), fact.source


def _is_fee_of(sku: str, machines: Machines, term: str) -> bool:
    found = _OWN_FEE.match(sku.lower())
    if found is None:
        return False
    word = " ".join(_QUALIFIERS.sub("", found["series"]).split()).partition(" ")[0]
    series = {"": "n1", "compute": "c2"}.get(word, word)
    part = "vcpu" if found["part"] in ("cpu", "core") else "memory"
    return (series, part, f"{found['years']}y") == (machines.series, machines.part, term)
