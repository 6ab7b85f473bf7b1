"""Scheduled queries as files: names that cannot be written into a query are refused, hostile ones stay text."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import pytest

from exports.scheduled import schedule_files
from exports.scheduled_sql import ScheduleRefused, ServiceName, SkuName, WatchedBill, anomaly_sql, place_of
from model.alert_rules import Expected, WatchSettings
from model.daily_costs import day_number
from tests.exports.shell_runs import Shell

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = "it's \\ `x` ${y} %{z} \n-- end"
PLACE = place_of("acme-billing.costs.gcp_billing_export_v1_01", "EU")
BILL = WatchedBill("USD", 1.0, (ServiceName("S1", HOSTILE),), (SkuName("S1", "K1", "Firestore", is_fee=False),))


def test_two_rules_are_written_in_every_form_from_one_query() -> None:
    files = dict(schedule_files(PLACE, WatchSettings(), BILL, 6.25))
    for key in ("anomaly", "query_cost"):
        config = json.loads(files[f"{key}.transfer.json"])
        assert config["params"]["query"] == files[f"{key}.sql"] == files[f"terraform/{key}.sql"]
        assert json.loads(files[f"{key}.params.json"]) == config["params"]
        assert config["destinationDatasetId"] == "costs"
    assert "region-eu.INFORMATION_SCHEMA.JOBS_BY_PROJECT" in files["jobs.sql"]
    assert "> 100.0" in files["query_cost.sql"]
    assert "> 10.0" in files["jobs.sql"]


def test_the_query_follows_the_rule_as_it_is_edited() -> None:
    day = day_number(date(2026, 1, 5))
    settings = WatchSettings(expected=(Expected(HOSTILE, day, day + 1, "sale"),)).with_rule("anomaly", threshold=3.25)
    query = anomaly_sql(PLACE, settings, BILL)
    assert "judged.z > 3.25" in query
    assert "BETWEEN DATE '2026-01-05' AND DATE '2026-01-06'" in query
    assert query.count("it\\'s \\\\ `x` ${y} %{z} \\u000a-- end") == 2
    off = WatchSettings().with_rule("anomaly", is_enabled=False)
    assert "anomaly.sql" not in dict(schedule_files(PLACE, off, BILL, 6.25))


@pytest.mark.parametrize("table", ["x", "a.b", "acme-billing.costs.t`; DROP", "acme-billing.co sts.t", "Acme.b.c"])
def test_what_is_no_table_is_refused_in_a_sentence(table: str) -> None:
    with pytest.raises(ScheduleRefused, match=r"project\.dataset\.table"):
        place_of(table)
    with pytest.raises(ScheduleRefused, match="location"):
        place_of(PLACE.table, "US; x")


def test_the_script_changes_nothing_by_default(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    files = dict(schedule_files(PLACE, WatchSettings(), BILL, 6.25))
    for name in ("anomaly", "query_cost"):
        (tmp_path / f"{name}.params.json").write_text(files[f"{name}.params.json"])
    dry = shell.run(files["schedule.sh"])
    assert (dry.returncode, shell.calls) == (0, [])
    assert dry.stdout.count("mk --transfer_config") == 2
    assert shell.run(files["schedule.sh"], "--nonsense").returncode == 2
