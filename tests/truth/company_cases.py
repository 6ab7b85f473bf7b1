"""One company with every part, declared before any result was seen: levers alone, those that help or hinder, and all.

An api asks a database and Firestore, behind a cache if there is one; some of its requests leave a task, which a queue
hands to a worker. What one lever changes reaches the others as it would: faster queries make requests shorter, a
smaller database makes them longer, hits save queries and reads, limits of the queue flatten the worker's load.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from pages.parts import session
from tests.truth.bill_files import (
    Series,
    Usage,
    cloud_run_record,
    cloud_run_series,
    cloud_run_usage,
    cloud_sql_record,
    cloud_sql_usage,
    dollars,
    firestore_record,
    firestore_usage,
    month_of,
    queue_record,
    redis_usage,
    tasks_usage,
    write_bill,
)
from tests.truth.cache_platform import Keys, hits
from tests.truth.cloud_run_platform import Config, Played, Service, play
from tests.truth.database_platform import CPU_SHARE_OF_TIME, Minutes, Query, busy_minutes
from tests.truth.judging import Evidence, TrueCase, TrueRisk, learned_bill, scenario_of
from tests.truth.queue_platform import Dispatched, Queue, dispatch
from tests.truth.traffic import MONTH_DAYS, Traffic, arrivals

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from data.workspace import Workspace
    from model.bill import Bill
    from model.scenario import Scenario

WORLD: Final = "company"
JUDGED: Final = "api"
DAYS: Final = 1
API: Final = Service(Traffic(1.2, days=DAYS, seed=21), wait_s=0.3, cpu_s=0.08)
WORKER: Final = Service(Traffic(0.0, days=DAYS, seed=22), wait_s=6.0, cpu_s=1.5)
QUERIES: Final = (
    Query("feed", 2.0, 200.0, 70.0, is_cacheable=True),
    Query("profile", 1.0, 120.0, 120.0, is_cacheable=True),
    Query("search", 0.5, 600.0, 150.0, is_cacheable=False),
    Query("write_event", 1.0, 80.0, 80.0, is_cacheable=False),
)
QUERY_SPREAD: Final = 0.6
HIT_S: Final = 0.002
BACKGROUND_VCPU: Final = 0.4
STORAGE_GIB: Final = 200.0
WORKING_SET_GIB: Final = 9.0
KEYS: Final = Keys(count=60_000, zipf=0.9, item_bytes=64 * 1024, writes_per_s=0.02)
READS_PER_REQUEST: Final = 60.0
CACHEABLE_READS: Final = 40.0
WRITES_PER_REQUEST: Final = 2.0
TASKS_PER_REQUEST: Final = 0.25
FAILURE: Final = 0.05
API_TODAY: Final = Config(3, 20, 1.0, 2.0, 4)
WORKER_TODAY: Final = Config(2, 50, 1.0, 1.0, 2)
QUEUE_TODAY: Final = Queue()


@dataclass(frozen=True)
class Company:
    """How everything is configured."""

    tuned: frozenset[str] = frozenset()
    cache_gib: int = 0
    ttl_s: float = 0.0
    vcpu: int = 8
    memory_gib: float = 32.0
    api: Config = API_TODAY
    worker: Config = WORKER_TODAY
    queue: Queue = QUEUE_TODAY


TODAY: Final = Company()


@dataclass(frozen=True)
class Case:
    """Settings by scenario key, and the company that they make."""

    settings: Mapping[str, Any]
    company: Company
    world: str = WORLD


_CACHE: Final = {"cache.new.size_gib": 1, "cache.new.ttl_s": 3600}
_DATABASE: Final = {"cloud_sql.main.vcpu": 4, "cloud_sql.main.memory_gib": 16}
_TUNED: Final = {"queries.feed.applied": True, "queries.search.applied": True}
_BOTH: Final = frozenset({"feed", "search"})


def _api(**change: Any) -> dict[str, Any]:
    return {"api": replace(TODAY.api, **change)}


def _worker(**change: Any) -> dict[str, Any]:
    return {"worker": replace(TODAY.worker, **change)}


CASES: Final[dict[str, Case]] = {
    "company: tune feed and search": Case(_TUNED, Company(tuned=_BOTH)),
    "company: tune search": Case({"queries.search.applied": True}, Company(tuned=frozenset({"search"}))),
    "company: cache 1 GiB, one hour": Case(_CACHE, Company(cache_gib=1, ttl_s=3600)),
    "company: cache 1 GiB, no time to live": Case({"cache.new.size_gib": 1}, Company(cache_gib=1)),
    "company: cache 4 GiB, no time to live": Case({"cache.new.size_gib": 4}, Company(cache_gib=4)),
    "company: cache 1 GiB, five minutes": Case(
        {"cache.new.size_gib": 1, "cache.new.ttl_s": 300}, Company(cache_gib=1, ttl_s=300)
    ),
    "company: database 4 vCPU": Case(_DATABASE, Company(vcpu=4, memory_gib=16)),
    "company: database 2 vCPU": Case(
        {"cloud_sql.main.vcpu": 2, "cloud_sql.main.memory_gib": 12}, Company(vcpu=2, memory_gib=12)
    ),
    "company: tune, database 4 vCPU": Case({**_TUNED, **_DATABASE}, Company(tuned=_BOTH, vcpu=4, memory_gib=16)),
    "company: tune, cache, database 2 vCPU": Case(
        {**_TUNED, **_CACHE, "cloud_sql.main.vcpu": 2, "cloud_sql.main.memory_gib": 12},
        Company(tuned=_BOTH, cache_gib=1, ttl_s=3600, vcpu=2, memory_gib=12),
    ),
    "company: tune and cache": Case({**_TUNED, **_CACHE}, Company(tuned=_BOTH, cache_gib=1, ttl_s=3600)),
    "company: queue 4 at once": Case(
        {"tasks.jobs.max_concurrent_dispatches": 4}, Company(queue=replace(TODAY.queue, concurrent=4))
    ),
    "company: queue 1 a second": Case(
        {"tasks.jobs.max_dispatches_per_s": 1.0}, Company(queue=replace(TODAY.queue, dispatches_per_s=1.0))
    ),
    "company: queue 1 attempt": Case({"tasks.jobs.max_attempts": 1}, Company(queue=replace(TODAY.queue, attempts=1))),
    "company: queue 4 at once, worker min 0": Case(
        {"tasks.jobs.max_concurrent_dispatches": 4, "cloud_run.worker.min_instances": 0},
        Company(queue=replace(TODAY.queue, concurrent=4), **_worker(min_instances=0)),
    ),
    "company: worker min 0, concurrency 6": Case(
        {"cloud_run.worker.min_instances": 0, "cloud_run.worker.concurrency": 6},
        Company(**_worker(min_instances=0, concurrency=6)),
    ),
    "company: api min 3 to 1": Case({"cloud_run.api.min_instances": 1}, Company(**_api(min_instances=1))),
    "company: tune and cache, api min 1": Case(
        {**_TUNED, **_CACHE, "cloud_run.api.min_instances": 1},
        Company(tuned=_BOTH, cache_gib=1, ttl_s=3600, **_api(min_instances=1)),
    ),
    "company: api max 20 to 3": Case({"cloud_run.api.max_instances": 3}, Company(**_api(max_instances=3))),
    "company: tune, api max 3": Case(
        {**_TUNED, "cloud_run.api.max_instances": 3}, Company(tuned=_BOTH, **_api(max_instances=3))
    ),
    "company: database 2 vCPU, api concurrency 8": Case(
        {"cloud_sql.main.vcpu": 2, "cloud_sql.main.memory_gib": 12, "cloud_run.api.concurrency": 8},
        Company(vcpu=2, memory_gib=12, **_api(concurrency=8)),
    ),
    "company: all levers together": Case(
        {
            **_TUNED, **_CACHE, **_DATABASE, "cloud_run.api.min_instances": 1, "cloud_run.api.max_instances": 6,
            "cloud_run.api.memory_gib": 1.0, "cloud_run.api.concurrency": 8, "cloud_run.worker.min_instances": 0,
            "cloud_run.worker.concurrency": 4, "tasks.jobs.max_concurrent_dispatches": 10, "tasks.jobs.max_attempts": 3,
        },
        Company(
            tuned=_BOTH, cache_gib=1, ttl_s=3600, vcpu=4, memory_gib=16,
            queue=replace(TODAY.queue, concurrent=10, attempts=3),
            **_api(min_instances=1, max_instances=6, memory_gib=1.0, concurrency=8),
            **_worker(min_instances=0, concurrency=4),
        ),
    ),
    "company: all levers but tuning and cache": Case(
        {
            **_DATABASE, "cloud_run.api.min_instances": 1, "cloud_run.api.memory_gib": 1.0,
            "cloud_run.api.concurrency": 8, "cloud_run.worker.min_instances": 0, "cloud_run.worker.concurrency": 4,
            "tasks.jobs.max_concurrent_dispatches": 10, "tasks.jobs.max_attempts": 3,
        },
        Company(
            vcpu=4, memory_gib=16, queue=replace(TODAY.queue, concurrent=10, attempts=3),
            **_api(min_instances=1, memory_gib=1.0, concurrency=8), **_worker(min_instances=0, concurrency=4),
        ),
    ),
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Lived:
    """What happened to the company in the simulated days."""

    company: Company
    api: Played
    worker: Played
    database: Minutes
    queue: Dispatched
    reads: NDArray[np.float64] = field(repr=False)
    writes: NDArray[np.float64] = field(repr=False)
    created: NDArray[np.float64] = field(repr=False)
    hit_ratio: float = 0.0
    database_share: float = 0.0

    def usages(self) -> list[Usage]:
        """The month's bill."""
        attempts = np.bincount((self.queue.times // 3600).astype(int) % (24 * DAYS), minlength=24 * DAYS)
        cache_rows = redis_usage("new", self.company.cache_gib) if self.company.cache_gib else []
        return [
            *cloud_run_usage("api", self.company.api, self.api),
            *cloud_run_usage("worker", self.company.worker, self.worker),
            *cloud_sql_usage("main", self.company.vcpu, self.company.memory_gib, STORAGE_GIB),
            *firestore_usage(month_of(self.reads, DAYS), month_of(self.writes, DAYS)),
            *tasks_usage(month_of(attempts + self.created, DAYS)),
            *cache_rows,
        ]


@cache
def lived(company: Company) -> Lived:
    """Play the company."""
    times = arrivals(API.traffic)
    span_s, hours = API.traffic.seconds, 24 * DAYS
    is_hit = hits(KEYS, times, span_s, company.cache_gib, company.ttl_s)
    random = np.random.default_rng(77)
    half, spread = QUERY_SPREAD**2 / 2, QUERY_SPREAD
    query_s = np.zeros(len(times))
    for query in QUERIES:
        alone = query.seconds_per_request(is_tuned=query.name in company.tuned)
        asked = alone * np.exp(spread * random.standard_normal(len(times)) - half)
        query_s += np.where(is_hit & query.is_cacheable, 0.0, asked)
    minute = (times // 60).astype(int)
    database = busy_minutes(np.bincount(minute, weights=query_s, minlength=60 * hours), BACKGROUND_VCPU, company.vcpu)
    stretch = 1 + CPU_SHARE_OF_TIME * (database.stretch[minute] - 1)
    own = API.wait_s * np.exp(API.spread * random.standard_normal(len(times)) - API.spread**2 / 2)
    waiting = own + query_s * stretch + np.where(is_hit, HIT_S, 0.0)
    api = play(API, company.api, times=times, waiting=waiting)
    leaves_a_task = random.random(len(times)) < TASKS_PER_REQUEST
    queue = dispatch(company.queue, times[leaves_a_task], WORKER.wait_s + WORKER.cpu_s, FAILURE, WORKER.spread, 3)
    worker = play(WORKER, company.worker, times=queue.times, waiting=np.maximum(0.0, queue.durations - WORKER.cpu_s))
    hour = (times // 3600).astype(int)
    reads_saved = np.bincount(hour, weights=is_hit * CACHEABLE_READS, minlength=hours)
    requests = np.bincount(hour, minlength=hours)
    return Lived(
        company, api, worker, database, queue,
        reads=requests * READS_PER_REQUEST - reads_saved,
        writes=requests * WRITES_PER_REQUEST,
        created=np.bincount(hour[leaves_a_task], minlength=hours).astype(np.float64),
        hit_ratio=float(is_hit.mean()),
        database_share=float((query_s * stretch).sum() / (waiting.sum() + API.cpu_s * len(times))),
    )  # fmt: skip


def learned(world: str, folder: Path) -> tuple[Bill, float]:
    """What the model may know of the company, with the true dollars of its month."""
    del world
    before = lived(TODAY)
    series = [
        *cloud_run_series("api", API, TODAY.api, before.api, before.database_share),
        *cloud_run_series("worker", WORKER, TODAY.worker, before.worker),
        Series("Cloud SQL", "main", "cpu_utilisation", "ratio", 60, before.database.utilisation),
        Series("Cloud SQL", "main", "working_set", "GiB", 86_400, np.full(DAYS, WORKING_SET_GIB)),
        Series("Cloud SQL", "main", "query_cpu_share", "ratio", 3600, _query_cpu_share(before)),
    ]
    inventory = [
        cloud_run_record("api", TODAY.api),
        cloud_run_record("worker", TODAY.worker),
        cloud_sql_record("main", TODAY.vcpu, TODAY.memory_gib, STORAGE_GIB),
        queue_record("jobs", TODAY.queue.dispatches_per_s, TODAY.queue.concurrent, TODAY.queue.attempts),
        firestore_record(),
    ]
    return learned_bill(Evidence(before.usages(), inventory, series), folder, _add_queries)


def _query_cpu_share(before: Lived) -> NDArray[np.float64]:
    asked = before.database.utilisation.reshape(-1, 60).mean(axis=1) * TODAY.vcpu
    return np.asarray(1 - BACKGROUND_VCPU / asked, dtype=np.float64)


def _add_queries(workspace: Workspace, folder: Path) -> None:
    calls = lived(TODAY).api.served * MONTH_DAYS / DAYS
    path = folder / "queries.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(
            ("query", "calls", "mean_time_ms_before", "mean_time_ms_after", "cacheable_share", "rows", "instance")
        )
        for query in QUERIES:
            share = 1 if query.is_cacheable else 0
            count = round(calls * query.calls_per_request)
            writer.writerow((query.name, count, query.before_ms, query.after_ms, share, count, "main"))
    session.add_queries(workspace, [path])


def true_case(name: str, folder: Path) -> TrueCase:
    """What the simulation bills after a change, and the risks of the api (rejected work is not a saving)."""
    after, before = lived(CASES[name].company), lived(TODAY)
    billed = dollars(write_bill(after.usages(), folder / "after.parquet"))
    for config, played in ((after.company.api, after.api), (after.company.worker, after.worker)):
        own = dollars(write_bill(cloud_run_usage("one", config, played), folder / "one.parquet"))
        billed += own * played.rejected_share / (1 - played.rejected_share)
    limits = {"peak CPU": after.database.peak, "longest_delay": after.queue.longest_wait_s}
    return TrueCase(billed, (_risk(before.api), _risk(after.api)), limits)


def _risk(played: Played) -> TrueRisk:
    return TrueRisk(played.rejected_share, played.p95_wait_s, played.cold_starts_per_day)


def scenario(name: str) -> Scenario:
    """The change as a scenario, with what a team knows of its own cache and queue."""
    told = {
        "cloud_run.api.stress_multiplier": 1.0,
        "cloud_run.worker.stress_multiplier": 1.0,
        "cache.new.keys": KEYS.count,
        "cache.new.zipf_exponent": KEYS.zipf,
        "cache.new.item_bytes": KEYS.item_bytes,
        "cache.new.requests_per_s": API.traffic.per_s,
        "cache.new.writes_per_s": KEYS.writes_per_s,
        "cache.new.firestore_cacheable_share": CACHEABLE_READS / READS_PER_REQUEST,
        "tasks.jobs.failure_ratio": FAILURE,
        "tasks.jobs.task_time_s": WORKER.wait_s + WORKER.cpu_s,
        "tasks.jobs.target_service": "worker",
    }
    return scenario_of(CASES[name].settings, told)
