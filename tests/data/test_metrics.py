"""Metrics: units, facts against arithmetic done by hand, refusals with line and column, and the demo's own series."""

import json
import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.sources.demo.metric_rows import HEADER, metric_rows
from data.sources.demo.others import ATTEMPTS_PER_TASK, TASK_QUEUES
from data.sources.demo.workload import SERVICES
from data.sources.metrics import read_metrics
from data.sources.metrics_facts import burstiness_of
from data.sources.refusal import SourceRefused

START = datetime(2026, 1, 5, tzinfo=UTC)
HEAD = "time,product,resource,metric,unit,value\n"


def line(minute, metric, unit, value, resource="api", product="Cloud Run"):
    return f"{(START + timedelta(minutes=minute)).isoformat()},{product},{resource},{metric},{unit},{value}\n"


def facts(tmp_path, *lines, vcpu_of=None, head=HEAD):
    path = tmp_path / "metrics.csv"
    path.write_text(head + "".join(lines))
    return {fact.key: fact for fact in read_metrics([path], vcpu_of)}


@pytest.mark.parametrize(("unit", "value"), [("s", 0.25), ("ms", 250), ("seconds", 0.25)])
def test_latency_units(tmp_path, unit, value):
    found = facts(tmp_path, line(0, "request_latency_mean", unit, value), line(1, "request_latency_p95", unit, 9))
    assert found["cloud_run.api.latency_s"].value == pytest.approx(0.25)
    assert found["cloud_run.api.latency_s"].evidence == "measured"
    assert "2026-01-05" in found["cloud_run.api.latency_s"].source


def test_the_median_stands_in_for_a_missing_mean_and_says_so(tmp_path):
    found = facts(tmp_path, line(0, "request_latency_p50", "ms", 100))
    assert found["cloud_run.api.latency_s"].value == pytest.approx(0.1)
    assert "median" in found["cloud_run.api.latency_s"].source


def test_p95_alone_is_no_latency(tmp_path):
    assert facts(tmp_path, line(0, "request_latency_p95", "ms", 100)) == {}


def test_cpu_seconds_per_request_from_utilisation(tmp_path):
    lines = [
        line(0, "cpu_utilisation", "%", 30),
        line(0, "instance_count", "count", 4),
        line(5, "request_count", "count", 9000),
        line(65, "request_count", "count", 1),
    ]
    found = facts(tmp_path, *lines, vcpu_of={"api": 2.0})
    assert found["cloud_run.api.cpu_seconds_per_request"].value == pytest.approx(0.30 * 4 * 2 * 3600 / 9000)
    assert "cloud_run.api.cpu_seconds_per_request" not in facts(tmp_path, *lines)


def test_cpu_seconds_used_and_given_come_first(tmp_path):
    counted = [line(0, "cpu_seconds", "s", 50), line(0, "request_count", "count", 200)]
    assert facts(tmp_path, *counted)["cloud_run.api.cpu_seconds_per_request"].value == pytest.approx(0.25)
    given_value = [*counted, line(0, "cpu_seconds_per_request", "ms", 120)]
    assert facts(tmp_path, *given_value)["cloud_run.api.cpu_seconds_per_request"].value == pytest.approx(0.12)


def test_database_facts(tmp_path):
    cpu = [line(i, "cpu_utilization", "ratio", i / 1000, "db", "cloud_sql") for i in range(1000)]
    found = facts(tmp_path, *cpu, line(0, "working_set", "MiB", 2048, "db", "Cloud SQL"),
                  line(9, "working_set", "GiB", 1.5, "db", "Cloud SQL"),
                  line(0, "query_cpu_share", "%", 80, "db", "Cloud SQL"))  # fmt: skip
    assert found["cloud_sql.db.peak_cpu_utilisation"].value == pytest.approx(0.98901)
    assert "60 s" in found["cloud_sql.db.peak_cpu_utilisation"].source
    assert found["cloud_sql.db.working_set_gib"].value == 2
    assert found["cloud_sql.db.query_cpu_share"].value == pytest.approx(0.8)


def test_share_of_queries_is_that_of_the_busiest_samples(tmp_path):
    """An hour at 10 % with half of it queries, then one at 80 % with nine tenths: the peak knows nine tenths only."""
    cpu = [line(i, "cpu_utilization", "ratio", 0.1 if i < 60 else 0.8, "db", "cloud_sql") for i in range(120)]
    share = [line(60 * i, "query_cpu_share", "ratio", value, "db", "cloud_sql") for i, value in enumerate((0.5, 0.9))]
    found = facts(tmp_path, *cpu, *share)
    assert found["cloud_sql.db.query_cpu_share"].value == pytest.approx(0.9)
    assert "peak" in found["cloud_sql.db.query_cpu_share"].source
    assert found["cloud_sql.db.mean_cpu_utilisation"].value == pytest.approx(0.45)


