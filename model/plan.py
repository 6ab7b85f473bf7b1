"""The plan: the changes that a scenario configures, with the figures it promises; all that exports read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from model.lever import Guardrail, PlanChange
    from model.parameter import Evidence

BASIS = "effective cost before tax, promotions and rounding"
"""What the headline figures are, everywhere."""


@dataclass(frozen=True)
class LeverSaving:
    """What one lever saves in the window, alone and in causal order, in nanos."""

    lever: str
    title: str
    alone_nanos: int
    in_sequence_nanos: int


@dataclass(frozen=True)
class PeakLoad:
    """The busiest hour of a Cloud Run service: requests and seconds of one; ``hour`` is the UTC hour since 1970.

    ``source`` says where the rate comes from.
    """

    service: str
    project: str
    region: str
    requests_per_s: float
    latency_s: float
    hour: int
    evidence: Evidence
    source: str


@dataclass(frozen=True)
class Database:
    """A Cloud SQL instance as exports need it; '' and None where nothing tells it.

    ``engine`` is PostgreSQL, MySQL or SQL Server; ``max_connections`` is that of the size the plan leads to;
    ``callers`` are Cloud Run instances that may connect at once; ``pool_size`` is connections of each.
    """

    name: str
    project: str
    region: str
    engine: str
    version: str
    max_connections: float | None
    callers: float | None
    pool_size: float | None


@dataclass(frozen=True)
class KnownQuery:
    """A query with its text today and after the change ('' not told), and the DDL of its indexes, one a line."""

    name: str
    database: str
    text: str
    text_after: str
    indexes: str
    cacheable_share: float | None
    is_tuned: bool


@dataclass(frozen=True)
class Scan:
    """What BigQuery scans on demand for a project: TiB on a mean day of its dearest month, and its own price of one."""

    project: str
    tib_per_day: float
    price_per_tib: float


@dataclass(frozen=True)
class Plan:
    """Changes to make, in the order to make them, and what they are expected to do over ``months`` (headline basis).

    ``accounts`` are the billing accounts of the bill; loads, databases, queries and scans are what exports must know
    of the services beside the changes.
    """

    scenario_name: str
    fingerprint: str
    snapshot: str
    scenario_toml: str
    currency: str
    months: tuple[int, ...]
    is_demo: bool
    baseline_nanos: int
    outcome_nanos: int
    savings: tuple[LeverSaving, ...]
    interaction_nanos: int
    changes: tuple[PlanChange, ...]
    guardrails: tuple[Guardrail, ...]
    notes: tuple[str, ...]
    accounts: tuple[str, ...] = ()
    peaks: tuple[PeakLoad, ...] = ()
    databases: tuple[Database, ...] = ()
    queries: tuple[KnownQuery, ...] = ()
    scans: tuple[Scan, ...] = ()

    @property
    def outcome_per_month_nanos(self) -> int:
        """The mean month of the outcome, rounded down to the nano; 0 without months."""
        return self.outcome_nanos // len(self.months) if self.months else 0
