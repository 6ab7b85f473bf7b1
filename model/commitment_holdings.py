"""What commitments a bill already pays for: fees, use, coverage and savings, in either billing model.

A fee's unused part is its effective cost: of the legacy model what covered
usage does not bear, of the new one fee + offset.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from model.commitment_pools import pool_title
from model.commitment_subscriptions import held_commitments
from model.money import NANOS, exact_sum
from model.pools import pool_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from model.bill import Bill, Pool
    from model.commitment_subscriptions import Held

__all__ = ["Fee", "Holding", "held_commitments", "holdings", "unnamed_purchases"]

OFFSET: Final = "credit_fee_offset_nanos"
RESOURCE: Final = "credit_resource_commitment_nanos"
_TERM: Final = re.compile(r"\b([13])[ -]?(?:y|yr|years?)\b")
_SLOTS: Final = re.compile(r"slots?\b.*\bcommit|commit.*\bslots?\b|\b(annual|three year|3 year) commit")
_UNNAMED: Final = (
    "Purchases of {:,.2f} {} name no commitment as Google's export does: they count in every total, and nothing is "
    "planned around them."
)
_UNKNOWN_USE: Final = "{}: how far '{}' is used cannot be told, since its term or discount is unknown."


@dataclass(frozen=True)
class Fee:
    """What one kind of commitment cost over the window, in nanos; ``used_nanos`` None where use cannot be told."""

    sku: str
    region: str
    term: str
    billing_model: str
    fee_nanos: int
    used_nanos: int | None

    @property
    def unused_nanos(self) -> int | None:
        """What was paid for nothing."""
        return None if self.used_nanos is None else self.fee_nanos - self.used_nanos


@dataclass(frozen=True)
class Holding:
    """What one pool holds over the window; ratios are None where they cannot be told or do not apply.

    ``saving_nanos`` = covered − fee, which may be negative; utilisation = used ÷ fee; coverage = covered ÷ (covered +
    eligible); ESR = saving ÷ (covered + eligible) = coverage · (1 − (1 − d) ÷ utilisation).
    """

    name: str
    fees: tuple[Fee, ...]
    held: tuple[Held, ...]
    fee_nanos: int
    covered_nanos: int
    eligible_nanos: int
    hours: int
    utilisation: float | None
    notes: tuple[str, ...]

    @property
    def fee_per_hour(self) -> float:
        """Currency units paid per hour of the window."""
        return self.fee_nanos / NANOS / max(1, self.hours)

    @property
    def unused_nanos(self) -> int | None:
        """What was paid for nothing; None where a fee's use cannot be told."""
        parts = [fee.unused_nanos for fee in self.fees]
        return None if any(part is None for part in parts) else sum(part for part in parts if part is not None)

    @property
    def saving_nanos(self) -> int:
        """What was covered less what it cost."""
        return self.covered_nanos - self.fee_nanos

    @property
    def coverage(self) -> float | None:
        """Share of what could be covered that is."""
        return _ratio(self.covered_nanos, self.covered_nanos + self.eligible_nanos)

    @property
    def effective_savings_rate(self) -> float | None:
        """Saving ÷ on-demand cost of what could be covered."""
        return _ratio(self.saving_nanos, self.covered_nanos + self.eligible_nanos)


def holdings(bill: Bill) -> tuple[Holding, ...]:
    """Every pool that the bill pays fees for or that the export names, by name."""
    fees, listed = _fees(bill), held_commitments(bill)
    names = sorted({*fees, *(held.pool for held in listed)})
    pools = {pool.name: pool for pool in bill.pools}
    return tuple(_holding(bill, name, pools.get(name), tuple(fees.get(name, ())), listed) for name in names)


def unnamed_purchases(bill: Bill) -> tuple[str, ...]:
    """A sentence where a bill holds purchases that no pool can be told of (FOCUS names them in its own columns)."""
    text = bill.lines.text
    rows = np.flatnonzero((text["charge_class"] == "purchase") & (text["fee_of"] == ""))
    amount = exact_sum(bill.lines.cost_nanos[rows]) / NANOS if len(rows) else 0.0
    return (_UNNAMED.format(amount, bill.currency),) if amount else ()


def _fees(bill: Bill) -> dict[str, list[Fee]]:
    text, lines = bill.lines.text, bill.lines
    rows: dict[tuple[str, str, str], list[int]] = {}
    for row in np.flatnonzero(text["fee_of"] != "").tolist():
        region = str(text["region"][row] or "")
        rows.setdefault((str(text["fee_of"][row]), region, str(text["sku"][row])), []).append(row)
    for row in np.flatnonzero(_is_slot_commitment(bill)).tolist():
        rows.setdefault(("bigquery_slots", str(text["region"][row] or ""), str(text["sku"][row])), []).append(row)
    offset = lines.credits.get(OFFSET)
    found: dict[str, list[Fee]] = {}
    for (pool, region, sku), of_sku in rows.items():
        cost = exact_sum(lines.cost_nanos[of_sku])
        offsets = 0 if offset is None else exact_sum(offset[of_sku])
        term = _term_of(sku)
        is_known = bool(offsets) or (bool(term) and pool not in ("other", "bigquery_slots"))
        used = cost - exact_sum(lines.effective_nanos[of_sku]) if is_known else None
        model = "new" if offsets else "legacy"
        found.setdefault(pool_name(pool, region), []).append(Fee(sku, region, term, model, cost, used))
    return found


def _is_slot_commitment(bill: Bill) -> NDArray[np.bool_]:
    text = bill.lines.text
    skus = np.unique(text["sku"][text["product"] == "BigQuery"].astype(str))
    slots = [sku for sku in skus if _SLOTS.search(sku.lower())]
    is_slot: NDArray[np.bool_] = np.isin(text["sku"].astype(str), slots) & (text["fee_of"] == "")
    return is_slot & np.asarray(text["product"] == "BigQuery", dtype=np.bool_)


def _holding(bill: Bill, name: str, pool: Pool | None, fees: tuple[Fee, ...], listed: Iterable[Held]) -> Holding:
    held = tuple(each for each in listed if each.pool == name)
    fee = sum(each.fee_nanos for each in fees)
    used = None if any(each.used_nanos is None for each in fees) else sum(each.used_nanos or 0 for each in fees)
    if pool is not None and (pool.eligible or pool.covered):
        covered, eligible = _pool_nanos(pool.covered.values()), _pool_nanos(pool.eligible.values())
    else:
        covered, eligible = _machine_credits(bill) if name == "gce_resource" else 0, 0
    return Holding(
        name=name,
        fees=fees,
        held=held,
        fee_nanos=fee,
        covered_nanos=covered,
        eligible_nanos=eligible,
        hours=int(bill.hours.is_calendar.sum()),
        utilisation=None if used is None else _ratio(used, fee),
        notes=tuple(_UNKNOWN_USE.format(pool_title(name), each.sku) for each in fees if each.used_nanos is None),
    )


def _machine_credits(bill: Bill) -> int:
    credit = bill.lines.credits.get(RESOURCE)
    return 0 if credit is None else -exact_sum(credit)


def _pool_nanos(series: Iterable[NDArray[np.float64]]) -> int:
    return round(sum(float(each.sum()) for each in series) * NANOS)


def _term_of(sku: str) -> str:
    years = _TERM.search(sku.lower())
    return f"{years[1]}y" if years else ""


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole > 0 else None