def test_other_work_is_even_over_the_span_of_a_share(tmp_path):
    """Half of a mean of 40 % is other work, 20 % of the CPU; at a minute of 80 % it is a quarter."""
    cpu = [line(i, "cpu_utilization", "ratio", 0.8 if i % 4 == 0 else 0.8 / 3, "db", "cloud_sql") for i in range(120)]
    share = [line(60 * i, "query_cpu_share", "ratio", 0.5, "db", "cloud_sql") for i in range(2)]
    assert facts(tmp_path, *cpu, *share)["cloud_sql.db.query_cpu_share"].value == pytest.approx(0.75)


def test_share_of_queries_without_cpu_at_these_times_is_the_mean(tmp_path):
    share = [line(60 * i, "query_cpu_share", "ratio", value, "db", "cloud_sql") for i, value in enumerate((0.5, 0.9))]
    elsewhere = [line(60 * 24 * 9 + i, "cpu_utilization", "ratio", 0.5, "db", "cloud_sql") for i in range(120)]
    for lines in (share, [*share, *elsewhere]):
        found = facts(tmp_path, *lines)["cloud_sql.db.query_cpu_share"]
        assert found.value == pytest.approx(0.7)
        assert "no CPU at these times" in found.source


def test_the_burstiest_hours_stand_beside_the_mean(tmp_path):
    """Nineteen even hours of 60 a minute and one of 0 and 120 in turn: its CV² alone, free of counting noise."""
    counts = [line(60 * hour + m, "request_count", "count", 60 if hour else 120 * (m % 2))
              for hour in range(20) for m in range(60)]  # fmt: skip
    found = facts(tmp_path, *counts)
    alone = (60 / 59 * 3600 - 60) / 3600
    assert found["cloud_run.api.peak_burstiness"].value == pytest.approx(alone)
    assert found["cloud_run.api.burstiness"].value == pytest.approx((alone - 19 / 60) / 20)


def minute_counts(counts):
    return np.array([np.arange(len(counts)) * 60.0, counts])


def test_queue_facts(tmp_path):
    """Two queues with 90 and 30 attempts a minute: three quarters and a quarter of the operations."""
    counts = [
        line(minute, "attempt_count", "count", count, name, "Cloud Tasks")
        for minute in range(60) for name, count in (("mail", 90), ("video", 30))
    ]  # fmt: skip
    found = facts(
        tmp_path, *counts, line(0, "attempt_latency_mean", "ms", 1500, "mail", "tasks"),
        line(0, "failure_ratio", "%", 2, "mail", "cloud_tasks"),
    )  # fmt: skip
    assert found["tasks.mail.operation_share"].value == pytest.approx(0.75)
    assert found["tasks.video.operation_share"].value == pytest.approx(0.25)
    assert found["tasks.mail.task_time_s"].value == pytest.approx(1.5)
    assert found["tasks.mail.failure_ratio"].value == pytest.approx(0.02)
    assert found["tasks.mail.attempts_per_s"].value == pytest.approx(1.5)
    assert found["tasks.mail.burstiness"].value == 0.0


def test_one_queue_alone_has_no_share_to_tell(tmp_path):
    assert "tasks.mail.operation_share" not in facts(tmp_path, line(0, "attempt_count", "", 9, "mail", "Cloud Tasks"))


def test_burstiness_of_a_square_wave_by_hand():
    counts = [1000.0, 3000.0] * 30
    mean, variance = 2000.0, 60 * 1000.0**2 / 59
    assert burstiness_of(minute_counts(counts)) == pytest.approx((variance - mean) / mean**2)


def test_counting_noise_alone_is_not_burstiness():
    counts = np.random.default_rng(1).poisson(20, 60 * 200).astype(float)
    assert burstiness_of(minute_counts(counts)) < 0.002


def test_burstiness_needs_minutes():
    assert burstiness_of(np.array([np.arange(48) * 3600.0, np.full(48, 9.0)])) is None
    assert burstiness_of(minute_counts(np.zeros(120))) is None


@given(st.lists(st.integers(0, 10_000), min_size=30, max_size=200))
def test_burstiness_is_never_negative_nor_nan(counts):
    value = burstiness_of(minute_counts(np.array(counts, dtype=float)))
    assert value is None or (value >= 0 and math.isfinite(value))


