"""Commitments that the subscriptions export names: amount, term, end; and the calendar of what ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from model.bill import Bill

DAYS_IN_MONTH: Final = 365.25 / 12.0


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
class Expiry:
    """What ends in a calendar month (YYYYMM): commitments with their amounts."""

    month: int
    ending: tuple[Held, ...]


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
