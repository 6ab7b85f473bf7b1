"""What commitments a bill already pays for: fees, use, coverage, savings, and when they end.

Fees, use and coverage are read from the bill's rows, in either billing model; ends come from the subscriptions export
or are typed, since no bill tells them. A fee's unused part is its effective cost: of the legacy model what covered
usage does not bear, of the new one fee + offset.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from model.money import NANOS, exact_sum
from model.parameter import Parameter
from model.pools import pool_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from model.bill import Bill, Pool
    from model.parameter import Values

OFFSET: Final = "credit_fee_offset_nanos"
RESOURCE: Final = "credit_resource_commitment_nanos"
DAYS_IN_MONTH: Final = 365.25 / 12.0
_TERM: Final = re.compile(r"\b([13])[ -]?(?:y|yr|years?)\b")
_SLOTS: Final = re.compile(r"slots?\b.*\bcommit|commit.*\bslots?\b|\b(annual|three year|3 year) commit")
_UNKNOWN_END: Final = (
    "The bill does not tell when the commitments of {} end: give cud_subscriptions_export, or type it."
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
class Held:
    """One commitment of the subscriptions export; times are ISO 8601, ``months_left`` counts from the bill's end.

    ``amount_per_hour`` is in discounted units where ``basis`` is 'discounted', else what it covers at on-demand.
    """

    pool: str
    identity: str
    name: str
    amount_per_hour: float
    basis: str
    term: str
    starts: str
    ends: str
    state: str
    months_left: float
    source: str


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


@dataclass(frozen=True)
class Expiry:
    """What ends in a calendar month (YYYYMM): commitments with their amounts."""

    month: int
    ending: tuple[Held, ...]


def holdings(bill: Bill) -> tuple[Holding, ...]:
    """Every pool that the bill pays fees for or that the export names, by name."""
    fees, listed = _fees(bill), held_commitments(bill)
    names = sorted({*fees, *(held.pool for held in listed)})
    pools = {pool.name: pool for pool in bill.pools}
    return tuple(_holding(bill, name, pools.get(name), tuple(fees.get(name, ())), listed) for name in names)


def expiry_calendar(bill: Bill) -> tuple[Expiry, ...]:
    """Months in which commitments that are active end, the next first."""
    by_month: dict[int, list[Held]] = {}
    for held in held_commitments(bill):
        if held.state == "active":
            by_month.setdefault(int(held.ends[:4]) * 100 + int(held.ends[5:7]), []).append(held)
    return tuple(Expiry(month, tuple(by_month[month])) for month in sorted(by_month))


@lru_cache(maxsize=8)
def held_commitments(bill: Bill) -> tuple[Held, ...]:
    """The commitments that facts under ``commitments.POOL.ID`` tell of, by pool and end."""
    groups: dict[str, dict[str, object]] = {}
    for key, fact in bill.facts.items():
        if key.startswith("commitments."):
            place, _, name = key.rpartition(".")
            groups.setdefault(place, {"source": fact.source})[name] = fact.value
    end = _end_of(bill.months[-1])
    found = [_held(place, said, end) for place, said in groups.items() if {"amount_per_hour", "ends"} <= said.keys()]
    return tuple(sorted(found, key=lambda held: (held.pool, held.ends, held.identity)))


def held_parameters(bill: Bill, pool: Pool, most: float) -> list[Parameter]:
    """What stands in a pool and for how long, typed where neither bill nor export tells it."""
    key = f"commitments.{pool.name}"
    listed = [held for held in held_commitments(bill) if held.pool == pool.name and held.state == "active"]
    left = max((held.months_left for held in listed), default=None)
    return [
        Parameter(
            f"{key}.held_commit_per_hour", "Commitments that stand", f"{bill.currency}/h", "assumption",
            round(_fee_per_hour(bill, pool), 6), "fees of the bill per hour", "measured",
            "Discounted units per hour, with what was bought after this bill; new ones are planned beside it.",
            minimum=0.0, maximum=max(most, 1.0),
        ),
        Parameter(
            f"{key}.held_months_left", "Months until they end", "months", "assumption",
            None if left is None else round(max(0.0, left), 1),
            "not known: taken as renewed" if left is None else listed[0].source, "measured",
            "Counted from the end of this bill; plans for later months then count on them no more.",
            minimum=0.0, maximum=120.0,
        ),
    ]  # fmt: skip


def standing_share(bill: Bill, pool: Pool, values: Values, months: int) -> NDArray[np.float64]:
    """What of today's commitments of a pool stands in each month ahead (months,): 1 is what the bill shows.

    Above 1 where more was bought since. Typed values win; else each commitment of the export until its own end, to the
    nearest month; without either they are taken as renewed.
    """
    key = f"commitments.{pool.name}"
    ahead = np.arange(1, months + 1) - 0.5
    billed = _fee_per_hour(bill, pool)
    typed = values.number(f"{key}.held_commit_per_hour", billed)
    size = typed / billed if values.is_changed(f"{key}.held_commit_per_hour") and billed > 0.0 else 1.0
    left = values.get(f"{key}.held_months_left")
    listed = [held for held in held_commitments(bill) if held.pool == pool.name and held.months_left > 0.0]
    if listed and not values.is_changed(f"{key}.held_months_left"):
        amounts = np.array([held.amount_per_hour for held in listed])
        lives = np.array([[held.months_left] for held in listed]) >= ahead
        return np.asarray(size * (amounts @ lives) / max(float(amounts.sum()), 1e-12), dtype=np.float64)
    return np.where(ahead <= (np.inf if left is None else float(left)), size, 0.0)


def bought_since_per_hour(bill: Bill, pool: Pool, values: Values) -> float:
    """Commitments typed for a pool that pays no fee in this bill, in discounted units per hour."""
    key = f"commitments.{pool.name}.held_commit_per_hour"
    return values.number(key) if values.is_changed(key) and _fee_per_hour(bill, pool) <= 0.0 else 0.0


def unknown_ends(bill: Bill, values: Values) -> tuple[str, ...]:
    """A sentence for every pool that pays fees without an end."""
    return tuple(
        _UNKNOWN_END.format(pool.name)
        for pool in bill.pools
        if _fee_per_hour(bill, pool) > 0.0 and values.get(f"commitments.{pool.name}.held_months_left") is None
    )


def _fee_per_hour(bill: Bill, pool: Pool) -> float:
    return float(pool.fee.sum()) / max(1, int(bill.hours.is_calendar.sum()))


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
        notes=tuple(_UNKNOWN_USE.format(name, each.sku) for each in fees if each.used_nanos is None),
    )


def _machine_credits(bill: Bill) -> int:
    credit = bill.lines.credits.get(RESOURCE)
    return 0 if credit is None else -exact_sum(credit)


def _pool_nanos(series: Iterable[NDArray[np.float64]]) -> int:
    return round(sum(float(each.sum()) for each in series) * NANOS)


def _held(place: str, said: dict[str, object], end: datetime) -> Held:
    _, pool, identity = place.split(".", 2)
    ends = datetime.fromisoformat(str(said["ends"]))
    days = (ends - end).total_seconds() / 86_400.0
    text = {name: str(said.get(name, "")) for name in ("name", "basis", "term", "starts", "ends", "state", "source")}
    amount = said["amount_per_hour"]
    return Held(
        pool=pool,
        identity=identity,
        amount_per_hour=float(amount) if isinstance(amount, int | float) else 0.0,
        months_left=days / DAYS_IN_MONTH if text["state"] != "expired" else 0.0,
        **text,
    )


def _end_of(month: int) -> datetime:
    year, number = divmod(month, 100)
    return datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC)


def _term_of(sku: str) -> str:
    years = _TERM.search(sku.lower())
    return f"{years[1]}y" if years else ""


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole > 0 else None
