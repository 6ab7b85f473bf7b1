"""The executive's page: one plan in levels, decisions and assumptions, from outcome, projection and uncertainty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from model.answer import answer
from model.cents import rounded_parts, step_nanos
from model.changes import PRODUCTS
from model.horizon import HORIZON_MONTHS
from model.money import to_nanos
from model.outcome import parameters

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from model.lever import PlanChange
    from model.outcome import LeverOutcome, Outcome
    from model.parameter import Disruption
    from model.projection import Projection
    from model.uncertainty import Uncertainty

LevelName = Literal["current", "usage", "commitments"]
_HARDEST_FIRST: Final[tuple[Disruption, ...]] = ("one_way", "migration", "restart", "online")
OWNERS: Final = {
    "queries": "Owner of the database",
    "cache": "Owner of the database",
    "firestore": "Owner of the database",
    "cloud_sql": "Owner of the database",
    "cloud_run": "Owner of the services",
    "tasks": "Owner of the services",
    "housekeeping": "Platform team",
    "commitments": "Finance",
}
"""Lever → who decides on it, unless people name somebody else."""


@dataclass(frozen=True)
class Level:
    """What is paid at one level of the plan, nanos: an average month of the first year, a year, three years."""

    name: LevelName
    month_nanos: int
    year_nanos: int
    three_years_nanos: int


@dataclass(frozen=True)
class Decision:
    """One lever to decide on: who, until which month (YYYYMM), what it changes and what a month of waiting costs."""

    lever: str
    title: str
    owner: str
    by_month: int
    changes: tuple[PlanChange, ...]
    disruption: Disruption
    saving_per_month_nanos: int


def levels(projection: Projection) -> tuple[Level, ...]:
    """Current bill, after usage levers, after commitments: nominal sums of the projected months."""
    named: tuple[tuple[LevelName, NDArray[np.float64]], ...] = (
        ("current", projection.baseline),
        ("usage", projection.after_usage),
        ("commitments", projection.after_commitments),
    )
    return tuple(_level(name, amounts) for name, amounts in named)


def decisions(outcome: Outcome, projection: Projection) -> tuple[Decision, ...]:
    """One per moved lever in causal order; the month is the one in which the projection starts to count it.

    What a month of waiting costs stands in whole cents: together they are the saving a month of ``answer``.
    """
    count, total = len(outcome.bill.months), answer(outcome).saving_per_month_nanos
    parts = [lever.in_sequence_nanos // count for lever in outcome.levers]
    shown = rounded_parts(parts, step_nanos(outcome.bill.currency), total)
    return tuple(
        _decision(outcome, projection, lever, saving) for lever, saving in zip(outcome.levers, shown, strict=True)
    )


def likely_costs(projection: Projection, uncertainty: Uncertainty) -> NDArray[np.float64]:
    """The plan's cost by month ahead (36, 2): today's settings less the P90 and less the P10 of the saving."""
    return np.asarray(projection.baseline[:, None] - uncertainty.by_month[:, [2, 0]], dtype=np.float64)


def _level(name: LevelName, amounts: NDArray[np.float64]) -> Level:
    months = [to_nanos(float(amount)) for amount in amounts]
    year = sum(months[:12])
    return Level(name, (2 * year + 12) // 24, year, sum(months))


def _decision(outcome: Outcome, projection: Projection, lever: LeverOutcome, saving_nanos: int) -> Decision:
    changes = tuple(change for change in outcome.changes if change.lever == lever.lever)
    marks = {change.disruption for change in changes}
    return Decision(
        lever=lever.lever,
        title=lever.title,
        owner=OWNERS.get(lever.lever, PRODUCTS.get(lever.lever, lever.title)),
        by_month=projection.months[_starts_after(outcome, lever.lever)],
        changes=changes,
        disruption=next((mark for mark in _HARDEST_FIRST if mark in marks), "online"),
        saving_per_month_nanos=saving_nanos,
    )


def _starts_after(outcome: Outcome, lever: str) -> int:
    """Whole months from the decision until the projection counts a lever."""
    start = outcome.scenario.values(parameters(outcome.bill)).number(f"ramp.{lever}.start_month")
    return min(int(start), HORIZON_MONTHS - 1)
