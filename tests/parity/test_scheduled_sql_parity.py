"""The scheduled query against the app's own rule: on ZetaSQL, which defines BigQuery's dialect, and on the demo."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pyarrow as pa
import pytest
import sqlglot

from data.workspace import Workspace
from exports.scheduled_sql import WatchedBill, anomaly_sql, jobs_sql, place_of, query_cost_sql
from model.alert_replay import LOOKS, replay
from model.alert_rules import WatchSettings
from model.anomalies import fires
from model.daily_costs import day_of
from pages.parts import watch_schedule, watch_session
from tests.command_line import run
from tests.model.daily_bills import START, Made, costs_of
from tests.parity import google_sql_engine as google

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from model.alert_replay import Replay

pytestmark = pytest.mark.xdist_group("zetasql")
PLACE = place_of("acme-billing.costs.export")
TABLE = "`acme-billing.costs.export`"
PACIFIC = ZoneInfo("America/Los_Angeles")
NAMED = pa.struct([("id", pa.string()), ("description", pa.string())])
EXPORT = pa.schema([
    ("usage_start_time", pa.timestamp("us", tz="UTC")), ("export_time", pa.timestamp("us", tz="UTC")),
    ("_PARTITIONTIME", pa.timestamp("us", tz="UTC")), ("service", NAMED), ("sku", NAMED), ("cost_type", pa.string()),
    ("currency", pa.string()), ("cost", pa.float64()),
    ("credits", pa.list_(pa.struct([("type", pa.string()), ("amount", pa.float64())]))),
])  # fmt: skip
JOBS = pa.schema([
    ("creation_time", pa.timestamp("us", tz="UTC")), ("end_time", pa.timestamp("us", tz="UTC")),
    ("project_id", pa.string()), ("job_id", pa.string()), ("user_email", pa.string()), ("job_type", pa.string()),
    ("statement_type", pa.string()), ("reservation_id", pa.string()), ("total_bytes_billed", pa.int64()),
])  # fmt: skip


def end_of(day: int) -> datetime:
    """The last moment of a Pacific day."""
    return (datetime.combine(day_of(day + 1), time(0), PACIFIC) - timedelta(microseconds=1)).astimezone(UTC)


def app_finds(replayed: Replay, settings: WatchSettings, today: int) -> set[tuple[str, str]]:
    """Service and day that the rule finds at the looks of a day."""
    found, first = fires(replayed, settings.rule("anomaly")), replayed.costs.first_day
    return {
        (replayed.series[place], str(day_of(today - lag - 1)))
        for lag in range(LOOKS)
        if 0 <= today - lag - 1 - first < replayed.costs.day_count
        for place in np.flatnonzero(found[lag, :-1, today - lag - 1 - first])
    }


def row(day: int, service: str, cost: float, **more: Any) -> dict[str, Any]:
    noon = datetime.combine(day_of(day), time(12), PACIFIC).astimezone(UTC)
    named = {"id": service, "description": service}
    plain = {
        "usage_start_time": noon, "export_time": noon + timedelta(hours=1), "_PARTITIONTIME": noon, "service": named,
        "sku": named, "cost_type": "regular", "currency": "USD", "cost": cost, "credits": [],
    }  # fmt: skip
    return plain | more


def small_bill() -> tuple[Made, list[dict[str, Any]]]:
    """70 days of two services, one with a spike; in the rows also much that no rule may look at."""
    random = np.random.default_rng(3)
    dollars = 50.0 * np.exp(0.02 * random.standard_normal((2, 70)))
    dollars[0, 66] += 40.0
    rows = [row(START + int(n), name, float(dollars[place, n])) for place, name in enumerate("AB") for n in range(70)]
    last, fee = START + 68, {"id": "F", "description": "Commitment v1: Cpu in Iowa for 1 Year"}
    credit = [{"type": "PROMOTION", "amount": -500.0}, {"type": "DISCOUNT", "amount": -400.0}]
    rows += [
        row(last, "B", 900.0, cost_type="tax"),
        row(last, "B", 900.0, cost_type="adjustment"),
        row(last, "B", 900.0, sku=fee),
        row(last, "B", 900.0, currency="EUR"),
        row(last, "B", 900.0, export_time=end_of(START + 71)),
        row(last, "B", 400.0, credits=credit),
    ]
    return Made(dollars, lateness=(1.0,)), rows


def test_on_zetasql_the_query_finds_what_the_rule_finds() -> None:
    made, rows = small_bill()
    settings, costs = WatchSettings(), costs_of(made, ("A", "B"))
    query = anomaly_sql(PLACE, settings, WatchedBill("USD", 1.0))
    today = START + 69
    sql = query.replace(TABLE, f"({google.rows_sql(EXPORT, rows)})")
    sql = sql.replace("@run_time", google.literal(end_of(today), EXPORT.field(0).type))
    found = google.run(sql)
    assert {(each["service"], each["day"]) for each in found} == app_finds(replay(costs), settings, today)
    (spike,) = found
    assert (spike["service"], spike["day"], spike["found_on"]) == ("A", str(day_of(START + 66)), str(day_of(today)))
    assert float(spike["cost_usd"]) == pytest.approx(made.dollars[0, 66])


def test_zetasql_takes_the_query_guard_and_refuses_a_damaged_one() -> None:
    now = datetime(2026, 2, 1, tzinfo=UTC)
    ran = {
        "creation_time": now - timedelta(hours=5), "end_time": now - timedelta(hours=4), "project_id": "shop",
        "job_id": "dear", "user_email": "ann@example.com", "job_type": "QUERY", "statement_type": "SELECT",
        "reservation_id": None, "total_bytes_billed": 20 * 2**40,
    }  # fmt: skip
    others = [
        ran | {"job_id": "cheap", "total_bytes_billed": 2 * 2**40},
        ran | {"job_id": "slots", "reservation_id": "p:US.r"},
        ran | {"job_id": "script", "statement_type": "SCRIPT"},
        ran | {"job_id": "older", "creation_time": now - timedelta(days=9), "end_time": now - timedelta(days=9)},
        ran | {"job_id": "load", "job_type": "LOAD"},
    ]
    table = f"({google.rows_sql(JOBS, [ran, *others])})"
    told = {}
    for name, query in (("guard", query_cost_sql), ("jobs", jobs_sql)):
        text = query(PLACE, WatchSettings(), 6.25).replace(f"`{PLACE.jobs}`", table)
        text = text.replace("@run_time", google.literal(now, JOBS.field(0).type))
        told[name] = [(each["job_id"], float(each["cost_usd"])) for each in google.run(text)]
        for damage in (("job.job_type", "job.job_typ"), ("POW(2, 40)", "2 ** 40"), ("INTERVAL", "INTERVALL")):
            with pytest.raises(Exception, match=r"(?i)syntax|not found|unrecognized"):
                google.refuse_invalid(text.replace(*damage))
    assert told["guard"] == [("dear", 125.0)]
    assert told["jobs"] == [("dear", 125.0), ("older", 125.0), ("cheap", 12.5)]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    run("import", "demo", "--workspace", folder)
    return folder


def test_on_the_demo_the_same_days_fire(demo: Path) -> None:
    workspace, settings = Workspace(demo), WatchSettings()
    costs = watch_session.load_costs(workspace)
    files = watch_schedule.schedule_of(workspace, costs, settings, PLACE.table, "US")
    query = next(file.content.decode() for file in files if file.path == "anomaly.sql")
    sql = sqlglot.transpile(query, read="bigquery", write="duckdb")[0].replace(
        '"acme-billing"."costs"."export"', "bill"
    )
    replayed, found = replay(costs), 0
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        (export,) = demo.rglob("bill.parquet")
        columns = ", ".join(name for name in EXPORT.names if name != "_PARTITIONTIME")
        read = f"SELECT {columns}, export_time AS _PARTITIONTIME FROM '{export}'"
        connection.execute(f"CREATE TABLE bill AS {read}").fetchall()
        for place in (20, 80, 112, 114):  # training, calm, the spike of November as it comes in
            today = costs.first_day + place
            rows = connection.execute(sql, {"run_time": end_of(today)}).fetchall()
            expected = app_finds(replayed, settings, today)
            assert {(service, str(day)[:10]) for service, day, *_ in rows} == expected
            found += len(expected)
    assert found >= 4
