from __future__ import annotations

import csv
import json
from dataclasses import replace

import pytest

from exports.load_test import load_test_files
from model.lever import Guardrail
from tests.exports.sample_plans import PEAKS, change, plan, whole_plan
from tests.exports.test_gcloud_scripts import HOSTILE


def test_the_goal_is_twice_the_busiest_hour_of_the_services_that_change() -> None:
    files = dict(load_test_files(whole_plan()))
    (service,) = json.loads(files["load_test/load_test.json"])["services"]
    assert (service["service"], service["peak_requests_per_s"]) == ("api", 120.5)
    assert service["peak_hour"] == "2025-11-24T16:00:00Z"
    assert max(stage["requests_per_s"] for stage in service["stages"]) == 241.0
    assert [stage["until_s"] for stage in service["stages"]] == [120, 420, 540, 1140, 1200]
    sent = 120.5 * (0.25 * 120 + 1.0 * 300 + 1.5 * 120 + 2.0 * 600 + 0.25 * 60)
    assert f"| {sent:,.0f} |" in files["load_test/README.md"]
    assert list(csv.reader(files["load_test/requests.csv"].splitlines()))[-1] == ["1", "GET", "/"]
    compile(files["load_test/locustfile.py"], "locustfile.py", "exec")


@pytest.mark.parametrize(
    ("requests_per_s", "latency_s", "pace"),
    [(200.0, 0.1, 1.0), (200.0, 2.0, 1 / 6), (0.32, 48.0, 1 / 144), (1.0, 0.1, 0.2)],
)
def test_a_user_goes_at_a_pace_that_the_service_can_answer(
    requests_per_s: float, latency_s: float, pace: float
) -> None:
    peak = replace(PEAKS[0], requests_per_s=requests_per_s, latency_s=latency_s)
    files = dict(load_test_files(plan(change("cloud_run", "api", "vcpu", 2, 1), peaks=(peak,))))
    (service,) = json.loads(files["load_test/load_test.json"])["services"]
    assert service["requests_per_s_of_user"] == pytest.approx(pace, rel=1e-4)


def test_limits_are_the_plans_own() -> None:
    limits = (
        Guardrail("rejected_share", "cloud_run", "api", 0.002, 0.0, "ratio", True, "few."),
        Guardrail("latency", "cloud_run", "api", 2.0, 1.5, "× today", True, "slower."),
    )
    files = dict(load_test_files(plan(change("cloud_run", "api", "vcpu", 2, 1), guardrails=limits, peaks=PEAKS)))
    (service,) = json.loads(files["load_test/load_test.json"])["services"]
    assert (service["error_share"], service["p95_ms"]) == (0.002, 1500.0)


def test_a_plan_that_changes_no_service_tests_all_of_them() -> None:
    files = dict(load_test_files(plan(change("cloud_sql", "main", "vcpu", 8, 4), peaks=PEAKS)))
    assert [s["service"] for s in json.loads(files["load_test/load_test.json"])["services"]] == ["api", "worker"]


def test_without_a_known_rate_or_a_change_there_is_none() -> None:
    assert load_test_files(plan(change("cloud_run", "other", "vcpu", 2, 1), peaks=PEAKS)) == []
    assert load_test_files(plan(peaks=PEAKS)) == []


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_data(name: str) -> None:
    peak = replace(PEAKS[0], service=name, project=name, region=name)
    hostile = plan(change("cloud_run", name, "vcpu", 2, 1, project=name, region=name), peaks=(peak,))
    files = dict(load_test_files(hostile))
    assert json.loads(files["load_test/load_test.json"])["services"][0]["service"] == name
    assert files["load_test/locustfile.py"] == dict(load_test_files(whole_plan()))["load_test/locustfile.py"]
