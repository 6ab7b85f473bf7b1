"""What exports must know of the services of a plan beside its changes: loads, databases, queries, named replicas."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from model.levers.cloud_run_reading import read, with_rate
from model.levers.cloud_sql_connections import connections_limit, engine_of, instances_allowed
from model.levers.cloud_sql_instance import instances
from model.levers.query_known import ALL, queries
from model.money import NANOS
from model.outcome import parameters
from model.plan import Database, KnownQuery, PeakLoad, Scan

if TYPE_CHECKING:
    from model.bill import Bill, Resource
    from model.lever import PlanChange
    from model.levers.cloud_sql_instance import Instance
    from model.levers.query_known import Query
    from model.outcome import Outcome
    from model.parameter import Values

CLOUD_SQL = "cloud_sql"
_HOURS_PER_DAY = 24.0


@dataclass(frozen=True)
class PlanFacts:
    """The fields of a plan that describe services."""

    changes: tuple[PlanChange, ...]
    accounts: tuple[str, ...]
    peaks: tuple[PeakLoad, ...]
    databases: tuple[Database, ...]
    queries: tuple[KnownQuery, ...]
    scans: tuple[Scan, ...]


def plan_facts(outcome: Outcome) -> PlanFacts:
    """What a plan says of the services of an outcome, under the scenario's own assumptions."""
    bill, values = outcome.bill, outcome.scenario.values(parameters(outcome.bill))
    accounts = sorted({str(account) for account in bill.lines.text["account"] if account})
    return PlanFacts(
        changes=named_replicas(bill, outcome.changes),
        accounts=tuple(accounts),
        peaks=tuple(peak for service in bill.of("cloud_run") if (peak := _peak(bill, service, values)) is not None),
        databases=tuple(_database(bill, instance, values) for instance in instances(bill)),
        queries=tuple(_query(bill, query, values) for query in queries(bill) if query.name != ALL),
        scans=_scans(bill),
    )


def _scans(bill: Bill) -> tuple[Scan, ...]:
    """Rows of on-demand analysis that are priced by the tebibyte, by project; none where nothing is left of them."""
    text, lines = bill.lines.text, bill.lines
    scanned = np.flatnonzero((text["product"] == "BigQuery") & (text["pricing_unit"] == "tebibyte"))
    rows = [
        row for row in scanned if "analysis" in str(text["sku"][row]).lower() and text["cost_type"][row] == "regular"
    ]
    days = np.bincount(bill.hours.month_index[bill.hours.is_calendar], minlength=len(bill.months)) / _HOURS_PER_DAY
    found = []
    for project in sorted({str(text["project"][row]) for row in rows}):
        own = [row for row in rows if text["project"][row] == project]
        by_month = np.bincount(lines.month_index[own], weights=lines.usage[own], minlength=len(bill.months))
        cost = sum(int(lines.on_demand_nanos[row]) for row in own)
        if project and by_month.sum() > 0.0 and cost > 0:
            price = cost / NANOS / float(by_month.sum())
            found.append(Scan(project, float((by_month / np.maximum(days, 1.0)).max()), price))
    return tuple(found)


def named_replicas(bill: Bill, changes: tuple[PlanChange, ...]) -> tuple[PlanChange, ...]:
    """Changes with a number of replicas told apart by name: one row a replica, before and after its primary or ''.

    The last by name go first, as in the priced outcome. A new one is named after its primary. Where fewer replicas
    are known than would go, the number stays as it is.
    """
    named: list[PlanChange] = []
    for change in changes:
        is_count = (change.lever, change.attribute) == (CLOUD_SQL, "replicas")
        named += (_named(bill, change) if is_count else ()) or (change,)
    return tuple(named)


def _named(bill: Bill, change: PlanChange) -> tuple[PlanChange, ...]:
    if not isinstance(change.before, int | float) or not isinstance(change.after, int | float):
        return ()
    known = sorted(item.name for item in instances(bill) if _primary(bill, item) == change.resource)
    more = round(change.after - change.before)
    if more < 0:
        going = known[more:] if len(known) >= -more else []
        return tuple(_replica(change, name, change.resource, "") for name in going)
    own = change.resource.partition("@")[0]
    taken = {name.partition("@")[0] for name in (*known, *(item.name for item in instances(bill)))}
    free = (name for number in range(1, 1000) if (name := f"{own}-replica-{number}") not in taken)
    return tuple(_replica(change, next(free), "", change.resource) for _ in range(more))


def _primary(bill: Bill, instance: Instance) -> str:
    fact = bill.fact(instance.key("replica_of"))
    return "" if fact is None else str(fact.value)


def _replica(change: PlanChange, name: str, before: str, after: str) -> PlanChange:
    return replace(
        change,
        resource=name,
        attribute="replica_of",
        before=before,
        after=after,
        unit="",
        disruption="online" if after else "one_way",
        key=f"{CLOUD_SQL}.{name}.replica_of",
    )


def _peak(bill: Bill, service: Resource, values: Values) -> PeakLoad | None:
    reading = read(bill, service)
    rate = values.number(reading.key("requests_per_s"), reading.workload.requests_per_s)
    rates = with_rate(reading, rate).rate
    if not rates.size or float(rates.max()) <= 0.0:
        return None
    busiest = int(rates.argmax())
    told = reading.told["requests_per_s"]
    return PeakLoad(
        service=service.name,
        project=service.project,
        region=service.region,
        requests_per_s=float(rates[busiest]),
        latency_s=values.number(reading.key("latency_s"), reading.workload.latency_s),
        hour=int(np.unique(bill.hours.hour)[busiest]),
        evidence=told.evidence,
        source=told.source,
    )


def _database(bill: Bill, instance: Instance, values: Values) -> Database:
    version = bill.fact(instance.key("database_version"))
    memory = values.number(instance.key("memory_gib"), instance.tier.memory_gib)
    pool = values.get(instance.key("pool_size"))
    return Database(
        name=instance.name,
        project=instance.resource.project,
        region=instance.resource.region,
        engine=engine_of(bill, instance),
        version="" if version is None else str(version.value),
        max_connections=connections_limit(bill, instance, memory),
        callers=instances_allowed(bill, instance, values),
        pool_size=None if pool is None else values.number(instance.key("pool_size")),
    )


def _query(bill: Bill, query: Query, values: Values) -> KnownQuery:
    def told(name: str) -> str:
        fact = bill.fact(query.key(name))
        return "" if fact is None else str(fact.value)

    share = query.key("cacheable_share")
    return KnownQuery(
        name=query.name,
        database=query.database,
        text=told("sql") or ("" if query.text == query.name else query.text),
        text_after=told("text_after"),
        indexes=told("indexes"),
        cacheable_share=None if values.get(share) is None else values.number(share),
        is_tuned=values.get(query.key("applied")) is True,
    )
