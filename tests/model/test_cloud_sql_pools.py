"""Connections of Cloud Run to Cloud SQL: who counts, what is busy at the peak, what a pool carries."""

import pytest

from model.lever import DatabaseWork, Effects
from model.levers.cloud_run import LEVER as CLOUD_RUN
from model.levers.cloud_sql import LEVER
from model.levers.cloud_sql_connections import engine_of, instances_allowed, users_of
from model.levers.cloud_sql_instance import instances
from model.levers.cloud_sql_pool import instance_loads, mean_query_ms, query_load_of
from tests.model.database_bills import NEUTRAL, guardrail, make_bill, values_of

MAIN = "cloud_sql.main."
API = {
    "cloud_run.api.max_instances": 20, "cloud_run.api.min_instances": 0, "cloud_run.api.vcpu": 1.0,
    "cloud_run.api.memory_gib": 1.0, "cloud_run.api.concurrency": 10, "cloud_run.api.billing_mode": "request_based",
    "cloud_run.api.latency_s": 0.5, "cloud_run.api.cpu_seconds_per_request": 0.01,
    "cloud_run.api.database_time_share": 0.4, MAIN + "database_version": "POSTGRES_16",
}  # fmt: skip
DATABASE = {("main", "cloud_sql.zonal.vcpu"): 2.0, ("main", "cloud_sql.zonal.memory"): 8.0}


def bill_of(facts=None, services=("api",), rate_per_s=12.0):
    """Services of a steady rate: busy time as the autoscaler has it is not at stake here, only the request counts."""
    rows = {}
    for name in services:
        rows |= {
            (name, "cloud_run.request_based.requests"): rate_per_s * 3600.0,
            (name, "cloud_run.request_based.cpu"): 3600.0 * 2,
        }
    return make_bill(DATABASE | rows, API | (facts or {}))


def values(bill, settings=None, assumptions=None):
    return values_of(bill, [LEVER, CLOUD_RUN], settings or {}, assumptions or {})


def remarks_of(result):
    return [note for remark in result.remarks for note in remark()]


def test_busy_connections_follow_littles_law():
    bill = bill_of()
    main = instances(bill)[0]
    steady = {"cloud_run.api.stress_multiplier": 1.0}
    load = instance_loads(bill, main, values(bill, {}, steady), NEUTRAL)[0]
    assert load.rate_per_s == pytest.approx(12.0)  # one instance carries min(1/0.01, 10/0.5) = 20 a second, at 60 % 12
    assert load.busy == pytest.approx(12.0 * 0.5 * 0.4)
    tuned = Effects(0.5, 0.5, 1.0)
    assert instance_loads(bill, main, values(bill, {}, steady), tuned)[0].hold_s == pytest.approx(0.5 * 0.4 * 0.5)
    untold = bill_of({"cloud_run.api.database_time_share": 0.0})
    assert instance_loads(untold, instances(untold)[0], values(untold), NEUTRAL) == ()


def test_busy_connections_from_the_queries():
    queries = {
        "queries.a.calls": 300.0, "queries.a.time_before_ms": 10.0, "queries.a.database": "main",
        "queries.b.calls": 100.0, "queries.b.time_before_ms": 50.0,
        "queries.c.calls": 100.0, "queries.c.time_before_ms": 999.0, "queries.c.database": "other",
    }  # fmt: skip
    bill = bill_of(queries)
    main = instances(bill)[0]
    assert mean_query_ms(bill, main) == pytest.approx(20.0)
    assert query_load_of(bill, main, values(bill), NEUTRAL) is None
    typed = values(bill, {MAIN + "pool_size": 5}, {MAIN + "peak_queries_per_s": 400.0})
    load = query_load_of(bill, main, typed, Effects(work_by_database=(("main", DatabaseWork(0.5, 0.5, 0.5)),)))
    assert load.busy == pytest.approx(400 * 0.020 * 0.5)
    notes = remarks_of(LEVER.apply(bill, typed, NEUTRAL))
    assert any("8.0 connections busy" in note and "pooler with" in note for note in notes)


def test_services_count_by_the_connections_that_they_name():
    rows = DATABASE | {(name, "cloud_run.request_based.cpu"): 1.0 for name in ("api", "web", "job")}
    facts = API | {
        "cloud_run.api.cloud_sql_instances": "p:us-central1:other,p:us-central1:main",
        "cloud_run.web.cloud_sql_instances": "p:us-central1:other",
    }
    bill = make_bill(rows, facts)
    assert [service.name for service in users_of(bill, instances(bill)[0])] == ["api", "job"]
    elsewhere = make_bill(rows, facts | {"cloud_run.api.cloud_sql_instances": "q:us-central1:main"})
    assert [service.name for service in users_of(elsewhere, instances(elsewhere)[0])] == ["job"]


def test_every_service_that_uses_the_database_counts():
    bill = bill_of({"cloud_run.web.max_instances": 30}, services=("api", "web"))
    main = instances(bill)[0]
    assert instances_allowed(bill, main, values(bill)) == 50
    judged = guardrail(LEVER.apply(bill, values(bill, {MAIN + "pool_size": 9}), NEUTRAL), "connections")
    assert (judged.value, judged.limit, judged.passed) == (450.0, 400.0, False)
    assert "pooler" not in judged.sentence
    assert guardrail(LEVER.apply(bill, values(bill, {MAIN + "pool_size": 8}), NEUTRAL), "connections").passed


def test_a_pooler_is_needed_where_one_connection_each_is_too_many():
    bill = bill_of({"cloud_run.api.max_instances": 500})
    judged = guardrail(LEVER.apply(bill, values(bill, {MAIN + "pool_size": 1}), NEUTRAL), "connections")
    assert not judged.passed
    assert "PgBouncer" in judged.sentence


def test_a_pool_above_what_one_cloud_run_instance_may_open_fails():
    bill = bill_of({MAIN + "max_connections": 10_000})
    result = LEVER.apply(bill, values(bill, {MAIN + "pool_size": 101}), NEUTRAL)
    assert guardrail(result, "connections per service instance").passed is False
    fits = LEVER.apply(bill, values(bill, {MAIN + "pool_size": 100}), NEUTRAL)
    assert guardrail(fits, "connections per service instance") is None


def test_waiting_for_a_connection_is_a_risk_that_a_larger_pool_lowers():
    bill = bill_of()
    assert LEVER.apply(bill, values(bill), NEUTRAL).risks == ()
    small, large = (LEVER.apply(bill, values(bill, {MAIN + "pool_size": n}), NEUTRAL) for n in (2, 10))
    assert small.risks[0].p95_wait_s > large.risks[0].p95_wait_s
    assert small.risks[0].resource == "main"
    assert any("a pool of" in note for note in remarks_of(small))
    assert small.usage == large.usage == ()


@pytest.mark.parametrize(
    ("version", "engine", "limit"),
    [("POSTGRES_15", "PostgreSQL", 400), ("MYSQL_8_0", "MySQL", 4000), ("SQLSERVER_2022_WEB", "SQL Server", None)],
)
def test_the_engine_tells_the_default_limit(version, engine, limit):
    bill = bill_of({MAIN + "database_version": version})
    assert engine_of(bill, instances(bill)[0]) == engine
    judged = guardrail(LEVER.apply(bill, values(bill, {MAIN + "pool_size": 5}), NEUTRAL), "connections")
    assert (judged.limit if judged else None) == limit