def test_rows_of_other_products_and_metrics_are_passed_over(tmp_path):
    other = [line(0, "queue_depth", "count", 3), line(0, "cpu_utilisation", "furlong", 3, product="GKE")]
    found = facts(tmp_path, *other, line(0, "request_latency_mean", "s", 1))
    assert set(found) == {"cloud_run.api.latency_s"}
    with pytest.raises(
        SourceRefused, match=r"no metric that is read .*cpu_utilisation of GKE, queue_depth of Cloud Run"
    ):
        facts(tmp_path, *other)


@pytest.mark.parametrize(
    ("product", "metric", "unit", "value"),
    [
        ("cloud_run", "run.googleapis.com/request_latencies", "", 250),
        ("run.googleapis.com", "request_latencies", "ms", 250),
        ("cloud_run_revision", "Latency_ms", "", 250),
        ("Cloud Run", "latency_s", "", 0.25),
        ("Cloud Run", "request-latency", "Seconds", 0.25),
        ("run", "mean latency", "sec", 0.25),
    ],
)
def test_names_as_cloud_monitoring_or_people_write_them(tmp_path, product, metric, unit, value):
    found = facts(tmp_path, line(0, metric, unit, value, product=product))
    assert found["cloud_run.api.latency_s"].value == pytest.approx(0.25)


def test_requests_a_second_or_a_minute_are_rates(tmp_path):
    used = [line(minute, "container/cpu/usage", "s", 60) for minute in range(3)]
    for metric, unit, value in (("requests", "req/s", 10), ("request_count", "1/min", 600), ("rps", "", 10)):
        rates = [line(minute, metric, unit, value) for minute in range(3)]
        assert facts(tmp_path, *used, *rates)["cloud_run.api.cpu_seconds_per_request"].value == pytest.approx(0.1)


def test_latency_from_requests_in_flight_by_littles_law(tmp_path):
    rows = [
        line(minute, *sample)
        for minute in range(3)
        for sample in (("concurrent_requests", "count", 5), ("request_count", "count", 600))
    ]
    found = facts(tmp_path, *rows)["cloud_run.api.latency_s"]
    assert found.value == pytest.approx(0.5)
    assert "in flight" in found.source


def test_a_database_is_named_without_its_project(tmp_path):
    found = facts(tmp_path, line(0, "database/cpu/utilization", "10^2.%", 0.4, "shop:db", product="cloudsql_database"))
    assert found["cloud_sql.db.peak_cpu_utilisation"].value == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (line(0, "request_latency_mean", "furlong", 1), "line 3 .*column unit"),
        (line(0, "request_latency_mean", "ms", "fast"), "line 3 .*column value"),
        (line(0, "request_latency_mean", "ms", "nan"), "line 3 .*column value"),
        (line(0, "request_latency_mean", "ms", "-1"), "line 3 .*column value"),
        ("yesterday,Cloud Run,api,request_count,count,1\n", "line 3 .*column time"),
        (line(0, "request_count", "count", 1, resource=""), "line 3 .*column resource"),
        (line(0, "cpu_utilisation", "1", 45), "line 3 .*a ratio; give percent as unit %"),
    ],
)
def test_refusals_name_line_and_column(tmp_path, bad, words):
    with pytest.raises(SourceRefused, match=words) as caught:
        facts(tmp_path, line(0, "request_count", "count", 1), bad)
    assert str(caught.value).startswith("metrics.csv")


def test_a_missing_column_is_named(tmp_path):
    with pytest.raises(SourceRefused, match="no column unit"):
        facts(tmp_path, head="time,product,resource,metric,value\n")


def time_series(metric, labels, values, kind="doubleValue", **extra):
    points = [
        {
            "interval": {"endTime": (START + timedelta(minutes=i)).isoformat().replace("+00:00", "Z")},
            "value": {kind: value},
        }
        for i, value in enumerate(values)
    ]
    return {"metric": {"type": metric}, "resource": {"labels": labels}, "points": points, **extra}


