"""Resource commitments of Compute Engine: whole vCPU and GiB of a machine series in a region, beside a flexible one.

They apply before a flexible commitment, vCPU and memory apart, and cover predefined and custom machines alike; usage
that they cover earns no sustained-use discount. A unit's price is the bill's own where it pays for one, else that of
the account's price export, else the book's discount off list, which is known for general-purpose series only. Source:
Google's pages on resource-based commitments, read 2026-10; order of application: docs.archera.ai, 2026-03.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from model.behaviour.machine_mix import FlexibleHours, MachineHours, machine_mix, priced
from model.commitment_pools import series_title
from model.commitment_rates import LIST, own_discounts
from model.commitment_unit_prices import (
    MACHINE_CLASS,
    class_of,
    committed_price,
    earns_sustained_use,
    unit_price,
)
from model.levers.pool_hours import calendar_hours

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from model.behaviour.commitment_curve import FillOrder
    from model.bill import Bill, Machines, Pool

    Floats = NDArray[np.float64]

TERMS: Final = ("1y", "3y")
_UNKNOWN: Final = (
    "The rates of resource commitments for {} are not known here, only those of general-purpose series, so only the "
    "flexible commitment is planned for them; the account's price export or a bill that pays for one tells their rate."
)
_AGAIN: Final = (
    "Part of this bill's machines is not told apart by series, since it was imported before that was kept: remove the "
    "file on the Data page (or take a new workspace) and import it again to plan resource commitments for them."
)
SUSTAINED_USE: Final = "What a commitment covers earns no sustained-use discount any more; that is counted against it."
MEMORY: Final = "Google may ask for some memory with every vCPU of a series, which is not checked here."


@dataclass(frozen=True)
class MachinePart:
    """vCPU or memory of one resource commitment; money is currency units an hour.

    ``count`` are vCPU or GiB, ``price_per_hour`` is one's committed price, ``discount`` what that is off the own price.
    """

    part: str
    count: int
    price_per_hour: float
    discount: float
    utilisation: float
    source: str


@dataclass(frozen=True)
class MachineCommitment:
    """One series in one region for one term, as it is bought; ``saving`` is a month's, against on-demand.

    ``break_even_utilisation`` is 1 − d of what is bought: used less, it loses money.
    """

    series: str
    region: str
    term: str
    parts: tuple[MachinePart, ...]
    fee_per_hour: float
    saving: float
    utilisation: float
    break_even_utilisation: float

    def count(self, part: str) -> int:
        """Units of 'vcpu' or 'memory'."""
        return sum(each.count for each in self.parts if each.part == part)


@dataclass(frozen=True)
class MachinePlan:
    """Resource commitments of one term first, and a flexible one on what they leave; money is a month's.

    ``flexible_alone_saving`` is what the best flexible commitment of the term saves without them.
    """

    term: str
    commitments: tuple[MachineCommitment, ...]
    flexible_commit_per_hour: float
    saving: float
    flexible_alone_saving: float
    lock_in: float

    @property
    def gain(self) -> float:
        """What the resource commitments add a month; never negative."""
        return self.saving - self.flexible_alone_saving


@dataclass(frozen=True, eq=False)
class _Part:
    """A part of a series with what a term asks for it."""

    machines: Machines
    hours: MachineHours
    source: str


def machine_plans(
    bill: Bill, pool: Pool, classes: tuple[str, ...], left: Floats, fill_order: FillOrder, price_base: str = LIST
) -> tuple[tuple[MachinePlan, ...], tuple[str, ...]]:
    """A plan for 1 and for 3 years, with what is not planned and why; ``left`` (K, C) as in ``TermLoad``.

    Empty where the pool holds no machines, or where their hours are not told apart by series (an older import).
    """
    mine = [each for each in bill.machines if class_of(each) in classes and each.eligible.any()]
    again = (_AGAIN,) if MACHINE_CLASS in classes else ()
    if not mine:
        return (), again
    plans = []
    missing: dict[str, None] = {}
    for term in TERMS:
        parts = [_part(bill, pool, each, term, (classes, left), price_base) for each in mine]
        missing |= {series_title(m.series): None for m, part in zip(mine, parts, strict=True) if part is None}
        known = [part for part in parts if part is not None]
        if known:
            rates = own_discounts(bill, pool, classes, term, price_base)
            flexible = FlexibleHours(left, tuple(rates.get(key) for key in classes), fill_order)
            plans.append(_planned(bill, term, known, flexible))
    notes = [*again, *([_UNKNOWN.format(" and ".join(missing))] if missing else [])]
    if any(plan.commitments for plan in plans):
        notes += [
            MEMORY,
            *([SUSTAINED_USE] if any(earns_sustained_use(bill, each) for each in mine) else []),
        ]
    return tuple(plans), tuple(notes)


def _planned(bill: Bill, term: str, parts: Sequence[_Part], flexible: FlexibleHours) -> MachinePlan:
    hours = [part.hours for part in parts]
    best, alone = machine_mix(hours, flexible), priced(hours, flexible, [0] * len(hours))
    on_demand, months = float(flexible.hours.sum()), len(bill.months)
    places = dict.fromkeys((part.machines.series, part.machines.region) for part in parts)
    counted = list(zip(parts, best.counts, strict=True))
    bought = [
        _commitment(bill, term, [(p, n) for p, n in counted if n and (p.machines.series, p.machines.region) == place])
        for place in places
    ]
    commitments = tuple(each for each in bought if each is not None)
    fee = sum(each.fee_per_hour for each in commitments) + best.flexible_level
    term_hours = (12 if term == "1y" else 36) * flexible.hours.shape[1] / months
    return MachinePlan(
        term=term,
        commitments=commitments,
        flexible_commit_per_hour=best.flexible_level,
        saving=(on_demand - best.cost) / months,
        flexible_alone_saving=(on_demand - alone.cost) / months,
        lock_in=fee * term_hours,
    )


def _commitment(bill: Bill, term: str, parts: Sequence[tuple[_Part, int]]) -> MachineCommitment | None:
    if not parts:
        return None
    covered = sum(float(part.hours.covered(count).sum()) for part, count in parts)
    fee = sum(part.hours.price_per_hour * count for part, count in parts)
    hour_count = len(parts[0][0].hours.units)
    worth = sum(_mean_worth(part.hours) * count for part, count in parts)
    return MachineCommitment(
        series=parts[0][0].machines.series,
        region=parts[0][0].machines.region,
        term=term,
        parts=tuple(
            MachinePart(
                part=part.machines.part,
                count=count,
                price_per_hour=part.hours.price_per_hour,
                discount=1.0 - part.hours.price_per_hour / _mean_worth(part.hours),
                utilisation=float(np.minimum(count, part.hours.units).sum()) / (count * hour_count),
                source=part.source,
            )
            for part, count in parts
        ),
        fee_per_hour=fee,
        saving=(covered - fee * hour_count) / len(bill.months),
        utilisation=covered / (worth * hour_count),
        break_even_utilisation=fee / worth,
    )


def _mean_worth(hours: MachineHours) -> float:
    return float(hours.amounts.sum()) / float(hours.units.sum())


def _part(
    bill: Bill, pool: Pool, machines: Machines, term: str, pool_left: tuple[tuple[str, ...], Floats], price_base: str
) -> _Part | None:
    """What a term asks for a part of a series and what it finds to cover; None where no price is known."""
    told = committed_price(bill, pool, machines, term, price_base)
    if told is None:
        return None
    classes, left = pool_left
    k = classes.index(class_of(machines))
    share = _share_left(bill, machines, left[k])
    money = calendar_hours(bill.hours).fold(machines.eligible[None, :])[0] * share
    units = calendar_hours(bill.hours).fold((machines.eligible / unit_price(bill, pool, machines))[None, :])[0] * share
    return _Part(machines, MachineHours(units, money, told[0], k), told[1])


def _share_left(bill: Bill, machines: Machines, left: Floats) -> Floats:
    """What of a series' amounts the levers and what stands leave by hour (C,)."""
    of_series = [m.eligible for m in bill.machines if m.series == machines.series]
    whole = calendar_hours(bill.hours).fold(np.sum(of_series, axis=0)[None, :])[0]
    return np.asarray(np.divide(left, whole, out=np.zeros_like(whole), where=whole > 0.0), dtype=np.float64)
