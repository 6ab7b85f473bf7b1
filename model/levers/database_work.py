"""Query work of each database after tuning and caching, against today's: what queries and caches do to Cloud SQL.

Several caches each stand before their share of the work, by size: M = Σ share · M(cache).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from model.behaviour.query_work import QueryWork, multiplier_of_queries
from model.lever import DatabaseWork
from model.levers.cloud_sql_instance import instances, total_usage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from model.bill import Bill
    from model.lever import Effects
    from model.parameter import Values


@dataclass(frozen=True)
class Caching:
    """One cache before the databases: its share of the work, hit ratio after and today, whether its loss is waived."""

    weight: float
    hit_ratio: float
    hit_ratio_today: float
    is_loss_waived: bool = False


NO_CACHE = (Caching(1.0, 0.0, 0.0),)


def database_weights(bill: Bill) -> dict[str, float]:
    """Share of each Cloud SQL instance in the bill's vCPU-hours; empty without any."""
    hours = {item.name: float(total_usage(bill, item.resource, "vcpu").sum()) for item in instances(bill)}
    total = sum(hours.values())
    return {name: amount / total if total > 0.0 else 1.0 / len(hours) for name, amount in hours.items()}


def cacheable_shares(bill: Bill, values: Values) -> dict[str, float]:
    """Share of query work that a cache could answer, by database; of the rest where queries are known one by one."""
    return {item.name: values.number(item.key("cacheable_share")) for item in instances(bill)}


def work_of_database(
    before: Effects, database: str, cacheable_share: float, caching: Sequence[Caching]
) -> DatabaseWork:
    """M of one database with its largest bound and with the caches lost; exactly 1 where nothing changes.

    A cache whose loss is waived counts in the last at its largest bound, with its hits.
    """
    value = worst = lost = 0.0
    for cache in caching or NO_CACHE:
        m = multiplier_of_queries(
            _queries(before, database, cache), cacheable_share, cache.hit_ratio, cache.hit_ratio_today
        )
        value += cache.weight * (m.value - 1.0)
        worst += cache.weight * (m.high - 1.0)
        lost += cache.weight * ((m.high if cache.is_loss_waived else m.cache_lost) - 1.0)
    return DatabaseWork(1.0 + value, 1.0 + worst, 1.0 + lost)


def _queries(before: Effects, database: str, cache: Caching) -> list[QueryWork]:
    """The known queries of a database; without any, all of its work as one query tuned as the effects say."""
    known = [query for query in before.queries if query.database in ("", database)]
    if not known:
        return [QueryWork(1.0, before.work_of(database).value, None, cache.hit_ratio, cache.hit_ratio_today)]
    return [
        QueryWork(q.work_share, q.time_ratio, q.cacheable_share, cache.hit_ratio, cache.hit_ratio_today) for q in known
    ]


def with_database_work(
    bill: Bill, before: Effects, shares: Mapping[str, float], caching: Sequence[Caching] = NO_CACHE
) -> Effects:
    """Effects after those before: M of each database; over all, the mean by vCPU-hours, and the worst of each bound."""
    weights = database_weights(bill)
    if not weights:
        return before
    works = {name: work_of_database(before, name, shares.get(name, 0.0), caching) for name in weights}
    return replace(
        before,
        database_work=1.0 + sum(weights[name] * (work.value - 1.0) for name, work in works.items()),
        database_work_worst=max(work.worst for work in works.values()),
        database_work_cache_lost=max(work.cache_lost for work in works.values()),
        work_by_database=tuple(works.items()),
    )
