"""What shows whether a plan worked: measures with today's value, the target, and where each is read afterwards."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from model.answer import answer, moved
from model.commitment_pools import pool_title
from model.money import NANOS_PER_CENT
from model.outcome import RATE_LEVER
from model.report_tasks import month_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from model.lever import Guardrail
    from model.outcome import Outcome

Direction = Literal["at_most", "at_least"]
MONEY: Final = "money"
"""Unit of measures whose values are nanos of the bill's currency."""

_BILL: Final = (
    "The first invoice month that is whole after the last week, on the same cost basis; growth and price changes are "
    "taken out first."
)
_PRODUCT: Final = "The product's cost in the same invoice month, on the same cost basis."

_RUN: Final = "Cloud Monitoring, run.googleapis.com"
_SQL: Final = "Cloud Monitoring, cloudsql.googleapis.com/database"
_READ_FROM: Final = {
    ("cloud_run", "rejected_share"): (
        "share of requests rejected",
        f"{_RUN}/request_count: answers 429 and 5xx ÷ all, in the busiest hours",
    ),
    ("cloud_run", "p95_wait"): (
        "wait for 95 % of requests",
        f"{_RUN}/request_latencies: 95th percentile, less that of the weeks before",
    ),
    ("cloud_run", "utilisation"): (
        "instances in use in the busiest hour",
        f"{_RUN}/container/instance_count ÷ the maximum",
    ),
    ("cloud_run", "latency"): (
        "request time against today's",
        f"{_RUN}/request_latencies: mean ÷ mean of the weeks before",
    ),
    ("cloud_run", "memory"): ("memory in use", f"{_RUN}/container/memory/utilizations: 99th percentile"),
    ("cloud_sql", "peak CPU"): ("CPU at the peak", f"{_SQL}/cpu/utilization: highest minutes of a week"),
    ("cloud_sql", "memory for the working set"): (
        "working set in memory",
        f"{_SQL}/memory/usage, and reads from disk no more than in the weeks before",
    ),
    ("cloud_sql", "connections"): (
        "open connections",
        f"{_SQL}/postgresql/num_backends or network/connections",
    ),
    ("cache", "hit rate reachable"): (
        "hit rate",
        "Cloud Monitoring, redis.googleapis.com/stats/cache_hit_ratio: mean of a week",
    ),
    ("tasks", "longest_delay"): (
        "longest delay of a task",
        "Cloud Monitoring, cloudtasks.googleapis.com/queue/task_attempt_delays: highest of a week",
    ),
    ("commitments", "commitment_utilisation"): (
        "commitment in use",
        "Google Cloud console, Billing, Commitments, Analysis: used ÷ bought",
    ),
}
"""Lever and limit → what is measured, and where it is read."""


@dataclass(frozen=True)
class SuccessMeasure:
    """One measure: ``target`` may not be exceeded (``at_most``) or fallen below (``at_least``).

    ``expected`` is what the model says it becomes, None where it says nothing; ``today`` None where it is not known.
    With unit ``money`` the values are nanos a month, else plain numbers in ``unit`` (ratios 0..1).
    """

    lever: str
    title: str
    today: float | None
    expected: float | None
    target: float
    direction: Direction
    unit: str
    read_from: str

    @property
    def share_of_target(self) -> float | None:
        """How much of the target is used by what is expected; 1 is at it, None where nothing is expected."""
        if self.expected is None or self.target <= 0.0:
            return None
        if self.direction == "at_most":
            return self.expected / self.target
        return self.target / self.expected if self.expected > 0.0 else math.inf


def closest(measures: Iterable[SuccessMeasure], count: int) -> tuple[SuccessMeasure, ...]:
    """Of each lever the measures that come nearest to their targets; all of those of money, in the order given."""
    kept: list[SuccessMeasure] = []
    of_levers: dict[str, list[SuccessMeasure]] = {}
    for each in measures:
        (kept if each.unit == MONEY else of_levers.setdefault(each.lever, [])).append(each)
    for found in of_levers.values():
        kept += sorted(found, key=lambda each: -(each.share_of_target or 0.0))[:count]
    return tuple(kept)


def success_measures(outcome: Outcome) -> tuple[SuccessMeasure, ...]:
    """The bill, the products that the plan moves, then every judged limit of what it changes; none without a change."""
    if not outcome.levers:
        return ()
    changed = {(change.lever, change.resource) for change in outcome.changes}
    limits = [each for each in outcome.guardrails if (each.lever, each.resource) in changed]
    found = [_of_limit(each) for each in limits if each.value is not None]
    return (_of_bill(outcome), *_of_products(outcome), *(each for each in found if each is not None))


def _of_bill(outcome: Outcome) -> SuccessMeasure:
    found = answer(outcome)
    before, after = found.before_per_month_nanos, found.after_per_month_nanos
    return SuccessMeasure("", "Bill a month", before, after, after, "at_most", MONEY, _BILL)


def _of_products(outcome: Outcome) -> list[SuccessMeasure]:
    """Products that move by a cent a month or more, the largest move first."""
    count = len(outcome.bill.months)
    rows = moved(outcome.baseline.by_product, outcome.result.by_product)
    return [
        SuccessMeasure(
            "", f"{row.key or 'Not told'} a month", month_mean(row.before_nanos, count),
            month_mean(row.after_nanos, count), month_mean(row.after_nanos, count), "at_most", MONEY, _PRODUCT,
        )
        for row in rows
        if abs(row.change_nanos) >= NANOS_PER_CENT * count
    ]  # fmt: skip


def _of_limit(limit: Guardrail) -> SuccessMeasure | None:
    known = _READ_FROM.get((limit.lever, limit.name))
    if known is None:
        return None
    what, where = known
    direction: Direction = "at_least" if limit.is_floor else "at_most"
    resource = pool_title(limit.resource) if limit.lever == RATE_LEVER else limit.resource
    return SuccessMeasure(
        limit.lever, f"{resource}: {what}", None, limit.value, limit.limit, direction, limit.unit, where
    )
