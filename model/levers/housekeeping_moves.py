"""What an applied rule does to the bill's rows: usage that goes away, and what a colder storage class costs instead."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from model.bill import Resource
from model.kind_words import kind_words
from model.lever import NewUsage, UsageChange
from model.levers.housekeeping_rules import IDLE_PROJECTS, RESTING_KINDS
from model.monthly_kinds import PRODUCT_OF_MONTHLY_KIND
from model.prices import unit_price

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from model.bill import Bill
    from model.levers.housekeeping_rules import Rule

    Floats = NDArray[np.float64]

KEY: Final = "housekeeping"
MIB_PER_GIB: Final = 1024.0
MONTH_DAYS: Final = 365.25 / 12.0


@dataclass(frozen=True)
class ColdData:
    """How moved objects are used: shares of the moved data read and deleted in a month, and the mean object."""

    read_share: float
    deleted_share: float
    object_mib: float


@dataclass(frozen=True, eq=False)
class Move:
    """A rule at work: ``reduction`` (N,) is the share of each line that it takes; ``refused`` says why it cannot."""

    rule: Rule
    reduction: Floats
    usage: tuple[UsageChange, ...] = ()
    new_usage: tuple[NewUsage, ...] = ()
    refused: str = ""
    one_off: float = 0.0


@lru_cache(maxsize=64)
def rows_of(bill: Bill, rule: Rule) -> NDArray[np.int64]:
    """The lines that a rule may act on."""
    found = np.isin(bill.lines.text["kind"].astype(str), rule.kinds)
    if rule.key == IDLE_PROJECTS:
        found &= np.isin(bill.lines.text["project"].astype(str), list(idle_projects(bill)))
    return np.flatnonzero(found).astype(np.int64)


@lru_cache(maxsize=8)
def idle_projects(bill: Bill) -> frozenset[str]:
    """Projects that pay in the last month, and whose every usage line of the window is of a kind that bills at rest.

    A line of a kind that no rule knows counts as activity.
    """
    text, cost = bill.lines.text, bill.lines.cost_nanos
    is_use = (text["charge_class"] == "usage") & (cost > 0) & (text["project"] != "")
    is_resting = np.isin(text["kind"].astype(str), RESTING_KINDS)
    is_last = bill.lines.month_index == len(bill.months) - 1
    active = set(text["project"][is_use & ~is_resting].tolist())
    return frozenset(set(text["project"][is_use & is_resting & is_last].tolist()) - active)


def move(bill: Bill, rule: Rule, share: float, left: Floats, cold: ColdData, demand: float = 1.0) -> Move:
    """A rule at its addressable share of what is ``left`` (N,) of each line, at demand times today's usage."""
    rows = rows_of(bill, rule)
    taken = share * left[rows]
    reduction = np.zeros(len(left))
    reduction[rows] = taken
    usage = _reductions(bill, rule, rows, taken * demand)
    if not rule.storage_class:
        return Move(rule, reduction, usage)
    if refused := _unpriced(bill, rule, rows):
        return Move(rule, np.zeros(len(left)), refused=refused)
    fresh, objects = _moved(bill, rule, rows, taken * demand, cold)
    return Move(rule, reduction, usage, fresh, one_off=_transition_cost(bill, rule, objects))


def _reductions(bill: Bill, rule: Rule, rows: NDArray[np.int64], taken: Floats) -> tuple[UsageChange, ...]:
    """One change per kind and share taken; months without positive usage (corrections only) stay as they are."""
    kinds = bill.lines.text["kind"][rows].astype(str)
    formula = "actual × (1 − addressable share of what earlier rules leave)"
    changes = []
    for kind in rule.kinds:
        for part in np.unique(taken[(kinds == kind) & (taken > 0.0)]):
            own = rows[(kinds == kind) & (taken == part)]
            monthly = _monthly(bill, own, np.ones(len(own)))
            resource = Resource(KEY, rule.key, "", "", {kind: _spread(bill, monthly)}, {kind: own}, has_hours=False)
            kept = _spread(bill, np.where(monthly > 0.0, monthly * (1.0 - part), monthly))
            changes.append(UsageChange(resource, kind, kept, "modelled", formula))
    return tuple(changes)