def test_cloud_monitoring_time_series(tmp_path):
    run = {"service_name": "api", "location": "us-central1"}
    content = [
        time_series(
            "run.googleapis.com/request_latencies",
            run,
            [{"mean": 200.0}, {"mean": 400.0}],
            "distributionValue",
            unit="ms",
        ),
        time_series("run.googleapis.com/container/startup_latencies", run, [{"mean": 2500.0}], "distributionValue"),
        time_series(
            "run.googleapis.com/request_count", run, [10.0, 30.0] * 30, metricKind="GAUGE", valueType="DOUBLE", unit="1"
        ),
        time_series(
            "cloudsql.googleapis.com/database/cpu/utilization", {"database_id": "shop:db"}, [0.5], unit="10^2.%"
        ),
        time_series("run.googleapis.com/unheard_of", run, [1.0]),
    ]
    path = tmp_path / "series.json"
    path.write_text(json.dumps({"timeSeries": content}))
    found = {fact.key: fact.value for fact in read_metrics([path])}
    assert found["cloud_run.api.latency_s"] == pytest.approx(0.3)
    assert found["cloud_run.api.startup_s"] == pytest.approx(2.5)
    assert found["cloud_run.api.burstiness"] == pytest.approx((60 * 600**2 / 59 - 1200) / 1200**2)
    assert found["cloud_sql.db.peak_cpu_utilisation"] == 0.5


def test_series_split_by_response_code_are_one(tmp_path):
    """As many requests of each class in a minute are twice as many, and a mean over few requests weighs little."""
    run = {"service_name": "api", "location": "us-central1"}
    ok, failed = [{"mean": 200.0, "count": "90"}] * 60, [{"mean": 2000.0, "count": "10"}] * 60
    latencies = [
        time_series("run.googleapis.com/request_latencies", run, values, "distributionValue", unit="ms")
        for values in (ok, failed, [{"count": "0"}] * 60)
    ]
    counts = [time_series("run.googleapis.com/request_count", run, [50, 10] * 30, "int64Value") for _ in range(2)]
    used = time_series("run.googleapis.com/container/cpu/usage", run, [6.0] * 60)
    path, other = tmp_path / "series.json", tmp_path / "again.json"
    for file in (path, other):
        file.write_text(json.dumps([*latencies, *counts, used]))
    found = {fact.key: fact.value for fact in read_metrics([path])}
    assert found["cloud_run.api.latency_s"] == pytest.approx(0.38)
    assert found["cloud_run.api.cpu_seconds_per_request"] == pytest.approx(6.0 / 60.0)
    assert found["cloud_run.api.burstiness"] == pytest.approx((60 * 40**2 / 59 - 60) / 60**2)
    assert {fact.key: fact.value for fact in read_metrics([path, other])} == found


def test_rows_of_one_minute_are_parts_of_one_amount(tmp_path):
    rows = [
        line(minute, *sample)
        for minute in range(40)
        for sample in (("request_count", "count", 30), ("request_count", "count", 30), ("cpu_seconds", "s", 6))
    ]
    assert facts(tmp_path, *rows)["cloud_run.api.cpu_seconds_per_request"].value == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "is not JSON"),
        ('{"a": 1}', "holds no timeSeries"),
        ('[{"metric": {}}]', "timeSeries 1 has no readable 'type'"),
    ],
)
def test_json_that_is_no_time_series_is_refused(tmp_path, content, words):
    path = tmp_path / "series.json"
    path.write_text(content)
    with pytest.raises(SourceRefused, match=words):
        read_metrics([path])


def test_the_demo_s_metrics_give_back_its_workload(tmp_path):
    path = tmp_path / "metrics.csv"
    path.write_text("\n".join(",".join(row) for row in (HEADER, *metric_rows())) + "\n")
    found = {fact.key: fact.value for fact in read_metrics([path], {service.name: 2.0 for service in SERVICES})}
    for service in SERVICES:
        prefix = f"cloud_run.{service.name}"
        assert found[f"{prefix}.latency_s"] == pytest.approx(service.latency_s)
        assert found[f"{prefix}.cpu_seconds_per_request"] == pytest.approx(service.cpu_seconds_per_request, rel=1e-4)
        assert found[f"{prefix}.burstiness"] == pytest.approx(service.burstiness, rel=0.25)
        assert found[f"{prefix}.startup_s"] == service.startup_s
        assert found[f"{prefix}.database_time_share"] == pytest.approx(service.database_time_share)
    for queue, service in TASK_QUEUES:
        assert found[f"tasks.{queue}.failure_ratio"] == pytest.approx(1 - 1 / ATTEMPTS_PER_TASK, rel=1e-5)
        assert found[f"tasks.{queue}.burstiness"] == found[f"cloud_run.{service}.burstiness"]
    assert sum(found[f"tasks.{queue}.operation_share"] for queue, _ in TASK_QUEUES) == pytest.approx(1.0)
    assert 0.40 < found["cloud_sql.main-db.peak_cpu_utilisation"] < 0.55
    assert found["cloud_sql.main-db.working_set_gib"] < 16
