"""Commitments that are sold in whole pieces: BigQuery slots in fifties, machines in whole vCPU with their memory.

The pool's hourly cost is told in pieces by the mean price of one, which is exact where one kind of piece bills.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from model.behaviour.commitment_curve import commitment_curve, level_in_steps, paid_ratio
from model.commitment_pools import RULE_OF_POOL, pool_title
from model.commitment_rates import share_of_list

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from model.bill import Bill, Pool

    Floats = NDArray[np.float64]

SLOTS, MACHINES = "bigquery_slots", "gce_resource"
_MACHINE: Final = re.compile(r"^(?P<series>.*?) ?(?:instance )?(?P<part>core|ram) running in ")
_STANDARD: Final = "{}: Standard edition takes no slot commitment, and its hours are not told apart: not planned."
_SEVERAL: Final = (
    "{}: machines of several series or regions bill here ({}), and resource commitments hold for one of each; their "
    "hours are not told apart, so only the flexible commitment is planned."
)
_GENERAL: Final = re.compile(r"\b(?:general purpose|n1|n2|n2d|n4|e2|t2d|t2a|c3|c3d|c4|c4a|c4d)\b|^custom$")
"""Series that are bought at the rates of general-purpose machines, which are the only ones that the price book has."""
_UNKNOWN_RATE: Final = (
    "{}: the rates of resource commitments for {} machines are not known here, only those of general-purpose series, "
    "so only the flexible commitment is planned."
)


@dataclass(frozen=True)
class WholePieces:
    """The best whole number of pieces at one term; ``memory_gib`` goes with vCPU, 0 for slots. Money is a month's.

    ``saving`` is against on-demand on the usage that existing commitments leave, and instead of a spend commitment.
    """

    pool: str
    term: str
    region: str
    series: str
    unit: str
    amount: int
    memory_gib: float
    fee_per_hour: float
    saving: float
    utilisation: float


def whole_pieces(
    bill: Bill, pool: Pool, classes: tuple[str, ...], left: Floats
) -> tuple[tuple[WholePieces, ...], tuple[str, ...]]:
    """Plans for 1 and 3 years, with what is not planned and why; ``left`` (K, C) as in ``TermLoad``."""
    if pool.pool == "bigquery":
        return _slots(bill, pool, left.sum(axis=0))
    if "compute_engine" in classes:
        return _machines(bill, pool, left[classes.index("compute_engine")])
    return (), ()


def _slots(bill: Bill, pool: Pool, hours: Floats) -> tuple[tuple[WholePieces, ...], tuple[str, ...]]:
    rows = _rows(bill, pool, "bigquery")
    text = bill.lines.text
    if any("standard edition" in str(sku).lower() for sku in text["sku"][rows]):
        return (), (_STANDARD.format(pool_title(pool.name)),)
    price = _price(bill, rows[["hour" in str(unit).lower() for unit in text["pricing_unit"][rows]]])
    return _planned(bill, pool, SLOTS, hours, price, ("", pool.region), 0.0), ()


def _machines(bill: Bill, pool: Pool, hours: Floats) -> tuple[tuple[WholePieces, ...], tuple[str, ...]]:
    text = bill.lines.text
    parts: dict[tuple[str, str], dict[str, list[int]]] = {}
    for row in _rows(bill, pool, "compute_engine").tolist():
        found = _MACHINE.match(str(text["sku"][row]).lower())
        if found:
            place = (found["series"].strip() or "general purpose", str(text["region"][row] or ""))
            parts.setdefault(place, {}).setdefault(found["part"], []).append(row)
    if len(parts) != 1:
        return (), ((_SEVERAL.format(pool_title(pool.name), _places(parts)),) if parts else ())
    ((place, rows),) = parts.items()
    if not _GENERAL.search(place[0]):
        return (), (_UNKNOWN_RATE.format(pool_title(pool.name), place[0]),)
    cores, memory = np.array(rows.get("core", []), np.int64), np.array(rows.get("ram", []), np.int64)
    vcpu_hours, gib_hours = float(bill.lines.usage[cores].sum()), float(bill.lines.usage[memory].sum())
    ratio = gib_hours / vcpu_hours if vcpu_hours > 0.0 else 0.0
    return _planned(bill, pool, MACHINES, hours, _price(bill, cores) + ratio * _price(bill, memory), place, ratio), ()


def _places(parts: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"{series} in {region or 'no region'}" for series, region in sorted(parts))


def _planned(
    bill: Bill, pool: Pool, kind: str, hours: Floats, price: float, place: tuple[str, str], gib_each: float
) -> tuple[WholePieces, ...]:
    book, rule = bill.prices.discounts.get(kind), RULE_OF_POOL[kind]
    if book is None or price <= 0.0 or not hours.any():
        return ()
    own = share_of_list(bill, pool)
    found = []
    for term, of_list in (("1y", book.one_year), ("3y", book.three_years)):
        discount = None if of_list is None else round(1.0 - (1.0 - of_list) / own, 6)
        if discount is None or discount <= 0.0:
            continue
        each = rule.step * price * paid_ratio(discount)
        level = level_in_steps(hours[None, :], [discount], each)
        curve = commitment_curve(hours[None, :], [discount])
        steps = round(level / each)
        found.append(
            WholePieces(
                pool=kind, term=term, region=place[1], series=place[0], unit=rule.unit,
                amount=round(steps * rule.step), memory_gib=steps * rule.step * gib_each, fee_per_hour=level,
                saving=float(curve.on_demand - curve.cost(level)) / len(bill.months),
                utilisation=float(curve.used_at(level)) / (level * curve.hour_count) if level else 0.0,
            )
        )  # fmt: skip
    return tuple(found)


def _rows(bill: Bill, pool: Pool, rate_class: str) -> NDArray[np.int64]:
    text = bill.lines.text
    inside = (text["pool"] == pool.pool) & (text["rate_class"] == rate_class) & (text["charge_class"] == "usage")
    if pool.region:
        inside &= text["region"] == pool.region
    return np.flatnonzero(inside).astype(np.int64)


def _price(bill: Bill, rows: NDArray[np.int64]) -> float:
    """On-demand price of a unit of usage, currency units."""
    usage = float(bill.lines.usage[rows].sum())
    return float(bill.lines.on_demand_nanos[rows].sum(dtype=np.float64)) / 1e9 / usage if usage > 0.0 else 0.0
