"""What a lever is: it declares parameters and turns values into changed usage, own cost, guardrails and risks.

Each usage kind is owned by one lever, so no two levers write the same usage; what one lever does to another travels
as ``Effects`` in causal order (demand → capacity → waste → rate). A lever at its current settings and neutral effects
returns no usage change at all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from model.bill import Bill, Resource
    from model.parameter import Disruption, Evidence, Parameter, Value, Values


@dataclass(frozen=True)
class DatabaseWork:
    """Query work of one database at the peak hour, after ÷ today: M, its largest bound, and M with the cache lost."""

    value: float = 1.0
    worst: float = 1.0
    cache_lost: float = 1.0


@dataclass(frozen=True)
class QueryEffect:
    """One known query: its share of the work of a database ('' every database), time after ÷ before, cacheable share.

    ``cacheable_share`` None: not known, so that only bounds can be told of tuning and cache together.
    """

    database: str
    work_share: float
    time_ratio: float
    cacheable_share: float | None


@dataclass(frozen=True, eq=False)
class RequestShift:
    """What queues change of the requests of a Cloud Run service, before growth.

    ``of_mean`` (U,): change of each hour's rate ÷ the mean rate of all hours, so its mean is the change of requests.
    ``burstiness`` is added to CV² within the hour. Compared by identity, as a change of usage is.
    """

    of_mean: NDArray[np.float64]
    burstiness: float


@dataclass(frozen=True)
class DatabaseSlowdown:
    """Time that a request's queries take after ÷ today, beside the query work M: value, and at the largest bound of M.

    ``is_saturated``: a database of the service has too little CPU for its queries, so these are lower bounds.
    """

    value: float = 1.0
    worst: float = 1.0
    is_saturated: bool = False


@dataclass(frozen=True)
class Effects:
    """What demand levers do to the work of others; neutral is all ones.

    ``database_work`` and ``database_work_worst`` multiply the query work at the peak hour (M of the model over all
    databases, and its largest bound, used for guardrails); ``database_work_cache_lost`` is M with hit rate 0;
    ``work_by_database`` has the same of each database that differs. ``queries`` are known one by one, for the cache.
    ``firestore_reads`` multiplies reads. ``database_slowdown`` has what busier or idler databases do to each service,
    by name. ``requests`` has what queues change of each service that they call, by name.
    ``demand`` is usage before any lever against today's (growth): each lever
    answers with the usage that it needs at its settings, and with none at 1.
    """

    database_work: float = 1.0
    database_work_worst: float = 1.0
    database_work_cache_lost: float = 1.0
    firestore_reads: float = 1.0
    demand: float = 1.0
    queries: tuple[QueryEffect, ...] = ()
    work_by_database: tuple[tuple[str, DatabaseWork], ...] = ()
    requests: tuple[tuple[str, RequestShift], ...] = ()
    database_slowdown: tuple[tuple[str, DatabaseSlowdown], ...] = ()

    def work_of(self, database: str) -> DatabaseWork:
        """Query work of a database; that over all databases where nothing is told of it alone."""
        overall = DatabaseWork(self.database_work, self.database_work_worst, self.database_work_cache_lost)
        return dict(self.work_by_database).get(database, overall)

    def requests_of(self, service: str) -> RequestShift | None:
        """What queues change of the requests of a service; None where none does."""
        return dict(self.requests).get(service)

    def slowdown_of(self, service: str) -> DatabaseSlowdown:
        """What busier or idler databases do to the queries of a service."""
        return dict(self.database_slowdown).get(service, DatabaseSlowdown())


@dataclass(frozen=True, eq=False)
class UsageChange:
    """New usage of one kind of one resource: ``usage`` is (H,) on ``bill.hours``, in the kind's physical unit.

    Compared by identity: a lever that remembers a resource hands out the same change, which is then priced once.
    """

    resource: Resource
    kind: str
    usage: NDArray[np.float64]
    evidence: Evidence
    formula: str


@dataclass(frozen=True)
class NewUsage:
    """Usage of something that the bill does not hold yet (a cache, a replica); priced at ``price_key`` of the book."""

    product: str
    project: str
    region: str
    resource: str
    kind: str
    price_key: str
    usage: NDArray[np.float64]
    evidence: Evidence
    formula: str


@dataclass(frozen=True)
class Guardrail:
    """One limit that a plan must keep; ``is_floor`` where the value may not fall below it.

    ``passed`` None: not judged, the sentence says what is missing.
    """

    name: str
    lever: str
    resource: str
    limit: float
    value: float | None
    unit: str
    passed: bool | None
    sentence: str
    is_floor: bool = False

    @property
    def share_of_limit(self) -> float | None:
        """How much of the limit is used: value ÷ limit, limit ÷ value for a floor; 1 is at the limit.

        None where nothing is judged or the limit is 0 (a yes or no).
        """
        if self.value is None or self.limit <= 0.0:
            return None
        if not self.is_floor:
            return self.value / self.limit
        return self.limit / self.value if self.value > 0.0 else math.inf


@dataclass(frozen=True)
class Risk:
    """Service risk after the change, over the window's hours; rates at the stressed demand."""

    lever: str
    resource: str
    shortfall_hours: float
    rejected_share: float
    p95_wait_s: float
    cold_starts_per_day: float
    sentence: str


@dataclass(frozen=True)
class Calibration:
    """The model at current settings against the bill: ``error`` = modelled / actual − 1."""

    resource: str
    kind: str
    actual: float
    modelled: float
    error: float
    sentence: str


@dataclass(frozen=True)
class PlanChange:
    """One attribute of one resource to be changed: all that exports know."""

    lever: str
    product: str
    resource: str
    project: str
    region: str
    attribute: str
    before: Value
    after: Value
    unit: str
    configures: str
    disruption: Disruption
    reason: str
    key: str


@dataclass(frozen=True)
class LeverResult:
    """What a lever does at the given values; ``remarks`` are notes that take work, made for an outcome only."""

    usage: tuple[UsageChange, ...] = ()
    new_usage: tuple[NewUsage, ...] = ()
    guardrails: tuple[Guardrail, ...] = ()
    risks: tuple[Risk, ...] = ()
    calibrations: tuple[Calibration, ...] = ()
    plan: tuple[PlanChange, ...] = ()
    effects: Effects | None = None
    notes: tuple[str, ...] = ()
    remarks: tuple[Callable[[], tuple[str, ...]], ...] = ()


class Lever(Protocol):
    """A lever: one file in ``model/levers``."""

    key: str
    title: str

    def parameters(self, bill: Bill) -> list[Parameter]:
        """Every parameter for this bill, with current values; empty where the bill has no rows for it."""
        ...

    def missing(self, bill: Bill) -> str:
        """Why the lever has nothing to work on ('' when it has): one sentence, 'Not in this bill: …'."""
        ...

    def apply(self, bill: Bill, values: Values, effects: Effects) -> LeverResult:
        """Changed usage, own cost, guardrails, risks at these values."""
        ...