def _moved(
    bill: Bill, rule: Rule, rows: NDArray[np.int64], taken: Floats, cold: ColdData
) -> tuple[tuple[NewUsage, ...], dict[str, float]]:
    """What moved objects cost in their class, by project and region; and the objects there are today, by region.

    Capacity × (1 + early deletion); reads; a class A operation for each object that comes in place of a deleted one.
    """
    early = 1.0 + early_deletion(cold.deleted_share, rule.minimum_days)
    quantities = {
        "capacity": (early, "moved GiB-months × (1 + billed after deletion, up to the minimum duration)"),
        "retrieval": (cold.read_share, "moved GiB × share read in a month"),
        "class_a": (cold.deleted_share * MIB_PER_GIB / cold.object_mib, "moved GiB × share replaced ÷ object size"),
    }
    found, objects = [], dict[str, float]()
    for (project, region), monthly in _by_place(bill, rows, taken):
        objects[region] = objects.get(region, 0.0) + float(monthly[-1]) * MIB_PER_GIB / cold.object_mib
        for quantity, (factor, formula) in quantities.items():
            if factor > 0.0 and monthly.any():
                kind = f"storage.{rule.storage_class}.{quantity}"
                usage = _spread(bill, monthly * factor)
                product = PRODUCT_OF_MONTHLY_KIND["storage"]
                found.append(NewUsage(product, project, region, rule.key, kind, kind, usage, "modelled", formula))
    return tuple(found), objects


def _by_place(bill: Bill, rows: NDArray[np.int64], taken: Floats) -> list[tuple[tuple[str, str], Floats]]:
    """What is taken by project and region, by month (M,); corrections beyond a month's usage move nothing."""
    text, months = bill.lines.text, len(bill.months)
    pairs = list(zip(text["project"][rows].tolist(), text["region"][rows].tolist(), strict=True))
    places = {pair: number for number, pair in enumerate(sorted(set(pairs)))}
    code = np.array([places[pair] for pair in pairs], dtype=np.int64) * months + bill.lines.month_index[rows]
    flat = np.bincount(code, bill.lines.usage[rows] * taken, len(places) * months)
    return list(zip(places, np.maximum(flat.reshape(len(places), months), 0.0), strict=True))


def early_deletion(deleted_share: float, minimum_days: int) -> float:
    """GiB-months billed after deletion per GiB-month stored, when a share of the data is deleted each month.

    Lifetimes are exponential, δ a month: δ · E[(T − life)⁺] = δT − (1 − e^(−δT)), T the minimum in months.

    >>> early_deletion(0.0, 365), round(early_deletion(0.05, 365), 4)
    (0.0, 0.1486)
    """
    exposure = deleted_share * minimum_days / MONTH_DAYS
    return exposure + math.expm1(-exposure)


def _unpriced(bill: Bill, rule: Rule, rows: NDArray[np.int64]) -> str:
    regions = sorted(set(bill.lines.text["region"][rows].tolist()))
    for quantity in ("capacity", "retrieval", "class_a"):
        kind = f"storage.{rule.storage_class}.{quantity}"
        missing = [region or "no region" for region in regions if unit_price(bill, kind, region) is None]
        if missing:
            return (
                f"{rule.title}: no price for {kind_words(kind)} in {', '.join(missing)}: neither the bill's rows nor "
                "the price book has one, so nothing is moved."
            )
    return ""


def _transition_cost(bill: Bill, rule: Rule, objects: dict[str, float]) -> float:
    """Currency units for moving today's objects once, each a class A operation of the class they go to."""
    kind = f"storage.{rule.storage_class}.class_a"
    prices = {region: unit_price(bill, kind, region) for region in objects}
    return sum(count * price.on_demand for region, count in objects.items() if (price := prices[region]) is not None)


def _monthly(bill: Bill, rows: NDArray[np.int64], weights: Floats) -> Floats:
    usage = bill.lines.usage[rows] * weights
    return np.bincount(bill.lines.month_index[rows], usage, len(bill.months)).astype(np.float64)


def _spread(bill: Bill, monthly: Floats) -> Floats:
    """Monthly usage (M,) → slots (H,), evenly over each month's calendar."""
    hours = bill.hours
    in_month = np.bincount(hours.month_index, hours.is_calendar, len(bill.months))
    spread: Floats = np.where(hours.is_calendar, (monthly / in_month)[hours.month_index], 0.0)
    return spread
