"""Incidents, back-test and watching on the command line, on the demo whose one real surprise is known."""

from pathlib import Path

import pytest

from tests.command_line import document, run
from tests.delivery.receiver import receiving
from tests.workspace_copies import copy_of

TINY = Path(__file__).parent / "golden" / "tiny_service" / "bill.csv"


@pytest.fixture(scope="module")
def demo(imported, tmp_path_factory):
    return copy_of(imported, tmp_path_factory.mktemp("demo") / "ws")


def test_the_debug_logs_of_november_are_found_with_their_cause(demo):
    found = document("anomalies", "--workspace", demo)
    dearest = max((i for i in found["incidents"] if i["rule"] == "anomaly"), key=lambda i: float(i["excess"]))
    assert (dearest["service"], dearest["first_day"], dearest["last_day"]) == (
        "Cloud Logging",
        "2025-11-18",
        "2025-11-20",
    )
    assert (dearest["severity"], dearest["is_alert"], dearest["fired_on"]) == ("critical", True, "2025-11-19")
    assert ("sku", "Log Storage cost") in {(cause["dimension"], cause["key"]) for cause in dearest["causes"]}
    assert sum(float(day["excess"]) for day in dearest["days"]) == pytest.approx(float(dearest["excess"]))
    assert "Log Storage cost" in run("anomalies", "--workspace", demo).stdout


def test_the_back_test_says_what_each_rule_would_have_done(demo):
    found = document("backtest", "--workspace", demo, "--budget", "10500", "--tune", "anomaly")
    rules = {rule["rule"]: rule for rule in found["rules"]}
    assert set(rules) == {"spike", "spike_weekday", "budget", "budget_forecast", "anomaly", "query_cost"}
    assert rules["spike"]["fired"] == 1
    assert rules["query_cost"]["reason"].startswith("not in this bill")
    for rule in rules.values():
        real = [i for i in rule["incidents"] if not i["false_alarm"]]
        assert rule["fired"] == len(rule["incidents"])
        assert rule["false_alarms"] == rule["fired"] - len(real)
        assert sum(float(i["avoided"]) for i in real) == pytest.approx(float(rule["avoided"]))
    fired = [each["fired"] for each in found["tuning"]["anomaly"]]
    assert fired[0] > fired[-1]
    assert "false alarms" in run("backtest", "--workspace", demo, "--tune", "spike").stdout


def test_rules_of_a_file_and_queries_of_a_table(demo, tmp_path):
    (tmp_path / "watch.toml").write_text("version = 1\n[rules.anomaly]\nthreshold = 20.0\n")
    (tmp_path / "jobs.csv").write_text(
        "creation_time,project_id,job_id,total_bytes_billed,user_email\n"
        f"2026-01-05T20:00:00Z,shop,job_1,{20 * 2**40},ann@example.com\n2026-01-05T20:00:00Z,shop,job_2,5,\n"
    )
    found = document(
        "anomalies", "--workspace", demo, "--rules", tmp_path / "watch.toml", "--jobs", tmp_path / "jobs.csv"
    )
    assert [i["service"] for i in found["incidents"] if i["rule"] == "anomaly"] == ["Cloud Logging"]
    (query,) = [i for i in found["incidents"] if i["rule"] == "query_cost"]
    assert (query["excess"], query["first_day"]) == ("125.000000000", "2026-01-05")


def test_problems_are_one_sentence(demo, tmp_path):
    assert "import an export" in document("anomalies", "--workspace", tmp_path, code=1)["error"]
    assert "choose from" in document("backtest", "--workspace", demo, "--tune", "nothing", code=1)["error"]
    assert "write an amount" in document("anomalies", "--workspace", demo, "--budget", "ten", code=1)["error"]
    (tmp_path / "jobs.csv").write_text("job_id\n1\n")
    error = document("anomalies", "--workspace", demo, "--jobs", tmp_path / "jobs.csv", code=1)["error"]
    assert "no column creation_time" in error


def test_a_short_bill_is_training(tmp_path):
    run("import", TINY, "--workspace", tmp_path)
    found = document("anomalies", "--workspace", tmp_path)
    assert {each["status"] for each in found["services"]} <= {"training", "watched"}


def test_a_forecast_comes_with_its_scorecard(demo):
    found = document("forecast", "--workspace", demo, "--days", "40")
    used = next(each for each in found["scorecard"] if each["is_used"])
    assert used["method"] == found["method"]
    assert {"seasonal_naive", "straight_line"} < {each["method"] for each in found["scorecard"]}
    assert 0.0 < used["skill_against_seasonal_naive"] < 1.0
    assert 0.6 <= used["interval_coverage"] <= 1.0
    assert len(found["days"]) == 40
    assert all(float(each["p10"]) <= float(each["median"]) <= float(each["p90"]) for each in found["days"])
    february = next(each for each in found["months"] if each["month"] == 202602)
    assert 9000 < float(february["median"]) < 10500
    assert float(found["apart"]["tax"]) > 0
    assert "choose from" in document("forecast", "--workspace", demo, "--service", "Nothing", code=1)["error"]


def test_watch_ends_with_3_when_an_alert_is_open_and_sends_it_once(demo, monkeypatch):
    for name in ("CLOUDLEVER_SLACK_WEBHOOK_URL", "CLOUDLEVER_WEBHOOK_URL"):
        monkeypatch.delenv(name, raising=False)
    calm = document("watch", "--workspace", demo, "--digest")
    assert (calm["fired"], calm["sent"]) == (False, [])
    assert calm["digest"][0].startswith("The last seven settled days cost 2,3")
    over = ("watch", "--workspace", demo, "--budget", "10000")
    assert {each["rule"] for each in document(*over, code=3)["incidents"]} == {"budget", "budget_forecast"}
    assert "nowhere to send to" in document(*over, "--send", code=1)["error"]
    with receiving() as receiver:
        monkeypatch.setenv("CLOUDLEVER_SLACK_WEBHOOK_URL", receiver.url)
        sent = document(*over, "--send", "--digest", code=3)["sent"]
        assert [each["state"] for each in sent] == ["sent"] * 3
        assert {each["state"] for each in document(*over, "--send", "--digest", code=3)["sent"]} == {"already sent"}
        assert len(receiver.requests) == 3
        tests = document(*over, "--test-alerts")["sent"]
        assert {each["state"] for each in tests} == {"sent"}
        assert len(receiver.requests) == 3 + len(tests) == 9
