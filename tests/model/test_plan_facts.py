"""What exports are told of the services of a plan, beside its changes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from model.outcome import evaluate
from model.plan_facts import plan_facts
from model.scenario import Scenario
from tests.model.database_bills import FIRST, HOURS, make_bill

RB = "cloud_run.request_based."
DATABASES = {
    ("main", "cloud_sql.zonal.vcpu"): 4.0, ("main", "cloud_sql.zonal.memory"): 16.0,
    ("main-a", "cloud_sql.zonal.vcpu"): 4.0, ("main-a", "cloud_sql.zonal.memory"): 16.0,
    ("main-b", "cloud_sql.zonal.vcpu"): 4.0, ("main-b", "cloud_sql.zonal.memory"): 16.0,
}  # fmt: skip
KNOWN = {
    "cloud_sql.main.replicas": 2, "cloud_sql.main-a.replica_of": "main", "cloud_sql.main-b.replica_of": "main",
    "cloud_sql.main.database_version": "POSTGRES_16", "cloud_sql.main.max_connections": 500,
    "cloud_run.api.max_instances": 40, "cloud_run.api.concurrency": 10,
    "queries.by_email.work_share": 0.5, "queries.by_email.time_before_ms": 100.0,
    "queries.by_email.time_after_ms": 10.0, "queries.by_email.text": "SELECT ?", "queries.by_email.database": "main",
    "queries.by_email.sql": "SELECT 1", "queries.by_email.text_after": "SELECT 2", "queries.by_email.indexes": "t(a)",
}  # fmt: skip


def bill_with_load():
    rate = np.full(HOURS, 360.0)
    rate[100] = 3600.0
    services = {("api", RB + "cpu"): rate * 0.2, ("api", RB + "requests"): rate}
    return make_bill({**DATABASES, **services}, KNOWN)


def facts_of(bill, **settings):
    return plan_facts(evaluate(bill, Scenario(settings=settings)))


def replicas(facts):
    found = [change for change in facts.changes if change.attribute == "replica_of"]
    return [(change.resource, change.before, change.after, change.disruption) for change in found]


def test_replicas_that_go_are_named_the_last_first_and_new_ones_are_given_a_free_name():
    bill = bill_with_load()
    one_less = facts_of(bill, **{"cloud_sql.main.replicas": 1})
    assert replicas(one_less) == [("main-b", "main", "", "one_way")]
    assert not [change for change in one_less.changes if change.attribute == "replicas"]
    assert [name for name, *_ in replicas(facts_of(bill, **{"cloud_sql.main.replicas": 0}))] == ["main-a", "main-b"]
    more = replicas(facts_of(bill, **{"cloud_sql.main.replicas": 4}))
    assert more == [("main-replica-1", "", "main", "online"), ("main-replica-2", "", "main", "online")]


def test_replicas_that_no_inventory_names_stay_a_number():
    bill = make_bill(DATABASES, {"cloud_sql.main.replicas": 5})
    facts = facts_of(bill, **{"cloud_sql.main.replicas": 0})
    assert [(change.attribute, change.before, change.after) for change in facts.changes] == [("replicas", 5, 0)]


def test_the_busiest_hour_and_the_callers_of_a_database():
    facts = facts_of(bill_with_load(), **{"cloud_run.api.max_instances": 20, "cloud_sql.main.pool_size": 5})
    (peak,) = facts.peaks
    assert (peak.service, peak.hour) == ("api", FIRST + 100)
    assert peak.requests_per_s == pytest.approx(1.0)
    main = next(database for database in facts.databases if database.name == "main")
    assert (main.engine, main.version, main.max_connections) == ("PostgreSQL", "POSTGRES_16", 500.0)
    assert (main.callers, main.pool_size) == (20.0, 5.0)
    assert next(database for database in facts.databases if database.name == "main-a").pool_size is None


def test_queries_carry_their_text_and_indexes():
    (query,) = facts_of(bill_with_load(), **{"queries.by_email.applied": True}).queries
    assert (query.text, query.text_after, query.indexes, query.is_tuned) == ("SELECT 1", "SELECT 2", "t(a)", True)
    (untouched,) = facts_of(bill_with_load()).queries
    assert untouched.is_tuned is False


def test_scans_are_those_that_are_paid_by_the_tebibyte():
    bill = bill_with_load()
    text = dict(bill.lines.text)
    rows = len(bill.lines)
    text["product"], text["sku"], text["pricing_unit"], text["cost_type"] = (
        np.array(["BigQuery"] * 3 + [""] * (rows - 3), dtype=object),
        np.array(["Analysis", "Analysis (us-central1)", "Active Storage"] + [""] * (rows - 3), dtype=object),
        np.array(["tebibyte"] * 3 + [""] * (rows - 3), dtype=object),
        np.array(["regular"] * 3 + [""] * (rows - 3), dtype=object),
    )
    usage, cost = bill.lines.usage.copy(), bill.lines.on_demand_nanos.copy()
    usage[:3], cost[:3] = [62.0, -31.0, 99.0], [310_000_000_000, -155_000_000_000, 1]
    changed = replace(bill, lines=replace(bill.lines, text=text, usage=usage, on_demand_nanos=cost))
    (scan,) = plan_facts(replace(evaluate(bill, Scenario()), bill=changed)).scans
    assert (scan.project, scan.tib_per_day, scan.price_per_tib) == ("p", pytest.approx(1.0), pytest.approx(5.0))
    assert plan_facts(evaluate(bill, Scenario())).scans == ()
