"""The weeks of a plan: nothing is made smaller before what relieves it stands, and nothing is committed before that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from model.lever import PlanChange


@dataclass(frozen=True)
class Stage:
    """A week of the roadmap, what is done in it, and the levers whose changes it holds."""

    week: int
    title: str
    levers: tuple[str, ...]


ROADMAP: Final = (
    Stage(1, "Watch first: alerts, budget and dashboard; then queries and indexes", ("queries",)),
    Stage(2, "Cache and documents: fill the cache, measure its hit rate, thin out Firestore", ("cache", "firestore")),
    Stage(3, "Sizes: database, services and queues, with the load test before and after", ("cloud_sql", "cloud_run",
                                                                                         "tasks")),
    Stage(4, "Housekeeping: what is kept for nothing", ("housekeeping",)),
    Stage(5, "Commitments: approval, purchase, allocation", ("commitments",)),
    Stage(6, "Validation: verify.sh, invoice against the plan, lessons", ()),
)  # fmt: skip
"""In the model's causal order (demand, capacity, waste, rate), so weeks follow the order of a plan's changes."""


def week_of(change: PlanChange) -> int:
    """The week in which a change is made; that of housekeeping for a lever that no stage names."""
    return next((stage.week for stage in ROADMAP if change.lever in stage.levers), 4)
