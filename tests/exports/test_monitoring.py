from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from exports.alerts import alerts, quoted_in_filter
from exports.bundle import export_files
from exports.monitoring_json import monitoring_files
from exports.monitoring_script import monitoring_script
from model.lever import Guardrail
from tests.exports.sample_plans import change, plan, whole_plan
from tests.exports.shell_runs import Shell
from tests.exports.test_gcloud_scripts import HOSTILE

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def test_each_changed_resource_is_watched_at_the_plans_own_limits() -> None:
    limits = (
        Guardrail("rejected_share", "cloud_run", "api", 0.001, 0.0, "ratio", True, "api rejects nothing."),
        Guardrail("hit rate reachable", "cache", "sessions", 0.5, 0.6, "ratio", True, "reachable.", is_floor=True),
    )
    whole = whole_plan()
    found = {alert.title: alert for alert in alerts(plan(*whole.changes, guardrails=limits, peaks=whole.peaks))}
    errors = found["api: share of requests that fail or are turned away"]
    assert (errors.threshold, errors.comparison, errors.why) == (0.001, "COMPARISON_GT", "the plan's own limit")
    assert found["api: time of 95% of requests"].threshold == 750.0
    assert found["api: instances near their maximum"].threshold == 18.0
    hits = found["sessions: hit rate"]
    assert (hits.threshold, hits.comparison) == (0.45, "COMPARISON_LT")
    assert len({alert.slug for alert in found.values()}) == len(found)


def test_connections_are_watched_where_the_engine_is_known() -> None:
    titles = [alert.title for alert in alerts(whole_plan())]
    assert "main: open connections" in titles
    assert "main: open connections" not in [alert.title for alert in alerts(plan(*whole_plan().changes))]


def test_what_has_no_project_or_name_is_not_watched() -> None:
    assert alerts(plan(change("cloud_run", "api", "vcpu", 2, 1, project=""))) == []
    assert alerts(plan(change("cloud_run", "all", "vcpu", 2, 1))) == []


def test_the_budget_is_the_mean_month_to_the_cent_and_only_of_one_account() -> None:
    budget = json.loads(dict(monitoring_files(whole_plan()))["monitoring/budget.json"])
    assert budget["amount"]["specifiedAmount"] == {"currencyCode": "USD", "units": "6666", "nanos": 670_000_000}
    two = plan(*whole_plan().changes, accounts=("A", "B"))
    assert "monitoring/budget.json" not in dict(monitoring_files(two))
    assert "budget 012345-6789AB-CDEF01 'Cloudlever 0123456789ab' 6666.67USD" in monitoring_script(whole_plan())


def test_an_empty_plan_has_only_its_budget() -> None:
    assert [path for path, _ in monitoring_files(plan())] == ["monitoring/budget.json"]
    nothing = plan(outcome_nanos=0)
    assert (monitoring_files(nothing), monitoring_script(nothing)) == ([], "")


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_data(shell: Shell, name: str) -> None:
    hostile = plan(change("cloud_run", name, "max_instances", 50, 20, project=name, region=name))
    for _, text in monitoring_files(hostile):
        json.loads(text)
    (alert, *_) = alerts(hostile)
    assert quoted_in_filter(name) in alert.filter
    done = shell.run(monitoring_script(hostile), "--email", name, "--billing-account", "A")
    assert (done.returncode, shell.calls) == (0, []), done.stderr
    done = shell.run(monitoring_script(hostile), "--email", name, "--billing-account", "A", "--execute")
    assert done.returncode == 0, done.stderr
    assert f"--project={name}" in shell.calls[0]
    assert not (shell.folder / "pwned").exists()
    assert all("/" not in file.path.removeprefix("monitoring/policies/") for file in export_files(hostile)
               if file.path.startswith("monitoring/policies/"))  # fmt: skip


def test_what_is_there_already_is_left_alone_and_only_that_is_removed(shell: Shell) -> None:
    script = monitoring_script(plan(change("tasks", "jobs", "max_attempts", 5, 3)))
    assert shell.run(script, "--verify").returncode == 3
    shell.fake_lists("projects/demo/alertPolicies/7")
    done = shell.run(script, "--execute")
    assert "there already: projects/demo/alertPolicies/7" in done.stdout
    assert not [call for call in shell.calls if "create" in call]
    assert shell.run(script, "--verify").returncode == 0
    shell.run(script, "--remove", "--execute")
    deleted = [call for call in shell.calls if "delete" in call]
    assert deleted
    assert all("projects/demo/alertPolicies/7" in call for call in deleted)


@pytest.mark.parametrize("options", [["--force"], ["--email"], ["--billing-account", ""]])
def test_wrong_options_are_refused(shell: Shell, options: list[str]) -> None:
    done = shell.run(monitoring_script(whole_plan()), *options)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
